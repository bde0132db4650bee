package report

import (
	"bytes"
	"encoding/json"
	"io"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"golang.org/x/net/html"

	"github.com/launchready/terraform-provider-launchready/internal/readiness"
)

var today = time.Date(2026, 11, 23, 12, 0, 0, 0, time.UTC)

// card is a scorecard with a finding of every status; texts come from a target
// that wants to be more than text.
func card(t *testing.T) readiness.Scorecard {
	t.Helper()
	c, err := readiness.NewCatalogue(readiness.GovernanceRules(), readiness.AttestedRules())
	if err != nil {
		t.Fatal(err)
	}
	finding := func(rule string, status readiness.Status, message string) readiness.Finding {
		return readiness.Finding{Rule: rule, Area: readiness.TLS, Severity: readiness.High, Subject: "portal.acme.example/<b>", Status: status, Message: message, Remedy: "mend " + rule}
	}
	return readiness.Decide(c, []readiness.Result{{Check: "tls", Area: readiness.TLS, Target: "acme.example", Findings: []readiness.Finding{
		finding("tls.one", readiness.Fail, "script <script>alert(1)</script> | [x](javascript:y) `z` *w* @team"),
		finding("tls.two", readiness.Inconclusive, "timed out"),
		finding("tls.three", readiness.Pass, "fine"),
		finding("tls.four", readiness.NotApplicable, "no such thing"),
		{Rule: "tls.five", Area: readiness.TLS, Severity: readiness.Low, Subject: "x", Status: readiness.Fail, Message: "minor", Remedy: "later"},
		{Rule: "tls.six", Area: readiness.TLS, Severity: readiness.High, Subject: "x", Status: readiness.Waived, Message: "known", Waiver: "why (who, until 2027-01-31)"},
	}}}, readiness.Policy{Require: []readiness.Area{readiness.TLS, readiness.Support}, FailOn: readiness.High}, today)
}

func TestHTML(t *testing.T) {
	page, err := HTML(card(t), Options{GeneratedAt: today})
	if err != nil {
		t.Fatal(err)
	}
	for tokens := html.NewTokenizer(bytes.NewReader(page)); ; {
		kind := tokens.Next()
		if kind == html.ErrorToken {
			if tokens.Err() != io.EOF {
				t.Fatal(tokens.Err())
			}
			break
		}
		token := tokens.Token()
		if kind != html.StartTagToken && kind != html.SelfClosingTagToken {
			continue
		}
		if token.Data == "script" || token.Data == "link" || token.Data == "b" && strings.Contains(string(tokens.Raw()), "alert") {
			t.Errorf("the page holds %s", token)
		}
		for _, a := range token.Attr {
			if a.Key == "src" || a.Key == "href" || strings.HasPrefix(a.Key, "on") {
				t.Errorf("the page loads or runs something: %s", token)
			}
		}
	}
	for _, want := range []string{"gate blocked", "acme.example", "tls.one", "23 November 2026", "until 2027-01-31", "not required", "1 passed"} {
		if !strings.Contains(string(page), want) {
			t.Errorf("the page lacks %q", want)
		}
	}
	if without, _ := HTML(card(t), Options{}); strings.Contains(string(without), "As of") {
		t.Error("a rendering without a time shows one")
	}
}

func TestMarkdown(t *testing.T) {
	text, err := Markdown(card(t), Options{})
	if err != nil {
		t.Fatal(err)
	}
	for _, want := range []string{"**Gate: blocked.**", "`tls.one`", "Fix: mend tls.one", "not testable", "Waived: why", "| Support | fail |"} {
		if !strings.Contains(string(text), want) {
			t.Errorf("lacks %q:\n%s", want, text)
		}
	}
	for _, inert := range []string{"<script>", "[x](", " *w* ", "@team", "/<b>"} {
		if strings.Contains(string(text), inert) {
			t.Errorf("%q is not inert:\n%s", inert, text)
		}
	}
}

func TestJSON(t *testing.T) {
	text, err := JSON(card(t), Options{})
	if err != nil {
		t.Fatal(err)
	}
	var got document
	decoder := json.NewDecoder(bytes.NewReader(text))
	decoder.DisallowUnknownFields()
	if err := decoder.Decode(&got); err != nil {
		t.Fatal(err)
	}
	if got.Gate != readiness.Blocked || got.FormatVersion != FormatVersion || len(got.Areas) != 10 || len(got.Findings) != len(card(t).Findings) || got.GeneratedAt != nil {
		t.Errorf("read back: %+v", got)
	}
}

func TestWriteFile(t *testing.T) {
	dir := t.TempDir()
	name := filepath.Join(dir, "new", "report.md")
	for range 2 { // the second time it replaces the first
		if err := WriteFile(name, card(t), Options{}); err != nil {
			t.Fatal(err)
		}
	}
	entries, _ := os.ReadDir(filepath.Dir(name))
	if len(entries) != 1 {
		t.Errorf("left behind: %v", entries)
	}
	if err := WriteFile(filepath.Join(dir, "report.pdf"), card(t), Options{}); err == nil || !strings.Contains(err.Error(), ".html") {
		t.Errorf("an unknown ending: %v", err)
	}
	if !Supported("REPORT.HTML") || Supported("report") {
		t.Error("Supported")
	}
}
