package probe

import (
	"context"
	"encoding/json"
	"math"
	"net/http"
	"net/url"
	"strconv"
	"time"
)

// prometheusSink asks a Prometheus for a number.
type prometheusSink struct{ httpSink }

// promAnswer is the envelope of Prometheus's HTTP API.
type promAnswer struct {
	Status    string          `json:"status"`
	ErrorType string          `json:"errorType"`
	Error     string          `json:"error"`
	Data      json.RawMessage `json:"data"`
}

// Look implements Sink. Series are summed. A query that finds nothing is zero:
// a counter has no series before its first event. Live then says whether
// Prometheus has a target that it scrapes, or any series at all.
func (s *prometheusSink) Look(ctx context.Context, q SinkQuery) SinkReading {
	out := s.evaluate(ctx, q.Query, q.At)
	if out.Failed() || out.Series > 0 || !q.At.IsZero() {
		out.Live = out.Series > 0
		return out
	}
	for _, others := range []string{`count(up == 1)`, `count({__name__=~".+"})`} {
		seen := s.evaluate(ctx, others, time.Time{})
		if !seen.Failed() && seen.Value > 0 {
			out.Live = true
			break
		}
	}
	return out
}

func (s *prometheusSink) evaluate(ctx context.Context, expression string, at time.Time) SinkReading {
	values := url.Values{"query": {expression}}
	if !at.IsZero() {
		values.Set("time", strconv.FormatFloat(float64(at.UnixMilli())/1000, 'f', 3, 64))
	}
	data, failure := s.api(ctx, "api/v1/query", values)
	if failure.Failed() {
		return failure
	}
	return s.number(data)
}

// api makes one call of the API and returns its data.
func (s *httpSink) api(ctx context.Context, path string, values url.Values) (json.RawMessage, SinkReading) {
	x, failure := s.get(ctx, path, values, "application/json")
	var answer promAnswer
	readable := json.Unmarshal(x.Body, &answer) == nil
	switch {
	case readable && answer.Status == "error" && x.Status != http.StatusUnauthorized && x.Status != http.StatusForbidden:
		return nil, SinkReading{Failure: FailProtocol, Detail: s.config.Kind.String() + " does not take the query: " + s.told(answer.ErrorType+": "+answer.Error)}
	case failure.Failed():
		return nil, failure
	case !readable || answer.Status != "success":
		return nil, s.unreadable("something else than its API does: check url")
	}
	return answer.Data, SinkReading{}
}

// number sums what a query returned.
func (s *prometheusSink) number(data json.RawMessage) SinkReading {
	var result struct {
		Type   string          `json:"resultType"`
		Result json.RawMessage `json:"result"`
	}
	var samples []struct {
		Value [2]any `json:"value"`
	}
	bad := s.unreadable("with a result that is no number: the query must give a scalar or an instant vector")
	if json.Unmarshal(data, &result) != nil {
		return bad
	}
	switch result.Type {
	case "scalar":
		samples = append(samples, struct {
			Value [2]any `json:"value"`
		}{})
		if json.Unmarshal(result.Result, &samples[0].Value) != nil {
			return bad
		}
	case "vector":
		if json.Unmarshal(result.Result, &samples) != nil {
			return bad
		}
	default:
		return bad
	}
	out := SinkReading{Series: len(samples)}
	for _, sample := range samples {
		text, _ := sample.Value[1].(string)
		value, err := strconv.ParseFloat(text, 64)
		if err != nil || math.IsNaN(value) || math.IsInf(value, 0) {
			return s.unreadable("with a value that is not finite: the query must give a number")
		}
		out.Value += value
	}
	return out
}
