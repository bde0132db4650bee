package authzcheck

import (
	"context"
	"fmt"
	"net/http"
	"slices"
	"strings"

	"github.com/launchready/terraform-provider-launchready/internal/probe"
)

const noWrites = "the request changes state, and allow_writes is not set: nothing was sent"

// writeRule is what an agent breaks whose change of the owner's object is seen.
func (r *row) writeRule(a *agent) string {
	switch {
	case a.anonymous():
		return ruleAnonymous
	case r.kind == Function:
		return ruleLowerRole
	}
	return ruleWrite
}

// writeRules are the rules that a row which changes state is about.
func (r *row) writeRules() []string {
	var out []string
	for _, a := range r.denied {
		out = append(out, r.writeRule(a))
	}
	if len(r.denied) > 0 && r.route.method() != http.MethodDelete {
		out = append(out, ruleOverride)
	}
	if len(r.route.MassAssignment) > 0 {
		out = append(out, ruleMass)
	}
	return out
}

// writing is the test of one row that changes state.
type writing struct {
	*tester
	r       *row
	field   string
	before  any                 // value of the field, to be put back
	beside  map[string]any      // values of the other fields of the body, to be put back
	stored  any                 // what the field held when it was last read
	used    []any               // what was written
	touched bool                // the owner's change was seen
	changed map[string][]string // who changed it, by rule
	reason  map[string]string   // why it cannot be told, by rule
	told    map[string]bool
}

func (t *tester) testWrite(r *row) {
	w := &writing{tester: t, r: r, changed: map[string][]string{}, reason: map[string]string{}, told: map[string]bool{}}
	switch {
	case !t.spec.AllowWrites:
		w.all(noWrites)
	case r.owner.trouble() != "":
		w.all(r.owner.trouble())
	case r.route.method() == http.MethodDelete:
		w.delete()
	default:
		w.write()
	}
}

// all says of the rules of the row that they could not be tested.
func (w *writing) all(reason string) {
	for _, rule := range w.r.writeRules() {
		if !w.told[rule] {
			w.told[rule] = true
			w.unclear(rule, w.r.subject, reason)
		}
	}
}

// write lets everybody who must not write a canary each, and looks as the owner
// whether it is there. The owner's own change comes first, for else a refusal
// says nothing; what was there before is put back whatever happens.
func (w *writing) write() {
	var err error
	if w.field, err = w.r.route.fieldOf(); err != nil {
		w.all(err.Error())
		return
	}
	x := w.read(w.ctx)
	if x.Status == http.StatusUnauthorized {
		w.renew(w.r.owner)
		x = w.read(w.ctx)
	}
	if !success(x) {
		w.all(fmt.Sprintf("positive control failed: what is written cannot be read as %s, who is answered %s: set read_back", w.r.owner.name, said(x)))
		return
	}
	var shown bool
	if w.before, shown = readField(x, w.field); !shown || covered(w.before) {
		w.all(fmt.Sprintf("what %s holds is not shown to %s, and could not be put back: nothing was sent; set read_back to what shows it", w.field, w.r.owner.name))
		return
	}
	w.stored, w.beside = w.before, w.otherFields(x)
	defer w.restore()
	value := w.fresh()
	answer := w.act(w.r.owner, w.request(value))
	if w.touched = w.stands(value); !w.touched {
		w.all(fmt.Sprintf("positive control failed: %s is answered %s, and the change of %s is not seen by reading back", w.r.owner.name, said(answer), w.field))
		return
	}
	for _, a := range w.r.denied {
		w.attack(a)
	}
	w.override()
	w.massAssign()
	w.tell()
}

// read is the owner's view of what is written.
func (w *writing) read(ctx context.Context) probe.Exchange { return w.readAs(ctx, w.r.owner) }

func (w *writing) readAs(ctx context.Context, a *agent) probe.Exchange {
	route := Route{Path: w.r.route.ReadBack, Header: http.Header{}}
	if route.Path == "" {
		route.Path = w.r.route.Path
	}
	return w.sendIn(ctx, a, route.shot(w.r.params))
}

// stands reports whether the owner reads a value.
func (w *writing) stands(value any) bool {
	now, ok := readField(w.read(w.ctx), w.field)
	if ok {
		w.stored = now
	}
	return ok && same(now, value)
}

// fresh is a value that was not written before, and is not stored now.
func (w *writing) fresh() any {
	if stored, ok := w.stored.(bool); ok {
		return !stored
	}
	value := canary(w.before)
	for slices.ContainsFunc(w.used, func(v any) bool { return same(v, value) }) {
		value = canary(w.before)
	}
	w.used = append(w.used, value)
	return value
}

// request is the row's with a value in the field.
func (w *writing) request(value any) shot {
	s := w.r.request(nil)
	s.body = []byte(strings.ReplaceAll(string(s.body), canaryMark, withinJSON(textOf(value))))
	out, err := setField(s, map[string]any{w.field: value})
	if err != nil {
		return s
	}
	return out
}

// attack lets one agent try. A session that died is renewed, and the try made again.
func (w *writing) attack(a *agent) {
	rule := w.r.writeRule(a)
	for try := 0; ; try++ {
		if problem := a.trouble(); problem != "" {
			w.reason[rule] = problem
			return
		}
		x, changed := w.attempt(a, w.request)
		if changed {
			w.changed[rule] = append(w.changed[rule], fmt.Sprintf("%s (status %d)", a.known(), x.Status))
			return
		}
		if w.alive(a) {
			if reason := undecided(x); reason != "" {
				w.reason[rule] = fmt.Sprintf("%s is answered %s", a.known(), reason)
			}
			return
		}
		if try > 0 {
			w.reason[rule] = fmt.Sprintf("the session of %s ends while it is used", a.name)
			return
		}
		w.extra.Add(3)
		w.renew(a)
	}
}

// writeTricks are requests of another method that name the row's.
func (w *writing) writeTricks(value any) []trick {
	s := w.request(value)
	carrier := http.MethodPost
	if s.method == http.MethodPost {
		carrier = http.MethodGet
	}
	named := s
	for _, header := range []string{"X-HTTP-Method-Override", "X-Method-Override", "X-HTTP-Method"} {
		named = named.with(header, s.method)
	}
	named.method = carrier
	parameter := s
	parameter.method = carrier
	parameter.target += map[bool]string{true: "&", false: "?"}[strings.Contains(s.target, "?")] + "_method=" + s.method
	return []trick{{name: carrier + " with headers that name the method " + s.method, shot: named}, {name: carrier + " with _method=" + s.method, shot: parameter}}
}

// override tries other methods as one agent whose plain request was refused.
func (w *writing) override() {
	if len(w.r.denied) == 0 {
		return
	}
	a := w.r.attackers(0)[0]
	if len(w.changed[w.r.writeRule(a)]) > 0 {
		w.told[ruleOverride] = true
		w.none(ruleOverride, w.r.subject, "the plain request is not refused: mend that first")
		return
	}
	if problem := a.trouble(); problem != "" {
		w.reason[ruleOverride] = problem
		return
	}
	for i := range w.writeTricks(nil) {
		name := ""
		if _, changed := w.attempt(a, func(value any) shot {
			trick := w.writeTricks(value)[i]
			name = trick.name
			return trick.shot
		}); changed {
			w.changed[ruleOverride] = append(w.changed[ruleOverride], fmt.Sprintf("%s by %s", a.known(), name))
		}
	}
}

// tell reports what was changed by whom.
func (w *writing) tell() {
	for _, rule := range w.r.writeRules() {
		if w.told[rule] {
			continue
		}
		w.told[rule] = true
		switch {
		case len(w.changed[rule]) > 0:
			w.fail(rule, w.r.subject, fmt.Sprintf("%s of %s is changed by %s, as the owner sees by reading back", w.field, w.r.owner.known(), strings.Join(w.changed[rule], ", ")))
		case w.reason[rule] != "":
			w.unclear(rule, w.r.subject, w.reason[rule])
		default:
			w.pass(rule, w.r.subject, "the owner changes it, and nobody does who must not, as the owner sees by reading back")
		}
	}
}
