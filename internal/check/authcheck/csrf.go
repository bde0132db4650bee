package authcheck

import (
	"net/http"
	"strings"
)

// attacker is a site of nobody (RFC 2606).
const attacker = "https://launchready-attacker.example"

// judgeCSRF decides whether another site can act in a member's name: first by
// whether browsers send the cookie along, then by trying the change of the
// address of the identity that may be changed, as a page of another site would.
func (w *way) judgeCSRF() {
	if w.unknown {
		w.unclear(ruleCSRF, w.name, unlearned)
		return
	}
	if len(w.cookies) == 0 {
		w.none(ruleCSRF, w.name, "the session is no cookie: browsers do not send it by themselves")
		return
	}
	for _, name := range w.cookies {
		set := lastOf(w.session.Record().Set, name)
		if set != nil && (set.SameSite == http.SameSiteLaxMode || set.SameSite == http.SameSiteStrictMode) {
			w.pass(ruleCSRF, w.name, "browsers do not send the session's cookie with writes of other sites")
			return
		}
	}
	r, ok := w.spec.Changes["email"]
	if m := w.spec.Mutable; !ok || m == nil || len(m.Identity.Direct()) > 0 {
		w.ask(ruleCSRF, w.name, "the cookie is sent with writes of other sites, so that a write has to be tried: mutable, and sensitive_changes with email")
		return
	}
	actor := *w.spec.Mutable
	actor.Portal.SignIn = w.actor.Portal.SignIn // by the same cookies
	c, why := w.changerAs(actor)
	if why != "" {
		w.unclear(ruleCSRF, w.name, why)
		return
	}
	own := c.username
	defer c.restoreEmail(r, own)
	local, domain, ok := strings.Cut(own, "@")
	if !ok {
		w.unclear(ruleCSRF, w.name, "the identity's user name is no address")
		return
	}
	local, _, _ = strings.Cut(local, "+")
	next := func() string { return local + "+launchready-" + drawn() + "@" + domain }
	address, control := next(), next()
	header := c.session.Header()
	header.Set("Origin", attacker)
	header.Set("Referer", attacker+"/")
	if looksLikeJSON(r.Body) { // what a page may send without a preflight (Fetch section 2.2.2)
		header.Set("Content-Type", "text/plain;charset=UTF-8")
	}
	x := c.send(r, header, map[string]string{"current_password": c.now, "password": c.now, "address": address})
	moved := accepted(x) && c.moved(address)
	right := c.change(c.session, r, map[string]string{"current_password": c.now, "password": c.now, "address": control})
	if accepted(right) {
		c.moved(control)
	}
	switch {
	case moved:
		w.fail(ruleCSRF, w.name, "a write with the cookie and from another site is taken")
	case unusable(x) != "":
		w.unclear(ruleCSRF, w.name, unusable(x))
	case !accepted(right):
		w.unclear(ruleCSRF, w.name, "the write is refused from the portal's own pages too, so that nothing can be told")
	default:
		w.pass(ruleCSRF, w.name, "a write from another site is refused, although browsers send the cookie with it")
	}
}
