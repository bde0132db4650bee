package cloudflare

import (
	"testing"

	"github.com/google/go-cmp/cmp"
)

func TestWebHosts(t *testing.T) {
	t.Parallel()
	records := []Record{
		{Name: "acme.example", Type: "A"}, {Name: "acme.example", Type: "AAAA"}, {Name: "acme.example", Type: "MX", Content: "post.acme.example"},
		{Name: "www.acme.example", Type: "CNAME", Proxied: true},
		{Name: "post.acme.example", Type: "A"},                // a target of MX
		{Name: "mail2.acme.example", Type: "A"},               // by custom
		{Name: "mail.acme.example", Type: "A", Proxied: true}, // webmail, behind the proxy
		{Name: "pm-bounces.acme.example", Type: "CNAME"},      // a return path
		{Name: "_acme-challenge.acme.example", Type: "CNAME"}, // a validation
		{Name: "*.app.acme.example", Type: "A"},               // no name
		{Name: "text.acme.example", Type: "TXT"},              // no address
		{Name: "sip.acme.example", Type: "A"},                 // by custom
		{Name: "pbx.acme.example", Type: "A"},                 // a target of SRV
		{Name: "_sip._tls.acme.example", Type: "SRV", Data: map[string]any{"target": "pbx.acme.example."}},
	}
	want := []string{"acme.example", "mail.acme.example", "www.acme.example"}
	if diff := cmp.Diff(want, WebHosts(records)); diff != "" {
		t.Error(diff)
	}
}
