package portal

import (
	"encoding/json"
	"fmt"
	"net/http"
	"net/http/httptest"
	"regexp"
	"strings"
	"testing"
	"time"
)

func TestTraps(t *testing.T) {
	t.Parallel()
	byCookie := func(p *Portal, c *http.Cookie, method, path, token string) response {
		req := httptest.NewRequest(method, "https://portal.acme.example"+path, strings.NewReader(`{"text":"hi"}`))
		req.Header = http.Header{"Cookie": {c.Name + "=" + c.Value}, "Content-Type": {"application/json"}}
		if token != "" {
			req.Header.Set(WriteTokenHeader, token)
		}
		return send(p, req)
	}
	seen(t, map[Switch]sight{
		TrapSoft404: {both(asks("anonymous", "GET", "/.env", "", "could not find"), asks("member_a", "GET", "/api/nowhere", "", `"status":404`), asks("anonymous", "POST", "/nowhere", "")),
			`200 could not find, 200 "status":404, 404`, `404, 404 "status":404, 404`},
		TrapError200: {both(asks("anonymous", "GET", "/api/me", "", `"error":"Unauthorized"`), asks("member_b", "GET", "/api/invoices/5001", "", `"error":"Not Found"`), asks("member_b", "GET", "/api/invoices/5002", "", "S-2026-0001")),
			`200 "error":"Unauthorized", 200 "error":"Not Found", 200 S-2026-0001`, "401, 404, 200 S-2026-0001"},
		TrapVolatile: {func(t *testing.T, p *Portal, _ func(time.Duration)) string {
			page, again := get(p, "/pricing", nil), get(p, "/pricing", nil)
			one, two := get(p, "/healthz", nil), get(p, "/healthz", nil)
			return fmt.Sprint(page.body != again.body, one.body != two.body, json.Valid([]byte(one.body)), one.Header.Get("X-Request-Id") != "")
		}, "true true true true", "false false true false"},
		TrapSlow: {func(_ *testing.T, p *Portal, _ func(time.Duration)) string {
			start := time.Now()
			get(p, "/healthz", nil)
			return fmt.Sprint(time.Since(start) >= slowFrom)
		}, "true", "false"},
		TrapSPA: {both(asks("anonymous", "GET", "/nowhere", "", `id="app"`), asks("anonymous", "GET", "/admin", "", `id="app"`), asks("member_a", "GET", "/api/admin/users", "")),
			`200 id="app", 200 id="app", 403`, "404, 303, 403"},
		TrapCSRF: {func(t *testing.T, p *Portal, _ func(time.Duration)) string {
			_, c := signIn(t, p, "member_a", nil)
			bare := byCookie(p, c, "POST", "/api/messages", "")
			token := get(p, "/api/me", http.Header{"Cookie": {c.Name + "=" + c.Value}}).Header.Get(WriteTokenHeader)
			page := get(p, "/account", http.Header{"Cookie": {c.Name + "=" + c.Value}}).body
			inPage := regexp.MustCompile(`name="csrf-token" content="([^"]+)"`).FindStringSubmatch(page)
			_, other := signIn(t, p, "member_b", nil)
			out := fmt.Sprint(bare.StatusCode, " ", byCookie(p, c, "POST", "/api/messages", token).StatusCode, " ", byCookie(p, c, "POST", "/api/messages", token).StatusCode)
			if inPage != nil {
				out += fmt.Sprint(" ", byCookie(p, other, "POST", "/api/messages", inPage[1]).StatusCode)
			}
			return out + fmt.Sprint(" ", as(t, p, "member_a").do("POST", "/api/messages", `{"text":"hi"}`).StatusCode)
		}, "403 201 403 403 201", "201 201 201 201"},
	})
}
