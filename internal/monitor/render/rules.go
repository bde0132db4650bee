package render

import (
	"fmt"
	"maps"
	"slices"
	"strconv"
	"strings"
	"time"
)

// Marker is the label by which rules are told: its value is the kind of alert.
// Owner says whose they are: the declaration's name.
const (
	Marker = "launchready_alert"
	Owner  = "launchready"
)

// Covered are the kinds of alerts that Rules has: those of monitors only where
// there are monitors.
func (d Declaration) Covered() []Kind {
	d = d.withDefaults()
	var out []Kind
	for _, kind := range Kinds() {
		if slices.Contains(d.Alerts.Only, kind) && len(d.rulesOf(kind)) > 0 {
			out = append(out, kind)
		}
	}
	return out
}

// Rules renders recording and alerting rules for Prometheus.
func (d Declaration) Rules() (string, error) {
	d = d.withDefaults()
	groups := []object{}
	for _, kind := range Kinds() {
		rules := d.rulesOf(kind)
		if !slices.Contains(d.Alerts.Only, kind) || len(rules) == 0 {
			continue
		}
		groups = append(groups, object{
			field("name", text("launchready/"+d.Name+"/"+string(kind))), field("interval", text("30s")), field("rules", rules),
		})
	}
	return marshal("Prometheus: rules", object{field("groups", groups)})
}

func (d Declaration) rulesOf(kind Kind) []object {
	a := d.Alerts
	switch kind {
	case Spike401:
		return a.spike(kind, "Launchready401Spike", "warning", a.series(a.RequestsMetric, a.StatusLabel+`="401"`),
			"sign-ins are refused far more often than in the hour before", "Someone may be guessing passwords, or a release has broken the sign-in.")
	case Spike403:
		return a.spike(kind, "Launchready403Spike", "warning", a.series(a.RequestsMetric, a.StatusLabel+`="403"`),
			"requests are refused far more often than in the hour before", "Someone may be looking for what is not theirs, or a release has broken a permission.")
	case Spike5xx:
		return a.errors()
	case Bounces:
		return a.spike(kind, "LaunchreadyBounces", "warning", a.series(a.BouncesMetric),
			"far more mail bounces than in the hour before", "An invitation list may be stale, or receivers refuse the domain.")
	case Latency:
		return a.latency()
	case Certificate:
		return d.certificates()
	case HostDown:
		return d.hosts()
	}
	return nil
}

// counted is how much counters have grown within the window. increase alone sees
// nothing of a counter that is born with its first event, as one by status code
// is: such a one counts whole, if its instance was watched before. That of an
// instance that was not counts nothing: what it shows may have happened earlier.
// Where nothing was watched a window ago there is no count: a zero would make what
// is usual look like a spike.
func (a Alerts) counted(series string) string {
	return fmt.Sprintf("((sum(increase(%[1]s[%[2]s]) and %[1]s offset %[2]s) or vector(0)) + (sum((%[1]s unless %[1]s offset %[2]s) and on (job, instance) (up offset %[2]s == 1)) or vector(0))) and on () (count(%[3]s offset %[2]s == 1) or count(%[1]s offset %[2]s))",
		series, span(a.Window), a.up())
}

// up is a selector of what Prometheus knows of the instances: of the labels that
// the series have only these are sure to be its own.
func (a Alerts) up() string {
	own := Alerts{Selector: map[string]string{}}
	for _, label := range []string{"job", "instance"} {
		if value, ok := a.Selector[label]; ok {
			own.Selector[label] = value
		}
	}
	return own.series("up")
}

// record keeps a count under a name, with whose it is.
func (a Alerts) record(name, series string) object {
	return object{field("record", text(name)), field("expr", text(a.counted(series))), field("labels", object{field(Owner, text(a.of))})}
}

// recorded is a selector of what record keeps.
func (a Alerts) recorded(name string) string {
	return name + "{" + Owner + "=" + strconv.Quote(a.of) + "}"
}

// spike records a count, and tells where it is many and far more than usual.
func (a Alerts) spike(kind Kind, name, severity, series, summary, description string) []object {
	record := "launchready:" + strings.TrimSuffix(string(kind), "_spike") + ":increase"
	return []object{
		a.record(record, series),
		a.alert(kind, name, severity, a.unusual(record, kind), time.Minute, summary,
			"{{ $value | printf \"%.0f\" }} in "+string(span(a.Window))+". "+description),
	}
}

// unusual is where a recorded count is at least the threshold, and some times
// what it was on average in the hour before the window, or in what is known of it:
// one window at least.
func (a Alerts) unusual(record string, kind Kind) string {
	return fmt.Sprintf("%[1]s >= %[2]s and %[1]s > on () group_left () (%[3]s * avg_over_time(%[1]s[1h] offset %[4]s))",
		a.recorded(record), number(a.Thresholds[kind]), number(a.Factor), span(a.Window))
}

// errors tells of server errors: a spike of them, or too large a share.
func (a Alerts) errors() []object {
	count, total := "launchready:5xx:increase", "launchready:requests:increase"
	expr := fmt.Sprintf("(%s) or (%s >= %s and %s > %s * %s)", a.unusual(count, Spike5xx), a.recorded(count), number(a.Thresholds[Spike5xx]), a.recorded(count), number(errorShare), a.recorded(total))
	return []object{
		a.record(count, a.series(a.RequestsMetric, a.StatusLabel+`=~"5.."`)),
		a.record(total, a.series(a.RequestsMetric)),
		a.alert(Spike5xx, "Launchready5xxSpike", "critical", expr, time.Minute, "the portal fails",
			"{{ $value | printf \"%.0f\" }} server errors in "+string(span(a.Window))+". Look at the last release, and at what the portal depends on."),
	}
}

// latency tells where p95 is above the limit. It is exact where the histogram
// has a bucket that ends at the limit.
func (a Alerts) latency() []object {
	w := string(span(a.Window))
	bucket, count, limit := a.LatencyMetric+"_bucket", a.series(a.LatencyMetric+"_count"), number(a.P95.Seconds())
	p95 := fmt.Sprintf("histogram_quantile(0.95, sum by (le) (rate(%s[%s])))", a.series(bucket), w)
	// Where the last bucket but +Inf ends at the limit, p95 is never seen above it:
	// then the share of what is slower tells.
	expr := fmt.Sprintf("(%[1]s > %[2]s or (%[1]s >= %[2]s and on () 1 - sum(rate(%[3]s[%[4]s])) / sum(rate(%[5]s[%[4]s])) > 0.0500001)) and on () sum(increase(%[5]s[%[4]s])) >= %[6]s",
		p95, limit, a.series(bucket, oneOf("le", []string{limit, limit + ".0"})), w, count, number(a.Thresholds[Latency]))
	return []object{a.alert(Latency, "LaunchreadyLatency", "warning", expr, a.Window, "answers are slow",
		"p95 is {{ $value | humanizeDuration }}; the limit is "+a.P95.String()+".")}
}

// certificates tells of those that expire. The metric is that of the chain that
// is good for longest: a cross-signed root that expires harms nobody.
func (d Declaration) certificates() []object {
	var out []object
	for _, m := range d.Monitors {
		if m.CertificateDays == 0 {
			continue
		}
		expr := fmt.Sprintf("min by (monitor) (probe_ssl_last_chain_expiry_timestamp_seconds{monitor=%s}) - time() < %d", strconv.Quote(m.Name), m.CertificateDays*86400)
		out = append(out, d.Alerts.about(m).alert(Certificate, "LaunchreadyCertificate", "critical", expr, 10*time.Minute, "the certificate of {{ $labels.monitor }} expires",
			"It is good for {{ $value | humanizeDuration }}; "+strconv.Itoa(m.CertificateDays)+" days must be left."))
	}
	return out
}

// hosts tells of what is down: from two regions at once where two are heard of,
// and as often in a row as the monitor says. A monitor that nobody asks is none.
func (d Declaration) hosts() []object {
	var out []object
	for _, m := range d.Monitors {
		series := "probe_success{monitor=" + strconv.Quote(m.Name) + "}"
		expr := fmt.Sprintf("count by (monitor) (%[1]s == 0) >= clamp_max(count by (monitor) (%[1]s), %[2]d)", series, min(len(m.Regions), 2))
		a := d.Alerts.about(m)
		out = append(out,
			a.alert(HostDown, "LaunchreadyHostDown", "critical", expr, m.Interval*time.Duration(m.Failures-1), "{{ $labels.monitor }} is down",
				"{{ $value }} of the places that watch it say so."),
			a.alert(HostDown, "LaunchreadyHostUnwatched", "critical", "absent("+series+")", max(10*time.Minute, 3*m.Interval), "{{ $labels.monitor }} is not watched",
				"No blackbox_exporter has asked it for a while."))
	}
	return out
}

// about are the alerts of one monitor. Rules of one name must differ in a label:
// promtool takes them for twins otherwise.
func (a Alerts) about(m Monitor) Alerts {
	a.Labels = maps.Clone(a.Labels)
	if a.Labels == nil {
		a.Labels = map[string]string{}
	}
	a.Labels["monitor"] = m.Name
	return a
}

func (a Alerts) alert(kind Kind, name, severity, expr string, after time.Duration, summary, description string) object {
	labels := map[string]string{"severity": severity}
	maps.Copy(labels, a.Labels)
	labels[Marker], labels[Owner] = string(kind), a.of
	annotations := object{field("summary", text(summary)), field("description", text(description))}
	if a.RunbookURL != "" {
		annotations = append(annotations, field("runbook_url", text(literal(a.RunbookURL))))
	}
	return object{
		field("alert", text(name)), field("expr", text(expr)), field("for", span(after)),
		field("labels", dictionary(labels, func(v string) any { return text(literal(v)) })), field("annotations", annotations),
	}
}
