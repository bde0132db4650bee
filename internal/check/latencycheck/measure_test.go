package latencycheck

import (
	"fmt"
	"math/rand/v2"
	"net/http"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/launchready/terraform-provider-launchready/internal/readiness"
)

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
// members. That a loop which waits for each answer would see one slow answer a
// pause is shown by TestStallsAreNotHidden.
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
