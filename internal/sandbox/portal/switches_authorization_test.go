package portal

import (
	"fmt"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"
)

// asks makes one request as someone and says the status and which of some words
// are in the answer.
func asks(who, method, path, body string, words ...string) func(*testing.T, *Portal, func(time.Duration)) string {
	return func(t *testing.T, p *Portal, _ func(time.Duration)) string {
		t.Helper()
		return outcome(as(t, p, who).do(method, path, body), words...)
	}
}

func outcome(r response, words ...string) string {
	out := fmt.Sprint(r.StatusCode)
	for _, word := range words {
		if strings.Contains(r.body, word) {
			out += " " + word
		}
	}
	return out
}

// both makes requests one after the other.
func both(looks ...func(*testing.T, *Portal, func(time.Duration)) string) func(*testing.T, *Portal, func(time.Duration)) string {
	return func(t *testing.T, p *Portal, pass func(time.Duration)) string {
		t.Helper()
		var out []string
		for _, look := range looks {
			out = append(out, look(t, p, pass))
		}
		return strings.Join(out, ", ")
	}
}

func TestAuthorizationSwitches(t *testing.T) {
	t.Parallel()
	a, b, c := Marker("member_a"), Marker("member_b"), Marker("member_c")
	messageOfA, memberA := "/api/messages/"+MessageOf("member_a"), "/api/members/usr_7k2m"
	const phone = `{"phone":"+1 202 555 0000"}`
	headered := func(method, path, name, value string) func(*testing.T, *Portal, func(time.Duration)) string {
		return func(t *testing.T, p *Portal, _ func(time.Duration)) string {
			t.Helper()
			req := httptest.NewRequest(method, "https://portal.acme.example"+path, nil)
			req.Header = bearer(as(t, p, "member_a").token)
			req.Header.Set(name, value)
			return outcome(send(p, req), "member-b@")
		}
	}
	seen(t, map[Switch]sight{
		ObjectCrossMember: {both(asks("member_c", "GET", messageOfA, "", a), asks("member_b", "GET", messageOfA, "", a)), "200 " + a + ", 404", "404, 404"},
		DeniedWithData:    {both(asks("member_c", "GET", messageOfA, "", a), asks("member_b", "GET", messageOfA, "", a)), "403 " + a + ", 404", "404, 404"},
		ObjectCrossOrg:    {both(asks("member_b", "GET", "/api/posts/101", "", "north-only"), asks("robot", "GET", "/api/posts/101", "", "north-only")), "200 north-only, 404", "404, 404"},
		AnonymousObject: {both(asks("anonymous", "GET", "/api/invoices/5001", "", a), asks("member_b", "GET", "/api/invoices/5001", "", a), asks("anonymous", "GET", "/api/invoice?id=5001", "", a)),
			"200 " + a + ", 404, 401", "401, 404, 401"},
		InvoiceUnchecked: {both(asks("member_b", "GET", "/api/invoices/5001", "", a), asks("member_c", "POST", "/api/invoices/lookup", `{"id":"5001"}`, a), asks("anonymous", "GET", "/api/invoices/5001", "", a)),
			"200 " + a + ", 200 " + a + ", 401", "404, 404, 401"},
		AdminListOpen: {both(asks("member_a", "GET", "/api/admin/users", "", "member-b@"), asks("anonymous", "GET", "/api/admin/users", "")), "200 member-b@, 401", "403, 401"},
		AdminWriteOpen: {both(asks("member_a", "POST", "/api/admin/members/usr_9x4q/note", `{"text":"scribble"}`), asks("admin", "GET", "/api/admin/members/usr_9x4q/note", "", "scribble")),
			"200, 200 scribble", "403, 200"},
		WriteUnchecked:   {both(asks("member_c", "PATCH", memberA, phone, a), asks("member_a", "GET", memberA, "", "0000")), "200, 200 0000", "404, 200"},
		WriteBeforeCheck: {both(asks("member_c", "PATCH", memberA, phone, a), asks("member_a", "GET", memberA, "", "0000")), "403, 200 0000", "404, 200"},
		DeleteUnchecked:  {both(asks("member_b", "DELETE", messageOfA, ""), asks("member_a", "GET", messageOfA, "", a)), "204, 404", "404, 200 " + a},
		ListUnscoped:     {both(asks("member_c", "GET", "/api/messages", "", a, b, c), asks("member_b", "GET", "/api/messages", "", a, b)), "200 " + a + " " + c + ", 200 " + b, "200 " + c + ", 200 " + b},
		MassAssignment: {both(asks("member_a", "PATCH", memberA, `{"role":"admin"}`), asks("member_a", "GET", "/api/me", "", `"role":"admin"`), asks("member_a", "PATCH", "/api/profile", `{"role":"member"}`),
			asks("member_a", "GET", memberA, "", `"role":"member"`)), `200, 200 "role":"admin", 200, 200 "role":"member"`, `422, 200, 422, 200 "role":"member"`},
		MethodOverride: {both(headered("POST", "/api/admin/users", "X-HTTP-Method-Override", "GET"), headered("POST", "/api/admin/users?_method=GET", "X-Nothing", ""), headered("GET", "/api/admin/users", "X-HTTP-Method-Override", "GET")),
			"200 member-b@, 200 member-b@, 403", "404, 404, 403"},
		PathCase: {both(asks("member_a", "GET", "/API/Admin/users", "", "member-b@"), asks("member_a", "GET", "/api/admin/users", ""), cookied("/Admin")), "200 member-b@, 403, 200", "404, 403, 404"},
		PathSlash: {both(asks("member_a", "GET", "/api/admin/users/", "", "member-b@"), asks("member_a", "GET", "/api/admin/users", ""), cookied("/admin/")),
			"200 member-b@, 403, 200", "404, 403, 404"},
		PathByHeader: {both(headered("GET", "/", "X-Original-URL", "/api/admin/users"), headered("GET", "/", "X-Rewrite-URL", "/admin"), headered("GET", "/admin", "X-Nothing", "")), "200 member-b@, 200 member-b@, 403", "200, 200, 403"},
		IDByQuery: {both(asks("member_b", "GET", "/api/invoices/5002?id=5001", "", a, b), asks("member_b", "GET", "/api/invoice?id=5002&id=5001", "", a, b), asks("member_b", "GET", "/api/profile?id=usr_7k2m", "", a, b),
			asks("member_b", "GET", "/api/invoice?id=5001", "", a, b)), "200 " + a + ", 200 " + a + ", 200 " + a + ", 404", "200 " + b + ", 200 " + b + ", 200 " + b + ", 404"},
		IDByBody:      {both(asks("member_b", "GET", "/api/invoices/5002", `{"id":"5001"}`, a, b), asks("member_b", "GET", "/api/members/usr_9x4q", `{"id":"usr_7k2m"}`, a, b)), "200 " + a + ", 200 " + a, "200 " + b + ", 200 " + b},
		LeakAddresses: {asks("anonymous", "GET", "/community", "", "member-a@acme.example"), "200 member-a@acme.example", "200"},
		LeakMarker:    {asks("anonymous", "GET", "/api/public/events", "", a), "200 " + a, "200"},
		LeakInvoice:   {asks("anonymous", "GET", "/community", "", "N-2026-0001", "120.00", "Mira Ahlberg"), "200 N-2026-0001 120.00 Mira Ahlberg", "200"},
		LeakToken:     {asks("anonymous", "GET", "/api/public/events", "", "eyJ"), "200 eyJ", "200"},
		LeakIDs:       {asks("anonymous", "GET", "/api/public/events", "", "usr_7k2m", "7001"), "200 usr_7k2m 7001", "200"},
		RouteUncovered: {both(asks("member_a", "GET", "/api/reports/weekly", "", "members"), asks("anonymous", "GET", "/api/openapi.json", "", "weekly")),
			"200 members, 200 weekly", "404, 200"},
		OverDenied: {both(asks("member_c", "GET", "/api/posts/101", "", "north-only"), asks("member_a", "GET", "/api/posts/101", "", "north-only")), "404, 200 north-only", "200 north-only, 200 north-only"},
		HashShown:  {both(asks("member_a", "GET", "/api/profile", "", "argon2id"), asks("member_a", "GET", memberA, "", "argon2id")), "200 argon2id, 200 argon2id", "200, 200"},
	})
}

// cookied asks for a page as a browser does.
func cookied(path string) func(*testing.T, *Portal, func(time.Duration)) string {
	return func(t *testing.T, p *Portal, _ func(time.Duration)) string {
		t.Helper()
		_, c := signIn(t, p, "member_a", nil)
		return fmt.Sprint(get(p, path, http.Header{"Cookie": {c.Name + "=" + c.Value}}).StatusCode)
	}
}
