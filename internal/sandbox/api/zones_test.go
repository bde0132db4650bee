package api

import (
	"net/http"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/launchready/terraform-provider-launchready/internal/sandbox/zone"
)

func TestZoneLife(t *testing.T) {
	t.Parallel()
	w := newWorld(t, "pro", nil)
	account := `"account":{"id":"` + accountID + `"}`
	var v zoneView
	w.call("POST", "/zones", `{"name":"BÜCHER.example.",`+account+`}`).into(t, &v)
	if v.Name != "xn--bcher-kva.example" || v.Status != "pending" || v.ActivatedOn != nil || len(v.NameServers) != 2 || v.Plan["legacy_id"] != "free" || v.Account["id"] != accountID {
		t.Errorf("created: %+v", v)
	}
	for body, code := range map[string]int{
		`{"name":"xn--bcher-kva.example",` + account + `}`:                   1061,
		`{"name":"acme.example",` + account + `}`:                            1061,
		`{` + account + `}`:                                                  1003,
		`{"name":"nodots",` + account + `}`:                                  1003,
		`{"name":"a_b.example",` + account + `}`:                             1003,
		`{"name":"-a.example",` + account + `}`:                              1003,
		`{"name":"` + strings.Repeat("a", 64) + `.example",` + account + `}`: 1003,
		`{"name":"co.uk",` + account + `}`:                                   1049,
		`{"name":"www.new.example",` + account + `}`:                         1116,
		`{"name":"new.example",` + account + `,"type":"partial"}`:            1124,
		`{"name":"new.example"}`:                                             9109,
		`{"name":"new.example","account":{"id":"` + zoneID + `"}}`:           9109,
	} {
		if got := w.call("POST", "/zones", body); got.code() != code {
			t.Errorf("POST %s: %d %s, want %d", body, got.Status, got.Body, code)
		}
	}
	path := "/zones/" + v.ID
	w.call("PATCH", path, `{"paused":true}`).into(t, &v)
	if !v.Paused {
		t.Error("not paused")
	}
	for _, body := range []string{`{}`, `{"paused":false,"type":"full"}`, `{"paused":"no"}`, `{"type":"secondary"}`, `{"name":"other.example"}`} {
		if got := w.call("PATCH", path, body); got.Success {
			t.Errorf("PATCH %s was taken", body)
		}
	}
	z := w.api.Account().Zone(v.ID)
	z.SetStatus(zone.Active)
	w.call("GET", path, "").into(t, &v)
	if v.Status != "active" || v.ActivatedOn == nil || !v.Paused {
		t.Errorf("after activation: %+v", v)
	}
	w.call("POST", path+"/dns_records", `{"type":"A","name":"www","content":"192.0.2.1"}`).into(t, &recordView{})
	var gone struct{ ID string }
	if w.call("DELETE", path, "").into(t, &gone); gone.ID != v.ID {
		t.Errorf("deleted: %+v", gone)
	}
	if got := w.call("GET", path, ""); got.Status != http.StatusForbidden || got.code() != 9109 {
		t.Errorf("after deletion: %d %s", got.Status, got.Body)
	}
	w.call("POST", "/zones", `{"name":"xn--bcher-kva.example",`+account+`}`).into(t, &v)

	for _, token := range []Token{
		{Value: strings.Repeat("r", 40), Permissions: []Permission{ZoneRead, DNSEdit}},
		{Value: strings.Repeat("z", 40), Permissions: AllPermissions(), Zones: []string{zoneID}},
	} {
		w.api.AddToken(token)
		w.token = token.Value
		for _, call := range [][2]string{{"POST", "/zones"}, {"PATCH", path}, {"DELETE", "/zones/" + otherID}} {
			if got := w.call(call[0], call[1], `{"name":"x.example",`+account+`}`); got.Status != http.StatusForbidden {
				t.Errorf("%s %s with %v: %d %s", call[0], call[1], token.Permissions, got.Status, got.Body)
			}
		}
	}
}

// TestDNSSEC goes the way up and down, with the registrar in between.
func TestDNSSEC(t *testing.T) {
	t.Parallel()
	w := newWorld(t, "free", nil)
	path := "/zones/" + zoneID + "/dnssec"
	patch := func(status string) func() answer {
		return func() answer { return w.call("PATCH", path, `{"status":"`+status+`"}`) }
	}
	publish := func(on bool) func() answer {
		return func() answer {
			if err := w.zone.PublishDS(on); err != nil {
				t.Error(err)
			}
			return w.call("GET", path, "")
		}
	}
	if w.zone.PublishDS(true) == nil {
		t.Error("a DS record of no key was published")
	}
	keys := map[string]bool{}
	for i, step := range []struct {
		do   func() answer
		want string
	}{
		{func() answer { return w.call("GET", path, "") }, "disabled"},
		{patch("active"), "pending"},
		{publish(true), "active"},
		{patch("active"), "active"},
		{patch("disabled"), "pending-disabled"},
		{patch("active"), "active"},
		{patch("disabled"), "pending-disabled"},
		{publish(false), "disabled"},
		{patch("active"), "pending"},
		{patch("disabled"), "disabled"},
	} {
		var v dnssecView
		step.do().into(t, &v)
		if v.Status != step.want || (v.DS == nil) != (v.Status == "disabled") || v.Status != "disabled" && v.ModifiedOn == nil {
			t.Errorf("step %d: %+v, want %s", i, v, step.want)
		}
		if v.DS != nil {
			keys[*v.DS] = true
			if *v.Flags != 257 || *v.Algorithm != "13" || *v.DigestType != "2" || *v.DigestAlgorithm != "SHA256" || *v.KeyType != "ECDSAP256SHA256" ||
				!strings.HasPrefix(*v.DS, "acme.example. 3600 IN DS ") || !strings.HasSuffix(*v.DS, " 13 2 "+*v.Digest) || len(*v.PublicKey) != 88 {
				t.Errorf("step %d: %+v", i, v)
			}
		}
	}
	if len(keys) != 1 {
		t.Errorf("%d keys were made, want one that is kept", len(keys))
	}
	for _, body := range []string{`{"status":"pending"}`, `{"status":1}`, `{"dnssec_multi_signer":true}`} {
		if got := w.call("PATCH", path, body); got.Success {
			t.Errorf("PATCH %s was taken", body)
		}
	}
	patch("active")().into(t, &dnssecView{})
	var text string
	w.call("DELETE", path, "").into(t, &text)
	var v dnssecView
	patch("active")().into(t, &v)
	if keys[*v.DS] {
		t.Error("the key outlived its deletion")
	}
}

func TestExport(t *testing.T) {
	t.Parallel()
	w := newWorld(t, "pro", nil)
	for _, body := range []string{
		`{"type":"A","name":"www","content":"192.0.2.1","proxied":true}`,
		`{"type":"A","name":"direct","content":"192.0.2.1","ttl":600,"comment":"old; host","tags":["team:web","a:"]}`,
		`{"type":"CNAME","name":"store","content":"shops.myshopify.com","settings":{"flatten_cname":true}}`,
		`{"type":"MX","name":"@","content":"mx.example.net","priority":10,"comment":"c"}`,
		`{"type":"TXT","name":"@","content":"v=spf1 \"x\" -all"}`,
		`{"type":"SRV","name":"_sip._tcp","data":{"priority":10,"weight":5,"port":5060,"target":"sip.example.net"}}`,
		`{"type":"HTTPS","name":"www","data":{"priority":1,"target":".","value":"alpn=h2"}}`,
		`{"type":"URI","name":"u","priority":7,"data":{"weight":1,"target":"https://example.net/"}}`,
		`{"type":"CAA","name":"@","data":{"flags":0,"tag":"issue","value":"pki.goog"}}`,
		`{"type":"NS","name":"sub","content":"ns.example.net"}`,
	} {
		w.create(body)
	}
	got := w.call("GET", records+"/export", "")
	if got.Status != 200 || !strings.HasPrefix(got.Header.Get("Content-Type"), "text/plain") {
		t.Fatalf("%d %v %s", got.Status, got.Header, got.Body)
	}
	head, lines, _ := strings.Cut(string(got.Body), ";; SOA Record\n")
	if !strings.HasPrefix(head, ";;\n;; Domain:     acme.example.\n;; Exported:   ") {
		t.Errorf("head: %s", head)
	}
	soa, lines, _ := strings.Cut(lines, "\n")
	if !strings.HasPrefix(soa, "acme.example.\t3600\tIN\tSOA\tada.ns.cloudflare.com. dns.cloudflare.com. 23") {
		t.Errorf("SOA: %s", soa)
	}
	want := `
;; NS Records
acme.example.	86400	IN	NS	ada.ns.cloudflare.com.
acme.example.	86400	IN	NS	bob.ns.cloudflare.com.
sub.acme.example.	1	IN	NS	ns.example.net.

;; A Records
direct.acme.example.	600	IN	A	192.0.2.1 ; old; host cf_tags=cf-proxied:false,team:web,a:
www.acme.example.	1	IN	A	192.0.2.1 ; cf_tags=cf-proxied:true

;; CAA Records
acme.example.	1	IN	CAA	0 issue "pki.goog"

;; CNAME Records
store.acme.example.	1	IN	CNAME	shops.myshopify.com. ; cf_tags=cf-proxied:false,cf-flatten-cname

;; HTTPS Records
www.acme.example.	1	IN	HTTPS	1 . alpn="h2"

;; MX Records
acme.example.	1	IN	MX	10 mx.example.net. ; c

;; SRV Records
_sip._tcp.acme.example.	1	IN	SRV	10 5 5060 sip.example.net.

;; TXT Records
acme.example.	1	IN	TXT	"v=spf1 \"x\" -all"

;; URI Records
u.acme.example.	1	IN	URI	7 1 "https://example.net/"
`
	if diff := cmp.Diff(want, lines); diff != "" {
		t.Error(diff)
	}
}
