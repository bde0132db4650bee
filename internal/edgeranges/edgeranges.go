// Package edgeranges holds the address ranges of Cloudflare's edge.
package edgeranges

import (
	"net/netip"
	"slices"
	"sync"
)

// Date is the day of the newest public copy of https://www.cloudflare.com/ips/
// that the lists were compared with. Prefixes that a customer brought along
// (BYOIP) are never in them.
const Date = "2026-01-01"

var ranges = sync.OnceValue(func() (r struct{ v4, v6 []netip.Prefix }) {
	for _, p := range []string{
		"103.21.244.0/22", "103.22.200.0/22", "103.31.4.0/22", "104.16.0.0/13", "104.24.0.0/14",
		"108.162.192.0/18", "131.0.72.0/22", "141.101.64.0/18", "162.158.0.0/15", "172.64.0.0/13",
		"173.245.48.0/20", "188.114.96.0/20", "190.93.240.0/20", "197.234.240.0/22", "198.41.128.0/17",
	} {
		r.v4 = append(r.v4, netip.MustParsePrefix(p))
	}
	for _, p := range []string{
		"2400:cb00::/32", "2405:8100::/32", "2405:b500::/32", "2606:4700::/32", "2803:f800::/32",
		"2a06:98c0::/29", "2c0f:f248::/32",
	} {
		r.v6 = append(r.v6, netip.MustParsePrefix(p))
	}
	return r
})

// IPv4 returns the IPv4 ranges, sorted.
func IPv4() []netip.Prefix { return slices.Clone(ranges().v4) }

// IPv6 returns the IPv6 ranges, sorted.
func IPv6() []netip.Prefix { return slices.Clone(ranges().v6) }

// Contains reports whether an address is the edge's, an IPv4 address in its
// IPv6-mapped form too.
func Contains(addr netip.Addr) bool {
	addr = addr.Unmap().WithZone("")
	within := func(p netip.Prefix) bool { return p.Contains(addr) }
	return slices.ContainsFunc(ranges().v4, within) || slices.ContainsFunc(ranges().v6, within)
}
