package sandbox

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	wire "github.com/miekg/dns"
)

// ask asks one name server, found by connect_to as every client finds it.
func (c *client) ask(host, network, name string, typ uint16) (*wire.Msg, error) {
	m := new(wire.Msg)
	m.SetQuestion(wire.Fqdn(name), typ)
	m.SetEdns0(1232, true)
	ctx, cancel := context.WithTimeout(c.t.Context(), 300*time.Millisecond)
	defer cancel()
	reply, _, err := (&wire.Client{Net: network}).ExchangeContext(ctx, m, c.connectTo[host+":53"])
	return reply, err
}

// dataOf writes the records of an answer without signatures and serials, with
// their TTLs.
func dataOf(m *wire.Msg) string {
	out := []string{wire.RcodeToString[m.Rcode]}
	for _, rr := range slices.Concat(m.Answer, m.Ns) {
		h := rr.Header()
		switch h.Rrtype {
		case wire.TypeSOA, wire.TypeRRSIG, wire.TypeDNSKEY, wire.TypeNSEC:
			continue
		case wire.TypeDS:
			out = append(out, "DS")
			continue
		}
		out = append(out, fmt.Sprintf("%s %d %s %s", h.Name, h.Ttl, wire.TypeToString[h.Rrtype], strings.TrimPrefix(rr.String(), h.String())))
	}
	slices.Sort(out[1:])
	return strings.Join(out, "; ")
}

// servers is all that can be seen of the name servers of acme.example.
func (c *client) servers() string {
	const domain, parent, primary, secondary = "acme.example", "ns1.nic.example", "ada.ns.cloudflare.com", "bob.ns.cloudflare.com"
	var out strings.Builder
	if m, err := c.ask(parent, "udp", domain, wire.TypeNS); err == nil {
		fmt.Fprintf(&out, "parent: %s\n", dataOf(m))
	}
	serials := map[string]uint32{}
	for _, host := range []string{primary, secondary} {
		soa, err := c.ask(host, "udp", domain, wire.TypeSOA)
		if err != nil {
			fmt.Fprintf(&out, "%s: %s\n", host, stable(err))
			continue
		}
		for _, rr := range soa.Answer {
			if v, ok := rr.(*wire.SOA); ok {
				serials[host] = v.Serial
			}
		}
		if _, err := c.ask(host, "tcp", domain, wire.TypeSOA); err != nil {
			fmt.Fprintf(&out, "%s: no TCP\n", host)
		}
		fmt.Fprintf(&out, "%s: transfer of more than ten records: %v\n", host, c.transfer(host, domain) > 10)
		for _, q := range []struct {
			label string
			typ   uint16
		}{
			{"", wire.TypeA}, {"", wire.TypeMX}, {"", wire.TypeTXT}, {"", wire.TypeCAA}, {"portal", wire.TypeA}, {"old", wire.TypeCNAME}, {"dev", wire.TypeNS},
			{"help", wire.TypeCNAME}, {"assets", wire.TypeCNAME}, {"intranet", wire.TypeA}, {"anything", wire.TypeA}, {"direct", wire.TypeA}, {"mx", wire.TypeCNAME}, {"pm-bounces", wire.TypeCNAME},
		} {
			name := strings.TrimPrefix(q.label+"."+domain, ".")
			if m, err := c.ask(host, "udp", name, q.typ); err == nil {
				fmt.Fprintf(&out, "%s: %s %s\n", host, name, dataOf(m))
			}
		}
		fmt.Fprintf(&out, "%s: signatures %s\n", host, c.verify(host, parent, domain))
	}
	fmt.Fprintf(&out, "serials differ: %v\n", serials[primary] != serials[secondary])
	return out.String()
}

func (c *client) transfer(host, domain string) (records int) {
	q := new(wire.Msg)
	q.SetAxfr(wire.Fqdn(domain))
	messages, err := (&wire.Transfer{DialTimeout: time.Second, ReadTimeout: time.Second}).In(q, c.connectTo[host+":53"])
	if err != nil {
		return 0
	}
	for m := range messages {
		records += len(m.RR)
	}
	return records
}

// verify goes from the parent's DS record to a signature.
func (c *client) verify(host, parent, domain string) string {
	ds, err := c.ask(parent, "udp", domain, wire.TypeDS)
	if err != nil {
		return stable(err)
	}
	keys, err := c.ask(host, "udp", domain, wire.TypeDNSKEY)
	if err != nil {
		return stable(err)
	}
	if len(ds.Answer) == 0 || len(keys.Answer) < 2 {
		return fmt.Sprintf("missing: DS %v, keys %v", len(ds.Answer) > 0, len(keys.Answer) > 0)
	}
	key := keys.Answer[0].(*wire.DNSKEY)
	if !strings.EqualFold(ds.Answer[0].(*wire.DS).Digest, key.ToDS(wire.SHA256).Digest) {
		return "of another key"
	}
	sig := keys.Answer[1].(*wire.RRSIG)
	switch err := sig.Verify(key, keys.Answer[:1]); {
	case !sig.ValidityPeriod(time.Now()):
		return "out of time"
	case err != nil:
		return err.Error()
	default:
		return "sound"
	}
}

// TestNameServers holds what an auditor must find of a healthy client.
func TestNameServers(t *testing.T) {
	t.Parallel()
	c := visit(t, start(t, Options{State: Healthy}))
	seen := c.servers()
	for _, want := range []string{
		"parent: NOERROR; DS; acme.example. 86400 NS ada.ns.cloudflare.com.; acme.example. 86400 NS bob.ns.cloudflare.com.\n",
		`acme.example. 300 CAA 0 issuewild "pki.goog; cansignhttpexchanges=yes"`, "signatures sound", "serials differ: false", "more than ten records: false",
	} {
		if !strings.Contains(seen, want) {
			t.Errorf("%q is missing in\n%s", want, seen)
		}
	}
	for host, to := range c.connectTo {
		if strings.HasSuffix(host, ":53") && c.connectTo[strings.Replace(host, "ada.ns.cloudflare.com", "173.245.58.100", 1)] != to {
			t.Errorf("%s is elsewhere by address", host)
		}
	}
}

// TestNewZone makes a zone by the API and follows it until it is signed, with a
// domain whose suffix has two labels.
func TestNewZone(t *testing.T) {
	t.Parallel()
	s := start(t, Options{State: AsFound, Domain: "client.co.uk"})
	c := visit(t, s)
	m, err := c.ask("ns1.nic.co.uk", "udp", "portal.client.co.uk", wire.TypeA)
	if err != nil || !strings.Contains(dataOf(m), "client.co.uk. 86400 NS ada.ns.cloudflare.com.") {
		t.Errorf("referral: %v (%v)", m, err)
	}
	id := c.call(s, "POST", "/zones", `{"name":"new.co.uk","account":{"id":"`+s.API().Account().ID+`"}}`)
	c.call(s, "POST", "/zones/"+id+"/dns_records", `{"type":"A","name":"www","content":"192.0.2.1"}`)
	c.call(s, "PATCH", "/zones/"+id+"/dnssec", `{"status":"active"}`)
	ask := func() string {
		_, resolved := c.resolver.LookupHost(t.Context(), "www.new.co.uk.")
		parent, err := c.ask("192.5.6.30", "udp", "new.co.uk", wire.TypeDS)
		if err != nil {
			t.Fatal(err)
		}
		return fmt.Sprintf("resolves %v, signatures %s, parent %s", resolved == nil, c.verify("173.245.59.100", "192.5.6.30", "new.co.uk"), dataOf(parent))
	}
	steps := []string{ask()}
	if err := s.SetZoneStatus("new.co.uk", "active"); err != nil {
		t.Fatal(err)
	}
	steps = append(steps, ask())
	if err := s.PublishDS("new.co.uk", true); err != nil {
		t.Fatal(err)
	}
	steps = append(steps, ask())
	want := []string{
		"resolves false, signatures missing: DS false, keys true, parent NXDOMAIN",
		"resolves true, signatures missing: DS false, keys true, parent NOERROR",
		"resolves true, signatures sound, parent NOERROR; DS",
	}
	if diff := cmp.Diff(want, steps); diff != "" {
		t.Error(diff)
	}
}
