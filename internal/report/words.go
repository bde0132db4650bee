package report

import (
	"fmt"
	"html/template"
	"math"
	"strconv"
	"strings"
	"time"
	"unicode"
	"unicode/utf8"

	"github.com/launchready/terraform-provider-launchready/internal/readiness"
)

// word is a status as people read it.
func word(status readiness.Status) string {
	switch status {
	case readiness.Pass:
		return "passed"
	case readiness.Fail:
		return "failed"
	case readiness.Inconclusive:
		return "not testable"
	case readiness.NotApplicable:
		return "not applicable"
	}
	return string(status)
}

// met is the status of a launch criterion.
func met(status readiness.Status) string {
	switch status {
	case readiness.Pass:
		return "Met"
	case readiness.Fail:
		return "Not met"
	case readiness.Waived:
		return "Waived"
	case readiness.NotApplicable:
		return "Not required, not checked"
	}
	return "Not known"
}

// ticked is the state of a deliverable.
func ticked(d readiness.Deliverable) string {
	switch {
	case d.Done:
		return "Done"
	case d.Status == readiness.Fail:
		return "Not done"
	case d.Status == readiness.Waived:
		return "Waived"
	case d.Status == readiness.NotApplicable:
		return "Not checked"
	}
	return "Not known"
}

// label is the severity of what stands and the status of what does not.
func label(f readiness.Finding) string {
	switch f.Status {
	case readiness.Fail:
		return string(f.Severity)
	case readiness.Inconclusive:
		return string(f.Severity) + ", not testable"
	}
	return word(f.Status)
}

// capital is a title that begins a line. What is spelled in a way of its own, such
// as p95, stays as it is, and so does the id of a rule.
func capital(s string) string {
	first, size := utf8.DecodeRuneInString(s)
	second, _ := utf8.DecodeRuneInString(s[size:])
	if !unicode.IsLower(second) && second != ' ' || !strings.Contains(s, " ") {
		return s
	}
	return string(unicode.ToUpper(first)) + s[size:]
}

// day is a time of RFC 3339 as people read it; what is none stays as it is.
func day(s string) string {
	at, err := time.Parse(time.RFC3339, s)
	if err != nil {
		return s
	}
	return at.UTC().Format("2 January 2006")
}

// count is a number with its noun: 1 finding, 2 findings.
func count(n int, noun string) string {
	if n == 1 {
		return "1 " + noun
	}
	return strconv.Itoa(n) + " " + noun + "s"
}

// hours is an estimate of time: "2 to 5 h". No line is broken within it.
func hours(r readiness.Range) string { return between(r, "%s h") }

// money is an estimate of cost, in the currency of the hourly rate.
func money(r *readiness.Range) string {
	return between(readiness.Range{Low: math.Round(r.Low), High: math.Round(r.High)}, "cost %s")
}

func between(r readiness.Range, format string) string {
	low, high := figure(r.Low), figure(r.High)
	if low != high {
		low += " to " + high
	}
	return strings.ReplaceAll(fmt.Sprintf(format, low), " ", "\u00a0")
}

// figure is a number with at most two decimals and its thousands apart.
func figure(x float64) string {
	whole, decimals, cut := strings.Cut(strconv.FormatFloat(x, 'f', 2, 64), ".")
	for i := len(whole) - 3; i > 0 && whole[i-1] != '-'; i -= 3 {
		whole = whole[:i] + "," + whole[i:]
	}
	if decimals = strings.TrimRight(decimals, "0"); cut && decimals != "" {
		return whole + "." + decimals
	}
	return whole
}

// points shows a doubled weight as what it is.
func points(doubled int) string { return figure(float64(doubled) / 2) }

// shorten is the first n of a list.
func shorten(list []string, n int) []string { return list[:min(n, len(list))] }

// beyond is how many of a list come after the first n.
func beyond(list []string, n int) int { return max(len(list)-n, 0) }

// icon is the sign of a gate or a status: what is told by colour is told by
// shape too, and beside it by a word.
func icon(of any) template.HTML {
	inside := ""
	switch fmt.Sprint(of) {
	case "pass", "open", "done":
		inside = `<path d="M7 12.5l3.4 3.4L17 9" fill="none"/>`
	case "fail", "blocked":
		inside = `<path d="M8 8l8 8M16 8l-8 8" fill="none"/>`
	case "inconclusive":
		inside = `<path d="M9.3 9.2a2.8 2.8 0 1 1 4 2.6c-.9.4-1.3.9-1.3 1.9M12 16.9v.1" fill="none"/>`
	case "waived", "overridden":
		inside = `<path d="M12 7v6M12 16.9v.1" fill="none"/>`
	default:
		inside = `<path d="M8 12h8" fill="none"/>`
	}
	return template.HTML(`<svg viewBox="0 0 24 24" aria-hidden="true" stroke="currentColor" stroke-width="2.2" stroke-linecap="round" stroke-linejoin="round"><circle cx="12" cy="12" r="10" fill="none"/>` + inside + `</svg>`) //nolint:gosec // constants
}

// tick is the sign of a deliverable.
func tick(d readiness.Deliverable) template.HTML {
	if d.Done {
		return icon("done")
	}
	return icon(d.Status)
}
