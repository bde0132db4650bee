package authzcheck

import (
	"fmt"
	"strings"
)

const shellMessage = "it is the page of an application that is sent for every path, whoever asks: what it shows comes from other routes, which are to be listed"

// tellReads reports what the plain requests of a row came to.
func (t *tester) tellReads(r *row) {
	byRule := map[string][]*attempt{}
	for _, a := range r.denied {
		rule := r.rule(a)
		at := r.attempts[a.name]
		if at == nil {
			at = &attempt{agent: a, outcome: unknown, reason: r.problem}
		}
		byRule[rule] = append(byRule[rule], at)
	}
	for rule, attempts := range byRule {
		switch {
		case r.problem != "":
			t.unclear(rule, r.subject, r.problem)
		case r.shell:
			t.none(rule, r.subject, shellMessage)
		default:
			t.tellAttempts(r, rule, attempts)
		}
	}
	if len(r.allowed) > 0 {
		t.tellAllowed(r)
	}
	t.tellExcess(r)
}

func (t *tester) tellAttempts(r *row, rule string, attempts []*attempt) {
	var given, names []string
	reason, cached := "", false
	for _, at := range attempts {
		names = append(names, at.agent.known())
		switch at.outcome {
		case leaked:
			given = append(given, fmt.Sprintf("%s (status %d)", at.agent.known(), at.x.Status))
			cached = cached || at.cached
		case refused:
		default:
			reason = at.reason
		}
	}
	what := fmt.Sprintf("%s of %s", r.evidence.how(), r.owner.known())
	switch {
	case len(given) > 0:
		message := fmt.Sprintf("%s is given to %s", what, strings.Join(given, ", "))
		if cached {
			message += "; a shared cache gave it, past which it is refused: see edge.private_cached"
		}
		t.fail(rule, r.subject, message)
	case reason != "":
		t.unclear(rule, r.subject, reason)
	default:
		t.pass(rule, r.subject, fmt.Sprintf("%s is given to its owner, and not to %s", what, strings.Join(names, ", ")))
	}
}

// tellAllowed reports whether those who may are let in.
func (t *tester) tellAllowed(r *row) {
	if r.problem != "" {
		t.unclear(ruleOverDenied, r.subject, r.problem)
		return
	}
	if r.shell {
		t.none(ruleOverDenied, r.subject, shellMessage)
		return
	}
	var out, names []string
	reason := ""
	for _, a := range r.allowed {
		at := r.attempts[a.name]
		names = append(names, a.known())
		switch {
		case at.outcome == leaked || success(at.x) && (r.kind == List || len(at.held) > 0):
		case at.outcome == unknown:
			reason = at.reason
		case success(at.x) && !looksRefused(at.x):
			reason = fmt.Sprintf("%s is answered %s, but nothing of what the owner sees", a.known(), said(at.x))
		default:
			if again := t.extraSend(a, r.request(nil)); success(again) && !looksRefused(again) {
				continue
			}
			out = append(out, fmt.Sprintf("%s is answered %s", a.known(), said(at.x)))
		}
	}
	switch {
	case len(out) > 0:
		t.fail(ruleOverDenied, r.subject, strings.Join(out, ", ")+", although the route allows it")
	case reason != "":
		t.unclear(ruleOverDenied, r.subject, reason)
	default:
		t.pass(ruleOverDenied, r.subject, strings.Join(names, ", ")+": let in, as the route says")
	}
}
