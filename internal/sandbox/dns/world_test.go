package dns

import (
	"strings"
	"testing"

	wire "github.com/miekg/dns"
)

// TestWorld asks the outside world what launches depend on: no include of an
// SPF record in it leads nowhere, and every MX host has an address.
func TestWorld(t *testing.T) {
	t.Parallel()
	s := start(t)
	ask := func(name string, typ uint16) []wire.RR {
		m, err := exchange(t, s, "tcp", name, typ, 0)
		if err != nil {
			t.Fatal(err)
		}
		return m.Answer
	}
	spf := func(name string) (found []string) {
		for _, rr := range ask(name, wire.TypeTXT) {
			if txt, ok := rr.(*wire.TXT); ok && strings.HasPrefix(strings.Join(txt.Txt, ""), "v=spf1") {
				found = append(found, strings.Join(txt.Txt, ""))
			}
		}
		return found
	}
	var walk func(name string)
	walk = func(name string) {
		records := spf(name)
		if len(records) != 1 {
			t.Errorf("%s has %d SPF records", name, len(records))
			return
		}
		for term := range strings.FieldsSeq(records[0]) {
			if include, ok := strings.CutPrefix(term, "include:"); ok {
				walk(include)
			}
		}
	}
	for _, name := range []string{
		"_spf.google.com", "spf.protection.outlook.com", "_spf.mx.cloudflare.net", "amazonses.com", "sendgrid.net", "mailgun.org",
		"spf.mtasv.net", "pm.mtasv.net", "spf.brevo.com", "spf.sendinblue.com", "servers.mcsv.net", "spf.mandrillapp.com", "zoho.com",
		"zohomail.eu", "spf.messagingengine.com", "_spf.protonmail.ch", "mail.zendesk.com", "emsd1.com", "_spf.mailersend.net",
		"u1234567.wl001.sendgrid.net", "sparkpostmail.com",
	} {
		walk(name)
	}
	trees, err := embedded()
	if err != nil {
		t.Fatal(err)
	}
	for _, tree := range trees {
		for name, n := range tree.nodes {
			for _, rr := range n.sets[wire.TypeMX] {
				if host := rr.(*wire.MX).Mx; len(ask(host, wire.TypeA)) == 0 {
					t.Errorf("MX host %s of %s has no address", host, name)
				}
			}
		}
	}
}

func FuzzParseWorld(f *testing.F) {
	f.Add("a.example. TXT \"x\"\n*.b.example. A 192.0.2.1\n$ORIGIN c.example.\n@ SOA a. b. 1 2 3 4 5\n")
	f.Add(". NS a.")
	f.Fuzz(func(t *testing.T, text string) {
		if text == "" { // stands for the embedded one
			return
		}
		s, err := newServer(Options{World: text})
		if err != nil {
			return
		}
		for _, tree := range s.world {
			for name := range tree.nodes {
				s.fill(new(wire.Msg), s.view(""), "x."+name, wire.TypeA)
			}
		}
	})
}
