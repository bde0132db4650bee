package authzcheck

import (
	"net/url"
	"strings"

	"github.com/launchready/terraform-provider-launchready/internal/probe"
)

// otherFields are the fields of the body besides the one that is tested, as an
// answer shows them: the request sets them too.
func (w *writing) otherFields(x probe.Exchange) map[string]any {
	s := w.r.request(nil)
	sent := map[string]any{}
	if mediaType(s.header) == "application/x-www-form-urlencoded" {
		values, _ := url.ParseQuery(string(s.body))
		for name := range values {
			sent[name] = values.Get(name)
		}
	} else if object, ok := decodeObject(s.body); ok {
		sent = object
	}
	out := map[string]any{}
	for name := range sent {
		if now, ok := readField(x, name); ok && name != strings.TrimPrefix(w.field, "/") && !covered(now) {
			out[name] = now
		}
	}
	return out
}

// act sends what may change state. It is not cut short, for then nobody would
// know what came of it; once the check is interrupted nothing is sent.
func (w *writing) act(a *agent, s shot) probe.Exchange {
	if w.ctx.Err() != nil {
		return probe.Exchange{Failure: probe.FailTimeout, Detail: "the check was interrupted"}
	}
	ctx, cancel := w.lasting()
	defer cancel()
	return w.sendIn(ctx, a, s)
}

// attempt lets an agent write a value, and reports whether the owner reads it.
// What the agent has changed of its own instead is put back.
func (w *writing) attempt(a *agent, request func(value any) shot) (probe.Exchange, bool) {
	var before any
	var beside map[string]any
	own := false
	if !a.anonymous() {
		x := w.readAs(w.ctx, a)
		before, own = readField(x, w.field)
		beside = w.otherFields(x)
	}
	value := w.fresh()
	x := w.act(a, request(value))
	if w.stands(value) {
		return x, true
	}
	if own {
		w.putBack(a, before, beside, 0)
	}
	return x, false
}

// putBack sets the field, and those that the request sets beside it, to what an
// agent read before, unless it still reads that, and reports whether it does at
// the end. So many tries are in the plan.
func (w *writing) putBack(a *agent, before any, beside map[string]any, planned int) bool {
	ctx, cancel := w.lasting()
	defer cancel()
	for try := 0; ; try++ {
		if try > planned {
			w.extra.Add(2) // this look, and the request before it
		}
		x := w.readAs(ctx, a)
		now, ok := readField(x, w.field)
		if ok && same(now, before) && w.restored(x, beside) {
			return true
		}
		if try == 3 {
			return false
		}
		if !success(x) && !w.alive(a) {
			w.renew(a)
		}
		w.sendIn(ctx, a, w.original(before, beside))
	}
}

// restored reports whether an answer shows fields as they were.
func (w *writing) restored(x probe.Exchange, fields map[string]any) bool {
	for name, value := range fields {
		if now, ok := readField(x, name); ok && !same(now, value) {
			return false
		}
	}
	return true
}

// original is the request that sets what was there before.
func (w *writing) original(before any, beside map[string]any) shot {
	s := w.request(before)
	if out, err := setField(s, beside); err == nil && len(beside) > 0 {
		return out
	}
	return s
}

// covered reports whether a value is shown in part only, as numbers of cards are.
func covered(value any) bool {
	text, ok := value.(string)
	return ok && (strings.Contains(text, "**") || strings.Contains(text, "••") || text == "[redacted]")
}

// restore puts the value back that was there before, also when the check was
// interrupted, and says so if it cannot.
func (w *writing) restore() {
	if w.putBack(w.r.owner, w.before, w.beside, 1) {
		return
	}
	w.report.Observe("not put back: "+w.r.subject, "the field "+w.field+" of "+w.r.owner.name+": put it back by hand")
	w.unclear(ruleWrite, w.r.subject+" put back", "the value of "+w.field+" that was there before could not be put back: do so by hand")
}
