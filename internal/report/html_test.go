package report

import (
	"bytes"
	"errors"
	"io"
	"strings"
	"testing"

	"golang.org/x/net/html"

	"github.com/launchready/terraform-provider-launchready/internal/readiness"
)

// inert fails if a page loads or runs anything, or is not what it seems: the
// elements that it may hold are known, and what is linked is on it or is https.
func inert(t *testing.T, page []byte) {
	t.Helper()
	ids, targets := map[string]bool{}, map[string]bool{}
	for tokens := html.NewTokenizer(bytes.NewReader(page)); ; {
		kind := tokens.Next()
		if kind == html.ErrorToken {
			if !errors.Is(tokens.Err(), io.EOF) {
				t.Fatal(tokens.Err())
			}
			break
		}
		if kind == html.CommentToken {
			t.Errorf("the page holds a comment: %s", tokens.Raw())
		}
		token := tokens.Token()
		if kind != html.StartTagToken && kind != html.SelfClosingTagToken {
			continue
		}
		switch token.Data {
		case "script", "link", "iframe", "img", "object", "embed", "form", "base":
			t.Errorf("the page holds %s", token)
		}
		for _, a := range token.Attr {
			switch {
			case a.Key == "id" && ids[a.Val]:
				t.Errorf("the id %q is there twice", a.Val)
			case a.Key == "id":
				ids[a.Val] = true
			case a.Key == "href" && strings.HasPrefix(a.Val, "#"):
				targets[a.Val[1:]] = true
			case a.Key == "href" && token.Data == "a" && strings.HasPrefix(a.Val, "https://"):
			case a.Key == "src" || a.Key == "href" || a.Key == "srcset" || a.Key == "action" || strings.HasPrefix(a.Key, "on"):
				t.Errorf("the page loads or runs something: %s", token)
			}
		}
	}
	for target := range targets {
		if !ids[target] {
			t.Errorf("nothing has the id %q that a link leads to", target)
		}
	}
	if bytes.Contains(page, []byte("@import")) || bytes.Contains(page, []byte("url(")) {
		t.Error("the stylesheet loads something")
	}
}

func TestHTML(t *testing.T) {
	for name, test := range map[string]struct {
		card  readiness.Scorecard
		holds []string
		lacks []string
	}{
		"blocked": {
			card: blockedCard(t),
			holds: []string{
				"Not ready to launch.", "acme.example", "23 November 2026", "Can we launch?", "Up to critical",
				"session.survives_logout", "End the session on the server at sign-out", "L7", "Not known",
				"7 of 13 are done", "17\u00a0to\u00a053.25\u00a0h", "cost\u00a02,380\u00a0to\u00a07,455", "the theme&#39;s vendor ships a policy in March",
				"Grace H.", "The report before", "rate.header_bypass", "Where the points went", "Not answered.",
			},
			lacks: []string{"<script>alert", "Overridden by"},
		},
		"open": {
			card:  openCard(t),
			holds: []string{"Ready to launch.", "Nothing of severity high or above stands", "Nothing known stands", "Yes"},
			lacks: []string{"have no evidence", "Plan of work", "The report before", "Not ready"},
		},
		"overridden": {card: overriddenCard(t), holds: []string{"Overridden by CTO", "until 2026-12-01", "the campaign is on air tonight"}},
		"nothing in it": {
			card:  readiness.Scorecard{Gate: readiness.Blocked, FailOn: readiness.High, Risk: readiness.Info},
			holds: []string{"the launch", "Not ready to launch."},
		},
	} {
		t.Run(name, func(t *testing.T) {
			page, err := HTML(test.card, Options{GeneratedAt: today})
			if err != nil {
				t.Fatal(err)
			}
			inert(t, page)
			for _, want := range test.holds {
				if !bytes.Contains(page, []byte(want)) {
					t.Errorf("the page lacks %q", want)
				}
			}
			for _, unwanted := range test.lacks {
				if bytes.Contains(page, []byte(unwanted)) {
					t.Errorf("the page holds %q", unwanted)
				}
			}
			if without, _ := HTML(test.card, Options{}); bytes.Contains(without, []byte("As of")) {
				t.Error("a rendering without a time shows one")
			}
		})
	}
}

func TestHTMLShowsEveryFinding(t *testing.T) {
	s := blockedCard(t)
	page, err := HTML(s, Options{})
	if err != nil {
		t.Fatal(err)
	}
	all := string(page[bytes.Index(page, []byte(`id="findings"`)):])
	for _, f := range s.Findings {
		if !strings.Contains(all, html.EscapeString(f.Rule)) {
			t.Errorf("%s is not among all findings", f.Rule)
		}
	}
}

// Of very many a hundred have a box; the others are listed, and none is lost.
func TestHTMLOfManyBlockers(t *testing.T) {
	s := manyCard(t, 600)
	page, err := HTML(s, Options{})
	if err != nil {
		t.Fatal(err)
	}
	inert(t, page)
	blocks := page[bytes.Index(page, []byte(`id="blockers"`)):bytes.Index(page, []byte(`id="work"`))]
	if n := bytes.Count(blocks, []byte("<article")); n != maxCards {
		t.Errorf("%d boxes, want %d", n, maxCards)
	}
	for _, f := range s.Violations {
		if !bytes.Contains(blocks, []byte(html.EscapeString(f.Subject)+"<")) {
			t.Errorf("%s %s is lost", f.Rule, f.Subject)
		}
	}
}

func TestAbsoluteReferencesAreLinks(t *testing.T) {
	s := blockedCard(t)
	for i := range s.Violations {
		s.Violations[i].Reference = "https://docs.example/rules/" + s.Violations[i].Rule
	}
	s.Violations[0].Reference = "javascript:alert(1)"
	page, err := HTML(s, Options{})
	if err != nil {
		t.Fatal(err)
	}
	inert(t, page)
	if !bytes.Contains(page, []byte(`href="https://docs.example/rules/`+s.Violations[1].Rule)) || bytes.Contains(page, []byte("javascript:alert(1)")) {
		t.Error("references are not what is linked")
	}
}
