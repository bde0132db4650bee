package probe

import (
	"context"
	"encoding/json"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"time"
)

// lokiSink searches a Loki.
type lokiSink struct{ httpSink }

// lokiSkew is how far the clock of a log may lie behind ours.
const lokiSkew = time.Minute

// allStreams is a query without conditions: Loki wants one that no empty label fits.
const allStreams = `{job=~".+"}`

// Look implements Sink. The query's streams are read as a whole for Around and
// Live: an empty tenant and a wrong label answer as a log that is silent does.
func (s *lokiSink) Look(ctx context.Context, q SinkQuery) SinkReading {
	expression := strings.TrimSpace(q.Query)
	if expression == "" {
		expression = allStreams
	}
	now := s.client.Now()
	since := now.Add(-sinkDay)
	if !q.Since.IsZero() {
		since = q.Since.Add(-lokiSkew)
	}
	narrow := expression
	if q.Text != "" && !strings.Contains(expression, q.Text) {
		narrow += " |= " + logQLString(q.Text)
	}
	found, failure := s.search(ctx, narrow, since, now)
	if failure.Failed() {
		return failure
	}
	out := SinkReading{Entries: holding(found, q.Text), Live: len(found) > 0}
	if !q.Around {
		return out
	}
	streams, _, _ := strings.Cut(expression, "}")
	all, failure := s.search(ctx, streams+"}", since, now)
	if failure.Failed() {
		return failure
	}
	out.Around, out.Live = all, len(all) > 0
	return out
}

// logQLString quotes a text for LogQL, whose strings are Go's.
func logQLString(text string) string { return strconv.Quote(text) }

// search returns lines, oldest first.
func (s *lokiSink) search(ctx context.Context, expression string, from, to time.Time) ([]string, SinkReading) {
	x, failure := s.get(ctx, "loki/api/v1/query_range", url.Values{
		"query": {expression}, "direction": {"backward"}, "limit": {strconv.Itoa(maxSinkEntries)},
		"start": {strconv.FormatInt(from.UnixNano(), 10)}, "end": {strconv.FormatInt(to.Add(lokiSkew).UnixNano(), 10)},
	}, "application/json")
	if failure.Failed() {
		return nil, failure
	}
	var answer struct {
		Status string `json:"status"`
		Data   struct {
			Type   string `json:"resultType"`
			Result []struct {
				Values [][]json.RawMessage `json:"values"`
			} `json:"result"`
		} `json:"data"`
	}
	if x.Status == 400 || x.Status == 422 { // Loki says what is wrong in plain text
		return nil, SinkReading{Failure: FailProtocol, Detail: "Loki does not take the query: " + s.told(string(x.Body))}
	}
	if json.Unmarshal(x.Body, &answer) != nil || answer.Status != "success" || answer.Data.Type != "streams" {
		return nil, s.unreadable("without log lines: check url, and that the query selects streams and counts nothing")
	}
	type line struct{ at, text string }
	var all []line
	for _, stream := range answer.Data.Result {
		for _, v := range stream.Values {
			var l line
			if len(v) < 2 || json.Unmarshal(v[0], &l.at) != nil || json.Unmarshal(v[1], &l.text) != nil {
				return nil, s.unreadable("with lines that cannot be read")
			}
			all = append(all, l)
		}
	}
	slices.SortStableFunc(all, func(a, b line) int { return strings.Compare(a.at, b.at) }) // of one length: nanoseconds
	out := make([]string, len(all))
	for i, l := range all {
		out[i] = l.text
	}
	return out, SinkReading{}
}
