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
	actor := main.actor
	try := func(username, password string) (in bool, err error) {
		actor.Identity = probe.Identity{Username: username, Password: password}
		s, err := actor.SignIn(b.ctx, b.prober)
		if err != nil {
			return false, err
		}
		if actor.Portal.WhoAmI != "" {
			return true, nil // SignIn has asked who it is
		}
		return main.me.judge(b.look(main.me.url, s.Header())) == granted, nil
	}
	unknown := func() (in bool, err error) { return try(stranger(main.actor.Identity.Username), drawn()) }
	in, first := unknown()
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
		case !usual[said(err)]:
			// That may be about this user name alone, or a ban of whoever tries, behind
			// which a right password is refused too.
			usual[said(err)] = true
			if in, now := unknown(); !in && said(now) != said(first) {
				b.unclear(ruleDefaults, main.name, "not every well-known pair could be tried: once some were, whoever signs in is refused in another way. Exempt this machine from that ban")
				return
			}
		}
	}
	if err := b.rightPassword(main); err != nil {
		b.unclear(ruleDefaults, main.name, "no well-known user name and password sign in, but neither does a right one behind them, so that nothing can be told: "+err.Error())
		return
	}
	b.pass(ruleDefaults, main.name, "no well-known user name and password sign in")
}

// rightPassword signs in behind guesses, which a ban may have ended without a word:
// as the account that may be changed, for some portals end other sessions of one's
// own with it. With a second factor it would want a code that is not used yet.
func (b *bench) rightPassword(main *way) error {
	actor := main.actor
	if m := b.spec.Mutable; m != nil && len(m.Identity.Direct()) == 0 {
		actor = *m
	}
	if actor.Identity.TOTPSecret != "" {
		return nil
	}
	_, err := actor.SignIn(b.ctx, b.prober)
	if errors.Is(err, probe.ErrSecondFactor) {
		return nil // the password was taken
	}
	return err
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
