package sandbox

import (
	"fmt"
	"net/http"
	"strings"
	"testing"
	"time"
)

// limiterSpeed makes a minute of the portal's limiter 1.2 seconds.
const limiterSpeed = 50

// guess tries wrong passwords for an account, at a pace that the edge bears, or
// for an account after the other as fast as it goes, where none is named. It
// returns the last answer with its Retry-After.
func (c *client) guess(n int, email string, header func(i int) http.Header) string {
	c.t.Helper()
	return c.guesses(n, email, header)[n-1]
}

// everThrottled is guess for a lock that may have ended before the last attempt,
// where the machine is slow: it returns the first 429, or else the last answer.
func (c *client) everThrottled(n int, email string) string {
	c.t.Helper()
	all := c.guesses(n, email, nil)
	for _, one := range all {
		if strings.HasPrefix(one, "429") {
			return one
		}
	}
	return all[n-1]
}

func (c *client) guesses(n int, email string, header func(i int) http.Header) []string {
	c.t.Helper()
	var out []string
	for i := range n {
		if email != "" {
			time.Sleep(25 * time.Millisecond)
		}
		email := email
		if email == "" {
			email = fmt.Sprintf("nobody-%d@acme.example", i)
		}
		req, err := http.NewRequestWithContext(c.t.Context(), http.MethodPost, portalURL+"/api/login", strings.NewReader(fmt.Sprintf(`{"email":%q,"password":"x"}`, email)))
		if err != nil {
			c.t.Fatal(err)
		}
		if header != nil {
			req.Header = header(i)
		}
		req.Header.Set("Content-Type", "application/json")
		resp, err := c.http().Do(req)
		if err != nil {
			c.t.Fatal(err)
		}
		resp.Body.Close()
		out = append(out, fmt.Sprintf("%d retry-after=%q", resp.StatusCode, resp.Header.Get("Retry-After")))
	}
	return out
}

const guessed = "member-a@acme.example"

// limiterSights are how each fault of the limiter shows, and what is seen of a
// healthy portal in its place.
var limiterSights = map[string]struct {
	look        func(c *client, s *Sandbox) string
	sick, sound string
}{
	"limiter_trusts_forwarded_for": {func(c *client, _ *Sandbox) string {
		return c.guess(12, guessed, func(i int) http.Header { return http.Header{"X-Forwarded-For": {fmt.Sprint("203.0.113.", i)}} })
	}, "401", `429 retry-after="2"`},
	"limiter_missing": {func(c *client, _ *Sandbox) string { return c.guess(12, guessed, nil) }, "401", "429"},
	"limiter_case_sensitive": {func(c *client, _ *Sandbox) string {
		c.guess(12, guessed, nil)
		return c.guess(1, strings.ToUpper(guessed), nil)
	}, "401", "429"},
	"lockout_permanent": {func(c *client, _ *Sandbox) string {
		c.guess(12, guessed, nil)
		time.Sleep(1500 * time.Millisecond)
		return c.guess(1, guessed, nil)
	}, "423", "401"},
	"retry_after_missing":      {func(c *client, _ *Sandbox) string { return c.guess(12, guessed, nil) }, `429 retry-after=""`, `429 retry-after="2"`},
	"throttle_as_200":          {func(c *client, _ *Sandbox) string { return c.guess(12, guessed, nil) }, "200", "429"},
	"burst_breaks_app":         {func(c *client, _ *Sandbox) string { return c.guess(12, guessed, nil) }, "500", "429"},
	"limiter_by_account_alone": {func(c *client, _ *Sandbox) string { return c.everThrottled(45, "") }, "401", "429"},
	"limiter_late":             {func(c *client, _ *Sandbox) string { return c.everThrottled(45, guessed) }, "401", "429"},
	"retry_after_short":        {func(c *client, _ *Sandbox) string { return c.guess(12, guessed, nil) }, `429 retry-after="1"`, `429 retry-after="2"`},
	"limiter_shuts_out": {func(c *client, s *Sandbox) string {
		c.guess(12, guessed, nil)
		return c.try("GET", portalURL+"/api/me", http.Header{"Authorization": {"Bearer " + s.Identities()["robot"].BearerToken}}, "")
	}, "429", "200"},
	"mail_bomb": {func(c *client, s *Sandbox) string {
		before := len(s.Inbox().Messages())
		for range 3 {
			c.try("POST", portalURL+"/api/password-reset", nil, `{"email":"launch-test@inbox.example"}`)
		}
		time.Sleep(500 * time.Millisecond)
		return fmt.Sprint(len(s.Inbox().Messages())-before, " letters")
	}, "3 letters", "1 letters"},
}

// TestLimiterFaults switches every fault of the limiter on and off.
func TestLimiterFaults(t *testing.T) {
	t.Parallel()
	for _, f := range limiterFaults() {
		sight, known := limiterSights[f.Name]
		if !known || f.Breaks == "" || len(f.Rules) == 0 || f.Status != "fail" {
			t.Errorf("%s: incomplete", f.Name)
			continue
		}
		t.Run(f.Name, func(t *testing.T) {
			t.Parallel()
			for _, step := range []struct {
				faults []string
				want   string
			}{{nil, sight.sound}, {[]string{f.Name}, sight.sick}} {
				s := start(t, Options{EdgeSpeed: limiterSpeed})
				if err := s.SetFaults(step.faults...); err != nil {
					t.Fatal(err)
				}
				if got := sight.look(visit(t, s), s); !strings.HasPrefix(got, step.want) {
					t.Errorf("with faults %v: %s, want %s", step.faults, got, step.want)
				}
			}
			// What is taken back leaves nothing behind.
			s := start(t, Options{EdgeSpeed: limiterSpeed})
			if err := s.SetFaults(f.Name); err != nil {
				t.Fatal(err)
			}
			if err := s.SetFaults(); err != nil {
				t.Fatal(err)
			}
			if got := sight.look(visit(t, s), s); !strings.HasPrefix(got, sight.sound) {
				t.Errorf("taken back: %s, want %s", got, sight.sound)
			}
		})
	}
}
