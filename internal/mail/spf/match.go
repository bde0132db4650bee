package spf

import (
	"fmt"
	"net/netip"
	"strconv"
	"strings"
)

// match tests one directive and fills the step in.
func (e *evaluator) match(t Term, domain string, depth int, step *Step) error {
	switch t.Mechanism {
	case All:
		step.Matched = true
		return nil
	case IP4, IP6:
		step.Matched = e.inNetwork(t.Network)
		return nil
	}
	if err := e.count(t); err != nil {
		return err
	}
	target := targetName(domain)
	if t.Domain != nil {
		target = e.expand(t.Domain, domain)
		step.Target = target
	}
	if t.Mechanism == Include {
		return e.include(target, depth, step)
	}
	if !validName(target) {
		step.Note = "not a domain name"
		return nil
	}
	switch t.Mechanism {
	case A:
		return e.matchA(t, target, step)
	case MX:
		return e.matchMX(t, target, step)
	case Exists:
		// The query is for A whatever the client's family (section 5.7).
		addrs, err := e.resolver.LookupNetIP(e.ctx, "ip4", target)
		if err != nil && !notFound(err) {
			return temperror("A "+target, err)
		}
		if len(addrs) == 0 {
			return e.void(t, step)
		}
		step.Matched = true
		return nil
	default:
		return e.matchPTR(t, target, step)
	}
}

// include tests another record: only its pass matches (section 5.2).
func (e *evaluator) include(target string, depth int, step *Step) error {
	out := e.checkHost(target, depth+1)
	step.Note = string(out.result)
	switch out.result {
	case ResultPass:
		step.Matched = true
	case ResultTempError, ResultPermError:
		return stop{out.result, out.problem}
	case ResultNone:
		return permerror("include of %s, which has no SPF record", target)
	}
	return nil
}

func (e *evaluator) family() string {
	if e.ip.Is4() {
		return "ip4"
	}
	return "ip6"
}

func recordType(network string) string {
	if network == "ip4" {
		return "A"
	}
	return "AAAA"
}

func (e *evaluator) addresses(name string) ([]netip.Addr, error) {
	addrs, err := e.resolver.LookupNetIP(e.ctx, e.family(), name)
	if err != nil && !notFound(err) {
		return nil, temperror(recordType(e.family())+" "+name, err)
	}
	return addrs, nil
}

func (e *evaluator) matchA(t Term, name string, step *Step) error {
	addrs, err := e.addresses(name)
	if err != nil {
		return err
	}
	if len(addrs) == 0 {
		return e.void(t, step)
	}
	step.Matched = e.anyWithin(addrs, t)
	return nil
}

func (e *evaluator) matchMX(t Term, name string, step *Step) error {
	hosts, err := e.resolver.LookupMX(e.ctx, name)
	if err != nil && !notFound(err) {
		return temperror("MX "+name, err)
	}
	if len(hosts) == 0 {
		return e.void(t, step)
	}
	if len(hosts) > MXLimit {
		return permerror("%s has %d MX names, more than %d", name, len(hosts), MXLimit)
	}
	found := false
	for _, mx := range hosts {
		host := targetName(mx.Host)
		if !validName(host) {
			found = true // a null MX is an answer, not a void
			continue
		}
		addrs, err := e.addresses(host)
		if err != nil {
			return err
		}
		found = found || len(addrs) > 0
		if e.anyWithin(addrs, t) {
			step.Matched = true
			return nil
		}
	}
	if !found {
		return e.void(t, step)
	}
	return nil
}

// matchPTR looks for a validated name of the client under target. No error of
// the DNS matters: the mechanism then does not match (section 5.5).
func (e *evaluator) matchPTR(t Term, target string, step *Step) error {
	names, err := e.resolver.LookupAddr(e.ctx, e.ip.String())
	if err == nil && len(names) == 0 || notFound(err) {
		return e.void(t, step)
	}
	for _, name := range names[:min(len(names), PTRLimit)] {
		if name = targetName(name); isSubdomain(name, target) && e.validates(name) {
			step.Matched = true
			return nil
		}
	}
	return nil
}

// validates reports whether the name has the client's address.
func (e *evaluator) validates(name string) bool {
	addrs, err := e.addresses(name)
	if err != nil {
		return false
	}
	for _, a := range addrs {
		if a.Unmap() == e.ip {
			return true
		}
	}
	return false
}

func isSubdomain(name, parent string) bool {
	return strings.EqualFold(name, parent) || strings.HasSuffix(strings.ToLower(name), "."+strings.ToLower(parent))
}

func (e *evaluator) anyWithin(addrs []netip.Addr, t Term) bool {
	bits := t.Bits6
	if e.ip.Is4() {
		bits = t.Bits4
	}
	for _, a := range addrs {
		if a = a.Unmap(); a.Is4() == e.ip.Is4() && e.inNetwork(netip.PrefixFrom(a, bits)) {
			return true
		}
	}
	return false
}

// inNetwork compares within a family: an IPv4-mapped network never matches,
// because a mapped client counts as IPv4 (section 5).
func (e *evaluator) inNetwork(n netip.Prefix) bool {
	return n.Addr().Is4() == e.ip.Is4() && n.Masked().Contains(e.ip)
}

func (e *evaluator) expand(d *Domain, domain string) string {
	return targetName(expand(d.parts, func(letter byte) string { return e.macro(letter, domain) }))
}

// macro returns the value of a macro letter (section 7.2).
func (e *evaluator) macro(letter byte, domain string) string {
	switch letter {
	case 's':
		return e.local + "@" + e.domain
	case 'l':
		return e.local
	case 'o':
		return e.domain
	case 'd':
		return domain
	case 'i':
		return dotted(e.ip)
	case 'p':
		return e.validatedName(domain)
	case 'v':
		if e.ip.Is4() {
			return "in-addr"
		}
		return "ip6"
	case 'h':
		return e.helo
	case 'c':
		return e.ip.String()
	case 'r':
		return e.receiver
	default: // t: the parser lets no other letter through
		return strconv.FormatInt(e.timestamp, 10)
	}
}

// dotted is the address as labels: octets, or upper-case nibbles for IPv6.
func dotted(ip netip.Addr) string {
	if ip.Is4() {
		return ip.String()
	}
	var labels []string
	for _, octet := range ip.As16() {
		labels = append(labels, fmt.Sprintf("%X.%X", octet>>4, octet&15))
	}
	return strings.Join(labels, ".")
}

// validatedName is %{p}: the domain itself if the client validates for it,
// else a name below it, else any, else "unknown".
func (e *evaluator) validatedName(domain string) string {
	names, err := e.resolver.LookupAddr(e.ctx, e.ip.String())
	if err != nil {
		return "unknown"
	}
	below, other := "", ""
	for _, name := range names[:min(len(names), PTRLimit)] {
		name = strings.TrimSuffix(name, ".")
		if !e.validates(targetName(name)) {
			continue
		}
		switch {
		case strings.EqualFold(name, domain):
			return name
		case below == "" && isSubdomain(name, domain):
			below = name
		case other == "":
			other = name
		}
	}
	switch {
	case below != "":
		return below
	case other != "":
		return other
	}
	return "unknown"
}

// explanation fetches and expands the text of exp; any error means none (section 6.2).
func (e *evaluator) explanation(exp *Domain, domain string) string {
	name := e.expand(exp, domain)
	if !validName(name) {
		return ""
	}
	txt, err := e.resolver.LookupTXT(e.ctx, name)
	if err != nil || len(txt) != 1 {
		return ""
	}
	text := strings.Join(txt[0], "")
	for i := range len(text) {
		if text[i] < 0x20 || text[i] > 0x7e {
			return ""
		}
	}
	parts, bad := parseMacros(text, true)
	if bad != nil {
		return ""
	}
	return expand(parts, func(letter byte) string { return e.macro(letter, domain) })
}
