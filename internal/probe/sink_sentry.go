package probe

import (
	"context"
	"encoding/json"
	"net/url"
	"strings"
)

// sentrySink searches the issues of a Sentry project.
type sentrySink struct{ httpSink }

// maxIssues are looked into at one look.
const maxIssues = 5

// Look implements Sink. Events are grouped: an issue that the search finds may
// show the text in its latest event alone. A project without issues is the
// usual case, and one that does not exist answers 404.
func (s *sentrySink) Look(ctx context.Context, q SinkQuery) SinkReading {
	search := strings.TrimSpace(q.Query)
	if q.Text == "" || strings.Contains(search, q.Text) {
		return s.search(ctx, search, q.Text)
	}
	// Words without a key are looked for in titles. The mark may stand in a header
	// or a tag alone: then the latest issues are looked into.
	out := s.search(ctx, strings.TrimSpace(search+" "+searchWord(q.Text)), q.Text)
	if out.Failed() || len(out.Entries) > 0 {
		return out
	}
	return s.search(ctx, search, q.Text)
}

// searchWord is a text as one word of a search: keys and blanks have a meaning there.
func searchWord(text string) string {
	if strings.ContainsAny(text, " :()*!") {
		return `"` + strings.ReplaceAll(text, `"`, `\"`) + `"`
	}
	return text
}

// search lists the issues that a search finds, the latest first.
func (s *sentrySink) search(ctx context.Context, search, text string) SinkReading {
	x, failure := s.get(ctx, "api/0/projects/"+url.PathEscape(s.config.Organization)+"/"+url.PathEscape(s.config.Project)+"/issues/",
		url.Values{"query": {search}, "statsPeriod": {"24h"}, "sort": {"date"}}, "application/json")
	switch {
	case failure.Failed():
		return failure
	case x.Status >= 400:
		return SinkReading{Failure: FailProtocol, Detail: "Sentry does not take the query: " + s.told(string(x.Body))}
	}
	var issues []json.RawMessage
	if json.Unmarshal(x.Body, &issues) != nil {
		return s.unreadable("without a list of issues: check url")
	}
	out := SinkReading{Live: true}
	for i, issue := range issues {
		entry := string(issue)
		if i < maxIssues && !holds(entry, text) {
			entry += "\n" + s.latest(ctx, issue)
		}
		out.Around = append(out.Around, entry)
	}
	out.Entries = holding(out.Around, text)
	return out
}

// latest is the latest event of an issue, or nothing.
func (s *sentrySink) latest(ctx context.Context, issue json.RawMessage) string {
	var one struct{ ID string }
	if json.Unmarshal(issue, &one) != nil || one.ID == "" {
		return ""
	}
	x, failure := s.get(ctx, "api/0/issues/"+url.PathEscape(one.ID)+"/events/latest/", nil, "application/json")
	if failure.Failed() || x.Status >= 400 {
		return ""
	}
	return string(x.Body)
}
