package dns

import (
	"strings"
	"testing"

	wire "github.com/miekg/dns"

	"github.com/launchready/terraform-provider-launchready/internal/sandbox/api"
	"github.com/launchready/terraform-provider-launchready/internal/sandbox/zone"
)

// TestWhatTheAPIStores holds that the content which the API derives from data
// is what a name server can serve, for every type with data.
func TestWhatTheAPIStores(t *testing.T) {
	t.Parallel()
	z := zone.New("z1", "acme.example", "a1", "pro")
	cloudflare := api.New(api.Options{Account: api.NewAccount("a1", "", z)})
	s := start(t, z)
	type fields = map[string]any
	for typ, tc := range map[string]struct {
		data fields
		want string
	}{
		"SRV":    {fields{"priority": 10, "weight": 5, "port": 5060, "target": "SIP.example.net"}, "10 5 5060 sip.example.net."},
		"CAA":    {fields{"flags": 128, "tag": "issue", "value": `ca.example; "x"`}, `128 issue "ca.example; \"x\""`},
		"TLSA":   {fields{"usage": 3, "selector": 1, "matching_type": 1, "certificate": "ABCD"}, "3 1 1 abcd"},
		"SMIMEA": {fields{"usage": 3, "selector": 1, "matching_type": 1, "certificate": "ABCD"}, "3 1 1 abcd"},
		"SSHFP":  {fields{"algorithm": 4, "type": 2, "fingerprint": "abcd"}, "4 2 ABCD"},
		"HTTPS": {fields{"priority": 1, "target": ".", "value": `alpn="h3,h2" port=8443 ipv6hint=2001:db8::1 ech=AQID`},
			`1 . alpn="h3,h2" port="8443" ech="AQID" ipv6hint="2001:db8::1"`},
		"SVCB":   {fields{"priority": 0, "target": "svc.example.net"}, "0 svc.example.net."},
		"URI":    {fields{"weight": 1, "target": "https://example.net/?a=b"}, `7 1 "https://example.net/?a=b"`},
		"NAPTR":  {fields{"order": 1, "preference": 2, "flags": "U", "service": "E2U+sip", "regex": `!^.*$!sip:\\1@example.net!`, "replacement": "."}, `1 2 "U" "E2U+sip" "!^.*$!sip:\\\\1@example.net!" .`},
		"DS":     {fields{"key_tag": 1, "algorithm": 13, "digest_type": 2, "digest": "abcd"}, "1 13 2 ABCD"},
		"CERT":   {fields{"type": 1, "key_tag": 2, "algorithm": 8, "certificate": "AQID"}, "PKIX 2 RSASHA256 AQID"},
		"DNSKEY": {fields{"flags": 257, "protocol": 3, "algorithm": 13, "public_key": "AQID"}, "257 3 13 AQID"},
		"LOC": {fields{"lat_degrees": 52, "lat_minutes": 22, "lat_seconds": 23.5, "lat_direction": "N", "long_degrees": 4, "long_direction": "E", "altitude": -2},
			"52 22 23.500 N 04 00 0.000 E -2m 1m 10000m 10m"},
	} {
		name := strings.ToLower(typ) + ".acme.example"
		options := []api.SeedOption{api.Data(tc.data)}
		if typ == "URI" {
			options = append(options, api.Priority(7))
		}
		if _, err := cloudflare.Seed(z, typ, name, "", options...); err != nil {
			t.Error(err)
			continue
		}
		m, err := exchange(t, s, "udp", name, wire.StringToType[typ], 1232)
		if err != nil || len(m.Answer) != 1 {
			t.Errorf("%s: %v %v", typ, m, err)
			continue
		}
		if got := strings.TrimPrefix(m.Answer[0].String(), m.Answer[0].Header().String()); got != tc.want {
			t.Errorf("%s: %s, want %s", typ, got, tc.want)
		}
	}
}
