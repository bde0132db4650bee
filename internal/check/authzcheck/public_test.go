package authzcheck

import (
	"io"
	"net/http"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/launchready/terraform-provider-launchready/internal/probe"
	"github.com/launchready/terraform-provider-launchready/internal/readiness"
)

func TestPublicPages(t *testing.T) {
	t.Parallel()
	const jwt = "eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiIxMjM0NTYifQ.c2lnbmF0dXJlLXRoYXQtaXMtbm9uZQ"
	for name, tt := range map[string]struct {
		body  string
		allow []string
		leaks bool
	}{
		"in order":                       {body: `<p>Write to info@club.test or <a href="mailto:support@club.test">us</a></p><input placeholder="you@club.test"><p>Pro plan 12 EUR a month, invoices by e-mail</p>`},
		"a member's address":             {body: `<p>ann@north.test</p>`, leaks: true},
		"... hidden by the edge":         {body: `<a data-cfemail="5a3b34341a3435282e32742e3f292e">[email protected]</a>`, leaks: true},
		"... in the state of the page":   {body: `<script type="application/json">{"user":{"mail":"ann\u0040north.test"}}</script>`, leaks: true},
		"somebody's address":             {body: `{"editor":"mia.lind@club.test"}`, leaks: true},
		"somebody's, who is allowed":     {body: `{"editor":"mia.lind@club.test"}`, allow: []string{"mia.*@club.test"}},
		"pictures and packages":          {body: `<img src="logo@2x.png"><script src="https://cdn.test/vue@3.js"></script> https://key1@o1.ingest.sentry.test/5`},
		"a marker":                       {body: `{"note":"the boiler of number nine"}`, leaks: true},
		"a token":                        {body: `{"upload":"` + jwt + `"}`, leaks: true},
		"the key of Supabase for anyone": {body: `<script>const key="eyJhbGciOiJIUzI1NiJ9.eyJpc3MiOiJzdXBhYmFzZSIsInJvbGUiOiJhbm9uIn0.c2lnbmF0dXJlLXRoYXQtaXMtbm9uZQ"</script>`},
		"an invoice":                     {body: `<h1>Invoices</h1><tr><td>N-2026-0001</td><td>120.00 EUR</td><td>Mira Ahlberg</td></tr>`, leaks: true},
		"an invoice that was paid":       {body: `<li>N-2026-0001</li><li>120.00 EUR paid by Mira Ahlberg</li>`, leaks: true},
		"an invoice by its number":       {body: `<li>INV-2026-0001</li><li>120.00 EUR</li><li>Mira Ahlberg</li>`, leaks: true},
		"an invoice of a member":         {body: `<li>N-2026-0001</li><li>120.00 EUR</li><li>Ann Northern</li>`, leaks: true},
		"an invoice in JSON":             {body: `[{"invoice_number":"17","total":120,"customer":"Mira"}]`, leaks: true},
		"prices":                         {body: `[{"name":"Pro Plan","price":"29 EUR","total":3}]`},
		"prices on a page":               {body: `<li>Small Club</li><li>29 EUR</li><li>Large Club</li><li>99 EUR</li><p>Since 2019-2026, model AB-2000</p>`},
		"prices by kind of invoice":      {body: `{"plans":[{"name":"Pro","amount":29,"invoice_interval":"month","invoicing":true}]}`},
		"invoices of samples":            {body: `{"plans":[{"name":"Pro","amount":29,"invoice":"monthly"}]}`},
		"goods":                          {body: `<ul><li><b>SKU AB-2024-001</b> <i>Blue Chair</i> <span>29 EUR</span></li><li><b>SKU AB-2024-002</b> <i>Garden Table</i> <span>99 EUR</span></li></ul>`},
		"tickets":                        {body: `<tr><td>Ticket SUM-2026-001</td><td>Summer Party</td><td>$12</td></tr>`},
		"the token of the standard":      {body: `<pre>curl -H "Authorization: Bearer eyJhbGciOiJIUzI1NiIsInR5cCI6IkpXVCJ9.eyJzdWIiOiIxMjM0NTY3ODkwIiwibmFtZSI6IkpvaG4gRG9lIiwiaWF0IjoxNTE2MjM5MDIyfQ.SflKxwRJSMeKKF2QT4fwpMeJf36POk6yJV_adQssw5c"</pre>`},
		"a blog":                         {body: `{"posts":[{"id":3,"title":"Spring at the pier","author":"Mia Lind","published_at":"2026-03-12"}]}<p>Call +49 30 1234567</p>`},
		"numbers of people":              {body: `{"events":[{"title":"x","user_id":17},{"title":"y","user_id":18}]}`, leaks: true},
		"numbers of events":              {body: `{"events":[{"id":17,"title":"x"},{"id":18,"title":"y"}]}`},
		"an account's id":                {body: `{"events":[{"organizer":"acc_ann77"}]}`, leaks: true},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			w := &world{handler: http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
				if r.URL.Path == "/public" {
					_, _ = io.WriteString(w, tt.body)
					return
				}
				sound(w, r)
			})}
			w.spec = func(s *Spec) {
				s.Routes = []Route{{Name: "a", Path: "/letters/4101", Owner: "ann", Marker: "boiler of number nine"}}
				s.PublicPaths, s.PublicAllow = []string{"/public"}, tt.allow
			}
			want := verdicts{}
			if tt.leaks {
				want["authz.public_route_leak GET 127.0.0.1/public"] = readiness.Fail
			}
			got, result := w.check(t)
			if diff := cmp.Diff(want, got); diff != "" {
				t.Errorf("(-want +got)\n%s\n%s", diff, explain(result))
			}
			for _, secret := range []string{jwt, "ann@north", "mia.lind", "boiler"} {
				if strings.Contains(explain(result), secret) {
					t.Errorf("a finding repeats %q", secret)
				}
			}
		})
	}
}

func TestIdentifier(t *testing.T) {
	t.Parallel()
	for path, want := range map[string]string{
		"/api/invoices/5001":                           "/api/invoices/{id}",
		"/api/v2/users/usr_7k2m":                       "/api/v2/users/{id}",
		"/oauth2/userinfo":                             "/oauth2/userinfo",
		"/level1/area-51":                              "/level1/area-51",
		"/o/7/p/8?version=3":                           "/o/{id}/p/{id2}?version={version}",
		"/f/0b9c7f4e-1d2a-4c3b-8e5f-6a7b8c9d0e1f/edit": "/f/{id}/edit",
		"/invoice?id=5001&lang=en":                     "/invoice?id={id}&lang=en",
		"/letters/N-2026-0001":                         "/letters/{id}",
	} {
		if got := (Route{Path: path}).named().Path; got != want {
			t.Errorf("%s: got %s, want %s", path, got, want)
		}
	}
}

func FuzzLeaves(f *testing.F) {
	for _, seed := range []string{`{"a":[{"b":1}]}`, `<p>x</p><script type="application/json">{"a":1}</script>`, "plain\nlines", `[[[[`, `{"a":`} {
		f.Add(seed, "id")
	}
	f.Fuzz(func(t *testing.T, body, field string) {
		x := probe.Exchange{Status: 200, Body: []byte(body)}
		if n := len(leavesOf(x)); n > maxLeaves {
			t.Errorf("%d leaves", n)
		}
		v := viewOf(x)
		_ = v.holds(field)
		_, _ = readField(x, field)
		_ = addresses(body)
		_ = tokens(x, v)
		_ = invoices(x, func(string) bool { return false })
		_ = internalIDs(x)
		_ = (Route{Path: "/" + body, Body: body, ReadOnly: true}).named().shot(map[string]string{"id": field})
	})
}

func TestDefinition(t *testing.T) {
	t.Parallel()
	if err := Definition.Validate(); err != nil {
		t.Error(err)
	}
}
