package authcheck

import (
	"errors"
	"strings"

	"github.com/launchready/terraform-provider-launchready/internal/probe"
)

// defaultPairs are what products and their tutorials come with; at most ten.
func defaultPairs(host string) [][2]string {
	domain := host
	if _, rest, ok := strings.Cut(host, "."); ok && strings.Contains(rest, ".") {
		domain = rest
	}
	return [][2]string{
		{"admin", "admin"}, {"admin", "password"}, {"administrator", "administrator"}, {"root", "root"}, {"test", "test"}, {"user", "user"}, {"demo", "demo"},
		{"admin@" + domain, "admin"}, {"admin@example.com", "password"}, {"test@" + domain, "test"},
	}
}

// defaults tries each pair once, after one that nobody has.
func (b *bench) defaults(main *way) {
	switch {
	case b.spec.SkipDefaults:
		b.report.InconclusiveAs(ruleDefaults, main.name, "default_credentials is false, so that no well-known user name and password were tried",
			"Leave default_credentials out, or waive the rule in the scorecard with a reason, an owner and a date.")
		return
	case main.direct() || main.actor.Portal.SignIn.Path == "":
		b.none(ruleDefaults, main.name, "the identity does not sign in")
		return
	}
	try := func(username, password string) (in bool, refusal error) {
		actor := main.actor
		actor.Identity = probe.Identity{Username: username, Password: password}
		return main.admits(actor)
	}
	unknown := func() (in bool, err error) { return try(stranger(main.actor.Identity.Username), drawn()) }
	in, first := unknown()
	if errors.Is(first, probe.ErrNoAnswer) { // once is chance
		in, first = unknown()
	}
	usual := map[string]bool{said(first): true} // how attempts are refused while there is no ban
	if in || errors.Is(first, probe.ErrSecondFactor) {
		b.unclear(ruleDefaults, main.name, "who has no account can sign in too, or is asked for a second factor, so that nothing can be told")
		return
	}
	for _, pair := range defaultPairs(b.host) {
		if b.isIdentity(pair[0]) {
			continue // its password is known to be another, and every attempt counts
		}
		in, err := try(pair[0], pair[1])
		switch {
		case in:
			b.fail(ruleDefaults, main.name, "a well-known user name and password sign in: "+pair[0])
			return
		case errors.Is(err, probe.ErrSecondFactor):
			b.fail(ruleDefaults, main.name, "a well-known user name and password are taken, and a second factor is asked for: "+pair[0])
			return
		case errors.Is(err, probe.ErrThrottled), errors.Is(err, probe.ErrNoAnswer):
			b.unclear(ruleDefaults, main.name, "not every well-known pair could be tried: "+err.Error())
			return
		case err == nil && first != nil:
			// What is shown then is not what the identity sees: of another account, or
			// of nobody where such a name is answered in a way of its own.
			switch _, other := try(pair[0], drawn()); {
			case errors.Is(other, probe.ErrThrottled), errors.Is(other, probe.ErrNoAnswer):
				b.unclear(ruleDefaults, main.name, "not every well-known pair could be tried: "+other.Error())
				return
			case other != nil:
				b.fail(ruleDefaults, main.name, "a well-known user name and password are taken, where another password is refused: "+pair[0])
				return
			}
		case !usual[said(err)]:
			// That may be about this user name alone, or a ban of whoever tries, behind
			// which a right password is refused too.
			usual[said(err)] = true
			if in, now := unknown(); !in && said(now) != said(first) && !errors.Is(now, probe.ErrNoAnswer) {
				b.unclear(ruleDefaults, main.name, "not every well-known pair could be tried: once some were, whoever signs in is refused in another way. Exempt this machine from that ban")
				return
			}
		}
	}
	if why := main.lockedOut(first != nil); why != "" {
		b.unclear(ruleDefaults, main.name, "no well-known user name and password sign in, but neither does a right one behind them, so that nothing can be told: "+why)
		return
	}
	b.pass(ruleDefaults, main.name, "no well-known user name and password sign in")
}

// admits reports whether somebody can sign in, and is taken for somebody then.
func (w *way) admits(actor probe.Actor) (in bool, err error) {
	s, err := actor.SignIn(w.ctx, w.prober)
	if err != nil {
		return false, err
	}
	if actor.Portal.WhoAmI != "" {
		return true, nil // SignIn has asked who it is
	}
	return w.me.judge(w.look(w.me.url, s.Header())) == granted, nil
}

// lockedOut says whether right passwords are refused behind guesses, which a ban may
// have ended without a word; "" if one is taken. The account that may be changed is
// tried first, for some portals end other sessions of one's own with a sign-in; but
// it may be locked by itself for what was tried on it, and a ban is on everybody.
// Who has a second factor is left out: it would want a code that is not used yet.
// Where wrong passwords are refused as such, it is enough that a right one is not.
func (w *way) lockedOut(refuses bool) string {
	why := ""
	for _, actor := range []*probe.Actor{w.spec.Mutable, &w.actor} {
		if actor == nil || actor.Identity.Username == "" || actor.Identity.Password == "" || actor.Identity.TOTPSecret != "" || len(actor.Identity.Direct()) > 0 {
			continue
		}
		switch in, err := w.admits(*actor); {
		case in, err == nil && refuses, errors.Is(err, probe.ErrSecondFactor): // the password was taken
			return ""
		case err != nil:
			why = actor.Name + ": " + err.Error()
		default:
			why = actor.Name + ": the session of the sign-in is not taken"
		}
	}
	return why
}

// said is how a sign-in was refused; "" if it was not.
func said(refusal error) string {
	if refusal == nil {
		return ""
	}
	return refusal.Error()
}

func (b *bench) isIdentity(username string) bool {
	for _, a := range []*probe.Actor{&b.spec.Actor, b.spec.Admin, b.spec.Mutable} {
		if a != nil && strings.EqualFold(a.Identity.Username, username) {
			return true
		}
	}
	return false
}
