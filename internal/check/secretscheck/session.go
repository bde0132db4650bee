package secretscheck

import (
	"cmp"
	"context"
	"fmt"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"sync"

	"github.com/launchready/terraform-provider-launchready/internal/check"
	"github.com/launchready/terraform-provider-launchready/internal/readiness"
	"github.com/launchready/terraform-provider-launchready/internal/secretscan"
)

// session is one run under way.
type session struct {
	ctx    context.Context
	prober *check.Budget
	spec   Spec
	report *readiness.Recorder
	engine *secretscan.Engine
	broken string // why the scanner is of no use; empty if it is

	looked bool              // something was looked at
	gaps   []gap             // what was not read
	kinds  map[string]bool   // of secrets that were found
	public map[string]string // publishable keys by place and kind: a message
	waived int
}

// gap is something that was to be read and was not.
type gap struct{ subject, reason string }

func (s *session) missed(subject, reason string) {
	if g := (gap{subject, reason}); !slices.Contains(s.gaps, g) {
		s.gaps = append(s.gaps, g)
	}
}

// maxShown is how many findings of a rule are listed one by one.
const maxShown = 100

// shown is a finding on its way to the report.
type shown struct {
	subject, message, remedy string
	severity                 readiness.Severity
	waiver                   string
}

// publish reports findings under a rule. It returns whether there was any that
// is no waived one.
func (s *session) publish(rule, whole string, all []shown) bool {
	slices.SortStableFunc(all, func(a, b shown) int {
		return cmp.Or(slices.Index(readiness.Severities(), a.severity)-slices.Index(readiness.Severities(), b.severity),
			cmp.Compare(a.subject, b.subject), cmp.Compare(a.message, b.message))
	})
	failed, listed, more := false, 0, 0
	for _, f := range all {
		if f.waiver != "" {
			s.waived++
			s.report.Waive(rule, f.subject, f.severity, f.message, f.waiver)
			continue
		}
		failed = true
		if listed++; listed > maxShown {
			more++
			continue
		}
		s.report.FailAs(rule, f.subject, f.severity, f.message, f.remedy)
	}
	if more > 0 {
		s.report.Fail(rule, whole, fmt.Sprintf("and %d more such findings, which are not listed", more))
	}
	return failed
}

// unclear leaves a rule undecided, with what mends the reason.
func (s *session) unclear(rule, subject, reason string) {
	s.report.InconclusiveAs(rule, subject, reason, check.RemedyFor(reason, lastResort, causes, check.SignInCauses, check.NetworkCauses))
}

// conclude ends a rule for which nothing was found: it passes only where
// everything was read.
func (s *session) conclude(rule, subject, message string, failed bool, gaps []string) {
	for _, g := range gaps {
		s.missed(subject, g)
		s.unclear(rule, subject, g)
	}
	if !failed && len(gaps) == 0 {
		s.report.Pass(rule, subject, message)
	}
}

// describe tells of a secret: its kind, its line, its fingerprint.
func describe(f secretscan.Finding) string {
	text := f.Kind
	if f.Line > 0 {
		text += " in line " + strconv.Itoa(f.Line)
	}
	return text + ", fingerprint " + f.Fingerprint
}

// list sorts publishable keys out, and notes the kinds of the others.
func (s *session) list(place func(secretscan.Finding) string, all []secretscan.Finding) []secretscan.Finding {
	return slices.DeleteFunc(slices.Clone(all), func(f secretscan.Finding) bool {
		if f.Class != secretscan.Public {
			if f.Waiver == "" {
				s.kinds[f.Kind] = true
			}
			return false
		}
		if s.public == nil {
			s.public = map[string]string{}
		}
		subject := place(f)
		s.public[subject+"\x00"+f.Fingerprint] = describe(secretscan.Finding{Kind: f.Kind, Fingerprint: f.Fingerprint}) + ": meant for everybody"
		return true
	})
}

var fixture = sync.OnceValue(func() *regexp.Regexp {
	return regexp.MustCompile(`(?i)(?:^|/)(?:tests?|__tests__|specs?|fixtures?|testdata|mocks?|__mocks__|examples?|samples?|docs?|cypress|e2e|stubs?)/|\.(?:md|mdx|rst|adoc)$|_test\.[a-z]+$|_spec\.rb$|\.(?:test|spec|stories)\.[cm]?[jt]sx?$|\.(?:example|sample|template|dist|defaults?)$|(?:^|/)phpunit\.xml$`)
})

// severity is how grave a find in a repository is: less in tests and documents,
// where keys are often made up, which nobody can tell from outside.
func severity(f secretscan.Finding) (readiness.Severity, string) {
	switch {
	case fixture().MatchString(f.File):
		return readiness.Medium, " (a test or a document: made up?)"
	case f.Grade == secretscan.Moderate:
		return readiness.Medium, ""
	case f.Class == secretscan.Unknown:
		return readiness.High, ""
	}
	return readiness.Critical, ""
}

// artifacts looks into what is shipped.
func (s *session) artifacts() {
	const subject = "build output"
	switch {
	case len(s.spec.Paths) == 0:
		s.report.NotApplicable(ruleArtifact, subject, "paths names no build output")
		return
	case s.broken != "":
		s.conclude(ruleArtifact, subject, "", true, []string{s.broken})
		return
	}
	s.looked = true
	found := s.engine.Artifacts(s.ctx, s.spec.Paths)
	s.observe(subject, found.Read, found.Report)
	if found.Read == 0 && len(found.Gaps) == 0 {
		found.Gaps = []string{"paths holds no file: was it built?"}
	}
	var out []shown
	for _, f := range s.list(func(f secretscan.Finding) string { return f.File }, found.Findings) {
		v := shown{subject: f.File, message: describe(f), severity: readiness.Critical, waiver: f.Waiver}
		if f.Grade == secretscan.Moderate || f.Class == secretscan.Unknown {
			v.severity = readiness.Medium
		}
		out = append(out, v)
	}
	s.conclude(ruleArtifact, subject, "no secret in what is shipped", s.publish(ruleArtifact, subject, out), found.Gaps)
}

// logs looks into files of logs.
func (s *session) logs() {
	const subject = "logs"
	switch {
	case len(s.spec.Logs) == 0:
		s.report.NotApplicable(ruleLogs, subject, "logs names no file")
		return
	case s.broken != "":
		s.conclude(ruleLogs, subject, "", true, []string{s.broken})
		return
	}
	s.looked = true
	found := s.engine.Logs(s.ctx, s.spec.Logs, s.spec.Credentials)
	s.observe(subject, found.Read, found.Report)
	if found.Read == 0 && len(found.Gaps) == 0 {
		found.Gaps = []string{"logs holds no file"}
	}
	// One line a kind and file: a log repeats itself.
	seen := map[string]bool{}
	var out []shown
	for _, f := range s.list(func(f secretscan.Finding) string { return f.File }, found.Findings) {
		if f.Class == secretscan.Unknown || seen[f.File+f.Kind+f.Waiver] {
			continue
		}
		seen[f.File+f.Kind+f.Waiver] = true
		v := shown{subject: f.File, message: describe(f), severity: readiness.Critical, waiver: f.Waiver}
		if f.Grade == secretscan.Moderate {
			v.severity = readiness.High
		}
		out = append(out, v)
	}
	s.conclude(ruleLogs, subject, "no secret in the logs", s.publish(ruleLogs, subject, out), found.Gaps)
}

func (s *session) observe(what string, read int, r secretscan.Report) {
	s.report.Observe(what+" files read", strconv.Itoa(read))
	for name, n := range r.Notes {
		s.report.Observe(what+" "+name, strconv.Itoa(n))
	}
}

// complete says whether everything was read.
func (s *session) complete() {
	for key, message := range s.public {
		subject, _, _ := strings.Cut(key, "\x00")
		s.report.Pass(rulePublic, subject, message)
	}
	if len(s.public) == 0 {
		s.report.NotApplicable(rulePublic, "keys", "no publishable key was seen")
	}
	s.report.Observe("findings allowed where they are", strconv.Itoa(s.waived))
	for _, g := range s.gaps {
		s.unclear(ruleComplete, g.subject, g.reason)
	}
	switch {
	case len(s.gaps) > 0:
	case !s.looked:
		s.report.NotApplicable(ruleComplete, "scan", "nothing is named that could be scanned")
	default:
		s.report.Pass(ruleComplete, "scan", "everything that was to be scanned was read to its end")
	}
}

// ownRules reads what a repository says to gitleaks: its configuration and the
// lines of its ignore file.
func ownRules(root string) (config string, ignore []string) {
	read := func(name string) string {
		info, err := os.Stat(filepath.Join(root, name))
		if err != nil || !info.Mode().IsRegular() || info.Size() > 1<<20 {
			return ""
		}
		text, err := os.ReadFile(filepath.Join(root, name))
		if err != nil {
			return ""
		}
		return string(text)
	}
	return read(".gitleaks.toml"), strings.Split(read(".gitleaksignore"), "\n")
}
