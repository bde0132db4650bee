package sandbox

import (
	"net/http"
	"strings"
	"testing"
)

// manner is how one fault of headers shows.
type manner struct {
	path, origin string
	method       string // default GET
	header       string
	sick, sound  string // contained in the header's value; "" = the header is not there
}

var manners = map[string]manner{
	"csp_missing":               {path: "/", header: "Content-Security-Policy", sound: "default-src 'self'"},
	"csp_unsafe":                {path: "/", header: "Content-Security-Policy", sick: "'unsafe-inline'", sound: "script-src 'self';"},
	"nosniff_missing":           {path: "/", header: "X-Content-Type-Options", sound: "nosniff"},
	"frame_missing":             {path: "/", header: "X-Frame-Options", sound: "DENY"},
	"referrer_missing":          {path: "/", header: "Referrer-Policy", sound: "strict-origin"},
	"server_version":            {path: "/", header: "X-Powered-By", sick: "PHP/8.1.2"},
	"private_cacheable":         {path: "/account", header: "Cache-Control", sound: "no-store"},
	"cors_reflects_origin":      {path: "/api/me", origin: "https://evil.test", header: allowOrigin, sick: "https://evil.test"},
	"cors_null":                 {path: "/api/me", origin: "null", header: allowOrigin, sick: "null"},
	"cors_suffix":               {path: "/api/me", origin: "https://evilacme.example", header: allowOrigin, sick: "evilacme"},
	"cors_prefix":               {path: "/api/me", origin: "https://app.acme.example.evil.test", header: allowOrigin, sick: "evil"},
	"cors_contains":             {path: "/api/me", origin: "https://appxacme.example", header: allowOrigin, sick: "appx"},
	"cors_subdomain":            {path: "/api/me", origin: "https://any.acme.example", header: allowOrigin, sick: "any"},
	"cors_http":                 {path: "/api/me", origin: "http://app.acme.example", header: allowOrigin, sick: "http://app"},
	"cors_special_char":         {path: "/api/me", origin: "https://app.acme.example_.evil.test", header: allowOrigin, sick: "evil"},
	"cors_localhost":            {path: "/api/me", origin: "http://localhost:3000", header: allowOrigin, sick: "localhost"},
	"cors_wildcard_credentials": {path: "/api/me", origin: "https://evil.test", header: "Access-Control-Allow-Credentials", sick: "true"},
	"cors_wildcard_private":     {path: "/api/me", origin: "https://evil.test", header: allowOrigin, sick: "*"},
	"cors_preflight_broad":      {path: "/api/me", origin: "https://evil.test", method: "OPTIONS", header: allowOrigin, sick: "https://evil.test"},
	"cors_vary_missing":         {path: "/api/posts", origin: "https://app.acme.example", header: "Vary", sick: "Authorization", sound: "Origin"},
	"cors_trusted_broken":       {path: "/api/me", origin: "https://app.acme.example", header: allowOrigin, sound: "https://app.acme.example"},
}

const allowOrigin = "Access-Control-Allow-Origin"

// TestHeaderFaults switches every fault of headers on and off.
func TestHeaderFaults(t *testing.T) {
	t.Parallel()
	s := start(t, Options{State: Healthy})
	c := visit(t, s)
	robot := "Bearer " + s.Identities()["robot"].BearerToken
	for name, m := range manners {
		value := func() string {
			method := m.method
			if method == "" {
				method = http.MethodGet
			}
			req, err := http.NewRequestWithContext(t.Context(), method, portalURL+m.path, nil)
			if err != nil {
				t.Fatal(err)
			}
			if m.origin != "" {
				req.Header.Set("Origin", m.origin)
				req.Header.Set("Access-Control-Request-Method", "DELETE")
			}
			if method == http.MethodGet && strings.HasPrefix(m.path, "/api/") {
				req.Header.Set("Authorization", robot)
			}
			resp, err := c.http().Do(req)
			if err != nil {
				t.Fatal(err)
			}
			resp.Body.Close()
			if resp.StatusCode >= 400 {
				t.Fatalf("%s: %s", name, resp.Status)
			}
			return strings.Join(resp.Header.Values(m.header), ", ")
		}
		is := func(got, want string) bool {
			return want == "" && got == "" || want != "" && strings.Contains(got, want)
		}
		if err := s.SetFaults(name); err != nil {
			t.Fatal(err)
		}
		if got := value(); !is(got, m.sick) || m.sound != "" && strings.Contains(got, m.sound) {
			t.Errorf("%s: %s is %q, want %q", name, m.header, got, m.sick)
		}
		if err := s.SetFaults(); err != nil {
			t.Fatal(err)
		}
		if got := value(); !is(got, m.sound) {
			t.Errorf("%s was taken back: %s is %q, want %q", name, m.header, got, m.sound)
		}
	}
}
