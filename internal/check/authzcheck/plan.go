package authzcheck

import (
	"net/http"
)

// plan counts the requests that the run makes if nothing is found, no session
// ends and nobody throttles. Sign-ins, and tokens against forgery that writes by cookie
// need, are not among them.
func (t *tester) plan(trials []*trial) {
	n := 0
	asked := map[string]int{} // by agent: what its session is looked at for
	strangers := map[string]bool{}
	for _, a := range sorted(t.agents) {
		if path := a.actor.Portal.WhoAmI; path != "" && t.opened[a] {
			n += 2
			strangers[path] = true
		}
	}
	for _, r := range t.rows {
		n += len(r.lookups)
		if r.route.writes() {
			n += t.planWrite(r)
			continue
		}
		n += 4 + len(r.route.Own) // the owner's controls, and its request for what does not exist
		n += len(r.denied) + len(r.allowed)
		for _, a := range r.denied {
			asked[a.name]++
		}
		for _, a := range r.allowed {
			asked[a.name]++
		}
		if r.route.Marker == "" {
			strangers["/"], strangers[t.nowhere] = true, true
		}
	}
	looks := func(requests int) int { return (requests + batch - 1) / batch }
	queues := map[*agent][]*trial{}
	for _, tr := range trials {
		n += len(tr.tricks)
		if _, ok := tr.row.head(); ok && tr.rule == ruleOverride {
			n++
		}
		queues[tr.agent] = append(queues[tr.agent], tr)
	}
	for _, a := range sorted(t.agents) {
		if a.anonymous() || a.actor.Portal.WhoAmI == "" {
			continue
		}
		n += looks(asked[a.name])
		for range chunks(queues[a]) {
			n++
		}
	}
	for _, path := range t.publicPaths(t.document) {
		strangers[path] = true
	}
	for _, op := range t.document.all() {
		if op.gap && op.method == http.MethodGet && shapeOfPath(op.path) == op.path {
			strangers[op.path] = true
		}
	}
	t.planned = n + len(strangers)
}

// planWrite counts the requests of a row that changes state.
func (t *tester) planWrite(r *row) int {
	if !t.spec.AllowWrites {
		return 0
	}
	look := func(a *agent) int {
		if a.anonymous() || a.actor.Portal.WhoAmI == "" {
			return 0
		}
		return 1
	}
	if r.route.method() == http.MethodDelete {
		if r.route.Create == nil {
			return 0
		}
		n := 5 // create and read, delete and read, and a last look
		for _, a := range r.denied {
			n += 2 + look(a)
		}
		return n
	}
	attempt := func(a *agent) int { // with a look at what is the agent's own, before and after
		if a.anonymous() {
			return 2
		}
		return 4
	}
	n := 6 // read, the owner's change, and the way back between two looks
	for _, a := range r.denied {
		n += attempt(a) + look(a)
	}
	if len(r.denied) > 0 {
		n += 2 * attempt(r.attackers(0)[0])
	}
	return n + len(r.route.MassAssignment)*3
}
