// Package render turns declared monitors and alerts into the configuration of
// tools that people host themselves: Prometheus with blackbox_exporter, and
// Gatus. It is pure: values in, YAML out, with no credential in it.
package render

import (
	"bytes"
	"encoding/json"
	"fmt"
	"maps"
	"net/url"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"sync"
	"time"

	"github.com/goccy/go-yaml"
)

// Defaults of a Monitor.
const (
	DefaultInterval = time.Minute
	DefaultTimeout  = 10 * time.Second
	DefaultFailures = 2
)

// DefaultExporter is where a blackbox_exporter on the same host listens.
const DefaultExporter = "127.0.0.1:9115"

// Declaration is what is to be watched, and what is to be told.
type Declaration struct {
	Name         string // tells this portal's series from another's in one Prometheus; empty = portal
	Monitors     []Monitor
	Exporters    map[string]string // blackbox_exporters by region, host:port; empty = one, at DefaultExporter
	Applications []Application
	CAFile       string // roots on the exporters' hosts, besides the system's; empty = none
	GatusAlerts  []string
	Alerts       Alerts
}

// Monitor is one address that is asked again and again.
type Monitor struct {
	Name            string
	URL             string // http or https, absolute
	Method          string // empty = GET
	Status          []string
	Body            string            // text that the answer holds; empty = any
	Headers         map[string]string // none that authenticates
	Token           TokenSource
	CertificateDays int           // that must be left; 0 = not asked
	Interval        time.Duration // 0 = DefaultInterval
	Timeout         time.Duration // 0 = DefaultTimeout
	MaximumTime     time.Duration // of an answer, in Gatus; 0 = any
	Failures        int           // in a row, before anyone is told; 0 = DefaultFailures
	Regions         []string      // keys of Exporters; empty = all
	Paused          bool
}

// TokenSource is where a tool finds a bearer token by itself: it stands in no
// configuration.
type TokenSource struct {
	File        string // on the host of blackbox_exporter
	Environment string // variable of Gatus
}

// Application is a service that shows metrics in Prometheus' text format.
type Application struct {
	Name      string
	Targets   []string // host:port
	Scheme    string   // empty = http
	Path      string   // empty = /metrics
	Interval  time.Duration
	TokenFile string // on the host of Prometheus; empty = none
}

// withDefaults completes a declaration; its order is that of names.
func (d Declaration) withDefaults() Declaration {
	if d.Name == "" {
		d.Name = "portal"
	}
	if len(d.Exporters) == 0 {
		d.Exporters = map[string]string{"default": DefaultExporter}
	}
	d.Monitors = slices.DeleteFunc(slices.Clone(d.Monitors), func(m Monitor) bool { return m.Paused })
	slices.SortFunc(d.Monitors, func(a, b Monitor) int { return strings.Compare(a.Name, b.Name) })
	for i := range d.Monitors {
		m := &d.Monitors[i]
		if scheme, rest, ok := strings.Cut(m.URL, ":"); ok {
			m.URL = strings.ToLower(scheme) + ":" + rest // blackbox_exporter knows it in lower case alone
		}
		if m.Method == "" {
			m.Method = "GET"
		}
		if m.Interval <= 0 {
			m.Interval = DefaultInterval
		}
		if m.Timeout <= 0 {
			m.Timeout = min(DefaultTimeout, m.Interval)
		}
		if m.Failures <= 0 {
			m.Failures = DefaultFailures
		}
		if len(m.Regions) == 0 {
			m.Regions = slices.Collect(maps.Keys(d.Exporters))
		}
		m.Regions = slices.Compact(slices.Sorted(slices.Values(m.Regions)))
	}
	d.Applications = slices.Clone(d.Applications)
	slices.SortFunc(d.Applications, func(a, b Application) int { return strings.Compare(a.Name, b.Name) })
	d.Alerts = d.Alerts.withDefaults()
	d.Alerts.of = d.Name
	return d
}

// text is a string that YAML readers of every kind take for just that: always in
// double quotes, escaped as in JSON, of which YAML 1.2 holds every form.
type text string

// MarshalYAML implements yaml.BytesMarshaler.
func (t text) MarshalYAML() ([]byte, error) {
	var b bytes.Buffer
	encoder := json.NewEncoder(&b)
	encoder.SetEscapeHTML(false)
	if err := encoder.Encode(string(t)); err != nil {
		return nil, err
	}
	return bytes.TrimSuffix(b.Bytes(), []byte("\n")), nil
}

func texts(from []string) []text {
	out := make([]text, len(from))
	for i, s := range from {
		out[i] = text(s)
	}
	return out
}

// object is a mapping in order.
type object = yaml.MapSlice

func field(name string, value any) yaml.MapItem { return yaml.MapItem{Key: name, Value: value} }

// dictionary is a mapping whose keys are the user's, in order of keys.
func dictionary[V any](from map[string]V, value func(V) any) object {
	var out object
	for _, key := range slices.Sorted(maps.Keys(from)) {
		out = append(out, yaml.MapItem{Key: key, Value: value(from[key])})
	}
	return out
}

// marshal writes a document with a heading.
func marshal(what string, value any) (string, error) {
	raw, err := yaml.MarshalWithOptions(value, yaml.IndentSequence(true))
	if err != nil {
		return "", fmt.Errorf("write the configuration of %s: %w", what, err)
	}
	return "# " + what + ". Written by launchready_monitoring_config: change the declaration, not this file.\n" + string(raw), nil
}

// span is a duration as Prometheus and blackbox_exporter take it.
func span(d time.Duration) text {
	if d%time.Second == 0 {
		return text(strconv.FormatInt(int64(d/time.Second), 10) + "s")
	}
	return text(strconv.FormatInt(max(int64(d/time.Millisecond), 1), 10) + "ms")
}

// codes expands classes such as 2xx; nil where all of 2xx count, as the tools
// have it by default.
func codes(status []string) []int {
	if len(status) == 0 || len(status) == 1 && status[0] == "2xx" {
		return nil
	}
	var out []int
	for _, s := range status {
		if class, ok := strings.CutSuffix(s, "xx"); ok {
			first, _ := strconv.Atoi(class)
			for code := first * 100; code < first*100+100; code++ {
				out = append(out, code)
			}
			continue
		}
		code, _ := strconv.Atoi(s)
		out = append(out, code)
	}
	slices.Sort(out)
	return slices.Compact(out)
}

// follows reports whether redirects belong to the answer: not where one is what
// is expected.
func (m Monitor) follows() bool {
	return !slices.ContainsFunc(m.Status, func(s string) bool { return strings.HasPrefix(s, "3") })
}

func (m Monitor) secure() bool { return strings.HasPrefix(strings.ToLower(m.URL), "https:") }

var headerName = sync.OnceValue(func() *regexp.Regexp { return regexp.MustCompile("^[A-Za-z0-9!#$%&'*+.^_`|~-]+$") })

var statusPattern = sync.OnceValue(func() *regexp.Regexp { return regexp.MustCompile(`^[1-5]([0-9][0-9]|xx)$`) })

// secretHeader finds headers whose values are credentials.
var secretHeader = sync.OnceValue(func() *regexp.Regexp {
	return regexp.MustCompile(`(?i)auth|cookie|token|secret|api-?_?key|passw|session|credential|signature`)
})

// HoldsCredential reports whether a header is one that authenticates.
func HoldsCredential(header string) bool { return secretHeader().MatchString(header) }

// ProblemError is what is wrong with a declaration, and where: the path of the
// argument, such as monitors, portal, url.
type ProblemError struct {
	Path   []string
	Reason string
}

func (e *ProblemError) Error() string { return strings.Join(e.Path, ".") + ": " + e.Reason }

// Problems lists what no tool could make anything of.
func (d Declaration) Problems() []*ProblemError {
	var out []*ProblemError
	keys := map[string]string{}
	for _, m := range d.Monitors {
		problem := func(argument, reason string, values ...any) {
			out = append(out, &ProblemError{[]string{"monitors", m.Name, argument}, fmt.Sprintf(reason, values...)})
		}
		u, err := url.Parse(m.URL)
		switch {
		case err != nil || u.Scheme != "https" && u.Scheme != "http" || u.Hostname() == "":
			problem("url", "it is no absolute http or https address")
		case u.User != nil:
			problem("url", "it holds a user name or a password, which would stand in the state: name bearer_token")
		}
		if m.Name == "" || strings.TrimSpace(m.Name) != m.Name || strings.ContainsAny(m.Name, "\n\r\t") {
			problem("", "the name of a monitor must not be empty, nor begin or end with a blank, nor hold line breaks")
		}
		if other, ok := keys[gatusKey(m.Name)]; ok {
			problem("", "Gatus cannot tell this name from %q", other)
		}
		keys[gatusKey(m.Name)] = m.Name
		for _, s := range m.Status {
			if !statusPattern().MatchString(s) {
				problem("status", "%q is no status code, such as 200, and no class, such as 2xx", s)
			}
		}
		for name := range m.Headers {
			if !headerName().MatchString(name) || strings.ContainsAny(m.Headers[name], "\r\n\x00") {
				problem("headers", "%q is no header: a name has letters, digits and hyphens, and a value no line breaks", name)
			}
			if HoldsCredential(name) {
				problem("headers", "%s authenticates, and what a data source is given stands in the state: name bearer_token with a file and an environment variable", name)
			}
		}
		if m.Method == "HEAD" && m.Body != "" {
			problem("body", "an answer to HEAD has no body")
		}
		if m.Timeout > 0 && m.Interval > 0 && m.Timeout > m.Interval || m.Timeout > DefaultInterval && m.Interval == 0 {
			problem("timeout", "it is longer than interval")
		}
		if m.CertificateDays > 0 && err == nil && u.Scheme == "http" {
			problem("certificate_days", "an http address has no certificate")
		}
		for _, r := range m.Regions {
			if _, ok := d.Exporters[r]; !ok && (len(d.Exporters) > 0 || r != "default") {
				problem("regions", "%q is no key of exporters", r)
			}
		}
	}
	return append(append(out, d.addressProblems()...), d.Alerts.problems()...)
}

// addressProblems are those of exporters and applications, which Prometheus asks.
func (d Declaration) addressProblems() []*ProblemError {
	var out []*ProblemError
	const wanted = "%q is no address of Prometheus: name host:port, without a scheme and a path"
	for _, region := range slices.Sorted(maps.Keys(d.Exporters)) {
		if address := d.Exporters[region]; !isTarget(address) {
			out = append(out, &ProblemError{[]string{"exporters", region}, fmt.Sprintf(wanted, address)})
		}
	}
	jobs := map[string]bool{}
	for _, m := range d.withDefaults().Monitors {
		for _, region := range m.Regions {
			jobs[jobOf(m.Name, region)] = true
		}
	}
	for _, a := range d.Applications {
		if a.Name == "" || jobs[a.Name] {
			out = append(out, &ProblemError{[]string{"applications", a.Name}, "the name must not be empty, nor be that of a monitor's job"})
		}
		for _, target := range a.Targets {
			if !isTarget(target) {
				out = append(out, &ProblemError{[]string{"applications", a.Name, "targets"}, fmt.Sprintf(wanted, target)})
			}
		}
	}
	return out
}

// isTarget reports whether Prometheus can take a text for a host and a port, or
// for a host at the scheme's port.
func isTarget(address string) bool {
	u, err := url.Parse("//" + address)
	return err == nil && u.Hostname() != "" && u.Host == address
}

// jobOf is the name of the job that asks for a monitor from a region.
func jobOf(monitor, region string) string { return "uptime/" + monitor + "/" + region }
