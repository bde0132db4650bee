package obscheck

import (
	"context"
	"slices"
	"strings"

	"github.com/launchready/terraform-provider-launchready/internal/check"
	"github.com/launchready/terraform-provider-launchready/internal/probe"
	"github.com/launchready/terraform-provider-launchready/internal/readiness"
)

// session is one run of the check.
type session struct {
	ctx    context.Context
	prober probe.Prober
	report *readiness.Recorder
	spec   Spec

	noticed map[Alert]evidence // by drills whose notification arrived
}

// evidence is what a drill has shown of an alert.
type evidence struct {
	drill     string
	addresses []string // of mailboxes where it arrived
}

// run makes the drills one after another, so that none counts for another, and
// then reads alerts and monitors.
func run(ctx context.Context, p probe.Prober, spec Spec, report *readiness.Recorder) {
	report.MendBy(check.Remedies(causes))
	budget := check.NewBudget(p)
	s := &session{ctx: ctx, prober: budget, report: report, spec: spec, noticed: map[Alert]evidence{}}
	if spec.Disabled {
		check.Each(ruleIDs(), target(spec), "the drills are turned off", report.Undecided)
		return
	}
	for _, d := range spec.Drills {
		s.drill(d)
	}
	s.withoutDrills()
	s.alerts()
	budget.Tell(report)
}

func ruleIDs() []string {
	var out []string
	for _, r := range rules() {
		out = append(out, r.ID)
	}
	return out
}

// withoutDrills says what no drill was about. That failures are logged and that
// somebody is told must be shown; the rest depends on what there is.
func (s *session) withoutDrills() {
	subject := target(s.spec)
	signals := func(fits func(Drill, Signal) bool) bool {
		return slices.ContainsFunc(s.spec.Drills, func(d Drill) bool {
			return slices.ContainsFunc(d.Signals, func(one Signal) bool { return fits(d, one) })
		})
	}
	judgedBy := func(rule string) bool {
		return signals(func(d Drill, one Signal) bool { return one.rule(d.kind()) == rule })
	}
	about := func(k Kind) bool {
		return slices.ContainsFunc(s.spec.Drills, func(d Drill) bool { return d.kind() == k })
	}
	if !judgedBy(ruleLog) {
		s.report.Undecided(ruleLog, subject, "no drill has a signal in a log")
	}
	if !judgedBy(ruleAlert) {
		s.report.Undecided(ruleAlert, subject, "no drill has a signal where somebody is told: a mailbox, or a sink of type webhook")
	}
	if !judgedBy(ruleMetric) {
		s.report.NotApplicable(ruleMetric, subject, "no drill has a signal in a metric")
	}
	if !judgedBy(ruleTracker) {
		s.report.NotApplicable(ruleTracker, subject, "no drill has a signal at an error tracker")
	}
	if !signals(func(_ Drill, one Signal) bool { return one.Resolved > 0 }) {
		s.report.NotApplicable(ruleResolved, subject, "no signal asks for resolved_within")
	}
	if !about(Bounce) {
		s.report.NotApplicable(ruleBounce, subject, "no drill is about mail that bounces")
	}
	if !about(Failed) {
		s.report.NotApplicable(ruleLeak, subject, "no drill provokes an error")
	}
	if !about(SignIn) {
		check.Each([]string{ruleFields, ruleInjection}, subject, "no drill is about failed sign-ins", s.report.NotApplicable)
	}
	if !signals(func(_ Drill, one Signal) bool { return one.shows() }) {
		s.report.Undecided(ruleSecret, subject, "no drill looks into a log")
	}
}

// subjectOf is a signal as findings name it.
func subjectOf(d Drill, s Signal) string { return d.Name + "/" + s.Name }

// list joins words for a sentence.
func list(words []string) string { return strings.Join(words, ", ") }
