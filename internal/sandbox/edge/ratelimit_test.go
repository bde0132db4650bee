package edge

import (
	"fmt"
	"net/http"
	"strings"
	"testing"
	"time"
)

// statuses asks n times and returns the status codes, with Retry-After.
func (w *world) statuses(n int, method, url string, header http.Header) string {
	w.t.Helper()
	var out []string
	for range n {
		resp, body, err := w.ask(method, url, header)
		if err != nil {
			w.t.Fatal(err)
		}
		one := fmt.Sprint(resp.StatusCode)
		if after := resp.Header.Get("Retry-After"); after != "" {
			one += "/" + after
		}
		if resp.StatusCode == http.StatusTooManyRequests && !strings.Contains(body, "1015") {
			w.t.Errorf("no error 1015 in %s", body)
		}
		out = append(out, one)
	}
	return strings.Join(out, " ")
}

// TestRateLimit counts in the edge's own time, which passes twice as fast.
func TestRateLimit(t *testing.T) {
	t.Parallel()
	const login = `{"expression":"http.request.uri.path eq \"/login\"","action":"block","ratelimit":{"characteristics":["ip.src","cf.colo.id"],"period":10,"requests_per_period":2,"mitigation_timeout":60}}`
	w := newWorld(t, false)
	check := func(what, got, want string) {
		t.Helper()
		if got != want {
			t.Errorf("%s: %s, want %s", what, got, want)
		}
	}
	w.rules(phaseRateLimit, login)
	check("burst", w.statuses(4, "POST", site+"/login", nil), "200 200 429/30 429/30")
	check("another path", w.statuses(3, "GET", site+"/", nil), "200 200 200")
	check("a claimed address", w.statuses(1, "POST", site+"/login", http.Header{"X-Forwarded-For": {"203.0.113.9"}}), "429/30")
	w.later(29500 * time.Millisecond)
	check("before the end", w.statuses(1, "POST", site+"/login", nil), "429/1")
	w.later(time.Second)
	check("after the end", w.statuses(3, "POST", site+"/login", nil), "200 200 429/30")
	w.rules(phaseRateLimit, login)
	check("another rule counts anew", w.statuses(2, "POST", site+"/login", nil), "200 200")
	w.later(5 * time.Second)
	check("a period later", w.statuses(2, "POST", site+"/login", nil), "200 200")
	w.rules(phaseCustom, `{"expression":"true","action":"skip","action_parameters":{"phases":["http_ratelimit"]}}`)
	check("skipped", w.statuses(3, "POST", site+"/login", nil), "200 200 200")
	w.rules(phaseCustom)
	w.rules(phaseRateLimit)
	check("without the rule", w.statuses(5, "POST", site+"/login", nil), "200 200 200 200 200")

	// Without a timeout only what is above the rate is stopped.
	w.rules(phaseRateLimit, `{"expression":"true","action":"block","ratelimit":{"characteristics":["ip.src"],"period":10,"requests_per_period":1,"mitigation_timeout":0},
		"action_parameters":{"response":{"status_code":429,"content_type":"application/json","content":"{\"error\":1015}"}}}`)
	check("throttle", w.statuses(2, "GET", site+"/", nil), "200 429/5")
	w.later(5 * time.Second)
	check("throttle, a period later", w.statuses(2, "GET", site+"/", nil), "200 429/5")

	w.rules(phaseRateLimit, `{"expression":"true","action":"managed_challenge","ratelimit":{"characteristics":["ip.src","http.request.headers[\"x-key\"]","lower(http.request.uri.path)"],"period":10,"requests_per_period":1,"mitigation_timeout":0}}`)
	check("one header", w.statuses(2, "GET", site+"/", http.Header{"X-Key": {"a"}}), "200 403")
	check("another header", w.statuses(2, "GET", site+"/", http.Header{"X-Key": {"b"}}), "200 403")
	check("another path", w.statuses(1, "GET", site+"/Z", http.Header{"X-Key": {"b"}}), "200")
	check("its other case", w.statuses(1, "GET", site+"/z", http.Header{"X-Key": {"b"}}), "403")

	// Failures alone are counted, and everything is stopped then.
	w.rules(phaseRateLimit, `{"expression":"true","action":"block","ratelimit":{"characteristics":["ip.src"],"period":10,"requests_per_period":1,"mitigation_timeout":10,
		"counting_expression":"http.response.code eq 404"}}`)
	check("successes", w.statuses(3, "GET", site+"/", nil), "200 200 200")
	check("failures", w.statuses(3, "GET", site+"/?status=404", nil), "404 404 429/5")
	check("everything", w.statuses(1, "GET", site+"/", nil), "429/5")
	w.rules(phaseRateLimit, `{"expression":"true","action":"block"}`)
	check("a rule without a limit", w.statuses(1, "GET", site+"/", nil), "500")
}
