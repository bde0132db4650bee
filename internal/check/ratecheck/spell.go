package ratecheck

import (
	"strings"

	"github.com/launchready/terraform-provider-launchready/internal/probe"
)

// spellings tries other spellings of the account's address. That one has a
// counter of its own is a fault only if it is the same account: a right password
// proves it.
func (s *session) spellings() {
	switch {
	case !s.e.uses(accountMark):
		s.none(ruleEmail, "the request names no account: {{account}} stands nowhere")
		return
	case !s.signsIn() && s.knowsPassword():
		s.unclear(ruleEmail, "the right password of the first account does not sign in: check the body and the identity")
		return
	case !s.signsIn():
		s.none(ruleEmail, "it is told by a right password alone: name identities in accounts, and write {{password}} into the body")
		return
	}
	var found []string
	doubt := false
	for _, v := range spellingsOf(s.account) {
		works, known := s.spelled(v.address)
		if works {
			found = append(found, v.name)
		}
		doubt = doubt || !known
	}
	switch {
	case len(found) > 0:
		s.fail(ruleEmail, "the brake is evaded by another spelling of the same account's address: "+strings.Join(found, ", "))
	case doubt:
		s.unclear(ruleEmail, "the brake does not hold long enough for it to be tried, or too many requests would be needed")
	default:
		s.pass(ruleEmail, "no other spelling of the address evades the brake and signs in")
	}
}

// spelled tries one spelling. Some locks hold after two or three attempts, so
// that there is one wrong attempt at most: then a right password that succeeds
// there, before and after one at the account itself is refused, is the proof.
func (s *session) spelled(address string) (works, known bool) {
	once := false // it signed in where the account itself was refused
	for round := range 2 {
		if s.budget.Left() < reserve+10 || !s.holding() && !s.arm() {
			return false, false
		}
		if !s.passes(s.one(s.wrong(address))) || !s.succeeded(s.one(s.rightRequest(address))) {
			return false, !once
		}
		switch refused := !s.succeeded(s.one(s.rightRequest(s.account))); {
		case !refused && s.holding(): // a brake that lets right passwords by is told by wrong ones
			return s.spelledWrong(address)
		case refused && s.succeeded(s.one(s.rightRequest(address))) && s.holding(): // no new window that was full again
			return true, true
		case refused:
			once = true
			if round == 0 {
				s.wait()
			}
		}
	}
	return false, false
}

// spelledWrong is spelled for a brake that lets right passwords by.
func (s *session) spelledWrong(address string) (works, known bool) {
	e := evasion{change: func(r *probe.Request, _ int) {
		next := s.wrong(address)
		r.URL, r.Body, r.Header = next.URL, next.Body, next.Header
	}}
	first := s.works(e, s.passes)
	if first == partly {
		first = s.afresh(first, e, s.passes)
	}
	return first == proven, first == proven || first == disproved
}

type spelling struct{ name, address string }

func spellingsOf(address string) []spelling {
	local, domain, ok := strings.Cut(address, "@")
	if !ok {
		return []spelling{{"another case", capital(address)}, {"a space at the end", address + " "}}
	}
	return []spelling{
		{"another case", capital(local) + "@" + domain},
		{"a space at the end", address + " "},
		{"a detail behind a plus", local + "+1@" + domain},
	}
}
