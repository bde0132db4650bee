package authcheck

import (
	"bytes"
	"net/http"
	"net/url"
	"strings"

	"golang.org/x/net/html"

	"github.com/launchready/terraform-provider-launchready/internal/probe"
)

// poisoned is a host that nobody has (RFC 2606); each header pretends one of its
// own, so that a letter tells which it came from.
const poisoned = ".launchready-poison.example"

// poisonedPort is where no portal listens.
const poisonedPort = "41337"

// hostClaims are headers by which a request may choose a host.
var hostClaims = []struct{ name, label, value string }{
	{"X-Forwarded-Host", "x-forwarded-host", ""},
	{"X-Host", "x-host", ""},
	{"X-Forwarded-Server", "x-forwarded-server", ""},
	{"X-Original-Host", "x-original-host", ""},
	{"Forwarded", "forwarded", "host="}, // RFC 7239 section 5.3
}

// poisoning asks for letters in the name of other hosts, only ever to the test
// mailbox.
func (p *post) poisoning(subject string) {
	together := http.Header{}
	for _, c := range hostClaims {
		together.Set(c.name, c.value+c.label+poisoned)
	}
	tries := []claim{{header: together}}
	if !p.Plain {
		// Many an edge refuses a foreign host, and takes its own with any port.
		tries = append(tries, claim{header: http.Header{"Host": {"host" + poisoned}}}, claim{header: http.Header{"Host": {p.host + ":" + poisonedPort}}})
	}
	arrived, doubt := 0, ""
	for i := 0; i < len(tries); i++ {
		letter, x, why := p.ask(tries[i].sent())
		switch {
		case why == "":
			arrived++
			if name := poisonIn(letter); name != "" {
				p.fail(rulePoisoning, subject, "the link of the letter leads to a host that the request chose, by the header "+name)
				return
			}
		case tries[i].several() && refusedOutright(x): // something took offence at so many: one by one
			for _, c := range hostClaims {
				tries = append(tries, claim{header: http.Header{c.name: {c.value + c.label + poisoned}}})
			}
		case !tries[i].home && refusedOutright(x): // of a foreign page it may be, which whoever forges need not name
			tries = append(tries, claim{tries[i].header, true})
		case refusedOutright(x), x.Failure != probe.FailNone, x.Redirect != "":
			// The edge or the portal does not answer for a host that is not its own.
		default:
			doubt = why
		}
	}
	switch {
	case doubt != "":
		p.unclear(rulePoisoning, subject, "a request in the name of another host was taken, but its letter was not seen: "+doubt)
	case arrived == 0:
		p.unclear(rulePoisoning, subject, "no letter came of the requests in the name of other hosts")
	default:
		p.pass(rulePoisoning, subject, "links of letters lead to the portal, whatever host the request claims")
	}
}

// claim is a header, or several, that claim a host. home says that the request
// names a page of the portal as where it comes from, as it does otherwise.
type claim struct {
	header http.Header
	home   bool
}

func (c claim) several() bool { return len(c.header) > 1 }

// sent is the header with what a page of the claimed host would say of itself:
// portals compare them before they look at anything else. Of many hosts none is said.
func (c claim) sent() http.Header {
	out := c.header.Clone()
	if c.home {
		return out
	}
	out["Origin"], out["Referer"] = nil, nil
	if c.several() {
		return out
	}
	for _, values := range c.header {
		host := strings.TrimPrefix(values[0], "host=")
		out.Set("Origin", "https://"+host)
		out.Set("Referer", "https://"+host+"/")
	}
	return out
}

func refusedOutright(x probe.Exchange) bool {
	return x.Status >= 400 && x.Status < 500 && x.Status != http.StatusTooManyRequests
}

// poisonIn is the header whose host a letter shows.
func poisonIn(l *probe.Letter) string {
	for _, u := range addressesIn(l) {
		if label, ok := strings.CutSuffix(strings.ToLower(u.Hostname()), poisoned); ok {
			return http.CanonicalHeaderKey(label)
		}
		if u.Port() == poisonedPort {
			return "Host"
		}
		if raw, err := url.QueryUnescape(u.RawQuery); err == nil && strings.Contains(strings.ToLower(raw), poisoned) {
			return "Host or another"
		}
	}
	if bytes.Contains(bytes.ToLower(l.Raw), []byte(poisoned)) {
		return "Host or another"
	}
	return ""
}

// policyOf is the page's referrer policy: the last that its header or a meta
// element states (Referrer Policy section 4).
func policyOf(x probe.Exchange) string {
	policy := ""
	for _, part := range strings.Split(strings.Join(x.Header.Values("Referrer-Policy"), ","), ",") {
		if part = strings.ToLower(strings.TrimSpace(part)); part != "" {
			policy = part
		}
	}
	z := html.NewTokenizer(bytes.NewReader(x.Body))
	for {
		switch z.Next() {
		case html.ErrorToken:
			return policy
		case html.StartTagToken, html.SelfClosingTagToken:
			if t := z.Token(); t.Data == "meta" && strings.EqualFold(attribute(t, "name"), "referrer") {
				policy = strings.ToLower(strings.TrimSpace(attribute(t, "content")))
			}
		}
	}
}

// foreign reports what a page loads from other hosts: scripts, and other things.
func foreign(page []byte, base *url.URL) (scripts, others bool) {
	z := html.NewTokenizer(bytes.NewReader(page))
	for {
		switch z.Next() {
		case html.ErrorToken:
			return scripts, others
		case html.StartTagToken, html.SelfClosingTagToken:
			t := z.Token()
			source := ""
			switch t.Data {
			case "script", "img", "iframe", "video", "audio", "source", "embed":
				source = attribute(t, "src")
			case "link":
				if rel := strings.ToLower(attribute(t, "rel")); strings.Contains(rel, "stylesheet") || strings.Contains(rel, "icon") || strings.Contains(rel, "preload") {
					source = attribute(t, "href")
				}
			}
			u, err := base.Parse(source)
			if source == "" || err != nil || u.Hostname() == "" || strings.EqualFold(u.Hostname(), base.Hostname()) {
				continue
			}
			if t.Data == "script" {
				scripts = true
			} else {
				others = true
			}
		}
	}
}

func attribute(t html.Token, name string) string {
	for _, a := range t.Attr {
		if a.Key == name {
			return a.Val
		}
	}
	return ""
}
