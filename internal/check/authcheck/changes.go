package authcheck

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"net/http"
	"strings"
	"time"

	"github.com/launchready/terraform-provider-launchready/internal/probe"
)

// changer is the identity that may be changed, with its password of the moment.
type changer struct {
	*way
	old, now string // passwords
	username string // of the moment
	// sent are passwords that may have become the account's, though nobody was seen
	// to sign in with them; moving is set where the same is so of an address.
	sent   []string
	moving bool
	shown  bool // whoami shows the address of the moment
}

// changes tests what asks for the password again. All is put back at the end.
func (b *bench) changes() {
	password, hasPassword := b.spec.Changes["password"]
	email, hasEmail := b.spec.Changes["email"]
	missing := func(rules ...string) {
		for _, rule := range rules {
			b.ask(rule, b.host, "an identity that may be changed, and how: mutable and sensitive_changes")
		}
	}
	m := b.spec.Mutable
	if m == nil || len(m.Identity.Direct()) > 0 {
		missing(rulePasswordAsk, ruleEmailAsk, rulePasswordKill)
		return
	}
	c, why := b.changer()
	if why != "" {
		for _, rule := range []string{rulePasswordAsk, ruleEmailAsk, rulePasswordKill} {
			b.unclear(rule, b.host, why)
		}
		return
	}
	if hasEmail {
		c.email(email)
	} else {
		missing(ruleEmailAsk)
	}
	if hasPassword {
		c.password(password)
	} else {
		missing(rulePasswordAsk, rulePasswordKill)
	}
}

// changer signs in as the identity that may be changed.
func (b *bench) changer() (c *changer, why string) { return b.changerAs(*b.spec.Mutable) }

func (b *bench) changerAs(actor probe.Actor) (c *changer, why string) {
	w := b.way(actor)
	session, err := w.again()
	if err != nil {
		return nil, "the identity that may be changed cannot sign in: " + err.Error()
	}
	w.session = session
	if why := w.learn(); why != "" {
		return nil, why
	}
	id := w.actor.Identity
	return &changer{way: w, old: id.Password, now: id.Password, username: id.Username}, ""
}

// change sends one change as a session.
func (c *changer) change(s probe.Session, r Request, values map[string]string) probe.Exchange {
	x := c.submit(c.actor.Portal, s, r, nil, values)
	if accepted(x) || x.Failure != probe.FailNone {
		if next := values["password"]; next != c.now && next != c.old && next != "" {
			c.sent = append(c.sent, next)
		}
		c.moving = c.moving || values["address"] != c.username
	}
	return x
}

// without is a request that does not name the current password at all.
func without(r Request) (Request, bool) {
	var body map[string]json.RawMessage
	if json.Unmarshal([]byte(r.Body), &body) != nil {
		return r, false
	}
	for name, value := range body {
		if strings.Contains(string(value), "{{current_password}}") {
			delete(body, name)
		}
	}
	raw, err := json.Marshal(body)
	// What stands between marks is not escaped twice: names and marks are plain.
	raw = bytes.ReplaceAll(raw, []byte(`\u007b`), []byte("{"))
	r.Body = string(raw)
	return r, err == nil
}

// careless are the ways to leave the current password out.
func (c *changer) careless(r Request) []struct {
	request Request
	current string
	what    string
} {
	type one = struct {
		request Request
		current string
		what    string
	}
	out := []one{{r, "wrong-" + drawn(), "with a wrong current password"}, {r, "", "with an empty current password"}}
	if bare, ok := without(r); ok && bare.Body != r.Body {
		out = append(out, one{bare, "", "without the current password"})
	}
	return out
}

// signsIn reports whether a user name and password sign in.
func (c *changer) signsIn(username, password string) (probe.Session, bool) {
	s, err := c.tryIn(username, password)
	return s, err == nil
}

func (c *changer) tryIn(username, password string) (probe.Session, error) {
	actor := c.actor
	actor.Identity.Username, actor.Identity.Password = username, password
	return actor.SignIn(c.ctx, c.prober)
}

func newPassword() string { return "Lr-" + drawn() + "-9x" }

// password tests the change of the password: what it asks for, and what it ends.
func (c *changer) password(r Request) {
	subject := c.subject(r.Method, r.Path)
	defer c.restore(r)
	if !strings.Contains(r.Body, "{{current_password}}") {
		r.Body = withCurrent(r.Body)
	}
	for _, one := range c.careless(r) {
		next := newPassword()
		x := c.change(c.session, one.request, map[string]string{"current_password": one.current, "password": next, "address": c.username})
		if !accepted(x) {
			if why := unusable(x); why != "" {
				c.unclear(rulePasswordAsk, subject, why)
				c.unclear(rulePasswordKill, subject, why)
				return
			}
			continue
		}
		if s, ok := c.signsIn(c.username, next); ok {
			c.now, c.session = next, s
			c.fail(rulePasswordAsk, subject, "the password is changed "+one.what)
			c.kills(r, subject, true)
			return
		}
	}
	c.kills(r, subject, false)
}

// withCurrent adds a field that portals ask for, for it to be looked at.
func withCurrent(body string) string {
	if trimmed := strings.TrimSpace(body); strings.HasPrefix(trimmed, "{") && strings.HasSuffix(trimmed, "}") && len(trimmed) > 2 {
		return strings.TrimSuffix(trimmed, "}") + `,"current_password":"{{current_password}}"}`
	}
	return body
}

// kills changes the password as it should be, which is the positive control of
// what was tried before, and looks at another session.
func (c *changer) kills(r Request, subject string, careless bool) {
	failed := func(why string) {
		if !careless {
			c.unclear(rulePasswordAsk, subject, why)
		}
		c.unclear(rulePasswordKill, subject, why)
	}
	other, err := c.signIn()
	if err != nil || c.lives(other) != granted {
		failed("no second session could be opened before the password is changed")
		return
	}
	if c.lives(c.session) != granted { // what was tried before may have ended it
		if c.session, err = c.signIn(); err != nil {
			failed("the identity cannot sign in before its password is changed: " + err.Error())
			return
		}
	}
	next := newPassword()
	x := c.change(c.session, r, map[string]string{"current_password": c.now, "password": next, "address": c.username})
	fresh, ok := c.signsIn(c.username, next)
	if !ok {
		failed("the password cannot be changed with the right one either, so that nothing can be told: the portal answers " + answerOf(x))
		return
	}
	c.now, c.session = next, fresh
	if !careless {
		c.pass(rulePasswordAsk, subject, "the password is changed with the current one, and not without it")
	}
	switch c.dies(other.Header(), c.spec.Patience) {
	case granted:
		c.fail(rulePasswordKill, subject, "a session that was open before the password was changed is still taken")
	case refused:
		if c.lives(fresh) == granted {
			c.pass(rulePasswordKill, subject, "a session that was open before the password was changed is refused, and a new one lives")
			return
		}
		fallthrough
	default:
		c.unclear(rulePasswordKill, subject, "no session lives after the password was changed, or its answer cannot be read")
	}
}

func answerOf(x probe.Exchange) string {
	if x.Status == 0 {
		return "nothing: " + x.Detail
	}
	return http.StatusText(x.Status)
}

// signIn opens a session with the password of the moment.
func (c *changer) signIn() (probe.Session, error) {
	actor := c.actor
	actor.Identity.Username, actor.Identity.Password = c.username, c.now
	return actor.SignIn(c.ctx, c.prober)
}

// restore puts the old password back, whatever became of the test, and says so
// where it cannot. Where nobody can sign in for the moment, such as for too many
// sign-ins, the session that changed the password changes it back.
func (c *changer) restore(r Request) {
	if c.now == c.old && len(c.sent) == 0 {
		return
	}
	known := c.now != c.old // that the password is another
	taken := false          // some change back was
	c.aside(func() bool {
		unsure := false
		if !known {
			_, err := c.tryIn(c.username, c.old)
			if unsure = unanswered(err); err == nil || unsure && taken {
				return true
			}
		}
		known = false
		for _, candidate := range append([]string{c.now}, c.sent...) {
			if candidate == c.old {
				continue
			}
			back := map[string]string{"current_password": candidate, "password": c.old, "address": c.username}
			now := accepted(c.change(c.session, r, back))
			if !now {
				if s, err := c.tryIn(c.username, candidate); err == nil {
					c.session, now = s, accepted(c.change(s, r, back))
				}
			}
			taken = taken || now
			_, err := c.tryIn(c.username, c.old)
			if err == nil || now && unsure {
				return true
			}
			if now && unanswered(err) {
				return false // it is tried once more, in a while
			}
		}
		return false
	}, "the password of "+c.actor.Name)
}

// unanswered reports whether a sign-in says nothing of the password.
func unanswered(err error) bool {
	return errors.Is(err, probe.ErrThrottled) || errors.Is(err, probe.ErrNoAnswer)
}

// aside does what has to be done even where the run was interrupted.
func (c *changer) aside(do func() bool, what string) {
	before := c.ctx
	ctx, cancel := context.WithTimeout(context.WithoutCancel(before), 90*time.Second)
	defer cancel()
	c.ctx = ctx
	defer func() { c.ctx = before }()
	for range 3 {
		if do() {
			return
		}
		c.sleep(2 * time.Second)
	}
	c.report.Observe("not put back", what+" could not be put back: set it anew")
}
