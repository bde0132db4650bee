package probe

import (
	"context"
	"errors"
	"net"
	"net/netip"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// answers is a Prober that knows DNS answers alone.
type answers struct {
	Prober
	known map[string]Answer // "name TYPE"
}

func (a answers) Lookup(_ context.Context, name string, typ RecordType) Answer {
	return a.known[name+" "+string(typ)]
}

func TestMailResolver(t *testing.T) {
	t.Parallel()
	ctx := context.Background()
	r := MailResolver(answers{known: map[string]Answer{
		"a.test TXT":                 {Status: Found, Records: []Record{{Strings: []string{"v=spf1 ", "-all"}}, {Strings: []string{"other"}}}},
		"a.test MX":                  {Status: Found, Records: []Record{{Host: "mx.a.test", Preference: 10}}},
		"a.test A":                   {Status: Found, Records: []Record{{Address: netip.MustParseAddr("192.0.2.1")}}},
		"a.test AAAA":                {Status: NoData},
		"gone.test TXT":              {Status: NXDomain},
		"slow.test TXT":              {Status: TimedOut},
		"broken.test TXT":            {Status: ServFail},
		"odd.test TXT":               {Status: BadAnswer, Detail: "a loop"},
		"dead.test TXT":              {Status: NotReached, Detail: "no resolver could be reached", Resolver: "127.0.0.1:1"},
		"1.2.0.192.in-addr.arpa PTR": {Status: Found, Records: []Record{{Host: "a.test"}}},
		"1.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.8.b.d.0.1.0.0.2.ip6.arpa PTR": {Status: Found, Records: []Record{{Host: "b.test"}}},
	}})
	txt, err := r.LookupTXT(ctx, "a.test")
	if diff := cmp.Diff([][]string{{"v=spf1 ", "-all"}, {"other"}}, txt); diff != "" || err != nil {
		t.Errorf("TXT: %v\n%s", err, diff)
	}
	mx, err := r.LookupMX(ctx, "a.test")
	if diff := cmp.Diff([]*net.MX{{Host: "mx.a.test", Pref: 10}}, mx); diff != "" || err != nil {
		t.Errorf("MX: %v\n%s", err, diff)
	}
	if ip, err := r.LookupNetIP(ctx, "ip4", "a.test"); err != nil || len(ip) != 1 || ip[0] != netip.MustParseAddr("192.0.2.1") {
		t.Errorf("A: %v, %v", ip, err)
	}
	for addr, want := range map[string]string{"192.0.2.1": "a.test", "::ffff:192.0.2.1": "a.test", "2001:db8::1": "b.test"} {
		if names, err := r.LookupAddr(ctx, addr); err != nil || len(names) != 1 || names[0] != want {
			t.Errorf("PTR of %s: %v, %v", addr, names, err)
		}
	}
	for name, want := range map[string]net.DNSError{
		"gone.test":   {Err: "NXDOMAIN", Name: "gone.test", IsNotFound: true},
		"slow.test":   {Err: "no answer in time", Name: "slow.test", IsTimeout: true, IsTemporary: true},
		"broken.test": {Err: "SERVFAIL", Name: "broken.test", IsTemporary: true},
		"dead.test":   {Err: "no resolver could be reached (127.0.0.1:1)", Name: "dead.test", IsTemporary: true},
		"odd.test":    {Err: "a loop", Name: "odd.test", IsTemporary: true},
	} {
		_, err := r.LookupTXT(ctx, name)
		var got *net.DNSError
		if !errors.As(err, &got) {
			t.Errorf("%s: %v is no DNSError", name, err)
		} else if diff := cmp.Diff(want, *got, cmp.FilterPath(func(p cmp.Path) bool { return p.Last().String() == ".UnwrapErr" }, cmp.Ignore())); diff != "" {
			t.Errorf("%s (-want +got):\n%s", name, diff)
		}
	}
	_, err = r.LookupNetIP(ctx, "ip6", "a.test")
	var got *net.DNSError
	if !errors.As(err, &got) || got.Err != "NODATA" || !got.IsNotFound {
		t.Errorf("NODATA: %v", err)
	}
}
