package portal

import (
	"strings"
	"testing"
)

// TestAPI is the contract of the healthy portal: who gets what.
func TestAPI(t *testing.T) {
	t.Parallel()
	for _, tc := range []struct {
		who, method, path, body string
		status                  int
		has                     string // in the body
	}{
		{"anonymous", "GET", "/healthz", "", 200, `"ok"`},
		{"anonymous", "GET", "/version", "", 200, `"version":"1.4.2"`},
		{"anonymous", "GET", "/", "", 200, "<h1>"},
		{"anonymous", "GET", "/welcome", "", 200, `src="/static/harbour.svg"`},
		{"anonymous", "GET", "/pricing", "", 200, "Membership"},
		{"anonymous", "GET", "/login", "", 200, `name="csrf"`},
		{"anonymous", "GET", "/static/site.js", "", 200, "use strict"},
		{"anonymous", "GET", "/static/", "", 404, ""},
		{"anonymous", "GET", "/nowhere", "", 404, ""},
		{"anonymous", "GET", "/api/nowhere", "", 404, "Not Found"},

		{"anonymous", "GET", "/api/me", "", 401, ""},
		{"anonymous", "GET", "/api/profile", "", 401, ""},
		{"anonymous", "GET", "/api/membership", "", 401, ""},
		{"anonymous", "GET", "/api/posts/101", "", 401, ""},
		{"anonymous", "GET", "/api/invoices/5001", "", 401, ""},
		{"anonymous", "GET", "/api/admin/users", "", 401, ""},
		{"anonymous", "POST", "/api/invites", `{"email":"x@y.example"}`, 401, ""},
		{"anonymous", "GET", "/account", "", 303, ""},
		{"anonymous", "GET", "/admin", "", 303, ""},

		{"anonymous", "POST", "/api/login", `{"email":"member-a@acme.example","password":"wrong"}`, 401, ""},
		{"anonymous", "POST", "/api/login", `{"email":"nobody@acme.example","password":"wrong"}`, 401, ""},
		{"anonymous", "POST", "/api/login", `{"email":`, 422, ""},
		{"anonymous", "POST", "/api/login", `{"email":"` + strings.Repeat("x", maxBody) + `"}`, 413, ""},
		{"anonymous", "POST", "/api/password-reset", `{"email":"member-a@acme.example"}`, 202, "message is on its way"},
		{"anonymous", "POST", "/api/password-reset", `{"email":"nobody@acme.example"}`, 202, "message is on its way"},
		{"anonymous", "POST", "/api/resend-code", `{"email":"nobody@acme.example"}`, 202, "message is on its way"},
		{"anonymous", "POST", "/api/password-reset", `{"email":"not an address"}`, 422, ""},

		{"member_a", "GET", "/api/me", "", 200, `"organization":"north"`},
		{"member_a", "GET", "/api/membership", "", 200, `"valid":true`},
		{"member_a", "GET", "/api/posts", "", 200, "north-only"},
		{"member_a", "GET", "/api/posts/101", "", 200, "north-only"},
		{"member_a", "GET", "/api/posts/201", "", 404, ""},
		{"member_b", "GET", "/api/posts/101", "", 404, ""},
		{"member_b", "GET", "/api/posts/201", "", 200, "south-only"},
		{"admin", "GET", "/api/posts/201", "", 200, "south-only"},
		{"robot", "GET", "/api/posts/201", "", 404, ""},
		{"member_a", "GET", "/api/invoices/5001", "", 200, "N-2026-0001"},
		{"member_b", "GET", "/api/invoices/5001", "", 404, ""},
		{"anonymous", "GET", "/community", "", 200, "Harbour of the north"},
		{"anonymous", "GET", "/api/public/events", "", 200, "Open harbour day"},
		{"anonymous", "GET", "/api/openapi.json", "", 200, `"3.1.0"`},
		{"anonymous", "GET", "/.well-known/jwks.json", "", 200, `"RS256"`},
		{"anonymous", "GET", "/login/totp", "", 303, ""},
		{"anonymous", "GET", "/reset/unknown", "", 410, "no longer valid"},
		{"anonymous", "POST", "/api/password-reset/confirm", `{"token":"x","password":"long-enough"}`, 410, ""},
		{"anonymous", "POST", "/api/signup", `{"email":"member-a@acme.example","password":"long-enough","name":"Mira"}`, 202, "message is on its way"},
		{"anonymous", "POST", "/api/signup", `{"email":"new@acme.example","password":"long-enough","name":"New"}`, 202, "message is on its way"},
		{"anonymous", "POST", "/api/signup", `{"email":"new@acme.example","password":"short","name":"New"}`, 422, ""},
		{"anonymous", "POST", "/api/signup", `{"email":"new@acme.example","password":"long-enough","name":"New","role":"admin"}`, 422, ""},
		{"anonymous", "GET", "/api/members/usr_7k2m", "", 401, ""},
		{"anonymous", "GET", "/api/invoice?id=5001", "", 401, ""},
		{"anonymous", "GET", "/api/messages", "", 401, ""},
		{"anonymous", "POST", "/api/token", `{"email":"admin@acme.example","password":"wrong"}`, 401, ""},
		{"anonymous", "POST", "/api/token/refresh", `{"refresh_token":"x"}`, 401, ""},

		{"member_a", "GET", "/api/members/usr_7k2m", "", 200, Marker("member_a")},
		{"member_c", "GET", "/api/members/usr_7k2m", "", 404, ""},
		{"admin", "GET", "/api/members/usr_7k2m", "", 200, Marker("member_a")},
		{"member_a", "PATCH", "/api/members/usr_7k2m", `{"phone":"+1 202 555 0199"}`, 200, "0199"},
		{"member_a", "PATCH", "/api/members/usr_7k2m", `{"role":"admin"}`, 422, ""},
		{"member_c", "PATCH", "/api/members/usr_7k2m", `{"phone":"+1 202 555 0199"}`, 404, ""},
		{"member_a", "GET", "/api/messages", "", 200, Marker("member_a")},
		{"member_a", "GET", "/api/messages/" + MessageOf("member_a"), "", 200, Marker("member_a")},
		{"member_c", "GET", "/api/messages/" + MessageOf("member_a"), "", 404, ""},
		{"admin", "GET", "/api/messages/" + MessageOf("member_a"), "", 404, ""},
		{"member_c", "DELETE", "/api/messages/" + MessageOf("member_a"), "", 404, ""},
		{"member_a", "DELETE", "/api/messages/" + MessageOf("member_a"), "", 204, ""},
		{"member_a", "POST", "/api/messages", `{"text":"hello"}`, 201, "hello"},
		{"member_a", "GET", "/api/invoices", "", 200, Marker("member_a")},
		{"member_c", "GET", "/api/invoices/5001", "", 404, ""},
		{"member_a", "GET", "/api/invoice?id=5001", "", 200, Marker("member_a")},
		{"member_b", "GET", "/api/invoice?id=5001", "", 404, ""},
		{"member_b", "GET", "/api/invoice?id=5002&id=5001", "", 200, Marker("member_b")},
		{"member_b", "GET", "/api/invoices/5002?id=5001", "", 200, Marker("member_b")},
		{"member_a", "POST", "/api/invoices/lookup", `{"id":"5001"}`, 200, Marker("member_a")},
		{"member_b", "POST", "/api/invoices/lookup", `{"id":"5001"}`, 404, ""},
		{"member_b", "POST", "/api/invoices/lookup?id=5002", `{"id":"5001"}`, 404, ""},
		{"member_a", "GET", "/api/admin/members/usr_7k2m/note", "", 403, ""},
		{"admin", "GET", "/api/admin/members/usr_7k2m/note", "", 200, Marker("admin")},
		{"member_a", "POST", "/api/admin/members/usr_7k2m/note", `{"text":"x"}`, 403, ""},
		{"admin", "POST", "/api/admin/members/usr_7k2m/note", `{"text":"called"}`, 200, "called"},
		{"member_a", "GET", "/Admin", "", 404, ""},
		{"member_a", "GET", "/admin/", "", 404, ""},
		{"member_a", "POST", "/api/password", `{"current_password":"wrong","password":"long-enough"}`, 403, ""},
		{"member_a", "POST", "/api/email", `{"current_password":"","email":"m@acme.example"}`, 403, ""},
		{"member_a", "GET", "/api/reports/weekly", "", 404, ""},
		{"member_a", "PATCH", "/api/profile", `{"display_name":"Mira"}`, 200, `"display_name":"Mira"`},
		{"member_a", "PATCH", "/api/profile", `{"role":"admin"}`, 422, ""},
		{"member_a", "PATCH", "/api/profile", `{"display_name":" "}`, 422, ""},
		{"member_a", "POST", "/api/invites", `{"email":"friend@partner.example"}`, 202, ""},
		{"robot", "POST", "/api/invites", `{"email":"friend@partner.example"}`, 202, ""},
		{"robot", "GET", "/api/me", "", 200, `"role":"api"`},
		{"member_a", "GET", "/account", "", 200, "Mira Ahlberg"},
		{"member_a", "GET", "/admin", "", 403, "administrators"},
		{"member_a", "GET", "/api/admin/users", "", 403, ""},
		{"admin", "GET", "/admin", "", 200, "member-b@acme.example"},
		{"admin", "GET", "/api/admin/users", "", 200, "member-b@acme.example"},
	} {
		t.Run(tc.who+" "+tc.method+" "+tc.path, func(t *testing.T) {
			t.Parallel()
			got := as(t, newPortal(t), tc.who).do(tc.method, tc.path, tc.body)
			if got.StatusCode != tc.status || !strings.Contains(got.body, tc.has) {
				t.Errorf("got %d %.300s\nwant %d with %q", got.StatusCode, got.body, tc.status, tc.has)
			}
			if got.Header.Get("Content-Security-Policy") == "" || got.Header.Get("X-Content-Type-Options") != "nosniff" {
				t.Errorf("security headers missing: %v", got.Header)
			}
			private := strings.HasPrefix(tc.path, "/api/") || tc.path == "/account" || tc.path == "/admin" || tc.path == "/login"
			if private && got.Header.Get("Cache-Control") != "private, no-store" {
				t.Errorf("Cache-Control of a private answer: %q", got.Header.Get("Cache-Control"))
			}
		})
	}
}
