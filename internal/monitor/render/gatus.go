package render

import (
	"fmt"
	"strconv"
	"strings"
)

// Gatus renders endpoints for Gatus 5. How alerts are sent is configured beside
// it: Gatus merges the files of a folder.
func (d Declaration) Gatus() (string, error) {
	d = d.withDefaults()
	endpoints := []object{}
	for _, m := range d.Monitors {
		endpoints = append(endpoints, m.endpoint(d.GatusAlerts))
	}
	return marshal("Gatus: endpoints", object{field("endpoints", endpoints)})
}

func (m Monitor) endpoint(alerts []string) object {
	out := object{
		field("name", plain(m.Name)),
		field("url", plain(m.URL)),
		field("method", plain(m.Method)),
		field("interval", span(m.Interval)),
	}
	headers := object{}
	if len(m.Headers) > 0 {
		headers = dictionary(m.Headers, func(v string) any { return plain(v) })
	}
	if m.Token.Environment != "" {
		headers = append(headers, field("Authorization", text("Bearer ${"+m.Token.Environment+"}")))
	}
	if len(headers) > 0 {
		out = append(out, field("headers", headers))
	}
	out = append(out,
		field("client", object{field("timeout", span(m.Timeout)), field("ignore-redirect", !m.follows())}),
		field("conditions", m.conditions()))
	if len(alerts) > 0 {
		var all []object
		for _, kind := range alerts {
			all = append(all, object{
				field("type", plain(kind)), field("failure-threshold", m.Failures), field("success-threshold", 2), field("send-on-resolved", true),
			})
		}
		out = append(out, field("alerts", all))
	}
	return out
}

// conditions are what Gatus holds an answer against.
func (m Monitor) conditions() []text {
	out := []text{"[STATUS] >= 200", "[STATUS] < 300"}
	if valid := codes(m.Status); valid != nil {
		var all []string
		for _, code := range valid {
			all = append(all, strconv.Itoa(code))
		}
		out = []text{text("[STATUS] == any(" + strings.Join(all, ", ") + ")")}
	}
	if m.Body != "" {
		out = append(out, plain("[BODY] == pat(*"+glob(m.Body)+"*)"))
	}
	if m.MaximumTime > 0 {
		out = append(out, text(fmt.Sprintf("[RESPONSE_TIME] < %d", m.MaximumTime.Milliseconds())))
	}
	if m.CertificateDays > 0 {
		out = append(out, text(fmt.Sprintf("[CERTIFICATE_EXPIRATION] > %dh", 24*m.CertificateDays)))
	}
	return out
}

// plain is a literal where Gatus expands environment variables, in the text of
// the whole file: $$ stands for $.
func plain(s string) text { return text(strings.ReplaceAll(s, "$", "$$")) }

// glob is a literal within a pattern of Go's filepath.Match, which Gatus uses. A
// comparison within it would be taken for the condition's own: its signs are
// replaced by "any character".
func glob(s string) string {
	s = strings.NewReplacer(`\`, `\\`, `*`, `\*`, `?`, `\?`, `[`, `\[`).Replace(s)
	return strings.ReplaceAll(s, " == ", " ?? ")
}

// gatusKey is what Gatus tells endpoints apart by.
func gatusKey(name string) string {
	return strings.NewReplacer("/", "-", "_", "-", ".", "-", ",", "-", " ", "-", "#", "-", "+", "-", "&", "-").Replace(strings.ToLower(strings.TrimSpace(name)))
}
