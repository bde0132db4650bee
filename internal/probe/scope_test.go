package probe

import (
	"slices"
	"testing"
)

func TestSites(t *testing.T) {
	got := Sites([]string{"*.acme.example", "portal.ACME.example.", "acme.co.uk", "a.b.acme.co.uk", "192.0.2.7", "[2001:db8::1]", "localhost", "bücher.example", "not a host"})
	want := []string{"192.0.2.7", "2001:db8::1", "acme.co.uk", "acme.example", "localhost", "xn--bcher-kva.example"}
	if !slices.Equal(got, want) {
		t.Errorf("%q, want %q", got, want)
	}
	if got := Sites(nil); len(got) != 0 {
		t.Errorf("%q of no hosts", got)
	}
}
