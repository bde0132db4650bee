package spf

import (
	"context"
	"fmt"
	"math/rand/v2"
	"net"
	"net/netip"
	"strings"
	"testing"

	other "blitiri.com.ar/go/spf"
)

// otherDNS gives the second implementation the same data.
type otherDNS struct{ m *memory }

func (o otherDNS) LookupTXT(ctx context.Context, name string) ([]string, error) {
	records, err := o.m.LookupTXT(ctx, strings.TrimSuffix(name, "."))
	var out []string
	for _, strs := range records {
		out = append(out, strings.Join(strs, ""))
	}
	return out, err
}

func (o otherDNS) LookupMX(ctx context.Context, name string) ([]*net.MX, error) {
	return o.m.LookupMX(ctx, strings.TrimSuffix(name, "."))
}

func (o otherDNS) LookupIPAddr(ctx context.Context, host string) ([]net.IPAddr, error) {
	var out []net.IPAddr
	host = strings.TrimSuffix(host, ".")
	for _, network := range []string{"ip4", "ip6"} {
		addrs, err := o.m.LookupNetIP(ctx, network, host)
		if err != nil && !notFound(err) {
			return nil, err
		}
		for _, a := range addrs {
			out = append(out, net.IPAddr{IP: a.AsSlice()})
		}
	}
	if len(out) == 0 {
		return nil, o.m.missing(host)
	}
	return out, nil
}

func (o otherDNS) LookupAddr(ctx context.Context, addr string) ([]string, error) {
	return o.m.LookupAddr(ctx, addr)
}

// knownDifferences are the suite's cases in which the second implementation
// departs from the suite, by cause. Ours departs in none.
var knownDifferences = map[string]string{
	"errors after a match or in modifiers are not seen": `detect-errors-anywhere redirect-is-modifier bare-ip6 exp-empty-domain
		exp-only-macro-char exp-syntax-error exp-twice redirect-empty-domain redirect-syntax-error unknown-modifier-syntax`,
	"the character set is not held": "non-ascii-policy control-char-policy a-null mx-null",
	"a domain need not end in a top label": `a-bad-domain a-bad-toplabel a-numeric a-numeric-toplabel a-only-toplabel
		a-only-toplabel-trailing-dot invalid-domain mx-bad-domain mx-bad-toplab mx-numeric-top-label`,
	"a slash within a name is read as a prefix length": "a-colon-domain a-colon-domain-ip4mapped mx-colon-domain mx-colon-domain-ip4mapped",
	"a prefix length may begin with a zero":            "cidr4-032",
	"the first name is taken for the macro p":          "p-macro-multiple",
}

func TestDifferentialOnTheSuite(t *testing.T) {
	t.Parallel()
	known := map[string]bool{}
	for _, names := range knownDifferences {
		for name := range strings.FieldsSeq(names) {
			known[name] = true
		}
	}
	for _, s := range loadSuite(t) {
		for name, c := range s.Tests {
			theirs, _ := other.CheckHostWithSender(net.ParseIP(c.Host), c.Helo, c.MailFrom, other.WithResolver(otherDNS{s.dns()}))
			ours := Evaluate(context.Background(), s.dns(), netip.MustParseAddr(c.Host), c.Helo, c.MailFrom)
			if differ := string(theirs) != string(ours.Result); differ != known[name] {
				t.Errorf("%s: ours says %s, theirs %s, the suite %v; a known difference: %v", name, ours.Result, theirs, c.Result, known[name])
			}
		}
	}
}

// generate writes a random world of valid records without what is known to be
// read differently: every name has both families, so that no look-up is void.
func generate(rng *rand.Rand) (*memory, netip.Addr) {
	var b strings.Builder
	const names = 6
	pick := func() string { return fmt.Sprintf("n%d.test", rng.IntN(names)) }
	for i := range names {
		fmt.Fprintf(&b, "n%d.test A 192.0.2.%d\nn%d.test AAAA 2001:db8::%d\nn%d.test MX %s\n", i, i, i, i, i, pick())
		record := "v=spf1"
		for range rng.IntN(5) {
			record += " " + []string{"", "-", "~", "?"}[rng.IntN(4)]
			switch rng.IntN(6) {
			case 0:
				record += "a:" + pick()
			case 1:
				record += fmt.Sprintf("mx/%d", 24+rng.IntN(9))
			case 2:
				record += fmt.Sprintf("ip4:192.0.2.%d/%d", rng.IntN(8), 29+rng.IntN(4))
			case 3:
				record += fmt.Sprintf("ip6:2001:db8::%d", rng.IntN(8))
			case 4:
				record += "include:" + pick()
			case 5:
				record += "exists:%{l}.test"
			}
		}
		switch rng.IntN(4) {
		case 0:
			record += " redirect=" + pick()
		case 1:
			record += " ~all"
		case 2:
			record += " -all"
		}
		if rng.IntN(8) > 0 {
			fmt.Fprintf(&b, "n%d.test TXT %s\n", i, record)
		}
	}
	b.WriteString("user.test A 127.0.0.2\n")
	ip := netip.AddrFrom4([4]byte{192, 0, 2, byte(rng.IntN(8))})
	if rng.IntN(2) == 0 {
		ip = netip.MustParseAddr(fmt.Sprintf("2001:db8::%d", rng.IntN(8)))
	}
	return zone(b.String()), ip
}

func TestDifferentialOnGeneratedRecords(t *testing.T) {
	t.Parallel()
	rng := rand.New(rand.NewPCG(7208, 1))
	outcomes := map[Result]int{}
	for range 3000 {
		m, ip := generate(rng)
		theirs, theirErr := other.CheckHostWithSender(net.IP(ip.AsSlice()), "helo.test", "user@n0.test", other.WithResolver(otherDNS{m}))
		ours := Evaluate(context.Background(), m, ip, "helo.test", "user@n0.test")
		outcomes[ours.Result]++
		if string(theirs) != string(ours.Result) {
			t.Fatalf("%v: ours says %s (%s), theirs %s (%v)\n%v", ip, ours.Result, ours.Problem, theirs, theirErr, m.txt)
		}
		tree := Walk(context.Background(), m, "n0.test")
		if ours.Result != ResultPermError && ours.Lookups > tree.Lookups && !tree.Has(Loop) {
			t.Fatalf("an evaluation made %d look-ups, the worst case is said to be %d\n%s", ours.Lookups, tree.Lookups, tree)
		}
	}
	for _, r := range []Result{ResultPass, ResultFail, ResultNeutral, ResultSoftFail, ResultPermError, ResultNone} {
		if outcomes[r] == 0 {
			t.Errorf("no generated case ends as %s: %v", r, outcomes)
		}
	}
}
