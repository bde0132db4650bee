package mx

import (
	"context"
	"net/netip"
	"testing"
)

func TestParse(t *testing.T) {
	t.Parallel()
	for text, want := range map[string]string{"10 MX.acme.example.": "10 mx.acme.example", "0 .": "0 .", " 65535\tmx ": "65535 mx"} {
		if r, err := Parse(text); err != nil || r.String() != want {
			t.Errorf("%q: %v, %v; want %q", text, r, err, want)
		}
	}
	for _, text := range []string{"", "mx.acme.example", "65536 mx", "-1 mx", "10 mx more", "x mx"} {
		if r, err := Parse(text); err == nil {
			t.Errorf("%q was read as %v", text, r)
		}
	}
}

func TestNull(t *testing.T) {
	t.Parallel()
	null, mx := Record{0, "."}, Record{10, "mx.acme.example"}
	for _, c := range []struct {
		records        []Record
		null, conflict bool
	}{{nil, false, false}, {[]Record{null}, true, false}, {[]Record{mx}, false, false}, {[]Record{null, mx}, false, true}, {[]Record{mx, mx}, false, false}} {
		if Null(c.records) != c.null || Conflict(c.records) != c.conflict {
			t.Errorf("%v: null %v, conflict %v", c.records, Null(c.records), Conflict(c.records))
		}
	}
}

// answers are by host; the second is for IPv6.
type answers map[string][2]Found

func (a answers) Addresses(_ context.Context, host string, v6 bool) Found {
	if v6 {
		return a[host][1]
	}
	return a[host][0]
}

func TestReach(t *testing.T) {
	t.Parallel()
	at := func(address string) Found {
		return Found{Addresses: []netip.Addr{netip.MustParseAddr(address)}, Exists: true}
	}
	silent := Found{Open: "A mx: SERVFAIL"}
	r := answers{
		"v4": {at("11.0.0.1"), {Exists: true}}, "v6": {{Exists: true}, at("2600::1")}, "half": {silent, at("2600::1")}, "silent": {silent, {Exists: true}},
		"private": {at("10.0.0.1"), {Exists: true}}, "empty": {{Exists: true}, {Exists: true}},
		"alias": {Found{Addresses: at("11.0.0.1").Addresses, Exists: true, Chain: []string{"a", "b"}}, {Exists: true}},
	}
	for host, want := range map[string]Outcome{
		"v4": {}, "v6": {}, "half": {}, "silent": {Open: "A mx: SERVFAIL"}, "private": {Bad: "private has private addresses only"},
		"empty": {Bad: "empty has no address"}, "gone": {Bad: "gone does not exist"}, "alias": {Alias: "b"}, "192.0.2.1": {Bad: "192.0.2.1 is an address, where a name is wanted"},
	} {
		if got := Reach(context.Background(), r, host); got != want {
			t.Errorf("%s: %+v, want %+v", host, got, want)
		}
	}
}

func FuzzParse(f *testing.F) {
	for _, s := range []string{"10 mx.acme.example.", "0 .", "65536 x", "\xff"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, text string) {
		r, err := Parse(text)
		if err != nil {
			return
		}
		if again, err := Parse(r.String()); err != nil || again.Preference != r.Preference {
			t.Fatalf("%q: %v is not stable: %v, %v", text, r, again, err)
		}
	})
}
