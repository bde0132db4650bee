package report

import (
	"bytes"
	"encoding/json"
	"encoding/xml"
	"io"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/launchready/terraform-provider-launchready/internal/readiness"
)

var today = time.Date(2026, 11, 23, 12, 0, 0, 0, time.UTC)

func TestWriteFile(t *testing.T) {
	dir := t.TempDir()
	if err := WriteFile(filepath.Join(dir, "mistyped", "report.md"), blockedCard(t), Options{}); err == nil || !strings.Contains(err.Error(), "mistyped: make it first") {
		t.Errorf("a folder that is not there: %v", err)
	}
	name := filepath.Join(dir, "report.md")
	for range 2 { // the second time it replaces the first
		if err := WriteFile(name, blockedCard(t), Options{}); err != nil {
			t.Fatal(err)
		}
	}
	entries, _ := os.ReadDir(filepath.Dir(name))
	if len(entries) != 1 {
		t.Errorf("left behind: %v", entries)
	}
	if err := WriteFile(filepath.Join(dir, "report.pdf"), blockedCard(t), Options{}); err == nil || !strings.Contains(err.Error(), ".html") {
		t.Errorf("an unknown ending: %v", err)
	}
}

func TestEndings(t *testing.T) {
	s := blockedCard(t)
	for name, begins := range map[string]string{
		"REPORT.HTML": "<!doctype html>", "a.md": "# Launch scorecard", "launch.json": "{\n  \"format_version\"",
		"launch.sarif": "{\n  \"$schema\"", "launch.sarif.json": "{\n  \"$schema\"", "launch.junit.xml": "<?xml",
	} {
		got, err := Render(name, s, Options{})
		if err != nil || !Supported(name) || !bytes.HasPrefix(got, []byte(begins)) {
			t.Errorf("%s: %v: %.60q", name, err, got)
		}
	}
	for _, name := range []string{"report", "report.xml", "report.txt", ""} {
		if Supported(name) {
			t.Errorf("%q chooses a form", name)
		}
	}
}

// A rendering is a pure function: what stands in state shows no change where
// there is none.
func TestRenderingsAreEqual(t *testing.T) {
	for _, f := range forms() {
		first, err := f.render(blockedCard(t), Options{})
		if err != nil {
			t.Fatal(err)
		}
		if second, _ := f.render(blockedCard(t), Options{}); !bytes.Equal(first, second) {
			t.Errorf("%s differs from run to run", f.ending)
		}
	}
}

// Whatever a target says, each form stays what it is.
func FuzzHostileTexts(f *testing.F) {
	f.Add(hostile, hostile, hostile)
	f.Add("", "\n\n# x\n- [ ] y", "```\n</details>")
	f.Add("\xff\xfe", "]]>\x00", "{0} {{ }} %s")
	f.Fuzz(func(t *testing.T, subject, message, remedy string) {
		one := finding(readiness.TLS, "tls.one", readiness.High, subject, readiness.Fail, message)
		one.Remedy = remedy
		two := one
		two.Rule, two.Status, two.Waiver = "tls.two", readiness.Waived, message
		three := one
		three.Rule, three.Status = "tls.three", readiness.Inconclusive
		s := decide(t, []readiness.Result{{Check: "tls", Area: readiness.TLS, Target: subject, Findings: []readiness.Finding{one, two, three}}}, readiness.Policy{FailOn: readiness.High})
		fillOutcome(&s)
		page, err := HTML(s, Options{})
		if err != nil {
			t.Fatal(err)
		}
		inert(t, page)
		comment, err := Markdown(s, Options{})
		if err != nil {
			t.Fatal(err)
		}
		tame(t, comment)
		for _, form := range []func(readiness.Scorecard, Options) ([]byte, error){JSON, SARIF} {
			if text, err := form(s, Options{}); err != nil || !json.Valid(text) {
				t.Fatalf("%v", err)
			}
		}
		text, err := JUnit(s, Options{})
		if err != nil {
			t.Fatal(err)
		}
		for decoder := xml.NewDecoder(bytes.NewReader(text)); ; {
			if _, err := decoder.Token(); err == io.EOF {
				break
			} else if err != nil {
				t.Fatal(err)
			}
		}
	})
}

// The bound is 200 ms for all forms of 2,000 findings.
func BenchmarkRender2000(b *testing.B) {
	s := manyCard(b, 2000)
	for b.Loop() {
		for _, f := range forms() {
			if f.ending == ".sarif.json" {
				continue // .sarif by another name
			}
			if _, err := f.render(s, Options{GeneratedAt: today}); err != nil {
				b.Fatal(err)
			}
		}
	}
}

func BenchmarkForms2000(b *testing.B) {
	s := manyCard(b, 2000)
	for _, f := range forms() {
		b.Run(strings.TrimPrefix(f.ending, "."), func(b *testing.B) {
			for b.Loop() {
				if _, err := f.render(s, Options{GeneratedAt: today}); err != nil {
					b.Fatal(err)
				}
			}
		})
	}
}

// A report of an audit does not say that a portal may launch: an area that nobody
// looked at is named.
func TestVerdictNamesWhatWasNotLookedAt(t *testing.T) {
	card := openCard(t)
	card.Areas[0].Required, card.Areas[0].Status = false, readiness.NotApplicable
	for form, render := range map[string]func(readiness.Scorecard, Options) ([]byte, error){"HTML": HTML, "Markdown": Markdown} {
		text, err := render(card, Options{GeneratedAt: today})
		if err != nil {
			t.Fatal(err)
		}
		if !bytes.Contains(text, []byte("Not looked at: authentication.")) || bytes.Contains(text, []byte("Ready to launch")) {
			t.Errorf("%s: the verdict claims more than was looked at", form)
		}
	}
}
