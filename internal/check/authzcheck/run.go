package authzcheck

import (
	"context"
	"fmt"
	"slices"

	"github.com/launchready/terraform-provider-launchready/internal/probe"
	"github.com/launchready/terraform-provider-launchready/internal/readiness"
)

// run tests all rows: the owners' controls, everybody else's attempts, what may
// get past refusals, and the controls again; then what changes state, row by
// row; then what is public.
func run(ctx context.Context, p probe.Prober, spec Spec, report *readiness.Recorder) {
	t := newTester(ctx, p, spec, report)
	defer t.publish()
	if err := p.InScope(t.host, probe.Active); err != nil {
		t.nothing(err.Error())
		return
	}
	t.document = t.readDocument()
	t.matrix(t.document)
	t.openAll()
	t.complete()
	distinguish(t.rows)

	trials := t.trials()
	t.plan(trials)
	t.controls()
	t.attacks()
	t.outwit(trials)
	t.endControls()
	if ctx.Err() != nil {
		t.nothing("the test was interrupted")
		return
	}
	for _, r := range t.reads() {
		t.tellReads(r)
	}
	t.tell(trials)
	for _, r := range t.rows {
		if r.route.writes() {
			t.testWrite(r)
		}
	}
	t.public(t.document)
	t.rest()
}

// openAll signs in as every identity that a row needs.
func (t *tester) openAll() {
	var needed []*agent
	for _, a := range sorted(t.agents) {
		if a.anonymous() {
			continue
		}
		if slices.ContainsFunc(t.rows, func(r *row) bool {
			return r.owner == a || slices.Contains(r.denied, a) || slices.Contains(r.allowed, a)
		}) {
			needed = append(needed, a)
		}
	}
	for _, a := range needed {
		t.opened[a] = true
	}
	each(needed, t.open)
}

// nothing says of every rule that it could not be tested.
func (t *tester) nothing(reason string) {
	for _, r := range rules() {
		t.unclear(r.ID, t.host, reason)
	}
}

// rest says why rules were not spoken of: nothing in the configuration is about them.
func (t *tester) rest() {
	absent := map[string]string{
		ruleCrossMember: "no route has an object that another member of the same organisation must not see",
		ruleCrossOrg:    "no route has an object that a member of another organisation must not see",
		ruleAnonymous:   "no route is closed to anyone",
		ruleLowerRole:   "no route is for a higher role",
		ruleWrite:       "no route changes what is a member's",
		ruleList:        "no route is a list of what is one's own",
		ruleMass:        "no route names fields in mass_assignment",
		ruleSources:     "no route has an id",
		rulePublic:      "no path is named as public",
		ruleUndeclared:  "there is no OpenAPI document",
		ruleGap:         "there is no OpenAPI document",
		ruleOverDenied:  "no route allows anybody but its owner",
	}
	for _, r := range rules() {
		t.mu.Lock()
		said := t.reported[r.ID]
		t.mu.Unlock()
		if said {
			continue
		}
		reason := absent[r.ID]
		if reason == "" {
			reason = "no route is read"
		}
		t.none(r.ID, t.host, reason)
	}
}

// publish shows how much was sent.
func (t *tester) publish() {
	t.report.Observe("requests planned", fmt.Sprint(t.planned))
	sent := int(t.sent.Load())
	t.report.Observe("requests sent", fmt.Sprintf("%d, of which %d beyond the plan: to confirm findings, renew sessions and wait", sent, t.extra.Load()))
	t.report.Observe("requests of sign-ins and tokens", fmt.Sprintf("%d; all together at most %d", t.budget.Sent()-sent, maxRequests))
	t.report.Observe("rows", fmt.Sprint(len(t.rows)))
	if n := t.throttle.Load(); n > 0 {
		t.report.Observe("requests throttled", fmt.Sprint(n))
	}
}
