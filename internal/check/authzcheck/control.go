package authzcheck

import (
	"bytes"
	"fmt"
	"maps"
	"slices"

	"github.com/launchready/terraform-provider-launchready/internal/probe"
)

// controls asks for every row as its owner: twice, and once for what does not exist.
func (t *tester) controls() {
	reads := t.reads()
	each(reads, func(r *row) {
		if r.problem == "" {
			r.problem = r.owner.trouble()
		}
		if r.problem != "" {
			return
		}
		first := t.send(r.owner, r.request(nil))
		if first.Status == 401 { // the session may have ended since it was opened
			t.extra.Add(1)
			t.renew(r.owner)
			first = t.send(r.owner, r.request(nil))
		}
		r.owners = []probe.Exchange{first, t.send(r.owner, r.request(nil))}
		r.absent = t.send(r.owner, r.missing())
		for _, x := range r.owners {
			if !success(x) {
				r.problem = fmt.Sprintf("positive control failed: %s is answered %s, although it is the owner", r.owner.name, said(x))
				return
			}
		}
	})
	t.ownViews(reads)
	each(reads, func(r *row) {
		if r.problem == "" {
			t.learn(r)
		}
	})
}

// ownViews collects what other identities see of their own on the same route:
// by their own rows, or by params that the row names.
func (t *tester) ownViews(reads []*row) {
	each(reads, func(r *row) {
		for _, other := range reads {
			if other.owner != r.owner && other.problem == "" && other.kind == Object && other.route.template() == r.route.template() && other.route.method() == r.route.method() {
				r.own = append(r.own, viewOf(other.owners[0]))
			}
		}
		if r.problem != "" {
			return
		}
		for _, a := range sorted(t.agents) {
			if own := r.route.Own[a.name]; own != nil && a.trouble() == "" {
				if x := t.send(a, r.request(own)); success(x) {
					r.own = append(r.own, viewOf(x))
				}
			}
		}
	})
}

// learn finds out what shows that an answer holds what is the owner's.
func (t *tester) learn(r *row) {
	s := r.request(nil)
	if marker := r.route.Marker; (marker == "" || !viewOf(r.owners[0]).has(marker)) && (looksRefused(r.owners[0]) || t.isLogin(r, r.owners[0])) {
		r.problem = fmt.Sprintf("positive control failed: %s is answered an error or the page to sign in at, with %d, although it is the owner", r.owner.name, r.owners[0].Status)
		return
	}
	if marker := r.route.Marker; marker != "" {
		t.learnMarker(r, marker, s)
		return
	}
	public := []view{viewOf(t.stranger("/")), viewOf(t.stranger(t.nowhere))}
	for _, a := range sorted(t.agents) {
		if a != r.owner {
			public = append(public, a.views...)
		}
	}
	public = append(public, r.own...)
	frame := t.frame(r)
	r.evidence = find(r.kind, s.asked(), r.params, r.owners, append(public, r.missingViews()...), frame)
	if len(r.evidence.texts) <= few && (r.varies() || success(r.absent) && isPage(r.absent)) {
		t.sample(r)
		r.evidence = find(r.kind, s.asked(), r.params, r.owners, append(public, r.missingViews()...), frame)
	}
	if !r.evidence.empty() {
		return
	}
	if anyway := find(List, s.asked(), r.params, r.owners, public, frame); success(r.absent) && !anyway.empty() {
		anyway.anyID = true
		r.evidence = anyway
		return
	}
	if r.sameForAll() {
		r.shell = true
		return
	}
	if r.evidence.facts = r.whole(); len(r.evidence.facts) > 0 {
		return
	}
	r.problem = fmt.Sprintf("positive control failed: nothing in the answer to %s is known to be the owner's alone: set marker to a text that stands in no other answer", r.owner.name)
}

func (t *tester) learnMarker(r *row, marker string, s shot) {
	r.evidence = evidence{marker: marker}
	switch {
	case (view{s.asked()}).has(marker):
		r.problem = "the marker is part of the request, and would be seen in any answer that repeats it"
	case len(r.evidence.seen(r.owners[0])) == 0 || len(r.evidence.seen(r.owners[1])) == 0:
		r.problem = fmt.Sprintf("positive control failed: the answer to %s does not hold the marker", r.owner.name)
		if r.sameForAll() {
			r.problem += "; it is the page that every path is answered with"
		}
	case r.kind != List && len(r.evidence.seen(r.absent)) > 0:
		r.evidence.anyID = true
	}
}

// few texts may be the same twice by chance, such as a tip of the day.
const few = 3

// isPage reports whether an answer is HTML.
func isPage(x probe.Exchange) bool {
	return bytes.HasPrefix(bytes.TrimSpace(x.Body), []byte("<"))
}

// sample asks five times more as the owner, for the row and for what does not
// exist: what differs from answer to answer by chance is then told from what
// does not.
func (t *tester) sample(r *row) {
	var more [5]struct{ owner, absent probe.Exchange }
	each(indexes(more[:]), func(i int) {
		more[i].owner, more[i].absent = t.extraSend(r.owner, r.request(nil)), t.extraSend(r.owner, r.missing())
	})
	for _, m := range more {
		if success(m.owner) {
			r.owners = append(r.owners, m.owner)
		}
		r.absents = append(r.absents, m.absent)
	}
}

// varies reports whether the owner's two answers differ.
func (r *row) varies() bool {
	again := viewOf(r.owners[1])
	return slices.ContainsFunc(leavesOf(r.owners[0]), func(l leaf) bool { return telling(l.value) && !again.holds(l.value) })
}

func (r *row) missingViews() []view {
	out := []view{viewOf(r.absent)}
	for _, x := range r.absents {
		out = append(out, viewOf(x))
	}
	return out
}

// whole is the owner's answer by its places, as far as it is the same each time
// and not what the owner is told of a thing that does not exist.
func (r *row) whole() map[string]bool {
	out := facts(r.owners[0])
	for _, x := range r.owners[1:] {
		again := facts(x)
		maps.DeleteFunc(out, func(fact string, _ bool) bool { return !again[fact] })
	}
	for _, x := range append(r.absents, r.absent) {
		missing := facts(x)
		maps.DeleteFunc(out, func(fact string, _ bool) bool { return missing[fact] })
	}
	return out
}

// sameForAll reports whether the owner's page is the shell of an application
// that is sent for every path: what it shows comes from elsewhere.
func (r *row) sameForAll() bool {
	if !success(r.absent) || !bytes.Contains(bytes.ToLower(r.owners[0].Body), []byte("<script")) {
		return false
	}
	missing := r.missingViews()
	for _, l := range leavesOf(r.owners[0]) {
		if !telling(l.value) || slices.ContainsFunc(missing, func(v view) bool { return v.holds(l.value) }) {
			continue
		}
		if !slices.ContainsFunc(r.owners[1:], func(x probe.Exchange) bool { return !viewOf(x).holds(l.value) }) {
			return false
		}
	}
	return true
}

// endControls asks for every row as its owner once more: refusals prove nothing
// if everything broke on the way.
func (t *tester) endControls() {
	each(t.reads(), func(r *row) {
		if r.problem != "" || r.shell {
			return
		}
		x := t.send(r.owner, r.request(nil))
		if !r.evidence.enough(r.evidence.seen(x)) {
			t.extra.Add(1)
			if !t.alive(r.owner) {
				t.renew(r.owner)
			}
			x = t.send(r.owner, r.request(nil))
		}
		if r.evidence.marker == "" && success(x) && !r.evidence.enough(r.evidence.seen(x)) {
			if r.owners = append(r.owners, x); r.sameForAll() { // what was taken for the owner's was there by chance
				r.shell = true
				return
			}
		}
		if !r.evidence.enough(r.evidence.seen(x)) {
			r.problem = fmt.Sprintf("at the end %s is answered %s, and not given what was given before: the refusals on the way prove nothing", r.owner.name, said(x))
		}
	})
}

// reads are the rows that change nothing.
func (t *tester) reads() []*row {
	var out []*row
	for _, r := range t.rows {
		if !r.route.writes() {
			out = append(out, r)
		}
	}
	return out
}
