package probe

import (
	"context"
	"encoding/json"
	"net/url"
)

// alertmanagerSink lists the alerts that an Alertmanager knows. That one is
// there says nothing of whether anybody was told.
type alertmanagerSink struct{ httpSink }

// Look implements Sink. An Alertmanager without alerts is the usual case.
func (s *alertmanagerSink) Look(ctx context.Context, q SinkQuery) SinkReading {
	values := url.Values{}
	if q.Query != "" {
		values.Set("filter", q.Query)
	}
	x, failure := s.get(ctx, "api/v2/alerts", values, "application/json")
	switch {
	case failure.Failed():
		return failure
	case x.Status >= 400:
		return SinkReading{Failure: FailProtocol, Detail: "Alertmanager does not take the query: " + s.told(string(x.Body))}
	}
	var all []json.RawMessage
	if json.Unmarshal(x.Body, &all) != nil {
		return s.unreadable("without a list of alerts: check url")
	}
	out := SinkReading{Live: true}
	for _, one := range all {
		out.Around = append(out.Around, lasting(one))
	}
	out.Entries = holding(out.Around, q.Text)
	return out
}

// lasting is an alert without the times that change while it goes on: else one
// that fires since yesterday would look new each time it is sent again.
func lasting(alert json.RawMessage) string {
	var fields map[string]json.RawMessage
	if json.Unmarshal(alert, &fields) != nil {
		return string(alert)
	}
	delete(fields, "updatedAt")
	delete(fields, "endsAt")
	text, err := json.Marshal(fields)
	if err != nil {
		return string(alert)
	}
	return string(text)
}
