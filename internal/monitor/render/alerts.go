package render

import (
	"fmt"
	"maps"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"sync"
	"time"
)

// Kind is an alert that a launched portal has.
type Kind string

const (
	Spike401    Kind = "401_spike"
	Spike403    Kind = "403_spike"
	Spike5xx    Kind = "5xx_spike"
	Latency     Kind = "latency"
	Bounces     Kind = "bounces"
	Certificate Kind = "certificate"
	HostDown    Kind = "host_down"
)

// Kinds are all kinds.
func Kinds() []Kind {
	return []Kind{Spike401, Spike403, Spike5xx, Latency, Bounces, Certificate, HostDown}
}

// Alerts say what is to be told of. The zero value of a field is its default.
type Alerts struct {
	Only           []Kind            // empty = all
	RequestsMetric string            // counter of answers; default http_requests_total
	StatusLabel    string            // of it, with the status code; default code
	LatencyMetric  string            // histogram in seconds, without _bucket; default http_request_duration_seconds
	BouncesMetric  string            // counter; default mail_bounced_total
	Selector       map[string]string // labels that all of these have
	Window         time.Duration     // in which is counted; default 5m
	Factor         float64           // times the hour before, to be a spike; default 3
	Thresholds     map[Kind]float64  // least count in the window
	P95            time.Duration     // default 500 ms
	Labels         map[string]string // of every alert
	RunbookURL     string            // empty = none

	of string // the declaration's name
}

// What a spike has at least in a window, so that a handful of events at night is
// none, and how many requests p95 is judged from.
var defaultThresholds = map[Kind]float64{Spike401: 20, Spike403: 20, Spike5xx: 10, Bounces: 5, Latency: 20}

// errorShare of all answers is too much, whether or not it was so before.
const errorShare = 0.05

func (a Alerts) withDefaults() Alerts {
	or := func(s *string, otherwise string) {
		if *s == "" {
			*s = otherwise
		}
	}
	or(&a.RequestsMetric, "http_requests_total")
	or(&a.StatusLabel, "code")
	or(&a.LatencyMetric, "http_request_duration_seconds")
	or(&a.BouncesMetric, "mail_bounced_total")
	if len(a.Only) == 0 {
		a.Only = Kinds()
	}
	if a.Window <= 0 {
		a.Window = 5 * time.Minute
	}
	if a.Factor <= 0 {
		a.Factor = 3
	}
	if a.P95 <= 0 {
		a.P95 = 500 * time.Millisecond
	}
	thresholds := maps.Clone(defaultThresholds)
	maps.Copy(thresholds, a.Thresholds)
	a.Thresholds = thresholds
	return a
}

var (
	metricName = sync.OnceValue(func() *regexp.Regexp { return regexp.MustCompile(`^[a-zA-Z_:][a-zA-Z0-9_:]*$`) })
	labelName  = sync.OnceValue(func() *regexp.Regexp { return regexp.MustCompile(`^[a-zA-Z_][a-zA-Z0-9_]*$`) })
)

func (a Alerts) problems() []*ProblemError {
	var out []*ProblemError
	problem := func(argument, reason string, values ...any) {
		out = append(out, &ProblemError{[]string{"alerts", argument}, fmt.Sprintf(reason, values...)})
	}
	for argument, name := range map[string]string{"requests_metric": a.RequestsMetric, "latency_metric": a.LatencyMetric, "bounces_metric": a.BouncesMetric} {
		if name != "" && !metricName().MatchString(name) {
			problem(argument, "%q is no name of a metric; labels belong into selector", name)
		}
	}
	if strings.HasSuffix(a.LatencyMetric, "_bucket") {
		problem("latency_metric", "name the histogram without _bucket")
	}
	if a.StatusLabel != "" && !labelName().MatchString(a.StatusLabel) {
		problem("status_label", "%q is no name of a label", a.StatusLabel)
	}
	for argument, labels := range map[string]map[string]string{"selector": a.Selector, "labels": a.Labels} {
		for name := range labels {
			if !labelName().MatchString(name) {
				problem(argument, "%q is no name of a label", name)
			}
		}
	}
	for _, kind := range a.Only {
		if !slices.Contains(Kinds(), kind) {
			problem("only", "%q is no kind of alert", kind)
		}
	}
	for kind := range a.Thresholds {
		if _, ok := defaultThresholds[kind]; !ok {
			problem("thresholds", "%q is no kind of alert that counts", kind)
		}
	}
	slices.SortFunc(out, func(a, b *ProblemError) int { return strings.Compare(a.Error(), b.Error()) })
	return out
}

// series is a selector in PromQL: a metric with labels. PromQL quotes as Go does.
func (a Alerts) series(metric string, more ...string) string {
	var matchers []string
	for _, name := range slices.Sorted(maps.Keys(a.Selector)) {
		matchers = append(matchers, name+"="+strconv.Quote(a.Selector[name]))
	}
	matchers = append(matchers, more...)
	if len(matchers) == 0 {
		return metric
	}
	return metric + "{" + strings.Join(matchers, ",") + "}"
}

// oneOf is a matcher for one of some values. It is a regular expression, which
// Prometheus anchors.
func oneOf(label string, values []string) string {
	var all []string
	for _, v := range values {
		all = append(all, regexp.QuoteMeta(v))
	}
	return label + "=~" + strconv.Quote(strings.Join(all, "|"))
}

// number writes a float as PromQL has it.
func number(f float64) string { return strconv.FormatFloat(f, 'g', -1, 64) }

// literal is text that Prometheus' templates leave as it is.
func literal(s string) string { return strings.ReplaceAll(s, "{{", `{{ "{{" }}`) }
