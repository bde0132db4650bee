package probe

import (
	"context"
	"encoding/json"
	"regexp"
	"strings"
)

// AlertRules are the alerting rules of a Prometheus, and whether it tells anybody.
type AlertRules struct {
	Failure FailureKind
	Detail  string
	Rules   []AlertRule
	// Alertmanagers is how many it sends alerts to.
	Alertmanagers int
}

// AlertRule is one alerting rule.
type AlertRule struct {
	Name        string            `json:"name"`
	Query       string            `json:"query"`    // PromQL
	Duration    float64           `json:"duration"` // of "for", in seconds
	Labels      map[string]string `json:"labels"`
	Annotations map[string]string `json:"annotations"`
	State       string            `json:"state"`  // inactive, pending, firing
	Health      string            `json:"health"` // ok, err, unknown
	// Recorded are the expressions of the recording rules that the query names, and
	// of those that these name.
	Recorded string `json:"-"`
}

// AlertRules implements SinkProber, by the rules and alertmanagers of
// Prometheus's HTTP API.
func (c *Client) AlertRules(ctx context.Context, config SinkConfig) AlertRules {
	if err := config.Validate(); err != nil {
		return AlertRules{Failure: FailOther, Detail: err.Error()}
	}
	s := httpSink{client: c, config: config}
	bad := func(r SinkReading) AlertRules { return AlertRules{Failure: r.Failure, Detail: r.Detail} }
	data, failure := s.api(ctx, "api/v1/rules", nil)
	if failure.Failed() {
		return bad(failure)
	}
	var groups struct {
		Groups []struct {
			Rules []struct {
				AlertRule
				Type string `json:"type"`
			} `json:"rules"`
		} `json:"groups"`
	}
	if json.Unmarshal(data, &groups) != nil {
		return bad(s.unreadable("with rules that cannot be read"))
	}
	var out AlertRules
	recordings := map[string][]string{}
	for _, g := range groups.Groups {
		for _, r := range g.Rules {
			if r.Type == "recording" {
				recordings[r.Name] = append(recordings[r.Name], r.Query)
			}
		}
	}
	for _, g := range groups.Groups {
		for _, r := range g.Rules {
			if r.Type == "alerting" {
				r.Recorded = recorded(r.Query, recordings)
				out.Rules = append(out.Rules, r.AlertRule)
			}
		}
	}
	data, failure = s.api(ctx, "api/v1/alertmanagers", nil)
	if failure.Failed() {
		return bad(failure)
	}
	var managers struct {
		Active []struct{} `json:"activeAlertmanagers"`
	}
	if json.Unmarshal(data, &managers) != nil {
		return bad(s.unreadable("with Alertmanagers that cannot be read"))
	}
	out.Alertmanagers = len(managers.Active)
	return out
}

var metricName = regexp.MustCompile(`[a-zA-Z_:][a-zA-Z0-9_:]*`)

// recorded are the expressions behind the recordings that a query names.
func recorded(query string, recordings map[string][]string) string {
	var out []string
	seen := map[string]bool{}
	for queue := []string{query}; len(queue) > 0; queue = queue[1:] {
		for _, name := range metricName.FindAllString(queue[0], -1) {
			if seen[name] {
				continue
			}
			seen[name] = true
			out, queue = append(out, recordings[name]...), append(queue, recordings[name]...)
		}
	}
	return strings.Join(out, "\n")
}
