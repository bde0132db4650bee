package probe

import (
	"context"
	"encoding/json"
	"maps"
	"net/mail"
	"regexp"
	"slices"
	"strings"
	"time"

	"github.com/goccy/go-yaml"
)

// AlertRouting is where an Alertmanager sends alerts.
type AlertRouting struct {
	Failure   FailureKind
	Detail    string
	root      route
	receivers map[string][]string // destinations by name of receiver
	silences  []silence
}

// Delivery is what becomes of an alert.
type Delivery struct {
	Receivers []string
	// Destinations are what the receivers send to: an address of mail, or the kind
	// of integration, such as "webhook" or "pagerduty"; sorted. Addresses of
	// webhooks are secrets and not shown.
	Destinations []string
	Empty        bool // a receiver has no destination at all
	Silenced     bool // a silence holds it back
	Muted        bool // times are set in which none of the receivers is told
	// Doubtful is set where the way depends on labels that are not known.
	Doubtful bool
}

// route is a node of the routing tree.
type route struct {
	Receiver   string            `yaml:"receiver"`
	Match      map[string]string `yaml:"match"`
	MatchRE    map[string]string `yaml:"match_re"`
	Matchers   []string          `yaml:"matchers"`
	Continue   bool              `yaml:"continue"`
	Mute       []string          `yaml:"mute_time_intervals"`
	Active     []string          `yaml:"active_time_intervals"`
	Routes     []route           `yaml:"routes"`
	conditions []matcher
}

// silence holds back the alerts that it fits.
type silence struct{ conditions []matcher }

// AlertRouting implements SinkProber. The API shows the configuration with its
// secrets masked.
func (c *Client) AlertRouting(ctx context.Context, config SinkConfig) AlertRouting {
	if err := config.Validate(); err != nil {
		return AlertRouting{Failure: FailOther, Detail: err.Error()}
	}
	s := httpSink{client: c, config: config}
	bad := func(r SinkReading) AlertRouting { return AlertRouting{Failure: r.Failure, Detail: r.Detail} }
	x, failure := s.get(ctx, "api/v2/status", nil, "application/json")
	if failure.Failed() {
		return bad(failure)
	}
	var status struct {
		Config struct {
			Original string `json:"original"`
		} `json:"config"`
	}
	if json.Unmarshal(x.Body, &status) != nil || status.Config.Original == "" {
		return bad(s.unreadable("without its configuration: check url"))
	}
	out, err := parseRouting(status.Config.Original)
	if err != nil {
		return bad(s.unreadable("with a configuration that cannot be read"))
	}
	if x, failure = s.get(ctx, "api/v2/silences", nil, "application/json"); failure.Failed() {
		return bad(failure)
	}
	if out.silences, err = parseSilences(x.Body, c.Now()); err != nil {
		return bad(s.unreadable("with silences that cannot be read"))
	}
	return out
}

// parseRouting reads a configuration of Alertmanager's.
func parseRouting(text string) (AlertRouting, error) {
	var config struct {
		Route     route            `yaml:"route"`
		Receivers []map[string]any `yaml:"receivers"`
	}
	if err := yaml.Unmarshal([]byte(text), &config); err != nil {
		return AlertRouting{}, err
	}
	out := AlertRouting{root: config.Route, receivers: map[string][]string{}}
	for _, r := range config.Receivers {
		name, _ := r["name"].(string)
		out.receivers[name] = destinations(r)
	}
	return out, out.root.compile()
}

// destinations are what a receiver sends to.
func destinations(receiver map[string]any) []string {
	var out []string
	for _, key := range slices.Sorted(maps.Keys(receiver)) {
		kind, isList := strings.CutSuffix(key, "_configs")
		list, ok := receiver[key].([]any)
		if !isList || !ok {
			continue
		}
		for _, one := range list {
			names := []string{kind}
			if fields, ok := one.(map[string]any); ok && kind == "email" {
				if to, _ := fields["to"].(string); to != "" {
					names = addresses(to)
				}
			}
			out = append(out, names...)
		}
	}
	slices.Sort(out)
	return slices.Compact(out)
}

// addresses are those of a header To, which may name several, with people's names.
func addresses(to string) []string {
	list, err := mail.ParseAddressList(to)
	if err != nil {
		return []string{to}
	}
	var out []string
	for _, one := range list {
		out = append(out, one.Address)
	}
	return out
}

// compile turns the three ways to write conditions into one.
func (r *route) compile() error {
	r.conditions = nil
	add := func(m matcher) error {
		if strings.HasSuffix(m.operator, "~") {
			var err error
			if m.expression, err = regexp.Compile("^(?:" + m.value + ")$"); err != nil {
				return err
			}
		}
		r.conditions = append(r.conditions, m)
		return nil
	}
	for label, value := range r.Match {
		_ = add(matcher{label: label, operator: "=", value: value}) // has no expression to fail
	}
	for label, value := range r.MatchRE {
		if err := add(matcher{label: label, operator: "=~", value: value}); err != nil {
			return err
		}
	}
	for _, text := range r.Matchers {
		parsed, err := parseMatchers(quoteValues(text))
		if err != nil {
			return err
		}
		r.conditions = append(r.conditions, parsed...)
	}
	for i := range r.Routes {
		if err := r.Routes[i].compile(); err != nil {
			return err
		}
	}
	return nil
}

var bareValue = regexp.MustCompile(`(=~|!~|!=|=)\s*([^"'\s,{}=~][^,{}]*)`)

// quoteValues puts quotes around values that stand without, as Alertmanager
// allows, and takes the braces off.
func quoteValues(text string) string {
	text = strings.TrimSpace(text)
	if strings.HasPrefix(text, "{") && strings.HasSuffix(text, "}") {
		text = text[1 : len(text)-1]
	}
	if strings.ContainsAny(text, `"'`) {
		return text
	}
	return bareValue.ReplaceAllStringFunc(text, func(found string) string {
		parts := bareValue.FindStringSubmatch(found)
		return parts[1] + `"` + strings.TrimSpace(parts[2]) + `"`
	})
}

// parseSilences reads the silences that are in force at a time.
func parseSilences(body []byte, now time.Time) ([]silence, error) {
	var all []struct {
		Status struct {
			State string `json:"state"`
		} `json:"status"`
		EndsAt   time.Time `json:"endsAt"`
		Matchers []struct {
			Name    string `json:"name"`
			Value   string `json:"value"`
			IsRegex bool   `json:"isRegex"`
			IsEqual *bool  `json:"isEqual"`
		} `json:"matchers"`
	}
	if err := json.Unmarshal(body, &all); err != nil {
		return nil, err
	}
	var out []silence
	for _, one := range all {
		if one.Status.State != "active" || !one.EndsAt.After(now) {
			continue
		}
		var s silence
		for _, m := range one.Matchers {
			condition := matcher{label: m.Name, value: m.Value, operator: "="}
			if m.IsEqual != nil && !*m.IsEqual {
				condition.operator = "!="
			}
			if m.IsRegex {
				condition.operator = strings.Replace(condition.operator+"~", "!=~", "!~", 1)
				var err error
				if condition.expression, err = regexp.Compile("^(?:" + m.Value + ")$"); err != nil {
					return nil, err
				}
			}
			s.conditions = append(s.conditions, condition)
		}
		out = append(out, s)
	}
	return out, nil
}

// Deliver says what becomes of an alert with these labels. Those that a rule
// does not set come with the series and are not known.
func (r AlertRouting) Deliver(labels map[string]string) Delivery {
	var d Delivery
	var muted []bool
	r.root.walk(labels, &d, &muted)
	open := false
	for i, name := range d.Receivers {
		open = open || !muted[i] && len(r.receivers[name]) > 0
		d.Destinations = append(d.Destinations, r.receivers[name]...)
		d.Empty = d.Empty || len(r.receivers[name]) == 0
	}
	d.Muted = slices.Contains(muted, true) && !open
	slices.Sort(d.Destinations)
	d.Destinations = slices.Compact(d.Destinations)
	for _, s := range r.silences {
		if fits, _ := allHold(s.conditions, labels); fits && len(s.conditions) > 0 {
			d.Silenced = true
		}
	}
	return d
}

// walk goes down the tree as Alertmanager does: the first child that fits takes
// the alert, unless it says to go on; a node without such a child keeps it.
func (r route) walk(labels map[string]string, d *Delivery, muted *[]bool) {
	taken := false
	for _, child := range r.Routes {
		if child.Receiver == "" {
			child.Receiver = r.Receiver
		}
		fits, sure := allHold(child.conditions, labels)
		d.Doubtful = d.Doubtful || !sure
		if !fits {
			continue
		}
		child.walk(labels, d, muted)
		taken = true
		if !child.Continue {
			return
		}
	}
	if !taken {
		d.Receivers = append(d.Receivers, r.Receiver)
		*muted = append(*muted, len(r.Mute) > 0 || len(r.Active) > 0)
	}
}

// allHold reports whether conditions hold of labels, and whether that is sure:
// a label that is not known may have any value.
func allHold(conditions []matcher, labels map[string]string) (fits, sure bool) {
	fits, sure = true, true
	for _, m := range conditions {
		value, known := labels[m.label]
		switch {
		case !known:
			sure, fits = false, false
		case !m.holds(value):
			return false, true
		}
	}
	return fits, sure
}
