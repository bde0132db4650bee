package authcheck

import (
	"net/http"
	"net/url"
	"strings"

	"github.com/launchready/terraform-provider-launchready/internal/check"
	"github.com/launchready/terraform-provider-launchready/internal/probe"
)

// recover tests the recovery of a password, with letters to one mailbox.
func (b *bench) recover() {
	r := b.spec.Recovery
	if r == nil {
		for _, rule := range resetRules {
			b.ask(rule, b.host, "how a password is recovered, and a mailbox that its letters are read in: recovery")
		}
		return
	}
	subject := b.subject(r.Request.Method, r.Request.Path)
	if r.Mailbox.Server == "" {
		for _, rule := range resetRules {
			b.ask(rule, subject, "a mailbox that the letters are read in: recovery.mailbox")
		}
		return
	}
	all := func(why string) {
		for _, rule := range resetRules {
			b.unclear(rule, subject, why)
		}
	}
	box, failure := b.prober.OpenMailbox(b.ctx, r.Mailbox)
	if failure.Failed() {
		all("the mailbox cannot be read: " + failure.Detail)
		return
	}
	defer box.Close()
	p := &post{bench: b, Recovery: r, box: box}
	first, x, why := p.order(nil)
	if why == noLetter && !r.Plain { // the account may have the plain address alone
		plain := *r
		plain.Plain = true
		p.Recovery = &plain
		first, x, why = p.order(nil)
	}
	if why != "" {
		all(why)
		return
	}
	b.reached = p.Recovery
	p.leaks(subject, first, x)
	p.tokens(subject, first)
	p.poisoning(subject)
}

const (
	noLetter = "no letter came to the mailbox in time"
	noLink   = "the letter holds no link with a token"
)

// order asks for one letter and returns its link.
func (p *post) order(header http.Header) (l link, x probe.Exchange, why string) {
	letter, x, why := p.ask(header)
	if why != "" {
		return link{}, x, why
	}
	l, ok := linkOf(letter)
	if !ok {
		return link{}, x, noLink
	}
	return l, x, ""
}

// ask asks for one letter.
func (p *post) ask(header http.Header) (*probe.Letter, probe.Exchange, string) {
	address := p.address()
	x := p.submit(p.spec.Actor.Portal, probe.Session{}, p.Request, header, map[string]string{"address": address})
	if why := unusable(x); why != "" {
		return nil, x, why
	}
	if !accepted(x) {
		return nil, x, "the request for a letter is refused"
	}
	letter, why := p.letter(address)
	return letter, x, why
}

// leaks looks for the token in the answer to the request, and at what the page of
// the link tells others.
func (p *post) leaks(subject string, l link, x probe.Exchange) {
	if x.Holds(l.token) {
		p.fail(ruleLeaks, subject, "the answer to the request holds the token of the letter")
		return
	}
	if !p.ours(l.address.Hostname()) || l.address.Scheme != "https" {
		p.unclear(ruleLeaks, subject, "the letter's link does not lead to the portal by https, so that its page is not looked at")
		return
	}
	page := p.prober.Fetch(p.ctx, probe.Request{URL: l.address.String(), Intent: probe.Active, FollowRedirects: true})
	if why := unusable(page); why != "" {
		p.unclear(ruleLeaks, subject, "the page of the letter's link: "+why)
		return
	}
	why := pageLeaks(page, l)
	if why != "" {
		p.fail(ruleLeaks, subject, why)
		return
	}
	p.pass(ruleLeaks, subject, "neither the answer to the request nor the page of the letter's link gives the token away")
}

// pageLeaks says how a page with a token in its address tells it to others.
func pageLeaks(page probe.Exchange, l link) string {
	if !strings.Contains(page.FinalURL, l.token) {
		return "" // the page has taken the token out of its address
	}
	policy := policyOf(page)
	base, err := url.Parse(page.FinalURL)
	if err != nil {
		return ""
	}
	scripts, others := foreign(page.Body, base)
	quiet := policy == "no-referrer" || policy == "same-origin"
	tells := policy == "unsafe-url" || policy == "no-referrer-when-downgrade"
	switch {
	case scripts && !quiet:
		return "the page of the letter's link loads a script of another host, without Referrer-Policy: no-referrer"
	case (scripts || others) && tells:
		return "the page of the letter's link loads from another host and tells it its whole address"
	}
	return ""
}

// tokens uses the token of a second letter, then again, then that of the first.
func (p *post) tokens(subject string, first link) {
	if p.Confirm == nil {
		b := p.bench
		b.ask(ruleReuse, subject, "how a new password is set with the token: recovery.confirm")
		b.ask(ruleOldToken, subject, "how a new password is set with the token: recovery.confirm")
		return
	}
	both := func(why string) {
		p.unclear(ruleReuse, subject, why)
		p.unclear(ruleOldToken, subject, why)
	}
	second, _, why := p.order(nil)
	if why != "" {
		both("a second letter: " + why)
		return
	}
	made := p.confirm(swapped(second.token), second)
	if why := unusable(made); why != "" {
		both(why)
		return
	}
	used := p.confirm(second.token, second)
	switch {
	case !accepted(used):
		both("the token of the letter sets no password, so that nothing can be told: check recovery.confirm")
		return
	case accepted(made) && alikeAnswers(made, used):
		both("a made-up token is answered as the letter's is, so that a success cannot be told from a refusal")
		return
	}
	p.judgeAgain(ruleReuse, subject, p.confirm(second.token, second), used, made, "a token that was used sets a password again", "a token that was used is refused")
	p.judgeAgain(ruleOldToken, subject, p.confirm(first.token, first), used, made, "the token of an older letter sets a password, after that of a newer one was used", "the token of an older letter is refused")
}

// judgeAgain judges a token that should be dead, against one that was not and one
// that was made up.
func (p *post) judgeAgain(rule, subject string, x, used, made probe.Exchange, bad, good string) {
	switch {
	case unusable(x) != "":
		p.unclear(rule, subject, unusable(x))
	case accepted(x) && alikeAnswers(x, used):
		p.fail(rule, subject, bad)
	case accepted(x) && !alikeAnswers(x, made):
		p.unclear(rule, subject, "the answer to a token that should be dead is neither that to a live one nor a refusal")
	default:
		p.pass(rule, subject, good)
	}
}

func alikeAnswers(a, b probe.Exchange) bool {
	return a.Status == b.Status && check.PlainAddress(a.Redirect) == check.PlainAddress(b.Redirect) && probe.Similarity(a.Body, b.Body) >= alike
}

// confirm sets a new password with a token. Nobody signs in with it. The page of
// the letter's link may have the form.
func (p *post) confirm(token string, l link) probe.Exchange {
	var pages []string
	if p.ours(l.address.Hostname()) {
		pages = append(pages, l.address.RequestURI())
	}
	x := p.submit(p.spec.Actor.Portal, probe.Session{}, *p.Confirm, nil, map[string]string{"token": token, "password": "Lr-" + drawn() + "-9x", "address": p.Address}, pages...)
	return x
}

// swapped is a token of the same form that nobody was given.
func swapped(token string) string { return imitation(token) }
