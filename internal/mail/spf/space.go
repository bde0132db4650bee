package spf

import (
	"fmt"
	"net/netip"
	"slices"
)

// Shares of the address space from which on a record says nothing any more. A
// choice, not a standard: the records of large providers stay far below both.
//
// A quarter of the IPv4 unicast space lets one forger in four pass. Of
// 2000::/3, from which all global IPv6 addresses come, the bound is one /12:
// what a regional registry holds for a continent (1/512).
const (
	permissiveV4 = 0.25
	permissiveV6 = 1.0 / 512
	// The same as lengths of a single prefix.
	permissiveBits4 = 2
	permissiveBits6 = 12
)

// notUnicast are the IPv4 ranges that are never a source on the Internet
// (RFC 6890), as base and prefix length.
func notUnicast() []netip.Prefix {
	p := func(a, b, bits byte) netip.Prefix {
		return netip.PrefixFrom(netip.AddrFrom4([4]byte{a, b}), int(bits))
	}
	return []netip.Prefix{p(0, 0, 8), p(10, 0, 8), p(100, 64, 10), p(127, 0, 8), p(169, 254, 16), p(172, 16, 12), p(192, 168, 16), p(224, 0, 3)}
}

// Share is the part of an address space that networks cover together, from 0 to 1.
type Share struct {
	V4 float64 // of the IPv4 unicast space
	V6 float64 // of 2000::/3
}

// Permissive reports whether the share is more than any organisation has.
func (s Share) Permissive() bool { return s.V4 >= permissiveV4 || s.V6 >= permissiveV6 }

// String names the wider one: "42 % of all IPv4 addresses".
func (s Share) String() string {
	if s.V4 >= permissiveV4 || s.V6 < permissiveV6 {
		return fmt.Sprintf("%.0f %% of all IPv4 addresses", s.V4*100)
	}
	return fmt.Sprintf("%.1f %% of all IPv6 addresses", s.V6*100)
}

// ShareOf is the part of the unicast space that the networks cover together,
// overlaps counted once.
func ShareOf(nets []netip.Prefix) Share {
	global := netip.PrefixFrom(netip.AddrFrom16([16]byte{0x20}), 3)
	reserved := notUnicast()
	unicast := 1.0
	for _, r := range reserved {
		unicast -= size(r)
	}
	nets = slices.Clone(nets)
	for i, n := range nets {
		nets[i] = n.Masked()
	}
	slices.SortFunc(nets, func(a, b netip.Prefix) int { return a.Bits() - b.Bits() })
	var share Share
	for i, n := range nets {
		switch {
		case slices.ContainsFunc(nets[:i], func(w netip.Prefix) bool { return within(n, w) }):
		case !n.Addr().Is4() && within(global, n):
			share.V6 = 1
		case !n.Addr().Is4() && within(n, global):
			share.V6 += size(n) * 8
		case n.Addr().Is4() && !slices.ContainsFunc(reserved, func(r netip.Prefix) bool { return within(n, r) }):
			part := size(n)
			for _, r := range reserved {
				if within(r, n) {
					part -= size(r)
				}
			}
			share.V4 += part / unicast
		}
	}
	return Share{min(share.V4, 1), min(share.V6, 1)}
}

// size is the part of the whole space of its family.
func size(p netip.Prefix) float64 {
	part := 1.0
	for range p.Bits() {
		part /= 2
	}
	return part
}

// within reports whether all of a lies in b.
func within(a, b netip.Prefix) bool {
	return a.Addr().Is4() == b.Addr().Is4() && b.Bits() <= a.Bits() && b.Masked().Contains(a.Addr())
}
