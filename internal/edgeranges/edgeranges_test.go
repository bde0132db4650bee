package edgeranges

import (
	"net/netip"
	"slices"
	"testing"
)

func TestContains(t *testing.T) {
	t.Parallel()
	for text, want := range map[string]bool{
		"104.16.0.0": true, "104.23.255.255": true, "104.27.255.255": true, "172.71.1.1": true, "2606:4700::1": true, "2a06:98c7:ffff::1": true,
		"::ffff:104.16.1.1": true,
		"104.28.0.1":        false, // of the /12 that old copies have
		"104.15.255.255":    false, "198.51.100.10": false, "2a06:98c8::1": false, "2001:db8::1": false, "::ffff:198.51.100.10": false,
	} {
		if got := Contains(netip.MustParseAddr(text)); got != want {
			t.Errorf("%s: %v", text, got)
		}
	}
	if Contains(netip.Addr{}) {
		t.Error("no address is in the ranges")
	}
}

// Nobody's change reaches the lists, and each prefix stands in its one form.
func TestLists(t *testing.T) {
	t.Parallel()
	for want, list := range map[int]func() []netip.Prefix{15: IPv4, 7: IPv6} {
		got := list()
		if len(got) != want || !slices.IsSortedFunc(got, netip.Prefix.Compare) {
			t.Errorf("%d prefixes, want %d, sorted: %v", len(got), want, got)
		}
		for _, p := range got {
			if p != p.Masked() {
				t.Errorf("%s has host bits", p)
			}
		}
		got[0] = netip.Prefix{}
		if list()[0] == got[0] {
			t.Error("the list can be changed from outside")
		}
	}
}
