package obscheck

import (
	"testing"

	"github.com/launchready/terraform-provider-launchready/internal/probe"
)

// Entries of many programs say what they must.
func TestFields(t *testing.T) {
	const edge = "104.16.1.1"
	for name, test := range map[string]struct {
		line string
		want []string
	}{
		"a line of JSON":                      {soundLine, nil},
		"ECS":                                 {`{"@timestamp":"2026-11-29T12:00:00.123+00:00","event":{"action":"user_login","outcome":"failure"},"user":{"email":"MARK@acme.example"},"source":{"ip":"2001:db8::9"},"trace":{"id":"4bf92f3577b34da6"}}`, nil},
		"logfmt":                              {`time=2026-11-29T12:00:00Z level=warn msg="login failed" user=MARK@acme.example ip=203.0.113.9 request_id=MARK`, nil},
		"Django":                              {`2026-11-29 12:00:00,123+0000 WARNING axes: AXES: New login failure by {username: "MARK@acme.example", ip_address: "203.0.113.9"} request_id=MARK`, nil},
		"an access log":                       {`203.0.113.9 - - [29/Nov/2026:12:00:00 +0000] "POST /api/login HTTP/1.1" 401 12 "-" "launchready-drill/MARK"`, []string{"what happened", "who", "the id of the request"}},
		"an edge's address":                   {`{"time":"2026-11-29T12:00:00Z","event":"login_failed","user":"MARK","ip":"` + edge + `","request_id":"MARK"}`, []string{"the visitor's address"}},
		"no zone":                             {`{"time":"2026-11-29T12:00:00","event":"login_failed","user":"MARK","ip":"203.0.113.9","request_id":"MARK"}`, []string{"the time with its zone"}},
		"ECS, and the program of the visitor": {`{"@timestamp":"2026-11-29T12:00:00Z","event":{"action":"login","outcome":"failure"},"user_agent":{"original":"launchready-drill/MARK"},"source":{"ip":"203.0.113.9"},"http":{"request":{"id":"MARK"}}}`, []string{"who"}},
		"the id of a user":                    {`{"@timestamp":"2026-11-29T12:00:00Z","event":"auth.failed","user":{"id":"8f14e45f"},"ua":"launchready-drill/MARK","client":{"ip":"203.0.113.9"},"reqId":"req-7"}`, nil},
		"pino":                                {`{"level":40,"time":1764417600123,"req":{"id":7,"remoteAddress":"203.0.113.9"},"identifier":"MARK@acme.example","msg":"login failed"}`, nil},
		"Rails, tagged":                       {`W, [2026-11-29T12:00:00.123456+00:00 #7]  WARN -- : [MARK] Failed login for MARK@acme.example from 203.0.113.9`, nil},
		"PostgreSQL's zone":                   {`2026-11-29 12:00:00.123+00 login failed: no such user email=MARK@acme.example ip=203.0.113.9 request_id=MARK`, nil},
		"a browser's version":                 {`{"time":"2026-11-29T12:00:00Z","event":"login_failed","user":"MARK","user_agent":"Chrome/120.0.0.0","request_id":"MARK"}`, []string{"the visitor's address"}},
		"bare":                                {`{"id":"MARK"}`, []string{"the time with its zone", "what happened", "its outcome", "who", "the visitor's address", "the id of the request"}},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			w := &world{sinks: map[string]*fakeSink{"log": {kind: probe.SinkFile, look: entries(true, test.line)}}}
			got := judge(t, w, Spec{Drills: []Drill{signIn(signal("log", probe.SinkFile))}})["obs.auth_event_fields sign_in/log"]
			want := "pass the entry of a failed sign-in says when, what, who, from where and in which request"
			if test.want != nil {
				want = "fail the entry of a failed sign-in lacks " + list(test.want)
			}
			if got != want {
				t.Errorf("got  %q\nwant %q", got, want)
			}
		})
	}
}
