package dns

import (
	"net"
	"strings"

	wire "github.com/miekg/dns"
	"golang.org/x/net/publicsuffix"

	"github.com/launchready/terraform-provider-launchready/internal/sandbox/zone"
)

// parentAddress is where the name server of the public suffixes is: a host of
// its own, ns1.nic under each.
const parentAddress = "192.5.6.30"

// suffixOf returns the public suffix that a zone is delegated from.
func suffixOf(name string) string {
	suffix, _ := publicsuffix.PublicSuffix(name)
	if suffix == name {
		return parent(name)
	}
	return suffix
}

// parentTrees returns the public suffixes above the account's zones. They
// delegate the zones that are active, and what the outside world has of them.
func (s *Server) parentTrees(zones []*zone.Zone) []*tree {
	bySuffix := map[string]*tree{}
	var out []*tree
	for _, z := range zones {
		suffix := suffixOf(z.Name)
		t := bySuffix[suffix]
		if t == nil {
			t = s.newSuffix(suffix)
			bySuffix[suffix], out = t, append(out, t)
		}
		if z.Status() == zone.Active {
			s.delegate(t, z)
		}
	}
	return out
}

func (s *Server) newSuffix(suffix string) *tree {
	t := newTree(suffix, false)
	host := parentHost(suffix)
	t.add(&wire.SOA{
		Hdr: header(suffix, wire.TypeSOA, 900), Ns: wire.Fqdn(host), Mbox: wire.Fqdn("hostmaster.nic." + suffix),
		Serial: 2026010101, Refresh: 1800, Retry: 900, Expire: 604800, Minttl: 300,
	})
	t.add(&wire.NS{Hdr: header(suffix, wire.TypeNS, 86400), Ns: wire.Fqdn(host)})
	t.add(&wire.A{Hdr: header(host, wire.TypeA, 86400), A: net.ParseIP(parentAddress)})
	for _, w := range s.world {
		if w.apex != suffix && strings.HasSuffix(w.apex, "."+suffix) && suffixOf(w.apex) == suffix {
			t.add(&wire.NS{Hdr: header(w.apex, wire.TypeNS, 86400), Ns: w.soa().(*wire.SOA).Ns})
		}
	}
	return t
}

// delegate adds what the parent says of a zone: its name servers, and its DS
// record where one is published.
func (s *Server) delegate(t *tree, z *zone.Zone) {
	hosts := z.NameServers
	if s.zoneFault(z.Name, ExtraServer) {
		hosts = append(hosts[:len(hosts):len(hosts)], extraHost)
	}
	for _, host := range hosts {
		t.add(&wire.NS{Hdr: header(z.Name, wire.TypeNS, 86400), Ns: wire.Fqdn(host)})
	}
	d := z.DNSSEC()
	if !d.Published || d.Key == nil {
		return
	}
	key := d.Key
	if s.zoneFault(z.Name, ForeignDS) {
		key = s.foreign(z.Name)
	}
	rr, err := wire.NewRR(key.DS(z.Name))
	if err != nil {
		panic(err) // package zone writes it in master-file form
	}
	t.add(rr)
}

// foreign is a key that signs nothing: that of the provider before.
func (s *Server) foreign(name string) *zone.Key {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.foreignKeys[name] == nil {
		key, err := zone.NewKey(name)
		if err != nil {
			panic(err) // crypto/rand never fails
		}
		s.foreignKeys[name] = key
	}
	return s.foreignKeys[name]
}

func parentHost(suffix string) string { return "ns1.nic." + suffix }
