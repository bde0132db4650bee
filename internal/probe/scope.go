package probe

import (
	"fmt"
	"net/netip"
	"slices"
	"strings"

	"golang.org/x/net/idna"
	"golang.org/x/net/publicsuffix"
)

// ScopeError says that a host may not be probed, and which argument decides it.
type ScopeError struct {
	Host     string
	Intent   Intent
	Unset    bool   // allowed_hosts is not set at all
	Argument string // the provider's argument to change
}

func (e *ScopeError) Error() string {
	if e.Unset {
		return fmt.Sprintf("active probes of %s are not allowed: set %s in provider \"launchready\" (or LAUNCHREADY_ALLOWED_HOSTS) to the hosts that you may test, such as [%q]", e.Host, e.Argument, e.Host)
	}
	return fmt.Sprintf("%s is outside the scope: nothing was sent; add it to %s in provider \"launchready\" (or LAUNCHREADY_ALLOWED_HOSTS) if you may test it", e.Host, e.Argument)
}

// scope decides which hosts are probed.
type scope struct {
	set      bool
	names    map[string]bool // names and addresses, canonical
	suffixes []string        // ".acme.example" of "*.acme.example"
}

func newScope(allowed []string) scope {
	s := scope{set: allowed != nil, names: map[string]bool{}}
	for _, entry := range allowed {
		if base, ok := strings.CutPrefix(entry, "*."); ok {
			if host, err := canonicalHost(base); err == nil {
				s.suffixes = append(s.suffixes, "."+host)
			}
			continue
		}
		if host, err := canonicalHost(entry); err == nil {
			s.names[host] = true
		}
	}
	return s
}

func (s scope) allows(host string, intent Intent) error {
	deny := &ScopeError{Host: host, Intent: intent, Unset: !s.set, Argument: "probe.allowed_hosts"}
	if !s.set {
		if intent == Passive {
			return nil
		}
		return deny
	}
	name, err := canonicalHost(host)
	if err != nil {
		return deny
	}
	if s.names[name] {
		return nil
	}
	if _, err := netip.ParseAddr(name); err == nil {
		return deny // an address is covered only literally
	}
	for _, suffix := range s.suffixes {
		if strings.HasSuffix(name, suffix) {
			return nil
		}
	}
	return deny
}

// mayFollow reports whether a redirect that began at one host may be followed
// to another: where scope is set it decides alone, else only within the
// registrable domain, so that a redirect cannot send probes to strangers.
func (s scope) mayFollow(first, to string, intent Intent) bool {
	if s.allows(to, intent) != nil {
		return false
	}
	return s.set || sameSite(first, to)
}

// sameSite reports whether two hosts share a registrable domain; where there
// is none (addresses, single labels, public suffixes) they must be equal.
func sameSite(a, b string) bool {
	a, errA := canonicalHost(a)
	b, errB := canonicalHost(b)
	if errA != nil || errB != nil {
		return false
	}
	if a == b {
		return true
	}
	if _, err := netip.ParseAddr(a); err == nil {
		return false
	}
	site, errA := publicsuffix.EffectiveTLDPlusOne(a)
	other, errB := publicsuffix.EffectiveTLDPlusOne(b)
	return errA == nil && errB == nil && site == other
}

// Sites are the registrable domains of hosts and patterns, each once and sorted: an
// address, and a name that has none, is its own.
func Sites(hosts []string) []string {
	var out []string
	for _, entry := range hosts {
		name, err := canonicalHost(strings.TrimPrefix(entry, "*."))
		if err != nil {
			continue
		}
		if _, err := netip.ParseAddr(name); err != nil {
			if site, err := publicsuffix.EffectiveTLDPlusOne(name); err == nil {
				name = site
			}
		}
		out = append(out, name)
	}
	slices.Sort(out)
	return slices.Compact(out)
}

func validatePattern(entry string) error {
	base := strings.TrimPrefix(entry, "*.")
	if strings.ContainsAny(base, "*/") || strings.Contains(base, "://") {
		return fmt.Errorf("write a host such as \"acme.example\", or \"*.acme.example\" for all names below it, without scheme, port or path")
	}
	if _, err := canonicalHost(base); err != nil {
		return fmt.Errorf("%w; write a host such as \"acme.example\" or \"*.acme.example\", without scheme, port or path", err)
	}
	return nil
}

// canonicalHost returns a name in lower case as A-labels (RFC 5890) without a
// trailing dot, or an address in its one text form, without brackets or zone.
// Underscores are kept: DNS names of services have them.
func canonicalHost(host string) (string, error) {
	bare := strings.TrimSuffix(strings.TrimPrefix(host, "["), "]")
	if ip, err := netip.ParseAddr(bare); err == nil {
		return ip.Unmap().WithZone("").String(), nil
	}
	name := strings.ToLower(strings.TrimSuffix(host, "."))
	if !isASCII(name) {
		var err error
		profile := idna.New(idna.MapForLookup(), idna.BidiRule(), idna.StrictDomainName(false))
		if name, err = profile.ToASCII(name); err != nil {
			return "", fmt.Errorf("%q is not a host name", host)
		}
	}
	if !isHostName(name) {
		return "", fmt.Errorf("%q is not a host name", host)
	}
	return name, nil
}

func isASCII(s string) bool {
	for i := range len(s) {
		if s[i] >= 0x80 {
			return false
		}
	}
	return true
}

// isHostName bounds labels to 63 and names to 253 octets of letters, digits,
// hyphens and underscores (RFC 1123 2.1; RFC 8552 for underscores).
func isHostName(name string) bool {
	if name == "" || len(name) > 253 {
		return false
	}
	for label := range strings.SplitSeq(name, ".") {
		if label == "" || len(label) > 63 {
			return false
		}
		for i := range len(label) {
			c := label[i]
			if !(c >= 'a' && c <= 'z' || c >= '0' && c <= '9' || c == '-' || c == '_') {
				return false
			}
		}
	}
	return true
}
