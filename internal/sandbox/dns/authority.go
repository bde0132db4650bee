package dns

import (
	"maps"
	"net"
	"slices"

	wire "github.com/miekg/dns"

	"github.com/launchready/terraform-provider-launchready/internal/sandbox/zone"
)

// Host is one of the servers that are authoritative and nothing else.
type Host string

// The hosts. Those of the zones are the two that Cloudflare gave the account.
const (
	Parent    Host = "parent"
	Primary   Host = "primary"
	Secondary Host = "secondary"
)

// What the hosts are called and where they are in the world of the sandbox.
const (
	primaryHost, primaryAddress     = "ada.ns.cloudflare.com", "173.245.58.100"
	secondaryHost, secondaryAddress = "bob.ns.cloudflare.com", "173.245.59.100"
	// extraHost is one that the parent can list though the zones do not; the
	// primary answers there, too.
	extraHost, extraAddress = "cleo.ns.cloudflare.com", "173.245.58.200"
)

// NameServer says where one name server is to be reached.
type NameServer struct {
	Name, Address string // in the world of the sandbox
	Listens       string // host:port on this machine
}

// NameServers returns every authoritative name server that one of the zones or
// its parent can name.
func (s *Server) NameServers() []NameServer {
	out := []NameServer{
		{primaryHost, primaryAddress, s.hosts[Primary]},
		{secondaryHost, secondaryAddress, s.hosts[Secondary]},
		{extraHost, extraAddress, s.hosts[Primary]},
	}
	suffixes := map[string]bool{}
	for _, z := range s.zones() {
		suffixes[suffixOf(z.Name)] = true
	}
	for _, suffix := range slices.Sorted(maps.Keys(suffixes)) {
		out = append(out, NameServer{parentHost(suffix), parentAddress, s.hosts[Parent]})
	}
	return out
}

// view returns what a host answers from: the parent from the public suffixes,
// the others from the account's zones, active or not, and the resolver from
// all that can be reached from the root.
func (s *Server) view(host Host) view {
	zones := s.zones()
	parents, own := s.parentTrees(zones), s.accountTrees(zones)
	v := view{host: host}
	for i, t := range own {
		if zones[i].Status() == zone.Active {
			v.all = append(v.all, t)
		}
	}
	v.all = append(append(v.all, s.world...), parents...)
	switch host {
	case Parent:
		v.trees = parents
	case Primary, Secondary:
		v.trees = own
	default:
		v.trees = v.all
	}
	return v
}

// referral sends the asker to the name servers of a delegation (RFC 1034
// 4.3.2, RFC 4035 3.1.4).
func (s *Server) referral(v view, t *tree, cut string) result {
	n := t.nodes[cut]
	out := result{authority: owned(n.sets[wire.TypeNS], cut)}
	for _, rr := range n.sets[wire.TypeNS] {
		out.extra = append(out.extra, glue(v.all, key(rr.(*wire.NS).Ns))...)
	}
	if !v.do {
		return out
	}
	if ds := n.sets[wire.TypeDS]; len(ds) > 0 {
		out.authority = append(out.authority, s.sign(v, t, cut, owned(ds, cut))...)
	} else if t.signer != nil {
		out.authority = append(out.authority, s.sign(v, t, cut, []wire.RR{t.signer.noData(cut, n, wire.TypeDS, t.soa().Header().Ttl)})...)
	}
	return out
}

// glue returns the addresses of a name server that anyone has.
func glue(trees []*tree, host string) []wire.RR {
	t := closest(trees, host, wire.TypeA)
	if t == nil || t.nodes[host] == nil {
		return nil
	}
	return owned(append(slices.Clone(t.nodes[host].sets[wire.TypeA]), t.nodes[host].sets[wire.TypeAAAA]...), host)
}

// transfer hands a whole zone over (RFC 5936), which only a host with that
// fault does.
func (s *Server) transfer(w wire.ResponseWriter, q *wire.Msg, host Host) bool {
	if !s.hostFault(host, OpenTransfer) {
		return false
	}
	v, name := s.view(host), key(q.Question[0].Name)
	at := slices.IndexFunc(v.trees, func(t *tree) bool { return t.apex == name })
	if at < 0 {
		return false
	}
	t := v.trees[at]
	soa := s.asServed(v, t.nodes[t.apex].sets[wire.TypeSOA])
	records := slices.Clone(soa)
	for _, owner := range slices.Sorted(maps.Keys(t.nodes)) {
		sets := t.nodes[owner].sets
		for _, typ := range slices.Sorted(maps.Keys(sets)) {
			if typ != wire.TypeSOA {
				records = append(records, sets[typ]...)
			}
		}
	}
	records = append(records, soa...)
	messages := make(chan *wire.Envelope)
	go func() {
		defer close(messages)
		for part := range slices.Chunk(records, 100) {
			messages <- &wire.Envelope{RR: part}
		}
	}()
	if err := new(wire.Transfer).Out(w, q, messages); err != nil {
		for range messages { // the client has left: let the sender end
		}
	}
	return true
}

func overTCP(w wire.ResponseWriter) bool {
	_, ok := w.RemoteAddr().(*net.TCPAddr)
	return ok
}
