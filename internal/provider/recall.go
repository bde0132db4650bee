package provider

import (
	"context"
	"fmt"
	"slices"
	"time"

	"github.com/launchready/terraform-provider-launchready/internal/probe"
	"github.com/launchready/terraform-provider-launchready/internal/readiness"
)

// recollection is what came of looking for an earlier outcome, and how that of this
// run is kept.
type recollection struct {
	outcome *outcome // the earlier one, if it counts
	file    string   // where this run's goes; empty = it counts for no other run
	release string
	began   time.Time
	why     string // valid_for has no effect; empty = that needs no word
}

// recall finds an earlier good outcome that still counts: of the same arguments, each
// with its value, of the release that runs, and of what is there since the last change.
func (d *checkSource[M, P, S]) recall(ctx context.Context, model P, declared string, waivers []readiness.Waiver) (out recollection) {
	valid := model.validFor()
	if valid <= 0 {
		return out
	}
	release, err := d.shared.release(ctx, time.Now().Add(-freshRelease))
	if err != nil {
		out.why = fmt.Sprintf("no outcome counts again: which release the portal runs cannot be told: %v", err)
		return out
	}
	out.file, out.release, out.began = d.shared.outcomeFile(d.definition.Info, declared), release, d.shared.now()
	if out.file == "" {
		out.why = "no outcome counts again: this user has no cache folder"
		return out
	}
	o, ok := earlier(out.file)
	switch age := out.began.Sub(o.At); {
	case !ok:
	case o.Release != release:
		// That release may come back, but what the other did meanwhile stays.
		forget(out.file)
		out.why = fmt.Sprintf("the earlier outcome does not count: the portal told %s then, and tells %s now", named(o.Release), named(release))
	case age < 0 || age >= valid:
		out.why = "the earlier outcome does not count: it was not made within valid_for"
	case o.Began.Before(d.shared.lastChange().Add(settling)):
		out.why = fmt.Sprintf("the earlier outcome does not count: a resource has changed something since, or less than %.0f s before it", settling.Seconds())
	case slices.ContainsFunc(waivers, func(w readiness.Waiver) bool { return w.Expires.Over(out.began) && !w.Expires.Over(o.At) }):
		out.why = "the earlier outcome does not count: a waiver has expired since"
	default:
		out.outcome = &o
		if release == "" {
			out.why = "no release of the portal ends this outcome: " + d.shared.untold()
		}
	}
	return out
}

func named(release string) string {
	if release == "" {
		return "no release"
	}
	return "release " + release
}

// result is that of the earlier outcome, which says so.
func (r recollection) result() readiness.Result {
	out := r.outcome.Result
	out.Observed = map[string]string{"earlier outcome": r.outcome.At.Format(time.RFC3339)}
	if r.release != "" {
		out.Observed["earlier outcome of release"] = r.release
	}
	r.say(&out)
	return out
}

// runAndKeep executes the check, and keeps a good outcome, if it may count again.
func (d *checkSource[M, P, S]) runAndKeep(ctx context.Context, prober probe.Prober, spec S, waivers []readiness.Waiver, model P, kept recollection) (readiness.Result, error) {
	result, err := d.run(ctx, prober, spec, waivers, model)
	if err == nil && kept.file != "" && result.Passed(failOn(model.frame().FailOn)) {
		switch after, lost := d.shared.release(ctx, time.Now()); {
		case slices.ContainsFunc(result.Findings, func(f readiness.Finding) bool { return f.Status == readiness.Waived }):
			kept.why = "this outcome does not count again: a violation is waived, and the waiver may end first"
		case lost != nil:
			kept.why = fmt.Sprintf("this outcome does not count again: which release the portal runs can no more be told: %v", lost)
		case after != kept.release:
			kept.why = fmt.Sprintf("this outcome does not count again: the portal told %s before and %s after it", named(kept.release), named(after))
		default:
			d.shared.keep(kept.file, outcome{At: d.shared.now().UTC(), Began: kept.began.UTC(), Release: kept.release, Result: result})
		}
	}
	kept.say(&result)
	return result, err
}

// say tells people what has become of valid_for, where that needs a word.
func (r recollection) say(to *readiness.Result) {
	if r.why == "" {
		return
	}
	if to.Observed == nil {
		to.Observed = map[string]string{}
	}
	to.Observed["valid_for"] = r.why
}
