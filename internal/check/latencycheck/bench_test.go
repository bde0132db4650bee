package latencycheck

import (
	"net/http"
	"testing"
	"time"
)

// BenchmarkAtTheLimit measures what stays undecided for all of the declared time:
// five in a hundred answers take twice as long as the limit. s/over is how much
// longer than declared the check takes.
func BenchmarkAtTheLimit(b *testing.B) {
	s := serve(b, func(w http.ResponseWriter, r *http.Request, i int) {
		if i%20 == 19 {
			pause(r, 800*time.Millisecond)
		}
		ok(w)
	})
	spec := quick()
	spec.Limit, spec.Rate = 400*time.Millisecond, 50
	prober := s.prober(b)
	for b.Loop() {
		began := time.Now()
		if _, err := Definition.Execute(b.Context(), prober, spec); err != nil {
			b.Fatal(err)
		}
		b.ReportMetric((time.Since(began) - spec.Duration).Seconds(), "s/over")
	}
	b.ReportMetric(float64(s.requests.Load())/float64(b.N), "requests/op")
}
