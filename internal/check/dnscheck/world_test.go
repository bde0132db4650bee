package dnscheck

import (
	"crypto"
	"net/http"
	"slices"
	"strings"
	"time"

	"github.com/miekg/dns"
)

// A world is name servers on loopback, a resolver that knows all their zones,
// and one web server for all names. Tests change it before it starts.
type world struct {
	zones   []string             // master-file text; the first record of each is its SOA
	servers map[string]*nsServer // by address
	domain  string
	deaf    bool           // the resolver is silent
	sick    map[string]int // name -> RCODE of the resolver; -1 = silence
	web     func(w http.ResponseWriter, r *http.Request)
	issuer  string
	sans    []string
	spec    Spec
	allowed []string
	signed  *signer // of the client's zone
}

// nsServer is one name server.
type nsServer struct {
	zones    []string // apexes
	rcode    int
	silent   bool
	noTCP    bool
	noUDP    bool
	transfer bool
	muteAXFR bool                             // requests for a transfer are not answered
	recursor bool                             // answers without AA and with RA, as a resolver in the way does
	edit     func(rr []dns.RR) []dns.RR       // of answers
	finish   func(m *dns.Msg, network string) // has the last word on each answer
}

// signer signs the answers of a zone.
type signer struct {
	key      *dns.DNSKEY
	private  crypto.Signer
	from, to time.Time
	spoil    func(sig *dns.RRSIG, set []dns.RR) *dns.RRSIG // nil: as it is
}

const parentZone = `
example. 3600 SOA ns1.nic.example. hostmaster.nic.example. 1 7200 900 1209600 300
example. 86400 NS ns1.nic.example.
ns1.nic.example. 86400 A 45.5.6.30
acme.example. 86400 NS ns1.acme.example.
acme.example. 86400 NS ns2.host.test.
ns1.acme.example. 86400 A 45.0.0.1
`

const clientZone = `
acme.example. 3600 SOA ns1.acme.example. hostmaster.acme.example. 7 7200 900 1209600 300
acme.example. 86400 NS ns1.acme.example.
acme.example. 86400 NS ns2.host.test.
acme.example. 300 A 104.16.0.1
acme.example. 300 MX 1 smtp.host.test.
acme.example. 300 TXT "v=spf1 ip4:45.9.9.0/24 -all"
acme.example. 300 CAA 0 issue "letsencrypt.org"
ns1.acme.example. 86400 A 45.0.0.1
www.acme.example. 300 CNAME acme.example.
portal.acme.example. 300 A 104.16.0.2
portal.acme.example. 300 AAAA 2606:4700::2
sel._domainkey.acme.example. 300 CNAME sel.keys.host.test.
_acme-challenge.acme.example. 300 CNAME abc.validation.host.test.
shop.acme.example. 300 CNAME shops.host.test.
`

const hostZone = `
host.test. 3600 SOA ns2.host.test. hostmaster.host.test. 1 7200 900 1209600 300
host.test. 86400 NS ns2.host.test.
ns2.host.test. 86400 A 45.0.0.2
smtp.host.test. 300 A 45.9.9.9
shops.host.test. 300 A 45.9.9.10
bounce.host.test. 300 MX 1 smtp.host.test.
sel.keys.host.test. 300 TXT "p=abc"
empty.host.test. 300 TXT "-"
claimed.host.test. 300 A 45.9.9.11
`

const suffixZones = `
test. 3600 SOA ns1.nic.test. hostmaster.nic.test. 1 7200 900 1209600 300
test. 86400 NS ns1.nic.test.
ns1.nic.test. 86400 A 45.5.6.31
`

func newWorld() *world {
	w := &world{
		zones: []string{parentZone, clientZone, hostZone, suffixZones, hosting}, domain: "acme.example", issuer: "Let's Encrypt", sans: []string{"acme.example", "*.acme.example"},
		sick: map[string]int{}, allowed: []string{"acme.example", "*.acme.example"},
		servers: map[string]*nsServer{
			"45.5.6.30": {zones: []string{"example."}},
			"45.0.0.1":  {zones: []string{"acme.example."}},
			"45.0.0.2":  {zones: []string{"acme.example.", "host.test."}},
		},
		web: func(w http.ResponseWriter, r *http.Request) { _, _ = w.Write([]byte("<h1>" + r.Host + "</h1>")) },
	}
	w.spec = Spec{Domain: w.domain, Expected: []Expected{
		{Name: "portal.acme.example", Type: "A", Proxied: true},
		{Name: "acme.example", Type: "MX", Values: []string{"1 SMTP.host.test."}},
		{Name: "acme.example", Type: "TXT", Values: []string{`"v=spf1 ip4:45.9.9.0/24" " -all"`}},
	}}
	w.list(clientZone)
	return w
}

// hosting is the world of services, some names of which nobody has.
const hosting = `
services. 3600 SOA ns.services. hostmaster.services. 1 7200 900 1209600 300
surge.sh. 300 A 45.9.9.12
gone.surge.sh. 300 A 45.9.9.12
nobody.github.io. 300 A 45.9.9.13
`

// list makes the listing of a zone's text.
func (w *world) list(text string) {
	w.spec.Listed, w.spec.Records = true, nil
	for rr := range slices.Values(parse(text)) {
		h := rr.Header()
		if h.Rrtype == dns.TypeSOA || h.Rrtype == dns.TypeNS && h.Name == w.domain+"." {
			continue
		}
		content := strings.TrimPrefix(rr.String(), h.String())
		if txt, ok := rr.(*dns.TXT); ok {
			content = strings.Join(txt.Txt, "")
		}
		w.spec.Records = append(w.spec.Records, Record{Name: strings.TrimSuffix(h.Name, "."), Type: dns.TypeToString[h.Rrtype], Content: content, TTL: int64(h.Ttl)})
	}
}

// add puts records into the client's zone and its listing.
func (w *world) add(text string) {
	w.zones[1] += text
	listed := w.spec.Listed
	if listed {
		w.list(w.zones[1])
	}
}

// replace exchanges text of a zone.
func (w *world) replace(zone int, old, with string) {
	if !strings.Contains(w.zones[zone], old) {
		panic("nothing to replace: " + old)
	}
	w.zones[zone] = strings.ReplaceAll(w.zones[zone], old, with)
	if zone == 1 && w.spec.Listed {
		w.list(w.zones[1])
	}
}

func (w *world) proxy(name, origin string) {
	for i, r := range w.spec.Records {
		if r.Name == name && r.Type == "A" {
			w.spec.Records[i].Content, w.spec.Records[i].Proxied = origin, true
		}
	}
}

func parse(text string) []dns.RR {
	var out []dns.RR
	parser := dns.NewZoneParser(strings.NewReader(text), ".", "")
	for rr, ok := parser.Next(); ok; rr, ok = parser.Next() {
		out = append(out, rr)
	}
	if err := parser.Err(); err != nil {
		panic(err)
	}
	return out
}

// find answers from one zone as its server does (RFC 1034 4.3.2).
func find(records []dns.RR, apex, name string, typ uint16, cuts bool) (answer, authority, extra []dns.RR, rcode int, aa bool) {
	owners := map[string][]dns.RR{}
	exists := map[string]bool{}
	for _, rr := range records {
		owner := strings.ToLower(rr.Header().Name)
		owners[owner] = append(owners[owner], rr)
		for n := owner; n != "" && n != "."; _, n, _ = strings.Cut(n, ".") {
			exists[n] = true
		}
	}
	of := func(name string, typ uint16) (out []dns.RR) {
		for _, rr := range owners[name] {
			if rr.Header().Rrtype == typ {
				out = append(out, rr)
			}
		}
		return out
	}
	if cuts {
		for up := name; up != apex && up != ""; _, up, _ = strings.Cut(up, ".") {
			if ns := of(up, dns.TypeNS); len(ns) > 0 && (typ != dns.TypeDS || up != name) {
				for _, rr := range ns {
					extra = append(extra, of(rr.(*dns.NS).Ns, dns.TypeA)...)
				}
				return nil, ns, extra, dns.RcodeSuccess, false
			}
		}
	}
	soa := of(apex, dns.TypeSOA)
	for range 8 {
		source := name
		if !exists[name] {
			source = ""
			for _, up, ok := strings.Cut(name, "."); ok && up != ""; _, up, ok = strings.Cut(up, ".") {
				if exists[up] {
					if len(owners["*."+up]) > 0 {
						source = "*." + up
					}
					break
				}
			}
			if source == "" {
				return answer, soa, nil, dns.RcodeNameError, true
			}
		}
		matches := of(source, typ)
		next := ""
		if alias := of(source, dns.TypeCNAME); len(alias) > 0 && typ != dns.TypeCNAME && len(matches) == 0 {
			matches, next = alias, strings.ToLower(alias[0].(*dns.CNAME).Target)
		}
		for _, rr := range matches {
			rr = dns.Copy(rr)
			rr.Header().Name = name
			answer = append(answer, rr)
		}
		if next == "" || !dns.IsSubDomain(apex, next) {
			if len(answer) == 0 {
				authority = soa
			}
			return answer, authority, nil, dns.RcodeSuccess, true
		}
		name = next
	}
	return nil, nil, nil, dns.RcodeServerFailure, true
}

func (w *world) apexes() map[string][]dns.RR {
	out := map[string][]dns.RR{}
	for _, text := range w.zones {
		if records := parse(text); len(records) > 0 {
			out[records[0].Header().Name] = records
		}
	}
	return out
}
