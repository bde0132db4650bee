package latencycheck

import (
	"fmt"
	"io"
	"math/rand/v2"
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
			want: map[string]string{ruleErrors: "fail: more than one in a hundred", ruleP95: "fail: p95 is above 2s"},
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

// p95 is that of the answers themselves, within 2 % of what the server measured,
// with stalls among them.
func TestAgainstTheServersOwnMeasurement(t *testing.T) {
	t.Parallel()
	for attempt := 0; ; attempt++ { // a machine that stands still for an instant is nobody's fault
		r := rand.New(rand.NewPCG(9, uint64(attempt)))
		var plan []time.Duration
		for range 2000 {
			d := 500*time.Millisecond + time.Duration(r.Float64()*float64(600*time.Millisecond))
			if r.IntN(100) == 0 {
				d = 3 * time.Second
			}
			plan = append(plan, d)
		}
		s := serve(t, func(w http.ResponseWriter, r *http.Request, i int) { pause(r, plan[i]); ok(w) })
		spec := quick()
		spec.Limit, spec.Rate, spec.Duration = 4*time.Second, 60, 18*time.Second
		result := measured(t, s, spec)
		subject := "GET " + host + "/action "
		var n int
		if _, err := fmt.Sscanf(result.Observed[subject+"samples"], "%d in", &n); err != nil || n < 100 {
			t.Fatalf("%v: %v", err, result.Observed)
		}
		seen, _, _ := strings.Cut(result.Observed[subject+"p95"], " ")
		p95, err := time.ParseDuration(seen)
		if err != nil {
			t.Fatal(err)
		}
		s.mu.Lock()
		const before = 2 + warmUp // the first request, the control
		own := slices.Clone(s.took[before : before+n])
		s.mu.Unlock()
		slices.Sort(own)
		want := own[rank(n, 0.95)-1]
		off := float64(p95-want) / float64(want)
		t.Logf("p95 of %d answers: %s; the server measured %s (%+.2f %%)", n, p95, want, 100*off)
		if off < 0.02 && off > -0.02 {
			return
		}
		if attempt == 3 {
			t.Fatalf("p95 is %s; the server measured %s", p95, want)
		}
	}
}

// A server that stands still for a fifth of the time is slow for a fifth of the
// members. A loop that waits for each answer sees one slow answer a pause.
func TestCoordinatedOmission(t *testing.T) {
	t.Parallel()
	began := time.Now()
	stands := func(r *http.Request) { // one second out of five
		if phase := time.Since(began) % (5 * time.Second); phase < time.Second {
			pause(r, time.Second-phase)
		}
	}
	s := serve(t, func(w http.ResponseWriter, r *http.Request, _ int) { stands(r); ok(w) })
	spec := quick()
	spec.Limit, spec.Rate, spec.Duration = 100*time.Millisecond, 40, 16*time.Second
	if got := says(measured(t, s, spec), ruleP95); !strings.HasPrefix(got, "fail") {
		t.Errorf("the load: %s", got)
	}
	closed := &series{limit: spec.Limit, batches: []int{1 << 30}}
	for until := time.Now().Add(5 * time.Second); time.Now().Before(until); {
		start := time.Now()
		resp, err := http.Get(s.URL + "/action")
		if err != nil {
			t.Fatal(err)
		}
		resp.Body.Close()
		closed.samples = append(closed.samples, sample{latency: time.Since(start)})
	}
	closed.look(true)
	if closed.p95 != passed {
		t.Skipf("this machine is too busy for the comparison: %d samples", len(closed.samples))
	}
}

// Verdicts over the network agree with what the server is known to be.
func TestNoiseOverTheNetwork(t *testing.T) {
	t.Parallel()
	for _, factor := range []float64{0.8, 1.2} {
		for run := range 2 {
			t.Run(fmt.Sprintf("p95 at %g of the limit, %d", factor, run), func(t *testing.T) {
				t.Parallel()
				s := serve(t, func(w http.ResponseWriter, r *http.Request, _ int) {
					pause(r, time.Duration(rand.Float64()/0.95*factor*float64(2*time.Second))) //nolint:gosec // no secret
					ok(w)
				})
				spec := quick()
				spec.Duration = 10 * time.Second
				got := says(measured(t, s, spec), ruleP95)
				if factor < 1 && strings.HasPrefix(got, "fail") || factor > 1 && strings.HasPrefix(got, "pass") {
					t.Error(got)
				}
			})
		}
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

// An error that comes late kept its visitor waiting all the same, and of an answer
// that never came it is not known how long it would have taken.
func TestTailOfLateErrors(t *testing.T) {
	t.Parallel()
	for name, test := range map[string]struct {
		of   sample
		want string
	}{
		"late":  {sample{latency: 10 * time.Second, failed: true}, "fail: some answers take longer than 5s"},
		"quick": {sample{latency: time.Millisecond, failed: true}, "pass"},
		"cut":   {sample{latency: 2 * time.Second, atLeast: true}, "inconclusive: the time was over"},
		"long":  {sample{latency: 6 * time.Second, atLeast: true}, "fail: some answers take longer than 5s"},
	} {
		spec := quick().withDefaults()
		spec.Baseline = "" // nothing is asked
		report := readiness.NewRecorder("latency", readiness.Observability, host, rules())
		c := newCheck(t.Context(), nil, spec, report)
		a := c.actions[0]
		a.series = newSeries(a.Limit, 120)
		for range 119 {
			a.series.samples = append(a.series.samples, sample{latency: time.Millisecond})
		}
		a.series.samples = append(a.series.samples, test.of)
		a.judgeTail()
		result, err := report.Result()
		if err != nil {
			t.Fatal(err)
		}
		if got := says(result, ruleTail); !strings.HasPrefix(got, test.want) {
			t.Errorf("%s: %s, not %s", name, got, test.want)
		}
	}
}
