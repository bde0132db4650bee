package corscheck

import (
	"net"
	"net/netip"
	"net/url"
	"slices"
	"strings"

	"golang.org/x/net/publicsuffix"
)

// origins are those that an endpoint is asked with, by what they are for.
type origins struct {
	strangers    []string // two that nobody has heard of
	trusted      []string // exact, of other hosts than the endpoint's
	suffix       []string // end as the domain does, without a dot between
	suffixHost   []string // end as the trusted host does; below its domain
	prefix       []string
	middle       []string // have the trusted name in their middle
	dotless      []string // have a letter in the place of a dot
	sibling      []string // below the domain
	below        []string // below the trusted host
	clear        []string // the trusted ones over http
	special      []string
	thirdParty   []string
	staging      []string
	anySubdomain bool // https://*.<domain> is declared
}

// maxModels is how many trusted origins the hostile ones are modelled on.
const maxModels = 2

// family is the origins of each kind that are modelled on the trusted ones, or
// on the endpoint's own where none is declared.
func family(endpoint *url.URL, declared []string) origins {
	word := random()
	own := asBrowsersSend(endpoint.Scheme + "://" + endpoint.Host)
	o := origins{
		strangers:  []string{"https://" + random() + ".example", "https://" + random() + ".test"},
		thirdParty: []string{"http://localhost", "http://localhost:3000", "http://localhost:5173", "http://localhost:8080", "http://127.0.0.1:3000", "https://" + word + ".vercel.app", "https://" + word + ".netlify.app", "https://" + word + ".ngrok-free.app"},
	}
	models := []string{}
	for _, d := range declared {
		d = asBrowsersSend(d)
		if strings.Contains(d, "://*.") {
			o.anySubdomain = true
			models = append(models, strings.Replace(d, "://*.", "://", 1))
			continue
		}
		models = append(models, d)
		if d != own {
			o.trusted = append(o.trusted, d)
		}
	}
	if len(models) == 0 {
		models = append(models, own)
	}
	for _, m := range models[:min(len(models), maxModels)] {
		o.model(m, word)
	}
	drop := func(list *[]string) {
		*list = slices.DeleteFunc(*list, func(s string) bool { return slices.Contains(o.trusted, s) || s == own })
	}
	for _, list := range []*[]string{&o.suffix, &o.suffixHost, &o.prefix, &o.middle, &o.dotless, &o.sibling, &o.below, &o.clear, &o.special, &o.thirdParty, &o.staging} {
		drop(list)
		slices.Sort(*list)
		*list = slices.Compact(*list)
	}
	return o
}

// asBrowsersSend is an origin in lower case, without the usual port.
func asBrowsersSend(origin string) string {
	origin = strings.ToLower(strings.TrimSuffix(strings.TrimSpace(origin), "/"))
	for scheme, port := range map[string]string{"http://": ":80", "https://": ":443"} {
		if strings.HasPrefix(origin, scheme) {
			return strings.TrimSuffix(origin, port)
		}
	}
	return origin
}

// model adds the hostile origins that look like one origin.
func (o *origins) model(origin, word string) {
	u, err := url.Parse(origin)
	if err != nil || u.Hostname() == "" {
		return
	}
	host, scheme := u.Hostname(), u.Scheme+"://"
	if _, err := netip.ParseAddr(host); err == nil {
		return // nothing looks like an address
	}
	port := ""
	if u.Port() != "" {
		port = ":" + u.Port()
	}
	site, err := publicsuffix.EffectiveTLDPlusOne(host)
	if err != nil {
		site = host
	}
	evil := "." + word + ".test"
	o.suffix = append(o.suffix, scheme+word+site+port)
	o.prefix = append(o.prefix, scheme+host+evil, scheme+site+evil)
	o.middle = append(o.middle, scheme+word+"."+host+evil)
	o.sibling = append(o.sibling, scheme+word+"."+site+port)
	o.below = append(o.below, scheme+word+"."+host+port)
	o.special = append(o.special, scheme+host+"%60"+evil, scheme+host+"_"+evil)
	o.staging = append(o.staging, scheme+"staging."+site+port)
	if host != site {
		o.suffixHost = append(o.suffixHost, scheme+word+host+port)
	}
	// Anyone may register what begins before the dot in front of the domain; before an
	// earlier one it is a name below the domain.
	if before, below := strings.CutSuffix(host, "."+site); below {
		o.dotless = append(o.dotless, scheme+before+"x"+site+port)
	} else if before, after, dotted := strings.Cut(host, "."); dotted {
		o.dotless = append(o.dotless, scheme+before+"x"+after+port)
	}
	if u.Scheme == "https" {
		bare := host
		if u.Port() != "" {
			bare = net.JoinHostPort(host, u.Port())
		}
		o.clear = append(o.clear, "http://"+bare)
	}
}

// hostile are all origins that no answer should allow, but for null.
func (o origins) hostile() []string {
	return slices.Concat(o.strangers, o.suffix, o.suffixHost, o.prefix, o.middle, o.dotless, o.sibling, o.below, o.clear, o.special, o.thirdParty, o.staging)
}
