package latencycheck

import (
	"fmt"
	"io"
	"net/http"
	"slices"
	"strconv"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/launchready/terraform-provider-launchready/internal/probe"
	"github.com/launchready/terraform-provider-launchready/internal/readiness"
)

func TestVerdicts(t *testing.T) {
	pass := func(rule string) string {
		return map[string]string{ruleP95: "pass: p95 is within 2s", ruleErrors: "pass: at most one", ruleTail: "pass", ruleCold: "pass"}[rule]
	}
	for name, test := range map[string]struct {
		handle func(w http.ResponseWriter, r *http.Request, i int)
		change func(s *Spec)
		want   map[string]string // the beginning of what is said; the others pass
		not    bool              // all rules say the same
	}{
		"a sound action": {},
		"slow answers": {
			handle: func(w http.ResponseWriter, r *http.Request, _ int) { pause(r, 4*time.Second); ok(w) },
			change: func(s *Spec) { s.Duration = 16 * time.Second }, // the answers are waited for
			want:   map[string]string{ruleP95: "fail: p95 is above 2s"},
		},
		"an answer now and then of six seconds": {
			handle: func(w http.ResponseWriter, r *http.Request, i int) {
				if i%100 == 99 {
					pause(r, 6*time.Second)
				}
				ok(w)
			},
			change: func(s *Spec) { s.Duration = 12 * time.Second },
			want:   map[string]string{ruleTail: "fail: some answers take longer than 5s"},
		},
		"answers that are many times as slow, twice": {
			handle: func(w http.ResponseWriter, r *http.Request, i int) {
				if i == 40 || i == 80 {
					pause(r, 3*time.Second)
				}
				ok(w)
			},
			want: map[string]string{ruleTail: "fail: some answers take more than ten times"},
		},
		"one answer that is slow": {handle: func(w http.ResponseWriter, r *http.Request, i int) {
			if i == 40 {
				pause(r, 3*time.Second)
			}
			ok(w)
		}},
		"a cold start": {
			handle: func(w http.ResponseWriter, r *http.Request, i int) {
				if i == 0 {
					pause(r, 3*time.Second)
				}
				ok(w)
			},
			want: map[string]string{ruleCold: "fail: the first request of the run took longer than 2s"},
		},
		"errors among fast answers": {
			handle: func(w http.ResponseWriter, _ *http.Request, i int) {
				if i%4 == 3 {
					w.WriteHeader(http.StatusInternalServerError)
					return
				}
				ok(w)
			},
			want: map[string]string{ruleErrors: "fail: more than one in a hundred", ruleP95: "fail: p95 is above 2s, for errors count as slow"},
		},
		"answers without the text, told with 200": {
			handle: func(w http.ResponseWriter, _ *http.Request, i int) {
				if i%4 == 3 {
					_, _ = w.Write([]byte("please wait"))
					return
				}
				ok(w)
			},
			change: func(s *Spec) { s.Actions[0].Contains = "display_name" },
			want:   map[string]string{ruleErrors: "fail", ruleP95: "fail"},
		},
		"answers that are cut": {
			handle: func(w http.ResponseWriter, _ *http.Request, i int) {
				if i%4 == 3 {
					w.Header().Set("Content-Length", "1000")
				}
				ok(w)
			},
			want: map[string]string{ruleErrors: "fail", ruleP95: "fail"},
		},
		"answers that throttle": {
			handle: func(w http.ResponseWriter, _ *http.Request, i int) {
				if i > 30 {
					w.Header().Set("Retry-After", "60")
					w.WriteHeader(http.StatusTooManyRequests)
					return
				}
				ok(w)
			},
			not: true, want: map[string]string{"": "inconclusive: the action is throttled while it is measured"},
		},
		"an action that is not there": {
			handle: func(w http.ResponseWriter, r *http.Request, _ int) { http.NotFound(w, r) },
			not:    true, want: map[string]string{"": "inconclusive: the action does not work for a visitor: it is answered with 404"},
		},
		"an action that fails": {
			handle: func(w http.ResponseWriter, _ *http.Request, _ int) { w.WriteHeader(http.StatusInternalServerError) },
			not:    true, want: map[string]string{"": "inconclusive: the action does not work for a visitor: it is answered with 500"},
		},
		"an action that is sent to the sign-in, which answers with 200": {
			handle: func(w http.ResponseWriter, r *http.Request, _ int) {
				http.Redirect(w, r, "/login?next=%2Faction", http.StatusFound)
			},
			not: true, want: map[string]string{"": "inconclusive: the action does not work for a visitor: it leads to a sign-in"},
		},
		"a token that runs out: redirects to the sign-in": {
			handle: func(w http.ResponseWriter, r *http.Request, i int) {
				if i > 30 {
					http.Redirect(w, r, "/login", http.StatusFound)
					return
				}
				ok(w)
			},
			change: func(s *Spec) { s.Actions[0].Header = http.Header{"Authorization": {"Bearer t"}} },
			not:    true, want: map[string]string{"": "inconclusive: the session ended while it was measured"},
		},
		"a token that runs out: the sign-in at the same address": {
			handle: func(w http.ResponseWriter, _ *http.Request, i int) {
				w.Header().Set("Content-Type", "text/html")
				if i > 30 {
					_, _ = w.Write([]byte(`<form><input type=password></form>`))
					return
				}
				_, _ = w.Write([]byte(`<h1>Mira</h1>`))
			},
			change: func(s *Spec) { s.Actions[0].Header = http.Header{"Authorization": {"Bearer t"}} },
			not:    true, want: map[string]string{"": "inconclusive: the session ended while it was measured"},
		},
		"a redirect that belongs to the action": {handle: func(w http.ResponseWriter, r *http.Request, _ int) {
			if r.URL.RawQuery == "" {
				http.Redirect(w, r, "/action?lang=en", http.StatusFound)
				return
			}
			ok(w)
		}},
		"error pages with 200": {
			handle: func(w http.ResponseWriter, _ *http.Request, i int) {
				if i%4 == 3 {
					w.Header().Set("Content-Type", "text/html")
					_, _ = w.Write([]byte("<title>Something went wrong</title>"))
					return
				}
				ok(w)
			},
			want: map[string]string{ruleErrors: "fail", ruleP95: "fail"},
		},
		"empty answers with 200": {
			handle: func(w http.ResponseWriter, _ *http.Request, i int) {
				if i%4 != 3 {
					ok(w)
				}
			},
			want: map[string]string{ruleErrors: "fail", ruleP95: "fail"},
		},
		"an action that leads to the sign-in": {
			handle: func(w http.ResponseWriter, r *http.Request, _ int) {
				http.Redirect(w, r, "https://id.other.example/login?next=secret", http.StatusFound)
			},
			not: true, want: map[string]string{"": "inconclusive: the action does not work for a visitor: it is answered with a redirect to https://id.other.example/login"},
		},
		"a challenge": {
			handle: func(w http.ResponseWriter, _ *http.Request, _ int) {
				w.Header().Set("Cf-Mitigated", "challenge")
				w.WriteHeader(http.StatusForbidden)
			},
			not: true, want: map[string]string{"": "inconclusive: the edge answers in place of the site"},
		},
		"a baseline that does not answer": {
			handle: func(w http.ResponseWriter, r *http.Request, _ int) { pause(r, 4*time.Second); ok(w) },
			change: func(s *Spec) { s.Baseline, s.Duration = "http://"+host+"/nowhere", 16*time.Second },
			want:   map[string]string{ruleP95: "inconclusive: the address in baseline does not answer"},
		},
		"a status that the user names": {
			handle: func(w http.ResponseWriter, _ *http.Request, _ int) { w.WriteHeader(http.StatusUnauthorized) },
			change: func(s *Spec) { s.Actions[0].Status = []int{401} },
		},
		"a redirect within the site": {
			handle: func(w http.ResponseWriter, r *http.Request, _ int) {
				if r.URL.RawQuery == "" {
					http.Redirect(w, r, "/action?page=1", http.StatusFound)
					return
				}
				ok(w)
			},
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			handle := test.handle
			if handle == nil {
				handle = func(w http.ResponseWriter, _ *http.Request, _ int) { ok(w) }
			}
			s, spec := serve(t, handle), quick()
			if test.change != nil {
				test.change(&spec)
			}
			result := measured(t, s, spec)
			for _, rule := range []string{ruleP95, ruleErrors, ruleTail, ruleCold} {
				want, found := test.want[rule]
				switch {
				case test.not:
					want = test.want[""]
				case !found:
					want = pass(rule)
				}
				if got := says(result, rule); !strings.HasPrefix(got, want) {
					t.Errorf("%s: %q; want %q\n%v", rule, got, want, result.Observed)
				}
			}
			if most := int64(DefaultMaximumRequests); s.requests.Load() > 2*most { // each hop is one
				t.Errorf("%d requests", s.requests.Load())
			}
		})
	}
}

// A path that does not exist and is answered like the action says that the
// action is not known to be done.
func TestSoftNotFound(t *testing.T) {
	t.Parallel()
	s := serve(t, func(w http.ResponseWriter, _ *http.Request, _ int) { ok(w) })
	spec := quick()
	s.Config.Handler = http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		_, _ = io.WriteString(w, "<html><title>Portal</title><div id=app></div><script src=/app.js></script></html>")
	})
	if got := says(measured(t, s, spec), ruleP95); !strings.HasPrefix(got, "inconclusive: a path that does not exist gets the same answer") {
		t.Error(got)
	}
	spec.Actions[0].URL = "http://" + host + "/"
	if got := says(measured(t, s, spec), ruleP95); !strings.HasPrefix(got, "pass") {
		t.Errorf("the front page: %s", got)
	}
	spec.Actions[0].URL, spec.Actions[0].Contains = "http://"+host+"/action", "<title>Portal"
	if got := says(measured(t, s, spec), ruleP95); !strings.HasPrefix(got, "pass") {
		t.Errorf("with a text of its own: %s", got)
	}
}

// A session that ends meanwhile is told from a site that fails.
func TestSessionEnds(t *testing.T) {
	t.Parallel()
	var seen atomic.Int64
	s := serve(t, func(w http.ResponseWriter, _ *http.Request, _ int) { ok(w) })
	s.Config.Handler = http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		switch {
		case r.URL.Path == "/still":
		case r.Header.Get("Authorization") != "Bearer t0ken" || seen.Load() > 40:
			w.WriteHeader(http.StatusUnauthorized)
		case r.URL.Path == "/action":
			seen.Add(1)
			ok(w)
		case r.URL.Path == "/me":
			ok(w)
		default:
			http.NotFound(w, r)
		}
	})
	spec := quick()
	spec.Actions[0].Actor = &probe.Actor{Name: "member_a", Identity: probe.Identity{BearerToken: "t0ken"}, Portal: probe.Portal{BaseURL: "http://" + host, WhoAmI: "/me"}}
	result := measured(t, s, spec)
	for _, rule := range []string{ruleP95, ruleErrors} {
		if got := says(result, rule); !strings.HasPrefix(got, "inconclusive: the session ended") {
			t.Errorf("%s: %s", rule, got)
		}
	}
	if strings.Contains(fmt.Sprint(result), "t0ken") {
		t.Error("the result holds the token")
	}
}

// The load says who it is, as every probe does, and goes nowhere else.
func TestRulesOfTheProber(t *testing.T) {
	t.Parallel()
	var strange atomic.Int64
	s := serve(t, func(w http.ResponseWriter, r *http.Request, _ int) {
		if r.UserAgent() != "launchready/test" || r.Host != host || r.Header.Get("X-Vegeta-Seq") != "" {
			strange.Add(1)
		}
		ok(w)
	})
	measured(t, s, quick())
	if strange.Load() > 0 {
		t.Errorf("%d requests are not as the prober's", strange.Load())
	}
	outside := quick()
	outside.Actions[0].URL = "http://www.other.example/action"
	if got := says(measured(t, s, outside), ruleP95); !strings.Contains(got, "allowed_hosts") {
		t.Error(got)
	}
}

// The bound on requests holds for all actions together, and what is decided
// leaves its share to the others.
func TestMaximumRequests(t *testing.T) {
	t.Parallel()
	s := serve(t, func(w http.ResponseWriter, r *http.Request, i int) {
		if r.URL.Query().Get("n") == "0" && i%8 == 0 { // more samples are wanted
			w.WriteHeader(http.StatusServiceUnavailable)
			return
		}
		ok(w)
	})
	spec := quick()
	spec.Actions, spec.MaximumRequests = nil, 600
	for i := range 4 {
		spec.Actions = append(spec.Actions, Action{Name: "action " + strconv.Itoa(i), URL: "http://" + host + "/action?n=" + strconv.Itoa(i), Contains: "display_name"})
	}
	result := measured(t, s, spec)
	if got := s.requests.Load(); got > 600 {
		t.Errorf("%d requests; at most 600 are allowed", got)
	}
	if passes := strings.Count(says(result, ruleP95), "pass"); passes < 3 {
		t.Errorf("%d actions pass: %s\n%v", passes, says(result, ruleP95), result.Observed)
	}
}

func TestCoreActions(t *testing.T) {
	spec := Spec{Disabled: true, Actions: []Action{
		{Name: "me", URL: "http://" + host + "/api/me"},
		{Name: "lessons", URL: "http://" + host + "/api/lessons"},
		{Name: "x", Kind: Membership, URL: "http://" + host + "/x"},
	}}
	result, err := Definition.Execute(t.Context(), nil, spec)
	if err != nil {
		t.Fatal(err)
	}
	got := map[string]readiness.Status{}
	for _, f := range result.Findings {
		switch f.Rule {
		case ruleUndeclared:
			got[f.Subject] = f.Status
		default:
			if f.Status != readiness.Inconclusive {
				t.Errorf("%s: %s", f.Rule, f.Status)
			}
		}
	}
	if got["login_state"] != readiness.Pass || got["content"] != readiness.Pass || got["membership"] != readiness.Pass || got["profile"] != readiness.Fail {
		t.Error(got)
	}
}

func TestKindOf(t *testing.T) {
	for _, test := range []struct {
		name, path string
		want       Kind
	}{
		{"login_state", "/api/v1/x", LoginState}, {"a", "/api/me", LoginState}, {"whoami", "/x", LoginState}, {"a", "/api/auth/session", LoginState},
		{"profile", "/api/me", Profile}, {"a", "/account", Profile}, {"membership", "/api/me", Membership}, {"a", "/billing/status", Membership},
		{"gating", "/x", Content}, {"a", "/courses/1", Content}, {"a", "/api/reports", Other}, {"a", "/", Other},
	} {
		if got := KindOf(test.name, test.path); got != test.want {
			t.Errorf("KindOf(%q, %q) = %s; want %s", test.name, test.path, got, test.want)
		}
	}
}

func TestValidate(t *testing.T) {
	good := func() Spec { return Spec{Actions: []Action{{Name: "me", URL: "http://" + host + "/me"}}} }
	for name, test := range map[string]struct {
		change func(*Spec)
		want   string
	}{
		"defaults":              {func(*Spec) {}, ""},
		"four actions":          {func(s *Spec) { s.Actions = slices.Repeat(s.Actions, 4) }, ""},
		"no action":             {func(s *Spec) { s.Actions = nil }, "no action"},
		"no address":            {func(s *Spec) { s.Actions[0].URL = "/me" }, "address"},
		"no time":               {func(s *Spec) { s.Duration = 10 * time.Second }, "duration"},
		"no time for the limit": {func(s *Spec) { s.Duration, s.Limit = 20*time.Second, 10*time.Second }, "duration"},
		"few requests":          {func(s *Spec) { s.MaximumRequests = 100 }, "maximum_requests"},
		"many actions":          {func(s *Spec) { s.Actions = slices.Repeat(s.Actions, 20) }, "maximum_requests"},
	} {
		s := good()
		test.change(&s)
		err := s.Validate()
		if (err == nil) != (test.want == "") || err != nil && !strings.Contains(err.Error(), test.want) {
			t.Errorf("%s: %v; want %q", name, err, test.want)
		}
	}
}
