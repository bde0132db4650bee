package dnscheck

import (
	"fmt"
	"maps"
	"slices"
	"strings"

	"github.com/launchready/terraform-provider-launchready/internal/readiness"
)

// verdict is the outcome of one rule on one subject.
type verdict struct {
	status   readiness.Status
	severity readiness.Severity // empty: the rule's
	message  string
}

func pass(format string, args ...any) verdict {
	return verdict{status: readiness.Pass, message: fmt.Sprintf(format, args...)}
}

func fail(format string, args ...any) verdict {
	return verdict{status: readiness.Fail, message: fmt.Sprintf(format, args...)}
}

func unclear(format string, args ...any) verdict {
	return verdict{status: readiness.Inconclusive, message: fmt.Sprintf(format, args...)}
}

func inapplicable(format string, args ...any) verdict {
	return verdict{status: readiness.NotApplicable, message: fmt.Sprintf(format, args...)}
}

// say reports a verdict.
func (s *session) say(rule, subject string, v verdict) {
	switch v.status {
	case readiness.Fail:
		s.report.FailAs(rule, subject, v.severity, v.message, "")
	case readiness.Pass:
		s.report.Pass(rule, subject, v.message)
	case readiness.NotApplicable:
		s.report.NotApplicable(rule, subject, v.message)
	default:
		s.report.Inconclusive(rule, subject, v.message)
	}
}

// maxPasses is how many subjects of a rule that hold are named one by one.
const maxPasses = 50

// sayAll reports a rule on many subjects. Where very many hold they are
// reported as one, on the domain; none at all is said with otherwise.
func (s *session) sayAll(rule string, all map[string]verdict, otherwise verdict) {
	if len(all) == 0 {
		s.say(rule, s.domain, otherwise)
		return
	}
	var held []string
	for _, subject := range slices.Sorted(maps.Keys(all)) {
		if v := all[subject]; v.status == readiness.Pass || v.status == readiness.NotApplicable {
			held = append(held, subject)
		} else {
			s.say(rule, subject, v)
		}
	}
	if len(held) > maxPasses {
		s.say(rule, s.domain, pass("nothing is wrong with %d others", len(held)))
		return
	}
	for _, subject := range held {
		s.say(rule, subject, all[subject])
	}
}

// worst of verdicts on one subject: failures are told together, then doubts.
func worst(all []verdict) verdict {
	for _, status := range []readiness.Status{readiness.Fail, readiness.Inconclusive, readiness.Pass} {
		var messages []string
		var first *verdict
		for i, v := range all {
			if v.status != status {
				continue
			}
			if first == nil || v.severity == "" || first.severity != "" && v.severity.AtLeast(first.severity) {
				first = &all[i]
			}
			messages = append(messages, v.message)
		}
		if first != nil {
			out := *first
			out.message = strings.Join(sorted(messages), "; ")
			if status == readiness.Pass {
				out.message = first.message
			}
			return out
		}
	}
	return all[0]
}

// enumerate joins words as prose does: a, b and c.
func enumerate(words []string) string {
	last := len(words) - 1
	if last < 1 {
		return strings.Join(words, "")
	}
	return strings.Join(words[:last], ", ") + " and " + words[last]
}
