package edge

import (
	"net"
	"strings"

	"github.com/launchready/terraform-provider-launchready/internal/sandbox/zone"
)

// canonicalHost returns a host as records name it: no port, lower case, no
// trailing dot.
func canonicalHost(host string) string {
	if h, _, err := net.SplitHostPort(host); err == nil {
		host = h
	}
	return strings.TrimSuffix(strings.ToLower(host), ".")
}

// zoneOf returns the zone a host is in, the longest match, or nil. Neither a
// paused zone is served, whose names resolve to the origin, nor one that is
// not active.
func (s *Server) zoneOf(host string) *zone.Zone {
	var best *zone.Zone
	for _, z := range s.options.Zones() {
		if (host == z.Name || strings.HasSuffix(host, "."+z.Name)) && (best == nil || len(z.Name) > len(best.Name)) {
			best = z
		}
	}
	if best == nil || best.Paused() || best.Status() != zone.Active {
		return nil
	}
	return best
}

// originOf returns the address or outside name that a proxied host's traffic
// goes to; ok is false where the host is not proxied.
func originOf(z *zone.Zone, host string) (target string, ok bool) {
	byName := map[string][]zone.Record{}
	for _, r := range z.Records() {
		switch r.Type {
		case "A", "AAAA", "CNAME":
			byName[r.Name] = append(byName[r.Name], r)
		}
	}
	records := lookup(byName, z.Name, host)
	if len(records) == 0 || !anyProxied(records) {
		return "", false
	}
	// A CNAME inside the zone is followed to its address. Eight hops are more
	// than a sane zone has, and end a loop.
	for range 8 {
		first := pick(records)
		if first.Type != "CNAME" {
			return first.Content, true
		}
		target = canonicalHost(first.Content)
		if records = lookup(byName, z.Name, target); len(records) == 0 {
			return target, true
		}
	}
	return target, true
}

// lookup finds the address records of a name, or those of the wildcard that
// covers it (RFC 4592).
func lookup(byName map[string][]zone.Record, apex, host string) []zone.Record {
	if r := byName[host]; len(r) > 0 {
		return r
	}
	for name := host; name != apex; {
		_, parent, ok := strings.Cut(name, ".")
		if !ok {
			return nil
		}
		if r := byName["*."+parent]; len(r) > 0 {
			return r
		}
		name = parent
	}
	return nil
}

func anyProxied(records []zone.Record) bool {
	for _, r := range records {
		if r.Proxied {
			return true
		}
	}
	return false
}

// pick prefers a CNAME, then IPv4: the sandbox's origins listen there.
func pick(records []zone.Record) zone.Record {
	rank := map[string]int{"CNAME": 0, "A": 1, "AAAA": 2}
	best := records[0]
	for _, r := range records[1:] {
		if rank[r.Type] < rank[best.Type] || rank[r.Type] == rank[best.Type] && r.Content < best.Content {
			best = r
		}
	}
	return best
}
