package authcheck

import "strings"

// email tests the change of the address.
func (c *changer) email(r Request) {
	subject := c.subject(r.Method, r.Path)
	local, domain, ok := strings.Cut(c.username, "@")
	if !ok {
		c.unclear(ruleEmailAsk, subject, "the identity's user name is no address")
		return
	}
	own := c.username
	defer c.restoreEmail(r, own)
	if !strings.Contains(r.Body, "{{current_password}}") {
		r.Body = withCurrent(r.Body)
	}
	local, _, _ = strings.Cut(local, "+")
	next := func() string { return local + "+launchready-" + drawn() + "@" + domain }
	for _, one := range c.careless(r) {
		address := next()
		x := c.change(c.session, one.request, map[string]string{"current_password": one.current, "password": one.current, "address": address, "email": address})
		if !accepted(x) {
			if why := unusable(x); why != "" {
				c.unclear(ruleEmailAsk, subject, why)
				return
			}
			continue
		}
		if c.moved(address) {
			c.fail(ruleEmailAsk, subject, "the address is changed "+one.what)
			return
		}
		// The portal may wait for the new address to be confirmed: whether it would
		// have asked shows only beside what it says to the right password.
		if right := c.change(c.session, r, map[string]string{"current_password": c.now, "password": c.now, "address": next()}); accepted(right) && alikeAnswers(x, right) {
			c.moved("")
			c.fail(ruleEmailAsk, subject, "a change of the address is taken "+one.what+", as it is with the right password")
			return
		}
	}
	address := next()
	x := c.change(c.session, r, map[string]string{"current_password": c.now, "password": c.now, "address": address})
	switch {
	case !accepted(x):
		c.unclear(ruleEmailAsk, subject, "the address cannot be changed with the right password either, so that nothing can be told: the portal answers "+answerOf(x))
	default:
		c.moved(address)
		c.pass(ruleEmailAsk, subject, "the address is changed with the password, and not without it")
	}
}

// moved reports whether the identity has another address now, and follows it.
func (c *changer) moved(address string) bool {
	x := c.look(c.me.url, c.session.Header())
	if address != "" && x.Status < 300 && x.Holds(address) {
		c.username, c.shown = address, true
		return true
	}
	if address != "" {
		if s, ok := c.signsIn(address, c.now); ok {
			c.username, c.session = address, s
			return true
		}
	}
	return false
}

// restoreEmail puts the old address back.
func (c *changer) restoreEmail(r Request, own string) {
	if c.username == own && !c.moving {
		return
	}
	known := c.username != own // that the address is another
	c.aside(func() bool {
		if !known {
			if _, err := c.tryIn(own, c.now); err == nil {
				c.username = own
				return true
			}
		}
		known = false
		c.change(c.session, r, map[string]string{"current_password": c.now, "password": c.now, "address": own})
		if x := c.look(c.me.url, c.session.Header()); c.shown && x.Status < 300 && x.Holds(own) && !x.Holds(c.username) {
			c.username = own
			return true
		}
		s, ok := c.signsIn(own, c.now)
		if ok {
			c.username, c.session = own, s
		}
		return ok
	}, "the address of "+c.actor.Name)
}
