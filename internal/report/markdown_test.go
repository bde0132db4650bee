package report

import (
	"bytes"
	"strings"
	"testing"
	"unicode/utf16"

	"github.com/yuin/goldmark"
	"github.com/yuin/goldmark/ast"
	"github.com/yuin/goldmark/extension"
	"github.com/yuin/goldmark/text"

	"github.com/launchready/terraform-provider-launchready/internal/readiness"
)

func TestMarkdown(t *testing.T) {
	for name, test := range map[string]struct {
		card         readiness.Scorecard
		holds, lacks []string
	}{
		"blocked": {
			card: blockedCard(t),
			holds: []string{
				"**Gate: blocked.**", "Bring a senior engineer", "| L1 No critical way around authentication | Not met | `authz.object_cross_org`",
				"| Secrets | fail |", "## What blocks, worst first", "- **critical** `session.survives_logout`", "Fix: End the session", "      member\u005fb  south",
				"Nor could be tested: `rate.missing`", "| TLS, forced HTTPS, mixed content | hours 0 to 8 | 1 | 1 | 1\u00a0to\u00a02.25\u00a0h, cost\u00a0140\u00a0to\u00a0315 |",
				"- [x] DNS clean-up", "- [ ] SSL: not done, by `tls.mixed_active`", "**2026-12-10** attestation of `authn.operator_mfa`",
				"Waived: the theme's vendor", "Since the report before: 5 mended", "<details><summary>Passed (",
			},
			lacks: []string{"<script>", "[x](", " *w* ", "@team", "/<b>", "As of"},
		},
		"open":       {card: openCard(t), holds: []string{"**Gate: open.**"}, lacks: []string{"## What blocks", "## Plan of work", "## Waived"}},
		"overridden": {card: overriddenCard(t), holds: []string{"**Gate: overridden.**", "Overridden by CTO: the campaign is on air tonight"}},
	} {
		t.Run(name, func(t *testing.T) {
			got, err := Markdown(test.card, Options{})
			if err != nil {
				t.Fatal(err)
			}
			for _, want := range test.holds {
				if !strings.Contains(string(got), want) {
					t.Errorf("lacks %q:\n%s", want, got)
				}
			}
			for _, unwanted := range test.lacks {
				if strings.Contains(string(got), unwanted) {
					t.Errorf("holds %q:\n%s", unwanted, got)
				}
			}
			tame(t, got)
		})
	}
}

// tame fails if a Markdown report, as GitHub reads it, links anywhere or holds
// another element than that which folds.
func tame(t *testing.T, report []byte) {
	t.Helper()
	markdown := goldmark.New(goldmark.WithExtensions(extension.Table, extension.Strikethrough, extension.TaskList))
	err := ast.Walk(markdown.Parser().Parse(text.NewReader(report)), func(n ast.Node, entering bool) (ast.WalkStatus, error) {
		if !entering {
			return ast.WalkContinue, nil
		}
		switch n := n.(type) {
		case *ast.Link, *ast.Image, *ast.AutoLink:
			t.Errorf("the report links")
		case *ast.RawHTML:
			t.Errorf("the report holds an element")
		case *ast.HTMLBlock:
			for i := range n.Lines().Len() {
				line := n.Lines().At(i)
				if l := string(line.Value(report)); !strings.HasPrefix(l, "<details><summary>Passed (") && l != "</details>\n" {
					t.Errorf("the report holds the element %q", l)
				}
			}
		}
		return ast.WalkContinue, nil
	})
	if err != nil {
		t.Fatal(err)
	}
}

// A comment on GitHub has at most 65,536 characters.
func TestMarkdownFitsAComment(t *testing.T) {
	huge := manyCard(t, 6000)
	for i := range huge.Violations {
		huge.Violations[i].Message += "\n" + strings.Repeat("a line of what was seen \U0001f680\n", 100)
	}
	for name, s := range map[string]readiness.Scorecard{"2,000": manyCard(t, 2000), "6,000 and tables": huge, "all passed": passedCard(t, 3000)} {
		t.Run(name, func(t *testing.T) {
			got, err := Markdown(s, Options{GeneratedAt: today})
			if err != nil {
				t.Fatal(err)
			}
			if n := len(utf16.Encode([]rune(string(got)))); n > 65536 || n < 30000 {
				t.Errorf("%d characters", n)
			}
			if !bytes.Contains(got, []byte(" more that ")) {
				t.Error("it does not say how many were left out")
			}
			if bytes.Count(got, []byte("<details>")) != bytes.Count(got, []byte("</details>")) {
				t.Error("a fold is not closed")
			}
			tame(t, got)
		})
	}
}

func passedCard(t testing.TB, n int) readiness.Scorecard {
	s := manyCard(t, n)
	for i := range s.Findings {
		s.Findings[i].Status = readiness.Pass
	}
	s.Violations, s.Gate = nil, readiness.Open
	return s
}

func TestMarkdownCountsWhatIsLeftOut(t *testing.T) {
	var b strings.Builder
	l := markdownList{title: "T", items: 10, remain: "that block", item: func(int) string { return "- ten bytes\n" }}
	if room := l.write(&b, 30); room != 0 || !strings.Contains(b.String(), "8 more that block") {
		t.Errorf("room %d:\n%s", room, b.String())
	}
}
