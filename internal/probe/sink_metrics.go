package probe

import (
	"bytes"
	"context"
	"math"

	dto "github.com/prometheus/client_model/go"
	"github.com/prometheus/common/expfmt"
	"github.com/prometheus/common/model"
)

// metricsSink scrapes metrics in Prometheus's text format.
type metricsSink struct{ httpSink }

// Look implements Sink. It keeps no past.
func (s *metricsSink) Look(ctx context.Context, q SinkQuery) SinkReading {
	selector, err := parseSelector(q.Query)
	switch {
	case err != nil:
		return SinkReading{Failure: FailProtocol, Detail: "the query of " + s.config.Kind.String() + " is not understood: " + err.Error()}
	case !q.At.IsZero():
		return SinkReading{Failure: FailOther, Detail: s.config.Kind.String() + " keeps no past"}
	}
	x, failure := s.get(ctx, "", nil, "text/plain; version=0.0.4")
	if failure.Failed() {
		return failure
	}
	families, err := parseMetrics(x.Body)
	switch {
	case err != nil:
		return s.unreadable("with what is not Prometheus's text format")
	case len(families) == 0:
		return SinkReading{} // reachable, and not known to be the right one
	}
	out := SinkReading{Live: true}
	for name, family := range families {
		for _, metric := range family.Metric {
			for suffix, value := range samples(metric) {
				if selector.matches(name+suffix, metric.Label) {
					out.Series++
					out.Value += value
				}
			}
		}
	}
	if math.IsNaN(out.Value) || math.IsInf(out.Value, 0) { // no rise can be told from it
		return s.unreadable("with a value that is not finite: the query must give a number")
	}
	return out
}

// parseMetrics reads the text format. The parser is strict: it wants a line
// break at the end, which some exporters forget.
func parseMetrics(text []byte) (map[string]*dto.MetricFamily, error) {
	parser := expfmt.NewTextParser(model.UTF8Validation)
	return parser.TextToMetricFamilies(bytes.NewReader(append(bytes.TrimRight(text, "\n"), '\n')))
}

// samples are the numbers of a metric by what follows its family's name.
func samples(m *dto.Metric) map[string]float64 {
	switch {
	case m.Counter != nil:
		return map[string]float64{"": m.Counter.GetValue()}
	case m.Gauge != nil:
		return map[string]float64{"": m.Gauge.GetValue()}
	case m.Untyped != nil:
		return map[string]float64{"": m.Untyped.GetValue()}
	case m.Histogram != nil:
		return map[string]float64{"_count": float64(m.Histogram.GetSampleCount()), "_sum": m.Histogram.GetSampleSum()}
	case m.Summary != nil:
		return map[string]float64{"_count": float64(m.Summary.GetSampleCount()), "_sum": m.Summary.GetSampleSum()}
	}
	return nil
}
