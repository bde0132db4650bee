package authzcheck

import (
	"fmt"
	"slices"
	"strings"

	"github.com/launchready/terraform-provider-launchready/internal/probe"
)

// trial is a row's refusal that an agent tries to get past.
type trial struct {
	row    *row
	agent  *agent
	rule   string
	tricks []trick
	found  []string // names of the tricks that worked
	reason string   // why it cannot be told
}

// trials are what is tried on rows whose plain request was refused.
func (t *tester) trials() []*trial {
	var out []*trial
	for i, r := range t.reads() {
		for _, a := range r.attackers(i) {
			out = append(out,
				&trial{row: r, agent: a, rule: rulePath, tricks: r.spellings()},
				&trial{row: r, agent: a, rule: ruleOverride, tricks: r.overrides(t.spec.AllowWrites)})
			if a.anonymous() {
				continue
			}
			if more := append(r.sources(t.ownParams(r, a)), r.impersonations(r.owner.id)...); len(more) > 0 {
				out = append(out, &trial{row: r, agent: a, rule: ruleSources, tricks: more})
			}
		}
	}
	return out
}

// attackers are who tries other spellings of the i-th row: one identity that is
// denied, of another organisation if there is one, by turns; anyone where none
// is; both for what is for a role.
func (r *row) attackers(i int) []*agent {
	var others, foreign []*agent
	var nobody *agent
	for _, a := range r.denied {
		switch from, to := r.owner.actor.Organization, a.actor.Organization; {
		case a.anonymous():
			nobody = a
		case to != "" && to != from:
			foreign = append(foreign, a)
		default:
			others = append(others, a)
		}
	}
	if len(foreign) > 0 {
		others = foreign
	}
	var out []*agent
	if len(others) > 0 {
		out = append(out, others[i%len(others)])
	}
	if nobody != nil && (len(out) == 0 || r.kind == Function) {
		out = append(out, nobody)
	}
	return out
}

// outwit tries what may get past the refusals, each agent's trials in turns
// between which its session is looked at.
func (t *tester) outwit(trials []*trial) {
	queues := map[*agent][]*trial{}
	for _, tr := range trials {
		if tr.row.problem != "" || tr.row.shell || tr.row.attempts[tr.agent.name].outcome != refused {
			continue
		}
		queues[tr.agent] = append(queues[tr.agent], tr)
	}
	each(sorted(t.agents), func(a *agent) {
		for part := range chunks(queues[a]) {
			for try := 0; ; try++ {
				each(part, t.try)
				if t.alive(a) {
					break
				}
				if try > 0 || a.trouble() != "" {
					for _, tr := range part {
						tr.reason = fmt.Sprintf("the session of %s ends while it is used", a.name)
					}
					break
				}
				t.extra.Add(1)
				t.renew(a)
			}
		}
	})
}

// chunks parts trials so that about 50 requests are in each.
func chunks(all []*trial) func(yield func([]*trial) bool) {
	return func(yield func([]*trial) bool) {
		for len(all) > 0 {
			n, requests := 0, 0
			for n < len(all) && (n == 0 || requests+len(all[n].tricks) <= batch) {
				requests += len(all[n].tricks)
				n++
			}
			if !yield(all[:n]) {
				return
			}
			all = all[n:]
		}
	}
}

// try makes the requests of one trial.
func (t *tester) try(tr *trial) {
	tr.found, tr.reason = nil, ""
	results := make([]outcome, len(tr.tricks))
	reasons := make([]string, len(tr.tricks))
	head := false
	each(append(indexes(tr.tricks), len(tr.tricks)), func(i int) {
		if i == len(tr.tricks) {
			head = tr.rule == ruleOverride && t.headShows(tr)
			return
		}
		x := t.send(tr.agent, tr.tricks[i].shot)
		if x.Status == 0 || x.Status >= 500 && !x.Throttled() || x.Challenged() { // a server that stumbles over an odd path gives nothing away
			results[i] = refused
			return
		}
		results[i], reasons[i], _ = t.shows(tr.row, tr.agent, tr.tricks[i].shot, x)
		if bare := tr.tricks[i].bare; bare != nil && results[i] != refused && len(tr.row.evidence.seen(t.extraSend(tr.agent, *bare))) > 0 {
			results[i] = refused // that page shows it whoever asks, which is another rule's
		}
	})
	for i, result := range results {
		switch result {
		case leaked:
			tr.found = append(tr.found, tr.tricks[i].name)
		case unknown:
			tr.reason = reasons[i]
		}
	}
	if head {
		tr.found = append(tr.found, "HEAD")
	}
	tr.found = slices.Compact(tr.found)
}

// headShows reports whether HEAD is granted where GET is refused by its status:
// where GET answers 2xx, with a list of one's own or an error, HEAD does too. There
// is no body to judge by: the length or tag must be that of the owner's own answer,
// and must not be what HEAD says of a thing that does not exist.
func (t *tester) headShows(tr *trial) bool {
	s, ok := tr.row.head()
	if !ok {
		return false
	}
	x := t.send(tr.agent, s)
	mark := shape(x)
	if !success(x) || mark == "" || success(tr.row.attempts[tr.agent.name].x) {
		return false
	}
	owner := t.extraSend(tr.row.owner, s)
	missing := tr.row.missing()
	missing.method = s.method
	nothing, again := t.extraSend(tr.agent, missing), t.extraSend(tr.agent, s)
	return success(owner) && shape(owner) == mark && shape(again) == mark && !(success(nothing) && shape(nothing) == mark)
}

// shape is what HEAD says of a body; empty if it says nothing.
func shape(x probe.Exchange) string {
	if tag := x.Header.Get("Etag"); tag != "" {
		return tag
	}
	if length := x.Header.Get("Content-Length"); length != "" && length != "0" {
		return length
	}
	return ""
}

// tell reports what the trials of a row came to, rule by rule.
func (t *tester) tell(trials []*trial) {
	found, reasons, tried := map[string][]string{}, map[string]string{}, map[string]*trial{}
	for _, tr := range trials {
		key := tr.rule + "\x00" + tr.row.subject
		tried[key] = tr
		for _, name := range tr.found {
			found[key] = append(found[key], fmt.Sprintf("%s is given it by %s", tr.agent.known(), name))
		}
		if tr.reason != "" {
			reasons[key] = tr.reason
		}
	}
	for key, tr := range tried {
		r := tr.row
		first := r.attempts[tr.agent.name]
		switch {
		case r.problem != "":
			t.unclear(tr.rule, r.subject, r.problem)
		case r.shell:
			t.none(tr.rule, r.subject, shellMessage)
		case len(found[key]) > 0:
			slices.Sort(found[key])
			t.fail(tr.rule, r.subject, strings.Join(slices.Compact(found[key]), "; ")+", and refused it by the plain request")
		case reasons[key] != "":
			t.unclear(tr.rule, r.subject, reasons[key])
		case first != nil && first.outcome == leaked:
			t.none(tr.rule, r.subject, "the plain request is not refused: mend that first")
		case first != nil && first.outcome == unknown:
			t.unclear(tr.rule, r.subject, first.reason)
		default:
			t.pass(tr.rule, r.subject, "the refusal holds whatever the request looks like")
		}
	}
}
