package authcheck

import (
	"bytes"
	"net/url"
	"slices"
	"strings"
	"time"

	"github.com/launchready/terraform-provider-launchready/internal/check"
	"github.com/launchready/terraform-provider-launchready/internal/mail/message"
	"github.com/launchready/terraform-provider-launchready/internal/probe"
)

// post is the mailbox that letters of a reset are read in.
type post struct {
	*bench
	*Recovery
	box     probe.Mailbox
	letters []probe.Letter // that came and were not asked for yet
}

// letterInterval is the longest pause between two looks for a letter.
const letterInterval = 250 * time.Millisecond

// address is one that mail reaches the mailbox by and that was never used: a
// sub-address (RFC 5233), unless the account has the plain one.
func (r *Recovery) address() string {
	local, domain, ok := strings.Cut(r.Address, "@")
	if r.Plain || !ok {
		return r.Address
	}
	return local + "+launchready-" + drawn() + "@" + domain
}

// letter waits for the letter to an address. Of a plain address it is the next
// one that comes.
func (p *post) letter(address string) (letter *probe.Letter, why string) {
	end, pauses := time.Now().Add(p.spec.Delivery), check.Pauses{Most: letterInterval}
	for {
		news := p.box.Next(p.ctx)
		if news.Failure.Failed() {
			return nil, "the mailbox cannot be read: " + news.Failure.Detail
		}
		p.letters = append(p.letters, news.Letters...)
		for i, l := range p.letters {
			if bytes.Contains(bytes.ToLower(l.Raw), bytes.ToLower([]byte(address))) {
				p.letters = slices.Delete(p.letters, i, i+1)
				return &l, ""
			}
		}
		if !time.Now().Before(end) || p.ctx.Err() != nil {
			return nil, "no letter came to the mailbox in time"
		}
		p.sleep(pauses.Next())
	}
}

// link is where a letter leads to, and the token in it.
type link struct {
	address *url.URL
	token   string
}

// linkOf finds the link of a reset: one that holds a text which was drawn.
func linkOf(l *probe.Letter) (link, bool) {
	for _, u := range addressesIn(l) {
		if token := tokenOf(u); token != "" {
			return link{u, token}, true
		}
	}
	return link{}, false
}

// addressesIn are the addresses that a letter links to.
func addressesIn(l *probe.Letter) []*url.URL {
	links, _ := message.Read(l.Raw, l.Truncated).Links()
	var out []*url.URL
	for _, text := range links {
		if u, err := url.Parse(text); err == nil && (u.Scheme == "https" || u.Scheme == "http") && u.Host != "" {
			out = append(out, u)
		}
	}
	return out
}

const shortestToken = 16

// tokenOf is the longest part of an address that looks drawn: of its query, its
// fragment or its path.
func tokenOf(u *url.URL) string {
	var parts []string
	for _, values := range u.Query() {
		parts = append(parts, values...)
	}
	if _, query, ok := strings.Cut(u.Fragment, "?"); ok {
		if values, err := url.ParseQuery(query); err == nil {
			for _, v := range values {
				parts = append(parts, v...)
			}
		}
	}
	if values, err := url.ParseQuery(u.Fragment); err == nil {
		for _, v := range values {
			parts = append(parts, v...)
		}
	}
	parts = append(parts, strings.Split(u.Path, "/")...)
	parts = append(parts, strings.Split(u.Fragment, "/")...)
	slices.Sort(parts)
	best := ""
	for _, part := range parts {
		if len(part) >= shortestToken && len(part) > len(best) && !strings.ContainsAny(part, "@ /?=") && drawnLike(part) {
			best = part
		}
	}
	return best
}

// drawnLike reports whether a text looks drawn: it has digits or capitals among
// its letters.
func drawnLike(s string) bool {
	return strings.ContainsAny(s, "0123456789") || strings.ToLower(s) != s
}

// ours reports whether a link may lead to a host.
func (p *post) ours(host string) bool {
	host = check.CanonicalHost(host)
	for _, h := range append([]string{p.host}, p.Hosts...) {
		base, wild := strings.CutPrefix(h, "*.")
		if host == base && !wild || wild && strings.HasSuffix(host, "."+base) {
			return true
		}
	}
	return false
}
