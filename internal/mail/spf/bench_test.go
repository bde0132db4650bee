package spf

import (
	"context"
	"net"
	"net/netip"
	"testing"

	other "blitiri.com.ar/go/spf"
)

// BenchmarkSuite evaluates every case of the RFC 7208 suite from memory, by this
// package and by another, whose resolver wants the strings of a record joined.
func BenchmarkSuite(b *testing.B) {
	type one struct {
		m    *memory
		host netip.Addr
		ip   net.IP
		c    suiteCase
	}
	var cases []one
	for _, s := range loadSuite(b) {
		m := s.dns()
		for _, c := range s.Tests {
			cases = append(cases, one{m, netip.MustParseAddr(c.Host), net.ParseIP(c.Host), c})
		}
	}
	b.Run("ours", func(b *testing.B) {
		for b.Loop() {
			for _, c := range cases {
				Evaluate(context.Background(), c.m, c.host, c.c.Helo, c.c.MailFrom)
			}
		}
	})
	b.Run("other", func(b *testing.B) {
		for b.Loop() {
			for _, c := range cases {
				_, _ = other.CheckHostWithSender(c.ip, c.c.Helo, c.c.MailFrom, other.WithResolver(otherDNS{c.m}))
			}
		}
	})
}
