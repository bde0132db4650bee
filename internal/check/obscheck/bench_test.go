package obscheck

import (
	"sync"
	"testing"
	"time"

	"github.com/launchready/terraform-provider-launchready/internal/probe"
)

// BenchmarkDrill is a drill whose three signals show after one, two and four
// seconds. s/after is how much longer than the slowest of them the check takes.
func BenchmarkDrill(b *testing.B) {
	const slowest = 4 * time.Second
	for b.Loop() {
		var once sync.Once
		var made time.Time
		after := func(d time.Duration) *fakeSink {
			show := entries(true, soundLine)
			return &fakeSink{kind: probe.SinkFile, look: func(w *world, looks int, q probe.SinkQuery) probe.SinkReading {
				if w.mark() != "" {
					once.Do(func() { made = time.Now() })
					if time.Since(made) >= d {
						return show(w, looks, q)
					}
				}
				return probe.SinkReading{Live: true}
			}}
		}
		w := &world{answer: status(401), sinks: map[string]*fakeSink{"a": after(slowest / 4), "b": after(slowest / 2), "c": after(slowest)}}
		for _, s := range w.sinks {
			s.world = w
		}
		drill := signIn(signal("a", probe.SinkFile), signal("b", probe.SinkFile), signal("c", probe.SinkFile))
		drill.Within = time.Minute
		began := time.Now()
		result, err := Definition.Execute(b.Context(), w, Spec{Drills: []Drill{drill}})
		if err != nil {
			b.Fatal(err)
		}
		b.ReportMetric((time.Since(began) - slowest).Seconds(), "s/after")
		for _, f := range result.Findings {
			if f.Rule == ruleLog && f.Status != "pass" {
				b.Errorf("%s: %s", f.Subject, f.Message)
			}
		}
	}
}
