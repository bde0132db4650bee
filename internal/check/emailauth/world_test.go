package emailauth

import (
	"context"
	"encoding/hex"
	"net/netip"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/miekg/dns"

	"github.com/launchready/terraform-provider-launchready/internal/probe"
)

// world is the DNS of a fixture: every name that is not there does not exist.
type world struct {
	probe.Prober // what is not below panics
	records      []dns.RR
	broken       map[string]string // name, or "*" for all -> status
	pages        map[string]probe.Exchange
	mailServers  map[string]string
}

func readWorld(t testing.TB, path string) *world {
	t.Helper()
	f, err := os.Open(path)
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	absolute, err := filepath.Abs(path)
	if err != nil {
		t.Fatal(err)
	}
	w := &world{broken: map[string]string{}, pages: map[string]probe.Exchange{}, mailServers: map[string]string{}}
	parser := dns.NewZoneParser(f, ".", absolute)
	parser.SetDefaultTTL(300)
	parser.SetIncludeAllowed(true)
	for rr, ok := parser.Next(); ok; rr, ok = parser.Next() {
		w.records = append(w.records, rr)
	}
	if err := parser.Err(); err != nil {
		t.Fatal(err)
	}
	return w
}

func plain(name string) string {
	if name == "." {
		return name
	}
	return strings.ToLower(strings.TrimSuffix(name, "."))
}

// at returns the records of a name, those of a wildcard if the name does not
// exist, and whether it exists (RFC 1034 4.3.2, RFC 4592).
func (w *world) at(name string) (records []dns.RR, exists bool) {
	owners := map[string][]dns.RR{}
	known := map[string]bool{}
	for _, rr := range w.records {
		owner := plain(rr.Header().Name)
		owners[owner] = append(owners[owner], rr)
		for n := owner; n != ""; {
			known[n] = true
			_, n, _ = strings.Cut(n, ".")
		}
	}
	if known[name] {
		return owners[name], true
	}
	for _, parent, ok := strings.Cut(name, "."); ok; _, parent, ok = strings.Cut(parent, ".") {
		if known[parent] {
			wild := owners["*."+parent]
			return wild, len(wild) > 0
		}
	}
	return nil, false
}

func (w *world) Lookup(_ context.Context, name string, typ probe.RecordType) probe.Answer {
	a := probe.Answer{Name: plain(name), Type: typ}
	current := a.Name
	for range 10 {
		for _, key := range []string{current, "*"} {
			if status, ok := w.broken[key]; ok {
				a.Status = probe.LookupStatus(status)
				return a
			}
		}
		records, exists := w.at(current)
		if !exists {
			a.Status = probe.NXDomain
			return a
		}
		target := ""
		for _, rr := range records {
			if rr.Header().Rrtype == dns.StringToType[string(typ)] {
				a.Records = append(a.Records, record(current, typ, rr))
			} else if cname, ok := rr.(*dns.CNAME); ok {
				target = plain(cname.Target)
			}
		}
		switch {
		case len(a.Records) > 0:
			slices.SortFunc(a.Records, func(x, y probe.Record) int { return strings.Compare(x.Value, y.Value) })
			a.Status = probe.Found
			return a
		case target == "":
			a.Status = probe.NoData
			return a
		}
		a.Chain = append(a.Chain, target)
		current = target
	}
	a.Status, a.Detail = probe.BadAnswer, "the CNAMEs of the name form a loop"
	return a
}

func record(owner string, typ probe.RecordType, rr dns.RR) probe.Record {
	r := probe.Record{Name: owner, Type: typ, Value: strings.TrimPrefix(rr.String(), rr.Header().String())}
	switch rr := rr.(type) {
	case *dns.A:
		r.Address, _ = netip.AddrFromSlice(rr.A.To4())
	case *dns.AAAA:
		r.Address, _ = netip.AddrFromSlice(rr.AAAA)
	case *dns.TLSA:
		r.Usage, r.Selector, r.Matching = rr.Usage, rr.Selector, rr.MatchingType
		r.Data, _ = hex.DecodeString(rr.Certificate)
	case *dns.PTR:
		r.Host = plain(rr.Ptr)
	case *dns.MX:
		r.Host, r.Preference = plain(rr.Mx), rr.Preference
	case *dns.CNAME:
		r.Host = plain(rr.Target)
	case *dns.TXT:
		for _, s := range rr.Txt {
			r.Strings = append(r.Strings, unescape(s))
		}
		r.Value = strings.Join(r.Strings, "")
	}
	return r
}

// unescape undoes the zone-file form of octets, \DDD and \c.
func unescape(s string) string {
	var b strings.Builder
	for i := 0; i < len(s); i++ {
		switch {
		case s[i] != '\\':
			b.WriteByte(s[i])
		case i+3 < len(s) && s[i+1] >= '0' && s[i+1] <= '9':
			b.WriteByte((s[i+1]-'0')*100 + (s[i+2]-'0')*10 + s[i+3] - '0')
			i += 3
		default:
			i++
			b.WriteByte(s[i])
		}
	}
	return b.String()
}
