package latencycheck

import (
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/launchready/terraform-provider-launchready/internal/probe"
	"github.com/launchready/terraform-provider-launchready/internal/readiness"
)

const (
	tailFactor = 10 // times p95
	coldFactor = 4  // times the median
	enough     = 20 // samples that a maximum, or a share of errors, says something of
)

// judge says what the samples have shown.
func (a *action) judge() {
	a.settled = true
	switch obstacle := a.obstacle(); {
	case obstacle.reason != "":
		a.rest(obstacle.reason, obstacle.remedy)
	case len(a.series.judged()) == 0:
		a.rest("no request could be measured before the time was over", "Raise duration, or measure fewer actions at once.")
	default:
		a.judgeP95()
		a.judgeErrors()
	}
	a.judgeTail()
	a.judgeCold()
}

// because is a reason and what to do about it.
type because struct{ reason, remedy string }

// obstacle says what kept the site from being measured, where that matters: a
// pass in spite of it is one all the same.
func (a *action) obstacle() because {
	s := a.series
	if s.p95 == passed && s.errors == passed {
		return because{}
	}
	switch {
	case a.tally[throttled] > 0:
		return because{"the action is throttled while it is measured", "Exempt the user agent or the address of this machine from rate limits on staging, or lower rate."}
	case a.tally[blocked] > 0:
		return because{"the edge answers in place of the site while it is measured", "Exempt the user agent or the address of this machine from challenges on staging."}
	case a.tally[refused] > 0 && (a.ended && (a.Actor != nil || len(a.Header) > 0) || a.dead()):
		return because{"the session ended while it was measured", "Find out what ends sessions, such as a second sign-in or a short life, or use an identity with a token."}
	}
	return because{}
}

// excuse says why slow answers may not be the site's doing.
func (a *action) excuse() because {
	if reason := a.check.network.trouble(a.check, a.Limit); reason != "" {
		return because{reason, "Run from a place near the members, or where the network is quiet; baseline and maximum_baseline say what is compared."}
	}
	if n := len(a.series.judged()); float64(a.late) > slowShare*float64(n) {
		return because{"this machine was too busy to send requests in time", "Run when less else is going on here, or lower rate."}
	}
	return because{}
}

const mendErrors = "Mend the errors first: find them in the application's log, by the user agent of the check and the time of the run."

func (a *action) judgeP95() {
	s, limit := a.series, a.Limit.String()
	excuse := a.excuse()
	switch {
	case s.p95 == passed:
		a.pass(ruleP95, "p95 is within "+limit)
	case s.p95 == failed && excuse.reason != "":
		a.unclear(ruleP95, excuse.reason, excuse.remedy)
	case s.p95 == failed && s.mostlyErrors():
		a.say(ruleP95, readiness.Fail, "p95 is above "+limit+", for errors count as slow: see "+ruleErrors, mendErrors)
	case s.p95 == failed:
		a.fail(ruleP95, "p95 is above "+limit)
	case s.lone:
		a.unclear(ruleP95, "all slow answers came within one pause, and there was no time to see whether it happens again", "Raise duration.")
	case s.mostlyErrors():
		a.unclear(ruleP95, "errors count as slow, and with them p95 is too near to "+limit+" for a verdict on so few samples: see "+ruleErrors, mendErrors)
	default:
		a.unclear(ruleP95, "p95 is too near to "+limit+" for a verdict on so few samples",
			"Make the action faster: what is this near to the limit passes on some days and fails on others. Or raise duration and maximum_requests: more samples tell more.")
	}
}

func (a *action) judgeErrors() {
	switch s := a.series; {
	case s.errors == passed:
		a.pass(ruleErrors, "at most one in a hundred answers is an error")
	case s.errors == failed:
		a.fail(ruleErrors, "more than one in a hundred answers is an error")
	case s.answered() < enough:
		a.unclear(ruleErrors, "too few answers came to tell how many are errors", "Raise duration.")
	default:
		a.unclear(ruleErrors, "some answers are errors, but too few samples tell whether more than one in a hundred are",
			"Find the errors in the application's log; or raise duration and maximum_requests: more samples tell more.")
	}
}

// judgeTail judges the slowest answers. One answer out of many that is merely
// slower than others may be a packet that was lost: it has to happen twice. None
// takes more than five seconds for that.
func (a *action) judgeTail() {
	if a.reported[ruleTail] {
		return
	}
	// An error that came late kept its visitor waiting all the same.
	all := slices.DeleteFunc(slices.Clone(a.series.samples), func(s sample) bool { return s.failed && s.latency <= tailBound })
	if len(all) < enough {
		a.unclear(ruleTail, "too few answers came to tell the slowest ones", "Raise duration.")
		return
	}
	var sorted []time.Duration
	for _, s := range all {
		sorted = append(sorted, s.latency)
	}
	slices.Sort(sorted)
	p95, _, _ := quantile(sorted, 0.95)
	bound := min(max(tailFactor*p95, a.Limit), tailBound)
	longest := sorted[len(sorted)-1]
	often := runs(all, func(s sample) bool { return s.latency > bound })
	excuse := a.excuse()
	switch {
	case longest <= tailBound && often < 2 && slices.ContainsFunc(all, func(s sample) bool { return s.atLeast && s.latency <= tailBound }):
		a.unclear(ruleTail, "the time was over before the last answers had come", "Raise duration.")
	case longest <= tailBound && often < 2:
		a.pass(ruleTail, "no answer takes longer than 5s, nor many times as long as others")
	case excuse.reason != "":
		a.unclear(ruleTail, excuse.reason, excuse.remedy)
	case longest > tailBound:
		a.fail(ruleTail, "some answers take longer than 5s")
	default:
		a.fail(ruleTail, "some answers take more than ten times as long as p95, and longer than "+a.Limit.String())
	}
}

// judgeCold judges the first answer. That the site had been idle before is not
// known: where it was, a start shows.
func (a *action) judgeCold() {
	usual := median(a.series.latencies())
	slow := a.first > DefaultMaximumFirst && a.first > coldFactor*usual
	switch {
	case a.reported[ruleCold]:
	case usual == 0:
		a.unclear(ruleCold, "no answers came to compare the first one with", "Raise duration.")
	case slow:
		if reason := a.check.network.trouble(a.check, a.Limit); reason != "" {
			a.unclear(ruleCold, reason, "Run where the network is quiet.")
			return
		}
		a.fail(ruleCold, "the first request of the run took longer than 2s, and those after it did not")
	default:
		a.pass(ruleCold, "the first request of the run was answered as those after it")
	}
}

func (a *action) say(rule string, status readiness.Status, message, remedy string) {
	if a.reported[rule] {
		return
	}
	a.reported[rule] = true
	report := a.check.report
	switch {
	case status == readiness.Pass:
		report.Pass(rule, a.subject, message)
	case status == readiness.Fail:
		report.FailAs(rule, a.subject, "", message, remedy)
	case remedy == "":
		report.Inconclusive(rule, a.subject, message)
	default:
		report.InconclusiveAs(rule, a.subject, message, remedy)
	}
}

func (a *action) pass(rule, message string) { a.say(rule, readiness.Pass, message, "") }
func (a *action) fail(rule, message string) { a.say(rule, readiness.Fail, message, "") }
func (a *action) unclear(rule, message, remedy string) {
	a.say(rule, readiness.Inconclusive, message, remedy)
}

// rest says of what is left why it was not decided.
func (a *action) rest(reason, remedy string) {
	a.settled = true
	for _, rule := range []string{ruleP95, ruleErrors, ruleTail, ruleCold} {
		a.unclear(rule, reason, remedy)
	}
}

// publish tells the figures, which may differ from run to run.
func (a *action) publish() {
	see := func(what, value string) { a.check.report.Observe(a.subject+" "+what, value) }
	if a.coldSeen {
		see("cold connection", fmt.Sprintf("DNS %s, connect %s, TLS %s, first byte %s", shown(a.cold.DNS), shown(a.cold.Connect), shown(a.cold.TLS), shown(a.cold.FirstByte)))
		see("first request", shown(a.first))
	}
	if a.series == nil || len(a.series.judged()) == 0 {
		return
	}
	s := a.series
	if sorted := s.latencies(); len(sorted) > 0 {
		for _, q := range []struct {
			name  string
			share float64
		}{{"p50", 0.50}, {"p95", 0.95}, {"p99", 0.99}} {
			value, low, high := quantile(sorted, q.share)
			upper := "more"
			if high > 0 {
				upper = shown(high)
			}
			see(q.name, fmt.Sprintf("%s (%s to %s)", shown(value), shown(low), upper))
		}
		see("slowest", shown(sorted[len(sorted)-1]))
		see("first byte", fmt.Sprintf("%s (median, of %s in all)", shown(a.medianOf(func(p probe.Phases) time.Duration { return p.FirstByte })), shown(median(sorted))))
	}
	slow, errs := 0, 0
	for _, one := range s.judged() {
		if s.slow(one) {
			slow++
		}
		if one.failed {
			errs++
		}
	}
	text := fmt.Sprintf("%d in %d looks; %d slow in %d runs; %d errors", len(s.judged()), s.looks, slow, runs(s.judged(), s.slow), errs)
	if s.repeated {
		text += "; one batch with a single pause was repeated"
	}
	if a.late > 0 {
		text += fmt.Sprintf("; %d sent late by this machine", a.late)
	}
	see("samples", text)
	var kinds []string
	for _, kind := range []string{wrong, refused, throttled, blocked} {
		if n := a.tally[kind]; n > 0 {
			kinds = append(kinds, fmt.Sprintf("%d %s", n, kind))
		}
	}
	if len(kinds) > 0 {
		see("no success", strings.Join(kinds, ", "))
	}
}

func (a *action) medianOf(part func(probe.Phases) time.Duration) time.Duration {
	var all []time.Duration
	for _, p := range a.phases {
		all = append(all, part(p))
	}
	return median(all)
}

// shown is a duration with four figures.
func shown(d time.Duration) string {
	for _, unit := range []time.Duration{time.Second, 100 * time.Millisecond, 10 * time.Millisecond, time.Millisecond, 100 * time.Microsecond} {
		if d >= unit {
			return d.Round(unit / 1000).String()
		}
	}
	return d.Round(time.Microsecond).String()
}
