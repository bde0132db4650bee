package portal

import (
	"context"
	"net/http"
	"net/http/httptest"
	"testing"
)

// Each fault of latency acts on the requests that it names, and on no other. A
// visitor who has gone already gets nothing of an answer that takes a while.
func TestLatencySwitches(t *testing.T) {
	p, err := New(Options{Domain: "acme.example"})
	if err != nil {
		t.Fatal(err)
	}
	defer p.Close()
	robot := p.Identities()["robot"].BearerToken
	gone, leave := context.WithCancel(t.Context())
	leave()
	answers := func(path string) (answered, failed int) {
		for range 70 {
			r := httptest.NewRequestWithContext(gone, http.MethodGet, "https://portal.acme.example"+path, nil)
			r.Header.Set("Authorization", "Bearer "+robot)
			w := httptest.NewRecorder()
			p.ServeHTTP(w, r)
			switch {
			case w.Code == http.StatusInternalServerError:
				failed++
			case w.Body.Len() > 0:
				answered++
			}
		}
		return answered, failed
	}
	for _, test := range []struct {
		on               Switch
		path             string
		answered, failed int
	}{
		{"", "/api/profile", 70, 0},
		{SlowProfile, "/api/profile", 0, 0},
		{SlowProfile, "/api/me", 70, 0},
		{StalledMembers, "/api/membership", 69, 0},
		{PostsFail, "/api/posts", 56, 14},
		{ColdMemberships, "/api/membership", 69, 0},
		{"", "/api/membership", 70, 0},
		{ColdMemberships, "/api/membership", 69, 0},
	} {
		p.Set(test.on, true)
		if answered, failed := answers(test.path); answered != test.answered || failed != test.failed {
			t.Errorf("%s: of 70 requests for %s %d are answered and %d fail; want %d and %d", test.on, test.path, answered, failed, test.answered, test.failed)
		}
		p.Set(test.on, false)
	}
}
