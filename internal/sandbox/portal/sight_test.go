package portal

import (
	"encoding/json"
	"fmt"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"
)

// sight is how a switch shows: what is seen with it and without.
type sight struct {
	look        func(t *testing.T, p *Portal, pass func(time.Duration)) string
	sick, sound string
}

// seen runs every switch's look on a portal of its own with the switch on, on a
// healthy one, and on one where it was on.
func seen(t *testing.T, sights map[Switch]sight) {
	for name, s := range sights {
		t.Run(string(name), func(t *testing.T) {
			t.Parallel()
			for _, step := range []struct {
				set  []bool
				want string
			}{{nil, s.sound}, {[]bool{true}, s.sick}, {[]bool{true, false}, s.sound}} {
				p, pass := clockPortal(t)
				for _, on := range step.set {
					p.Set(name, on)
				}
				if got := s.look(t, p, pass); got != step.want {
					t.Errorf("switched %v: %q, want %q", step.set, got, step.want)
				}
			}
		})
	}
}

// get asks for a path with headers.
func get(p *Portal, path string, header http.Header) response {
	req := httptest.NewRequest("GET", "https://portal.acme.example"+path, nil)
	if header != nil {
		req.Header = header
	}
	return send(p, req)
}

func bearer(token string) http.Header { return http.Header{"Authorization": {"Bearer " + token}} }

// whoever says whom a request is taken for.
func whoever(p *Portal, header http.Header) string {
	got := get(p, "/api/me", header)
	if got.StatusCode != 200 {
		return fmt.Sprint(got.StatusCode)
	}
	var out struct{ Email string }
	_ = json.Unmarshal([]byte(got.body), &out)
	return strings.TrimSuffix(out.Email, "@acme.example")
}

// signIn returns the answer to a sign-in by JSON and its session cookie.
func signIn(t *testing.T, p *Portal, name string, header http.Header) (response, *http.Cookie) {
	t.Helper()
	got := post(p, "/api/login", credentials(p, name), header)
	for _, c := range got.Cookies() {
		if strings.HasSuffix(c.Name, "session") {
			return got, c
		}
	}
	return got, &http.Cookie{Name: "none"}
}
