package dnscheck

import "net/netip"

// block is a block of addresses and what it is for.
type block struct{ prefix, purpose string }

// specialBlocks are those of IANA's IPv4 and IPv6 special-purpose address
// registries (RFC 6890 and its updates, as of 2025-10) that are not globally
// reachable, and multicast (RFC 5771, RFC 4291).
func specialBlocks() []block {
	return []block{
		{"0.0.0.0/8", "this network"},
		{"10.0.0.0/8", "private"},
		{"100.64.0.0/10", "shared by carriers"},
		{"127.0.0.0/8", "loopback"},
		{"169.254.0.0/16", "link-local"},
		{"172.16.0.0/12", "private"},
		{"192.0.0.0/24", "protocol assignments"},
		{"192.0.2.0/24", "documentation"},
		{"192.88.99.0/24", "withdrawn 6to4 relays"},
		{"192.168.0.0/16", "private"},
		{"198.18.0.0/15", "benchmarks"},
		{"198.51.100.0/24", "documentation"},
		{"203.0.113.0/24", "documentation"},
		{"224.0.0.0/4", "multicast"},
		{"240.0.0.0/4", "reserved"},
		{"::/128", "unspecified"},
		{"::1/128", "loopback"},
		{"::ffff:0:0/96", "IPv4-mapped"},
		{"64:ff9b:1::/48", "local translation"},
		{"100::/64", "discard"},
		{"100:0:0:1::/64", "dummy"},
		{"2001:2::/48", "benchmarks"},
		{"2001:db8::/32", "documentation"},
		{"2001:10::/28", "withdrawn ORCHID"},
		{"3fff::/20", "documentation"},
		{"5f00::/16", "segment routing"},
		{"fc00::/7", "private"},
		{"fe80::/10", "link-local"},
		{"fec0::/10", "withdrawn site-local"},
		{"ff00::/8", "multicast"},
	}
}

// reachable are blocks within those above that are globally reachable all the same.
func reachable() []string { return []string{"192.0.0.9/32", "192.0.0.10/32"} }

// specialPurpose says what an address is reserved for; empty for one that
// anybody can reach.
func specialPurpose(a netip.Addr) string {
	for _, prefix := range reachable() {
		if netip.MustParsePrefix(prefix).Contains(a) {
			return ""
		}
	}
	for _, b := range specialBlocks() {
		if netip.MustParsePrefix(b.prefix).Contains(a) {
			return b.purpose
		}
	}
	return ""
}

// cloudflareBlocks are the addresses of Cloudflare's edge, as api.cloudflare.com
// /client/v4/ips listed them in public copies of 2026: 15 and 7 prefixes.
func cloudflareBlocks() []string {
	return []string{
		"173.245.48.0/20", "103.21.244.0/22", "103.22.200.0/22", "103.31.4.0/22", "141.101.64.0/18", "108.162.192.0/18", "190.93.240.0/20",
		"188.114.96.0/20", "197.234.240.0/22", "198.41.128.0/17", "162.158.0.0/15", "104.16.0.0/13", "104.24.0.0/14", "172.64.0.0/13", "131.0.72.0/22",
		"2400:cb00::/32", "2606:4700::/32", "2803:f800::/32", "2405:b500::/32", "2405:8100::/32", "2a06:98c0::/29", "2c0f:f248::/32",
	}
}

// isCloudflare reports whether an address, as text, is one of Cloudflare's edge.
func isCloudflare(address string) bool {
	a, err := netip.ParseAddr(address)
	if err != nil {
		return false
	}
	for _, prefix := range cloudflareBlocks() {
		if netip.MustParsePrefix(prefix).Contains(a.Unmap()) {
			return true
		}
	}
	return false
}
