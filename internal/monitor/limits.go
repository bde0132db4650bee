package monitor

import (
	"fmt"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"time"
)

// Limits is what a service allows a monitor to be. A zero value allows all.
type Limits struct {
	Plan        string // as people call it, such as "the free plan of acme.example"; empty if not known
	Unavailable string // why there can be no monitor at all, as a sentence; empty if there can

	Monitors int // most that there can be; 0 is not known
	Used     int // how many there are

	MinInterval, MaxInterval time.Duration
	Intervals                []time.Duration // the only ones; nil for all between
	MinTimeout, MaxTimeout   time.Duration
	Timeouts                 []time.Duration // the only ones; nil for all between

	Methods         []string // that there are
	Regions         []string // that there are; nil: none can be chosen
	Classes         bool     // whether a class of status such as 2xx can be expected
	BodyOrStatus    bool     // whether a body and a status cannot be expected together
	Certificates    bool     // whether the certificate's expiry is watched
	CertificateDays []int    // the only ones; nil for all
	Address         bool     // whether another address can be connected to
	Contacts        int      // most that can be named; 0: none, their alerts are policies
	KnownContacts   []string // that there are; nil for any
	FixedHeaders    []string // that cannot be set
	NameCharacters  string   // that a name may have besides letters and digits; empty for all
}

// Problem is what a service does not allow.
type Problem struct {
	Field  string // of the configuration, such as "interval" or "expect.status"
	Reason string // one or more whole sentences
}

// Problems says what of a monitor a service does not allow, in order of fields.
func (l Limits) Problems(backend string, m Monitor) []Problem {
	var out []Problem
	add := func(field, format string, args ...any) {
		out = append(out, Problem{field, fmt.Sprintf(format, args...)})
	}
	if l.Unavailable != "" {
		add("backend", "%s", l.Unavailable)
		return out
	}
	on := backend
	if l.Plan != "" {
		on = l.Plan
	}
	l.spans(on, m, add)
	if m.Method != "" && len(l.Methods) > 0 && !slices.Contains(l.Methods, m.Method) {
		add("method", "%s does not send %s; it sends %s.", backend, m.Method, strings.Join(l.Methods, ", "))
	}
	for _, r := range m.Regions {
		switch {
		case l.Regions == nil:
			add("regions", "%s does not let regions be chosen. Leave the argument out.", on)
			return out
		case !slices.Contains(l.Regions, r):
			add("regions", "%s has no region %q; it has %s.", backend, r, strings.Join(l.Regions, ", "))
		}
	}
	l.expectations(backend, m, add)
	if m.Address != "" && !l.Address {
		add("address", "%s connects to the URL's own host. Leave the argument out, or watch the origin with backend = \"cloudflare\".", backend)
	}
	if n := len(m.Contacts); n > l.Contacts {
		if l.Contacts == 0 {
			add("contacts", "%s alerts by policies. Leave the argument out, and declare a launchready_alert_policy of type health_check_status_notification.", backend)
		} else {
			add("contacts", "There are %d; %s takes %d at most.", n, backend, l.Contacts)
		}
	}
	for _, c := range m.Contacts {
		if l.KnownContacts != nil && !slices.Contains(l.KnownContacts, c) {
			add("contacts", "%s has no contact %q; it has %s.", backend, c, joined(l.KnownContacts))
		}
	}
	for _, name := range l.FixedHeaders {
		if _, ok := m.Headers[name]; ok {
			add("headers", "%s sends its own %s. Leave it out.", backend, name)
		}
	}
	if l.NameCharacters != "" && strings.ContainsFunc(m.Name, func(r rune) bool {
		return (r < '0' || r > '9') && (r < 'a' || r > 'z') && (r < 'A' || r > 'Z') && !strings.ContainsRune(l.NameCharacters, r)
	}) {
		add("name", "%s takes letters, digits and %s only; the name is %q.", backend, spelled(l.NameCharacters), m.Name)
	}
	return out
}

func (l Limits) spans(on string, m Monitor, add func(field, format string, args ...any)) {
	for _, s := range []struct {
		field       string
		value       time.Duration
		least, most time.Duration
		only        []time.Duration
	}{
		{"interval", m.Interval, l.MinInterval, l.MaxInterval, l.Intervals},
		{"timeout", m.Timeout, l.MinTimeout, l.MaxTimeout, l.Timeouts},
	} {
		switch {
		case s.value == 0:
		case s.value%time.Second != 0:
			add(s.field, "It is %s; write whole seconds.", s.value)
		case s.least > 0 && s.value < s.least:
			add(s.field, "It is %s; %s allows %s or more.", s.value, on, s.least)
		case s.most > 0 && s.value > s.most:
			add(s.field, "It is %s; %s allows %s at most.", s.value, on, s.most)
		case s.only != nil && !slices.Contains(s.only, s.value):
			add(s.field, "It is %s; %s takes %s.", s.value, on, joined(s.only))
		}
	}
	if m.Timeout > 0 && m.Interval > 0 && m.Timeout >= m.Interval {
		add("timeout", "It is %s, no shorter than the interval of %s.", m.Timeout, m.Interval)
	}
}

func (l Limits) expectations(backend string, m Monitor, add func(field, format string, args ...any)) {
	if !l.Classes {
		for _, s := range m.Status {
			if s != "2xx" && isClass(s) || s == "2xx" && len(m.Status) > 1 {
				add("expect.status", "%s takes status codes one by one, or 2xx alone: %q cannot be expected. List the codes.", backend, s)
			}
		}
	}
	if l.BodyOrStatus && m.Body != "" && len(m.Status) > 0 {
		add("expect.body", "%s judges the body or the status, not both in one monitor. Leave expect.status out, or declare two monitors.", backend)
	}
	if m.Body != "" && m.Method == "HEAD" {
		add("expect.body", "An answer to HEAD has no body. Set method = \"GET\".")
	}
	switch u, err := url.Parse(m.URL); {
	case m.CertificateDays == 0:
	case !l.Certificates:
		add("expect.certificate_days", "%s does not watch when certificates expire. Watch it with another backend, an alert policy of type universal_ssl_event_type, or launchready_tls_check.", backend)
	case err == nil && u.Scheme != "https":
		add("expect.certificate_days", "%s has no certificate: its scheme is not https.", m.URL)
	case l.CertificateDays != nil && !slices.Contains(l.CertificateDays, m.CertificateDays):
		add("expect.certificate_days", "It is %d; %s takes %s.", m.CertificateDays, backend, joined(l.CertificateDays))
	}
}

// Defaults are the interval and the timeout of a service's monitor where none is
// declared: the shortest interval that each plan of the service allows, and the
// timeout that it begins with.
func Defaults(backend string) (interval, timeout time.Duration) {
	switch backend {
	case BetterStackName:
		return 3 * time.Minute, 15 * time.Second
	case UptimeRobotName:
		return 5 * time.Minute, 30 * time.Second
	}
	return time.Minute, 5 * time.Second
}

// isClass tells a class of status such as 2xx from a code.
func isClass(s string) bool { return strings.HasSuffix(s, "xx") }

// CheckStatus says what is wrong with a status that is expected; empty if nothing.
func CheckStatus(s string) string {
	if len(s) == 3 && s[0] >= '1' && s[0] <= '5' {
		if s[1:] == "xx" {
			return ""
		}
		if _, err := strconv.Atoi(s); err == nil {
			return ""
		}
	}
	return fmt.Sprintf("%q is neither a status code such as 200 nor a class of them such as 2xx", s)
}

func spelled(characters string) string {
	words := make([]string, 0, len(characters))
	for _, r := range characters {
		words = append(words, strconv.Quote(string(r)))
	}
	return strings.Join(words, " and ")
}

func joined[T any](values []T) string {
	words := make([]string, len(values))
	for i, v := range values {
		words[i] = fmt.Sprint(v)
	}
	if len(words) < 2 {
		return strings.Join(words, "")
	}
	return strings.Join(words[:len(words)-1], ", ") + " or " + words[len(words)-1]
}
