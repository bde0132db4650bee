package authcheck

import (
	"errors"
	"net/http"
	"strings"
	"time"

	"github.com/launchready/terraform-provider-launchready/internal/probe"
	"github.com/launchready/terraform-provider-launchready/internal/readiness"
)

const (
	// fewWrong is how many wrong passwords an account gets that may not be locked.
	fewWrong = 3
	// manyWrong is how many one gets that may be; a right one comes between.
	manyWrong = 8
	// longestBrake is the longest that a brake is waited for.
	longestBrake = 65 * time.Second
	// brakeSlack is what clocks may differ by when it lets go.
	brakeSlack = 100 * time.Millisecond
	// mostSignIns is how many series of wrong passwords are compared where times
	// vary, and mostLetters how many of letters, which somebody has to delete.
	mostSignIns, mostLetters = 5, 3
)

// asked is one series of requests about addresses in turn.
type asked struct {
	known, unknown []sample
	throttled      bool
	why            string // an answer that says nothing
}

// told is an answer, and the page that it leads to, where many portals say how it
// went; the zero Exchange if it leads nowhere.
type told struct{ answer, page probe.Exchange }

// tell makes a request as somebody who has not signed in.
func (b *bench) tell(r Request, values map[string]string) told {
	portal := b.spec.Actor.Portal
	made, x := b.submitOnce(portal, probe.Session{}, r, nil, values) // a series waits for brakes itself
	return b.followed(portal, made, x)
}

func (b *bench) followed(portal probe.Portal, made probe.Request, x probe.Exchange) told {
	page, _ := portal.Follow(b.ctx, b.prober, made, x)
	return told{x, page}
}

// enumerate asks for known and unknown addresses in turn, and compares.
func (b *bench) enumerate(main *way) {
	b.enumerateLogin(main)
	b.enumerateReset()
	b.enumerateSignUp(main)
}

// series asks n times for each kind, the second half in the other order.
func (b *bench) series(n int, known, unknown func(i int) (address string, ask func() told), rest func()) asked {
	var out asked
	for i := range n {
		if i == n/2 && rest != nil {
			rest()
		}
		order := []bool{true, false}
		if i >= n/2 {
			order = []bool{false, true}
		}
		for _, isKnown := range order {
			address, ask := unknown(i)
			if isKnown {
				address, ask = known(i)
			}
			said := ask()
			if wait, ok := said.answer.RetryAfter(b.prober.Now()); said.answer.Throttled() && ok && wait <= longestBrake {
				b.sleep(wait + brakeSlack)
				said = ask()
			}
			x := said.answer
			if x.Throttled() || x.Status == http.StatusLocked {
				out.throttled = true
				return out
			}
			if why := unusable(x); why != "" {
				out.why = why
				return out
			}
			s := sampleOf(said, address)
			if isKnown {
				out.known = append(out.known, s)
			} else {
				out.unknown = append(out.unknown, s)
			}
		}
	}
	return out
}

// judgeSeries reports what a series tells by its answers, and by its times where
// more of them may be asked for: again makes another series, of which there are
// most at most.
func (b *bench) judgeSeries(rule, subject string, s asked, again func() asked, most int) {
	what, sure := tells(s.known, s.unknown)
	severity := readiness.Severity("")
	if b.spec.MembershipIsSensitive {
		severity = readiness.High
	}
	switch {
	case s.why != "":
		b.unclear(rule, subject, s.why)
		return
	case len(s.known) < fewWrong || len(s.unknown) < fewWrong:
		b.unclear(rule, subject, "the requests are throttled before known and unknown addresses can be compared")
		return
	case what != "" && sure:
		b.report.FailAs(rule, subject, severity, "known and unknown addresses are told apart by "+what, "")
		return
	case what != "":
		b.unclear(rule, subject, "answers differ by themselves too much for known and unknown addresses to be compared")
		return
	}
	b.pass(rule, subject, "known and unknown addresses are answered alike")
	if again == nil {
		return
	}
	b.judgeTimes(rule, subject+" (time)", s, again, most)
}

// stranger is an address at a domain that nobody has an account for.
func stranger(like string) string {
	_, domain, ok := strings.Cut(like, "@")
	if !ok {
		return "launchready-" + drawn()
	}
	return "launchready-" + drawn() + "@" + domain
}

// enumerateLogin tries wrong passwords.
func (b *bench) enumerateLogin(main *way) {
	if main.direct() {
		b.none(ruleEnumLogin, main.name, "the identity does not sign in")
		return
	}
	actor, n := main.actor, fewWrong
	if m := b.spec.Mutable; m != nil && m.Identity.Username != "" && len(m.Identity.Direct()) == 0 {
		actor, n = *m, manyWrong
	}
	wrong := func(username string) func() told {
		return func() told { return b.attempt(actor, username, "wrong-"+drawn()) }
	}
	one := func() asked {
		right := func() { _, _ = actor.SignIn(b.ctx, b.prober) } // takes back what a lock-out counts
		right()
		s := b.series(n, func(int) (string, func() told) {
			return actor.Identity.Username, wrong(actor.Identity.Username)
		}, func(int) (string, func() told) {
			address := stranger(actor.Identity.Username)
			return address, wrong(address)
		}, right)
		if n < manyWrong { // who may be changed signs in next
			right()
		}
		return s
	}
	if n < manyWrong {
		b.judgeSeries(ruleEnumLogin, main.name, one(), nil, 0)
		b.ask(ruleEnumLogin, main.name+" (time)", "mutable, an identity that may be locked: times are compared by more wrong passwords than others are spared")
		return
	}
	b.judgeSeries(ruleEnumLogin, main.name, one(), one, mostSignIns)
}

// attempt signs in with a user name and password and returns the answer to them.
// What comes after the password is not gone through.
func (b *bench) attempt(actor probe.Actor, username, password string) told {
	w := &watcher{Prober: b.prober, password: password}
	actor.Identity = probe.Identity{Username: username, Password: password}
	_, err := actor.SignIn(b.ctx, w)
	if errors.Is(err, probe.ErrNoSignIn) || w.answer.Status == 0 && w.answer.Failure == probe.FailNone {
		return told{answer: probe.Exchange{Failure: probe.FailOther, Detail: "no attempt could be made"}}
	}
	return b.followed(actor.Portal, w.request, w.answer)
}

// enumerateReset asks for letters. The known address is one that a letter came
// to; without a mailbox it is that of an identity, whose letters nobody reads.
func (b *bench) enumerateReset() {
	r := b.spec.Recovery
	if r == nil {
		b.ask(ruleEnumReset, b.host, "how a password is recovered: recovery")
		return
	}
	subject := b.subject(r.Request.Method, r.Request.Path)
	switch {
	case r.Mailbox.Server == "":
		r = &Recovery{Request: r.Request, Plain: true, Address: b.spec.Actor.Identity.Username}
		if b.spec.Mutable != nil {
			r.Address = b.spec.Mutable.Identity.Username
		}
	case b.reached == nil:
		b.unclear(ruleEnumReset, subject, "no letter came to the mailbox: whether the portal knows its address is not known")
		return
	default:
		r = b.reached
	}
	if r.Address == "" {
		b.ask(ruleEnumReset, subject, "a mailbox, or an identity with a user name: recovery.mailbox")
		return
	}
	post := func(address string) func() told {
		return func() told { return b.tell(r.Request, map[string]string{"address": address}) }
	}
	n := manyWrong
	if r.Plain {
		n = fewWrong // one mailbox, one address: it would be flooded
	}
	one := func() asked {
		return b.series(n, func(int) (string, func() told) {
			address := r.address()
			return address, post(address)
		}, func(int) (string, func() told) {
			address := stranger(b.spec.Actor.Identity.Username)
			return address, post(address)
		}, nil)
	}
	s := one()
	switch {
	case s.refused():
		b.unclear(ruleEnumReset, subject, "the request for a letter is refused whatever the address: complete recovery.request")
	case r.Plain:
		b.judgeSeries(ruleEnumReset, subject, s, nil, 0)
	default:
		b.judgeSeries(ruleEnumReset, subject, s, one, mostLetters)
	}
}

// refused reports whether neither address is dealt with, for another reason.
func (s asked) refused() bool {
	return len(s.unknown) > 0 && s.unknown[0].status >= 400 && s.known[0].status == s.unknown[0].status
}

// enumerateSignUp tries to sign up as who has an account already.
func (b *bench) enumerateSignUp(main *way) {
	r := b.spec.SignUp
	switch {
	case r == nil:
		b.none(ruleEnumSignUp, b.host, "no sign-up is named: set sign_up if anybody can make an account")
		return
	case main.actor.Identity.Username == "":
		b.none(ruleEnumSignUp, b.subject(r.Method, r.Path), "the identity has no user name")
		return
	}
	password := "Lr-" + drawn() + "-9x"
	post := func(address string) func() told {
		return func() told {
			return b.tell(*r, map[string]string{"address": address, "password": password, "name": "Launch Test"})
		}
	}
	one := func() asked {
		return b.series(fewWrong, func(int) (string, func() told) {
			return main.actor.Identity.Username, post(main.actor.Identity.Username)
		}, func(int) (string, func() told) {
			address := stranger(main.actor.Identity.Username)
			return address, post(address)
		}, nil)
	}
	s := one()
	if what, sure := tells(s.known, s.unknown); what != "" && !sure { // a word that comes and goes may come three times
		more := one()
		s.known, s.unknown = append(s.known, more.known...), append(s.unknown, more.unknown...)
	}
	subject := b.subject(r.Method, r.Path)
	if s.refused() {
		b.unclear(ruleEnumSignUp, subject, "the sign-up is refused whatever the address: complete sign_up.body")
		return
	}
	b.judgeSeries(ruleEnumSignUp, subject, s, nil, 0)
}
