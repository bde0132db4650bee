package authzcheck

import (
	"context"
	"encoding/json"
	"fmt"
	"strings"

	"github.com/launchready/terraform-provider-launchready/internal/probe"
	"github.com/launchready/terraform-provider-launchready/internal/readiness"
)

// massAssign lets the owner set, with its own change, each field that it must
// not be able to set, and reads back whether it is stored. What is stored is put
// back at once.
func (w *writing) massAssign() {
	var stored, unseen []string
	worst := readiness.Medium
	for _, field := range w.r.route.MassAssignment {
		switch w.assign(field) {
		case isStored:
			stored = append(stored, field)
			if powerful(field) {
				worst = readiness.Critical
			}
		case isUnseen:
			unseen = append(unseen, field)
		}
	}
	if len(w.r.route.MassAssignment) == 0 {
		return
	}
	w.told[ruleMass] = true
	switch {
	case len(stored) > 0:
		w.failAs(ruleMass, w.r.subject, worst, fmt.Sprintf("%s sets %s of its own account, and it is stored, as reading back shows", w.r.owner.known(), strings.Join(stored, ", ")))
	case len(unseen) > 0:
		w.unclear(ruleMass, w.r.subject, fmt.Sprintf("the request with %s is taken, and nothing that the owner reads shows whether it is stored: set read_back to what shows it", strings.Join(unseen, ", ")))
	default:
		w.pass(ruleMass, w.r.subject, fmt.Sprintf("the owner changes %s, and cannot set %s", w.field, strings.Join(w.r.route.MassAssignment, ", ")))
	}
}

type storage int

const (
	notStored storage = iota
	isStored
	isUnseen // the request is taken, but nothing shows the field
)

func (w *writing) assign(field string) storage {
	before, present := w.shown(w.ctx, field)
	value := w.unearned(field, before)
	answer := w.act(w.r.owner, w.extended(field, value))
	// What was stored is to be seen, and put back, also if the check was
	// interrupted meanwhile.
	ctx, cancel := w.lasting()
	defer cancel()
	now, seen := w.shown(ctx, field)
	// A value may be stored in another form than it was sent, such as true as 1:
	// what differs from before is stored.
	if seen && !(present && same(now, before)) && (present || same(now, value) || same(now, asNumber(value))) {
		w.takeBack(field, before, present)
		return isStored
	}
	if !present && !seen && taken(answer) {
		return isUnseen
	}
	return notStored
}

// taken reports whether an answer to a write may say that it was done: also by
// leading elsewhere, as forms do, but to where one signs in.
func taken(x probe.Exchange) bool {
	if x.Redirect != "" {
		return probe.Classify(x, probe.Reference{}) != probe.Denied
	}
	return success(x) && !looksRefused(x)
}

// extended is the owner's request with one more field.
func (w *writing) extended(field string, value any) shot {
	s, err := setField(w.request(canary(w.before)), map[string]any{field: value})
	if err != nil {
		return w.request(w.before)
	}
	return s
}

// shown is a field as the owner reads it: where it writes, or of its account.
func (w *writing) shown(ctx context.Context, field string) (any, bool) {
	x := w.read(ctx)
	if v, ok := readField(x, field); ok {
		return v, true
	}
	if v, ok := labelled(x, field); ok {
		return v, true
	}
	path := w.r.owner.actor.Portal.WhoAmI
	if path == "" {
		return nil, false
	}
	w.extra.Add(1)
	return readField(w.sendIn(ctx, w.r.owner, shot{method: "GET", target: path}), field)
}

// takeBack sets the field to what it was, also when the check was interrupted.
func (w *writing) takeBack(field string, before any, present bool) {
	ctx, cancel := w.lasting()
	defer cancel()
	if !present {
		before = nil
	}
	var x probe.Exchange
	for range 3 {
		x = w.sendIn(ctx, w.r.owner, w.extended(field, before))
		now, ok := w.shown(ctx, field)
		if !ok && !present || same(now, before) || same(asNumber(now), asNumber(before)) {
			return
		}
	}
	w.report.Observe("not put back: "+w.r.subject+" "+field, fmt.Sprintf("the field %s of %s is still changed (%s): put it back by hand", field, w.r.owner.name, said(x)))
}

// asNumber is a boolean as databases without booleans give it back.
func asNumber(value any) any {
	switch value {
	case true:
		return json.Number("1")
	case false:
		return json.Number("0")
	}
	return value
}

// powerful reports whether a field gives rights or money.
func powerful(field string) bool {
	name := strings.NewReplacer("_", "", "-", "", "/", "").Replace(strings.ToLower(field))
	for _, word := range []string{"role", "admin", "owner", "org", "tenant", "plan", "balance", "credit", "verified", "permission", "group", "staff", "superuser", "scope", "userid", "memberid", "accountid", "price", "paid"} {
		if strings.Contains(name, word) {
			return true
		}
	}
	return false
}

// unearned is a value that the owner has no right to, and that differs from the
// present one: the role or organisation of another identity where there is one.
func (w *writing) unearned(field string, present any) any {
	name := strings.ToLower(field)
	switch present.(type) {
	case bool, json.Number:
		return canary(present)
	}
	if _, isText := present.(string); !isText && present != nil {
		return "lr-canary-" + drawn()
	}
	has := func(word string) bool { return strings.Contains(name, word) }
	switch {
	case has("is_"), has("verified"), has("admin"), has("staff"), has("superuser"):
		if present == nil {
			return true
		}
	case has("balance"), has("credit"), has("price"):
		if present == nil {
			return json.Number("1000001")
		}
	case has("role"):
		if shown := w.roleOfAdministrator(field); shown != "" && shown != textOf(present) {
			return shown
		}
		role := "admin"
		for _, a := range sorted(w.agents) {
			if administers(a.actor.Role) {
				role = a.actor.Role
			}
		}
		if textOf(present) != role {
			return role
		}
	case has("org"), has("tenant"):
		for _, a := range sorted(w.agents) {
			if o := a.actor.Organization; o != "" && o != w.r.owner.actor.Organization && o != textOf(present) {
				return o
			}
		}
	}
	return canary(present)
}

// roleOfAdministrator is what the portal tells an administrator of a field: a
// word of its own, which it takes where it refuses those that are none.
func (w *writing) roleOfAdministrator(field string) string {
	for _, a := range sorted(w.agents) {
		if a == w.r.owner || !administers(a.actor.Role) || a.actor.Portal.WhoAmI == "" {
			continue
		}
		w.extra.Add(1)
		if !w.opened[a] {
			w.opened[a] = true
			w.extra.Add(2)
			w.open(a)
		}
		if a.trouble() != "" {
			continue
		}
		if value, ok := readField(w.send(a, shot{method: "GET", target: a.actor.Portal.WhoAmI}), field); ok {
			if text, isText := value.(string); isText {
				return text
			}
		}
	}
	return ""
}
