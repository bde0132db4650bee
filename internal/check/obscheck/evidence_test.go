package obscheck

import (
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/launchready/terraform-provider-launchready/internal/probe"
)

// An answer that need not be that of the failure decides nothing against a log
// that does not show it; one that shows it is proof enough.
func TestAnswersThatMayBeAnother(t *testing.T) {
	answer := func(code int, location, body string) func(int, probe.Request) probe.Exchange {
		return func(int, probe.Request) probe.Exchange {
			return probe.Exchange{Status: code, Redirect: location, Body: []byte(body), Header: http.Header{"Server": {"cloudflare"}}}
		}
	}
	const unsure = "inconclusive the drill does not show, and its answer does not tell whether it happened as meant"
	for name, test := range map[string]struct {
		kind          Kind
		answer        func(int, probe.Request) probe.Exchange
		there, absent string // the beginning of the verdict where the log shows it, and where not
	}{
		"401":                  {SignIn, answer(401, "", ""), "pass", "fail"},
		"422":                  {SignIn, answer(422, "", ""), "pass", unsure},
		"a form's token":       {SignIn, answer(419, "", ""), "pass", unsure},
		"back to the form":     {SignIn, answer(302, "https://portal.acme.example/api/login", ""), "pass", unsure},
		"with an error":        {SignIn, answer(303, "https://portal.acme.example/?error=1", ""), "pass", unsure},
		"a sign-in elsewhere":  {SignIn, answer(302, "https://portal.acme.example/login?next=/api/login&error=1", ""), "inconclusive the drill did not happen: a sign-in", "inconclusive the drill did not happen: a sign-in"},
		"moved":                {SignIn, answer(301, "https://portal.acme.example/api/login/", ""), "inconclusive the drill did not happen: a sign-in", "inconclusive the drill did not happen: a sign-in"},
		"not signed in":        {Denied, answer(401, "", ""), "pass", unsure},
		"refused":              {Denied, answer(403, "", ""), "pass", "fail"},
		"an error":             {Failed, answer(500, "", ""), "pass", "fail"},
		"a gateway":            {Failed, answer(502, "", ""), "pass", unsure},
		"no origin":            {Failed, answer(521, "", ""), "inconclusive the drill did not happen: the edge answers 521", "inconclusive the drill did not happen: the edge answers 521"},
		"an edge's 502":        {Failed, answer(502, "", "error code: 502"), "inconclusive the drill did not happen: the edge answers 502", "inconclusive the drill did not happen: the edge answers 502"},
		"no invite":            {Bounce, answer(403, "", ""), "inconclusive the drill did not happen: the answer is 403, so that no mail", "inconclusive the drill did not happen: the answer is 403, so that no mail"},
		"an invite, taken":     {Bounce, answer(202, "", ""), "pass", "fail"},
		"an invite, malformed": {Bounce, answer(422, "", ""), "inconclusive the drill did not happen", "inconclusive the drill did not happen"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			for want, lines := range map[string][]string{test.there: {soundLine}, test.absent: {"other"}} {
				w := &world{sinks: map[string]*fakeSink{"log": {kind: probe.SinkFile, look: entries(true, lines...)}}, answer: test.answer}
				d := signIn(signal("log", probe.SinkFile))
				d.Kind = test.kind
				if test.there == test.absent {
					lines = []string{soundLine}
				}
				if got := judge(t, w, Spec{Drills: []Drill{d}})[d.Signals[0].rule(d.kind())+" sign_in/log"]; !strings.HasPrefix(got, want) {
					t.Errorf("%q\ngot  %q\nwant %q", lines, got, want)
				}
			}
		})
	}
}

// The rises of earlier runs of the same drill are not noise, and a rise each
// minute is.
func TestEarlierRunsAreNoNoise(t *testing.T) {
	history := func(rise func(secondsAgo float64) float64) func(*world, int, probe.SinkQuery) probe.SinkReading {
		return func(w *world, _ int, q probe.SinkQuery) probe.SinkReading {
			out := probe.SinkReading{Value: 500, Series: 1, Live: true}
			if !q.At.IsZero() {
				out.Value -= rise(time.Since(q.At).Seconds())
			} else if w.mark() != "" {
				out.Value++
			}
			return out
		}
	}
	for name, test := range map[string]struct {
		rise func(float64) float64
		want string
	}{
		"two runs before": {func(ago float64) float64 {
			return map[bool]float64{true: 1}[ago > 20] + map[bool]float64{true: 1}[ago > 90]
		}, "pass the drill shows in it"},
		"each minute": {func(ago float64) float64 { return float64(int(ago/60+0.5)) * 3 }, "inconclusive the number rises as fast by itself: it cannot be told what the drill added"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			w := &world{sinks: map[string]*fakeSink{"it": {kind: probe.SinkPrometheus, look: history(test.rise)}}}
			d := signIn(signal("it", probe.SinkPrometheus))
			d.Request.Repeat = 1
			if got := judge(t, w, Spec{Drills: []Drill{d}})["obs.drill_metric sign_in/it"]; got != test.want {
				t.Errorf("got  %q\nwant %q", got, test.want)
			}
		})
	}
}

// An address behind which several programs answer in turn tells nothing.
func TestNumberThatFalls(t *testing.T) {
	t.Parallel()
	w := &world{sinks: map[string]*fakeSink{"it": {kind: probe.SinkMetrics, look: numbers(900, 100, 900, 100)}}}
	got := judge(t, w, Spec{Drills: []Drill{signIn(signal("it", probe.SinkMetrics))}})["obs.drill_metric sign_in/it"]
	if !strings.HasPrefix(got, "inconclusive the number falls by itself") {
		t.Error(got)
	}
}

// Entries that are told apart by a text only: alike ones of before are no reason
// to overlook new ones, and those that come all the time prove nothing.
func TestEntriesWithoutTheMark(t *testing.T) {
	alike := func(rate float64) func(*world, int, probe.SinkQuery) probe.SinkReading {
		start := time.Now()
		return func(w *world, _ int, q probe.SinkQuery) probe.SinkReading {
			out := probe.SinkReading{Live: true}
			n := int(rate * time.Since(start).Seconds())
			if q.Around && q.Since.IsZero() && w.mark() == "" {
				n += 5 // of the day
			}
			if w.mark() != "" {
				n += 3
			}
			for range n {
				out.Entries = append(out.Entries, "WARN login failed")
			}
			return out
		}
	}
	for _, test := range []struct {
		kind probe.SinkKind
		rate float64
		want string
	}{
		{probe.SinkLoki, 0, "pass the drill shows in it"},
		{probe.SinkFile, 40, "inconclusive such entries come as often by themselves: it cannot be told which is of the drill"},
	} {
		t.Run(string(test.kind), func(t *testing.T) {
			t.Parallel()
			w := &world{sinks: map[string]*fakeSink{"it": {kind: test.kind, look: alike(test.rate)}}}
			d := signIn(signal("it", test.kind))
			d.Signals[0].Text = "login failed"
			if got := judge(t, w, Spec{Drills: []Drill{d}})["obs.drill_log sign_in/it"]; got != test.want {
				t.Errorf("got  %q\nwant %q", got, test.want)
			}
		})
	}
}

// A message that speaks of an end is not one that says that it is over.
func TestOver(t *testing.T) {
	w := &watch{first: []string{"HighErrorRate fires. You are told when it is resolved."}}
	for entry, want := range map[string]bool{
		w.first[0]:                                 false,
		`{"status":"firing","resolved":0}`:         false,
		`{"status": "resolved","alerts":[]}`:       true,
		"Subject: [RESOLVED] HighErrorRate\n\n":    true,
		"Subject: HighErrorRate is back to normal": true,
		"Subject: [FIRING:1] HighErrorRate":        false,
	} {
		if got := w.saysOver(entry); got != want {
			t.Errorf("%s: %v", entry, got)
		}
	}
}
