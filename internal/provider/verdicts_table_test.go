package provider_test

import (
	"bufio"
	"fmt"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/launchready/terraform-provider-launchready/internal/readiness"
)

// verdict is one line of the table: with this fault on, this rule says this of
// this subject. Everything that is not in the table must pass.
type verdict struct{ rule, subject, status string }

// verdictTable reads testdata/verdicts/*.txt. A line is
//
//	fault  rule  subject  status
//
// and a line "fault  -" says that the checks must be silent. A * in rule or
// subject stands for any run of characters: such a row stands for all findings
// that it fits, of which there must be one. A word that begins with # starts a
// comment.
func verdictTable(t *testing.T) map[string][]verdict {
	t.Helper()
	files, err := filepath.Glob("testdata/verdicts/*.txt")
	if err != nil || len(files) == 0 {
		t.Fatalf("no verdicts: %v", err)
	}
	out := map[string][]verdict{}
	for _, name := range files {
		f, err := os.Open(name)
		if err != nil {
			t.Fatal(err)
		}
		defer f.Close()
		scanner := bufio.NewScanner(f)
		for n := 1; scanner.Scan(); n++ {
			line, _, _ := strings.Cut(scanner.Text(), "#")
			switch words := strings.Fields(line); {
			case len(words) == 0:
			case len(words) == 2 && words[1] == "-":
				out[words[0]] = []verdict{}
			case len(words) == 4:
				out[words[0]] = append(out[words[0]], verdict{words[1], words[2], words[3]})
			default:
				t.Fatalf("%s:%d: want fault, rule, subject, status: %q", name, n, line)
			}
		}
	}
	return out
}

// violations are the findings that neither pass nor do not apply. Whether times
// tell anything is a matter of how busy the machine is, and links of a runbook that
// lead to where nobody may look are information.
func violations(results []readiness.Result) []verdict {
	out := []verdict{}
	for _, r := range results {
		for _, f := range r.Findings {
			busy := f.Status == readiness.Inconclusive && strings.HasSuffix(f.Subject, " (time)")
			note := f.Status == readiness.Inconclusive && f.Severity == readiness.Info && strings.HasPrefix(f.Rule, "support.")
			if f.Status != readiness.Pass && f.Status != readiness.NotApplicable && !busy && !note {
				out = append(out, verdict{f.Rule, strings.ReplaceAll(f.Subject, " ", "_"), string(f.Status)})
			}
		}
	}
	return out
}

// withoutFitting takes rows with a * and the findings that they fit out of what
// is wanted and what was got. A row that fits nothing stays.
func withoutFitting(want, got []verdict) (exact, rest []verdict) {
	fits := func(pattern, text string) bool {
		parts := strings.Split(pattern, "*")
		for i := range parts {
			parts[i] = regexp.QuoteMeta(parts[i])
		}
		return regexp.MustCompile("^" + strings.Join(parts, ".*") + "$").MatchString(text)
	}
	exact, rest = []verdict{}, slices.Clone(got)
	for _, w := range want {
		n := len(rest)
		if strings.Contains(w.rule+w.subject, "*") {
			rest = slices.DeleteFunc(rest, func(g verdict) bool {
				return g.status == w.status && fits(w.rule, g.rule) && fits(w.subject, g.subject)
			})
		}
		if len(rest) == n {
			exact = append(exact, w)
		}
	}
	return exact, rest
}

func sortVerdicts(v []verdict) []verdict {
	out := slices.Clone(v)
	slices.SortFunc(out, func(a, b verdict) int {
		return strings.Compare(a.rule+" "+a.subject+" "+a.status, b.rule+" "+b.subject+" "+b.status)
	})
	return slices.Compact(out)
}

// findings are what was found, but for what depends on how busy the machine is.
func findings(results []readiness.Result) [][]readiness.Finding {
	var out [][]readiness.Finding
	for _, r := range results {
		out = append(out, slices.DeleteFunc(slices.Clone(r.Findings), func(f readiness.Finding) bool { return strings.HasSuffix(f.Subject, " (time)") }))
	}
	return out
}

func explain(results []readiness.Result) string {
	var b strings.Builder
	for _, r := range results {
		for _, f := range r.Findings {
			if f.Status.Violates() {
				fmt.Fprintf(&b, "%s %s: %s: %s\n", f.Status, f.Rule, f.Subject, f.Message)
			}
		}
	}
	return b.String()
}
