package dns

import (
	_ "embed"
	"errors"
	"fmt"
	"slices"
	"strings"
	"sync"

	wire "github.com/miekg/dns"
	"golang.org/x/net/publicsuffix"
)

// world is what the domains of well-known mail senders publish. The names and
// shapes are real, the keys are made up, and nothing is said of how things stand
// there today.
//
//go:embed world.zone
var world string

// embedded reads the embedded world once for all servers: it never changes.
var embedded = sync.OnceValues(func() ([]*tree, error) { return parseWorld(world) })

// parseWorld reads records in master-file form (RFC 1035 5). They may be of any
// number of zones. A zone begins at each SOA record; names under none belong to
// their registered domain, which gets an SOA record of its own.
func parseWorld(text string) ([]*tree, error) {
	var records []wire.RR
	apexes := map[string]bool{}
	parser := wire.NewZoneParser(strings.NewReader(text), ".", "world.zone")
	parser.SetDefaultTTL(autoTTL)
	for rr, ok := parser.Next(); ok; rr, ok = parser.Next() {
		records = append(records, rr)
		if rr.Header().Rrtype == wire.TypeSOA {
			apexes[key(rr.Header().Name)] = true
		}
	}
	if err := parser.Err(); err != nil {
		return nil, fmt.Errorf("outside world: %w", err)
	}
	trees := map[string]*tree{}
	for _, rr := range records {
		apex, err := apexOf(key(rr.Header().Name), apexes)
		if err != nil {
			return nil, fmt.Errorf("outside world: %s: %w", rr.Header().Name, err)
		}
		if trees[apex] == nil {
			trees[apex] = newTree(apex, false)
		}
		trees[apex].add(rr)
	}
	out := make([]*tree, 0, len(trees))
	for apex, t := range trees {
		if len(t.nodes[apex].sets[wire.TypeSOA]) == 0 {
			t.add(&wire.SOA{
				Hdr: header(apex, wire.TypeSOA, 900), Ns: wire.Fqdn("ns1." + apex), Mbox: wire.Fqdn("hostmaster." + apex),
				Serial: 2026010101, Refresh: 7200, Retry: 900, Expire: 1209600, Minttl: 300,
			})
		}
		out = append(out, t)
	}
	slices.SortFunc(out, func(a, b *tree) int { return strings.Compare(a.apex, b.apex) })
	return out, nil
}

// apexOf returns the zone a name belongs to.
func apexOf(name string, apexes map[string]bool) (string, error) {
	for up := name; up != ""; up = parent(up) {
		if apexes[up] {
			return up, nil
		}
	}
	if name == "" {
		return "", errors.New("the root is no part of the world")
	}
	if apex, err := publicsuffix.EffectiveTLDPlusOne(name); err == nil {
		return apex, nil
	}
	return name, nil
}
