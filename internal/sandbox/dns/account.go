package dns

import (
	"cmp"
	"fmt"
	"hash/fnv"
	"net"
	"net/netip"
	"slices"
	"strings"

	wire "github.com/miekg/dns"

	"github.com/launchready/terraform-provider-launchready/internal/sandbox/zone"
)

// autoTTL is what ttl 1, "automatic", is on the wire.
const autoTTL = 300

// compiled is a zone's tree and what it was made from.
type compiled struct {
	tree   *tree
	serial uint32
	paused bool
}

// accountTrees returns the account's zones as they are now.
func (s *Server) accountTrees(zones []*zone.Zone) []*tree {
	out := make([]*tree, 0, len(zones))
	s.mu.Lock()
	defer s.mu.Unlock()
	for _, z := range zones {
		c := s.cache[z]
		if c.tree == nil || c.serial != z.Serial() || c.paused != z.Paused() {
			records, serial := z.Snapshot()
			c = compiled{compile(z, records, serial), serial, z.Paused()}
			s.cache[z] = c
		}
		out = append(out, c.tree)
	}
	return out
}

// compile makes the tree of an account's zone.
func compile(z *zone.Zone, records []zone.Record, serial uint32) *tree {
	t := newTree(z.Name, true)
	primary := append(slices.Clip(z.NameServers), "ns.cloudflare.com")[0]
	t.add(&wire.SOA{
		Hdr: header(z.Name, wire.TypeSOA, 1800), Ns: wire.Fqdn(primary), Mbox: "dns.cloudflare.com.",
		Serial: zone.FirstSerial + serial, Refresh: 10000, Retry: 2400, Expire: 604800, Minttl: 1800,
	})
	if key := z.DNSSEC().Key; key != nil {
		t.signer = newSigner(z.Name, key)
		t.add(t.signer.dnskey())
	}
	for _, host := range z.NameServers {
		t.add(&wire.NS{Hdr: header(z.Name, wire.TypeNS, 86400), Ns: wire.Fqdn(host)})
	}
	// In a fixed order, so that equal zones give equal answers.
	slices.SortFunc(records, func(a, b zone.Record) int {
		return cmp.Or(cmp.Compare(a.Name, b.Name), cmp.Compare(a.Type, b.Type), cmp.Compare(a.Content, b.Content), cmp.Compare(a.ID, b.ID))
	})
	proxied, ownHTTPS := map[string]bool{}, map[string]bool{}
	for _, r := range records {
		if r.Proxied && !z.Paused() {
			proxied[r.Name] = true
		}
		if r.Type == "HTTPS" {
			ownHTTPS[r.Name] = true
		}
	}
	for _, r := range records {
		isAddress := r.Type == "A" || r.Type == "AAAA" || r.Type == "CNAME"
		switch {
		case isAddress && proxied[r.Name]:
			addEdge(t, r, !ownHTTPS[r.Name])
		case r.Type == "CNAME" && (r.Name == z.Name || r.Settings["flatten_cname"] == true):
			n := t.node(r.Name)
			n.flatten, n.flattenTTL = key(r.Content), ttlOf(r)
		default:
			if rr, err := recordRR(r); err == nil {
				t.add(rr)
			} else {
				t.node(r.Name) // the name exists, whatever its record says
			}
			if r.Type == "CNAME" && within(key(r.Content), z.Name) {
				// A target in the same zone: its addresses are served as the
				// name's own, and for other types the CNAME.
				n := t.node(r.Name)
				n.flatten, n.flattenTTL = key(r.Content), ttlOf(r)
			}
		}
	}
	return t
}

func ttlOf(r zone.Record) uint32 {
	if r.TTL <= 1 {
		return autoTTL
	}
	return uint32(r.TTL)
}

// recordRR turns a record into its wire form. Content is presentation form but
// for TXT, and for the priority that stands apart in MX and URI.
func recordRR(r zone.Record) (wire.RR, error) {
	if r.Type == "TXT" {
		parts, err := zone.TextStrings(r.Content)
		if err != nil {
			return nil, err
		}
		split := []string{}
		for _, p := range parts {
			for _, chunk := range zone.Chunks(p) {
				split = append(split, escape(chunk))
			}
		}
		return &wire.TXT{Hdr: header(r.Name, wire.TypeTXT, ttlOf(r)), Txt: split}, nil
	}
	data := r.Content
	if r.Priority != nil && (r.Type == "MX" || r.Type == "URI") {
		data = fmt.Sprintf("%d %s", *r.Priority, data)
	}
	rr, err := wire.NewRR(fmt.Sprintf("%s %d IN %s %s", wire.Fqdn(r.Name), ttlOf(r), r.Type, data))
	if err == nil && rr == nil {
		err = fmt.Errorf("%s %s has no data", r.Type, r.Name)
	}
	return rr, err
}

// escape writes bytes as the DNS library wants character-strings.
func escape(s string) string {
	var out strings.Builder
	for i := 0; i < len(s); i++ {
		switch c := s[i]; {
		case c == '"' || c == '\\':
			out.WriteByte('\\')
			out.WriteByte(c)
		case c < ' ' || c > '~':
			fmt.Fprintf(&out, "\\%03d", c)
		default:
			out.WriteByte(c)
		}
	}
	return out.String()
}

// addEdge publishes Cloudflare's addresses in the place of a proxied record's
// own, and the HTTPS record (RFC 9460) that Cloudflare generates where the user
// has none.
func addEdge(t *tree, r zone.Record, withHTTPS bool) {
	n := t.node(r.Name)
	if len(n.sets[wire.TypeA])+len(n.sets[wire.TypeAAAA]) > 0 {
		return // by another record of the name
	}
	v4, v6 := EdgeAddresses(r.Name)
	https := &wire.HTTPS{SVCB: wire.SVCB{
		Hdr: header(r.Name, wire.TypeHTTPS, autoTTL), Priority: 1, Target: ".",
		Value: []wire.SVCBKeyValue{&wire.SVCBAlpn{Alpn: []string{"h2"}}},
	}}
	if r.Settings["ipv6_only"] != true {
		hint := &wire.SVCBIPv4Hint{}
		for _, a := range v4 {
			t.add(&wire.A{Hdr: header(r.Name, wire.TypeA, autoTTL), A: net.IP(a.AsSlice())})
			hint.Hint = append(hint.Hint, a.AsSlice())
		}
		https.Value = append(https.Value, hint)
	}
	if r.Settings["ipv4_only"] != true {
		hint := &wire.SVCBIPv6Hint{}
		for _, a := range v6 {
			t.add(&wire.AAAA{Hdr: header(r.Name, wire.TypeAAAA, autoTTL), AAAA: net.IP(a.AsSlice())})
			hint.Hint = append(hint.Hint, a.AsSlice())
		}
		https.Value = append(https.Value, hint)
	}
	if withHTTPS {
		t.add(https)
	}
}

// EdgeAddresses returns the two IPv4 (104.16.0.0/13) and two IPv6
// (2606:4700::/32) addresses that a proxied name has: the same ones always.
func EdgeAddresses(name string) (v4, v6 []netip.Addr) {
	h := fnv.New32a()
	h.Write([]byte(key(name)))
	sum := h.Sum32()
	for _, block := range []byte{16, 20} {
		a := [4]byte{104, block + byte(sum>>16)&3, byte(sum >> 8), 1 + byte(sum)%254}
		v4 = append(v4, netip.AddrFrom4(a))
	}
	for i, a := range v4 {
		b := a.As4()
		six := [16]byte{0x26, 0x06, 0x47, 0x00, 0x30, 0x30 + byte(i)}
		copy(six[12:], b[:])
		v6 = append(v6, netip.AddrFrom16(six))
	}
	return v4, v6
}
