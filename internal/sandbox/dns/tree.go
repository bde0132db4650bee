package dns

import (
	"strings"

	wire "github.com/miekg/dns"
)

// tree is one zone, ready to be asked.
type tree struct {
	apex  string           // key form
	nodes map[string]*node // by key; empty non-terminals are there too
	own   bool             // of the account, rather than of the outside world
	// signer signs what the zone answers; nil where it has no DNSSEC.
	signer *signer
}

// node is a name that exists.
type node struct {
	sets map[uint16][]wire.RR
	// flatten is the host whose addresses are served as the name's own;
	// flattenTTL goes with them.
	flatten    string
	flattenTTL uint32
	// where the addresses are flattened and the rest is not, sets has a CNAME.
}

func newTree(apex string, own bool) *tree {
	t := &tree{apex: apex, nodes: map[string]*node{}, own: own}
	t.node(apex)
	return t
}

// node returns the node of a name and creates it, with those between it and
// the apex: empty non-terminals exist (RFC 8020).
func (t *tree) node(name string) *node {
	if n := t.nodes[name]; n != nil {
		return n
	}
	n := &node{sets: map[uint16][]wire.RR{}}
	t.nodes[name] = n
	if name != t.apex {
		if up := parent(name); t.holds(up) {
			t.node(up)
		}
	}
	return n
}

func (t *tree) add(rr wire.RR) {
	n := t.node(key(rr.Header().Name))
	n.sets[rr.Header().Rrtype] = append(n.sets[rr.Header().Rrtype], rr)
}

// holds tells whether a name is in the zone.
func (t *tree) holds(name string) bool { return within(name, t.apex) }

// within tells whether a name is at or below another.
func within(name, apex string) bool {
	return name == apex || apex == "" || strings.HasSuffix(name, "."+apex)
}

func parent(name string) string {
	_, up, _ := strings.Cut(name, ".")
	return up
}

// find returns the node that answers for a name: its own, or that of the
// wildcard at the closest encloser (RFC 4592 3.3.1); source is the name of
// that node. cut is the name of a delegation above it, if there is one.
func (t *tree) find(name string) (n *node, source, cut string) {
	for up := name; up != t.apex; up = parent(up) {
		// The topmost cut counts, so the walk goes on to the apex.
		if d := t.nodes[up]; d != nil && len(d.sets[wire.TypeNS]) > 0 {
			cut = up
		}
	}
	if n := t.nodes[name]; n != nil {
		return n, name, cut
	}
	for up := name; up != t.apex; {
		up = parent(up)
		if t.nodes[up] != nil {
			return t.nodes["*."+up], "*." + up, cut
		}
	}
	return nil, name, cut
}

// soa returns the SOA record for the authority section of a negative answer,
// with the TTL that says how long it may be kept (RFC 2308 3).
func (t *tree) soa() wire.RR {
	set := t.nodes[t.apex].sets[wire.TypeSOA]
	if len(set) == 0 {
		return nil
	}
	soa := wire.Copy(set[0]).(*wire.SOA)
	soa.Hdr.Ttl = min(soa.Hdr.Ttl, soa.Minttl)
	return soa
}
