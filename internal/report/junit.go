package report

import (
	"bytes"
	"encoding/xml"
	"fmt"
	"strings"

	"github.com/launchready/terraform-provider-launchready/internal/readiness"
)

// The elements of JUnit's XML that CI systems read.
type (
	junitSuites struct {
		XMLName  xml.Name     `xml:"testsuites"`
		Name     string       `xml:"name,attr"`
		Tests    int          `xml:"tests,attr"`
		Failures int          `xml:"failures,attr"`
		Errors   int          `xml:"errors,attr"`
		Skipped  int          `xml:"skipped,attr"`
		Suites   []junitSuite `xml:"testsuite"`
	}
	junitSuite struct {
		Name     string      `xml:"name,attr"`
		Tests    int         `xml:"tests,attr"`
		Failures int         `xml:"failures,attr"`
		Errors   int         `xml:"errors,attr"`
		Skipped  int         `xml:"skipped,attr"`
		Cases    []junitCase `xml:"testcase"`
	}
	junitCase struct {
		Name      string        `xml:"name,attr"`
		ClassName string        `xml:"classname,attr"`
		Failure   *junitProblem `xml:"failure"`
		Error     *junitProblem `xml:"error"`
		Skipped   *junitSkipped `xml:"skipped"`
	}
	junitProblem struct {
		Message string `xml:"message,attr"`
		Type    string `xml:"type,attr"`
		Text    string `xml:",chardata"`
	}
	junitSkipped struct {
		Message string `xml:"message,attr"`
	}
)

// JUnit renders the scorecard as test results: an area is a suite, and each rule
// on each subject is a test. What blocks is a failure, or an error if it could
// not be tested; so a run is red exactly if the gate is. What stands below the
// threshold, is waived or does not apply is skipped, with the reason.
func JUnit(s readiness.Scorecard, _ Options) ([]byte, error) {
	out := junitSuites{Name: "launch of " + s.Name()}
	for _, g := range groups(s) {
		suite := junitSuite{Name: g.Row.Area.Title()}
		seen := map[string]int{}
		for _, f := range g.Findings {
			c := junitTest(f, s.FailOn)
			// Names tell tests apart: the second of one name would hide the first.
			if seen[c.Name]++; seen[c.Name] > 1 {
				c.Name = fmt.Sprintf("%s (%d)", c.Name, seen[c.Name])
			}
			switch {
			case c.Failure != nil:
				suite.Failures++
			case c.Error != nil:
				suite.Errors++
			case c.Skipped != nil:
				suite.Skipped++
			}
			suite.Cases = append(suite.Cases, c)
		}
		suite.Tests = len(suite.Cases)
		out.Tests += suite.Tests
		out.Failures += suite.Failures
		out.Errors += suite.Errors
		out.Skipped += suite.Skipped
		out.Suites = append(out.Suites, suite)
	}
	var b bytes.Buffer
	b.WriteString(xml.Header)
	encoder := xml.NewEncoder(&b)
	encoder.Indent("", "  ")
	err := encoder.Encode(out)
	b.WriteString("\n")
	return b.Bytes(), err
}

// junitTest is a finding as a test.
func junitTest(f readiness.Finding, failOn readiness.Severity) junitCase {
	area := string(f.Area)
	if area == "" {
		area = "gate"
	}
	// A dot parts packages from classes in most viewers; the area is the package.
	c := junitCase{ClassName: "launch." + area, Name: f.Rule + " " + f.Subject}
	sentence, _ := split(f.Message)
	switch {
	case f.Status == readiness.Pass:
	case f.Status == readiness.Waived:
		c.Skipped = &junitSkipped{Message: "waived: " + f.Waiver}
	case f.Status == readiness.NotApplicable:
		c.Skipped = &junitSkipped{Message: "not applicable: " + sentence}
	case !f.Blocks(failOn):
		c.Skipped = &junitSkipped{Message: label(f) + ", does not block: " + sentence}
	case f.Status == readiness.Fail:
		c.Failure = &junitProblem{Message: sentence, Type: string(f.Severity), Text: junitText(f)}
	default:
		c.Error = &junitProblem{Message: "could not be tested: " + sentence, Type: string(f.Severity), Text: junitText(f)}
	}
	return c
}

// junitText is all that is known of a problem, in lines.
func junitText(f readiness.Finding) string {
	lines := []string{fmt.Sprintf("%s %s", f.Severity, f.Rule), f.Subject, f.Message}
	if f.Remedy != "" {
		lines = append(lines, "Fix: "+f.Remedy)
	}
	return strings.Join(append(lines, "Rule: "+f.Reference), "\n")
}
