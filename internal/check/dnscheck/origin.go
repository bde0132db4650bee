package dnscheck

import (
	"fmt"
	"net/netip"
	"slices"
	"strings"

	"github.com/launchready/terraform-provider-launchready/internal/probe"
	"github.com/launchready/terraform-provider-launchready/internal/readiness"
)

// judgeOrigins decides whether DNS-only records tell the addresses that the
// proxied ones hide. Only a listing knows what is behind the proxy.
func (s *session) judgeOrigins() {
	origins := s.origins()
	if len(origins) == 0 {
		text := "nothing is proxied by the listing"
		if !s.spec.Listed {
			text = "what is behind the proxy is known from records alone"
			if names := s.outside(); len(names) > 0 {
				s.report.Observe("origin", "look at the names that answer from outside Cloudflare: "+enumerate(names))
			}
		}
		s.say(ruleOriginLeak, s.domain, inapplicable("%s", text))
		return
	}
	all := map[string]verdict{}
	leaks := func(subject, text string, addresses ...netip.Addr) {
		for _, a := range addresses {
			if name := origins[a.Unmap()]; name != "" && name != subject {
				all[subject] = fail("%s, which the proxy hides for %s", fmt.Sprintf(text, a), name)
				return
			}
		}
		if all[subject].message == "" {
			all[subject] = pass("it does not tell an address that the proxy hides")
		}
	}
	// What a name leads to may be unknown: then it is not known to leak nothing.
	follow := func(subject, text, name string) {
		found := s.targetOf(name)
		leaks(subject, text, found.addresses...)
		if found.doubt != "" && all[subject].status == readiness.Pass {
			all[subject] = unclear("%s", found.doubt)
		}
	}
	for _, e := range s.entries {
		switch {
		case e.proxied:
		case e.address.IsValid():
			leaks(e.name, "it publishes %s", e.address)
		case e.typ == probe.TypeCNAME && !strings.HasPrefix(e.name, "_"):
			follow(e.name, "it leads to %s", e.target)
		case e.typ == probe.TypeMX && e.target != "." && !s.owns(e.target):
			follow(e.name, "its mail host "+e.target+" has %s", e.target)
		case e.typ == probe.TypeTXT && strings.HasPrefix(strings.ToLower(e.value), "v=spf1"):
			leaks(e.name, "its SPF record names %s", spfAddresses(e.value)...)
		}
	}
	s.sayAll(ruleOriginLeak, all, inapplicable("every record is proxied"))
}

// maxAliases is how many CNAMEs of the listing are followed to an origin.
const maxAliases = 8

// origins are the addresses that proxied records hide, each with the first
// name that is behind it. The target of a proxied CNAME counts if it is in the
// zone: others' hosts are no secret of this zone.
func (s *session) origins() map[netip.Addr]string {
	out := map[netip.Addr]string{}
	hide := func(name string, a netip.Addr) {
		a = a.Unmap()
		if !a.IsValid() || isCloudflare(a.String()) || isPlaceholder(a) {
			return
		}
		if known := out[a]; known == "" || name < known {
			out[a] = name
		}
	}
	for _, e := range s.entries {
		if !e.proxied {
			continue
		}
		hide(e.name, e.address)
		at := e.target
		for range maxAliases {
			if e.typ != probe.TypeCNAME || at == "" {
				break
			}
			next := ""
			for _, other := range s.entries {
				if other.name == at {
					hide(e.name, other.address)
					if other.typ == probe.TypeCNAME {
						next = other.target
					}
				}
			}
			at = next
		}
	}
	return out
}

// isPlaceholder reports whether an address is one that is written where there
// is no origin: the edge answers by rules of its own.
func isPlaceholder(a netip.Addr) bool {
	return a == netip.MustParseAddr("192.0.2.1") || a == netip.MustParseAddr("100::")
}

// owns reports whether the listing has addresses for a name.
func (s *session) owns(name string) bool {
	return slices.ContainsFunc(s.entries, func(e entry) bool { return e.name == name && e.address.IsValid() })
}

// spfAddresses are the single addresses that an SPF record names.
func spfAddresses(record string) []netip.Addr {
	var out []netip.Addr
	for _, term := range strings.Fields(strings.ToLower(record)) {
		term = strings.TrimLeft(term, "+?~-")
		text, ok := strings.CutPrefix(term, "ip4:")
		if !ok {
			if text, ok = strings.CutPrefix(term, "ip6:"); !ok {
				continue
			}
		}
		text = strings.TrimSuffix(strings.TrimSuffix(text, "/32"), "/128")
		if a, err := netip.ParseAddr(text); err == nil {
			out = append(out, a)
		}
	}
	return out
}

// outside are names found without a listing that answer from outside
// Cloudflare while others are behind it.
func (s *session) outside() []string {
	var inside, out []string
	for _, name := range s.names {
		for _, a := range s.wireAddresses(name) {
			if isCloudflare(a.String()) {
				inside = append(inside, name)
			} else {
				out = append(out, name)
			}
		}
	}
	if len(inside) == 0 {
		return nil
	}
	return sorted(out)
}
