package handover

import (
	"cmp"
	"fmt"
	"maps"
	"slices"
	"strings"
	"time"

	"github.com/launchready/terraform-provider-launchready/internal/mail/dmarc"
)

// reviews are what follows from the rest of the document, with the days and
// owners that the user gives by the same ids, and the user's own.
func reviews(in Input, d Document, now time.Time) []Review {
	var out []Review
	for _, w := range d.Waivers {
		if w.Expires != "" {
			out = append(out, Review{ID: "waiver:" + w.Rule + ":" + w.Subject, What: fmt.Sprintf("The waiver of %s on %s ends: mend it, or renew it", w.Rule, w.Subject), Owner: w.Owner, Due: w.Expires})
		}
	}
	out = append(out, answers(d.Attestations)...)
	out = append(out, certificates(in)...)
	out = append(out, mailSteps(d.Parts)...)
	if d.Runbook != nil {
		out = append(out, Review{ID: "runbook", What: "Review the runbook", Due: later(d.Runbook.Reviewed, cmp.Or(in.RunEvery, DefaultRunEvery))})
	}
	for _, c := range d.Credentials {
		out = append(out, Review{ID: "credential:" + c.Key, What: "Rotate: " + c.What, Owner: c.Owner, Due: c.Due})
	}
	for _, id := range slices.Sorted(maps.Keys(in.Reviews)) {
		out = agreed(out, id, in.Reviews[id])
	}
	for i := range out {
		out[i].Overdue = over(out[i].Due, now)
	}
	slices.SortStableFunc(out, func(a, b Review) int {
		return cmp.Or(cmp.Compare(undated(a), undated(b)), cmp.Compare(a.Due, b.Due), cmp.Compare(a.ID, b.ID))
	})
	return out
}

func undated(r Review) int {
	if r.Due == "" {
		return 1
	}
	return 0
}

// agreed adds a review of the user's, or what the user says of one that is there.
func agreed(all []Review, id string, own Review) []Review {
	for i := range all {
		if all[i].ID == id {
			all[i].What, all[i].Due, all[i].Owner = cmp.Or(own.What, all[i].What), cmp.Or(own.Due, all[i].Due), cmp.Or(own.Owner, all[i].Owner)
			return all
		}
	}
	return append(all, Review{ID: id, What: cmp.Or(own.What, humanize(id)), Due: own.Due, Owner: own.Owner})
}

// answers are one review for the attestations of one owner that end on one day.
func answers(all []Attestation) []Review {
	type bundle struct{ owner, day string }
	var order []bundle
	rules := map[bundle][]string{}
	for _, a := range all {
		b := bundle{a.Owner, a.Expires}
		if rules[b] == nil {
			order = append(order, b)
		}
		rules[b] = append(rules[b], a.Rule)
	}
	var out []Review
	for _, b := range order {
		slices.Sort(rules[b])
		what := "The answer to " + rules[b][0] + " ends: look again, then renew it"
		if len(rules[b]) > 1 {
			what = "The answers to " + strings.Join(rules[b], ", ") + " end: look again, then renew them"
		}
		out = append(out, Review{ID: "attestation:" + rules[b][0], What: what, Owner: b.owner, Due: b.day})
	}
	return out
}

// certificates are one review a day on which some end.
func certificates(in Input) []Review {
	hosts := map[string][]string{}
	for host, day := range in.Certificates {
		hosts[day.String()] = append(hosts[day.String()], host)
	}
	var out []Review
	for _, day := range slices.Sorted(maps.Keys(hosts)) {
		slices.Sort(hosts[day])
		what := "The certificate of " + hosts[day][0] + ": see that it was renewed before it ends"
		if len(hosts[day]) > 1 {
			what = "The certificates of " + strings.Join(hosts[day], ", ") + ": see that they were renewed before they end"
		}
		out = append(out, Review{ID: "certificate:" + hosts[day][0], What: what, Due: day})
	}
	return out
}

// mailSteps are the next step of a DMARC policy that does not refuse yet, and the
// rotation of DKIM keys.
func mailSteps(parts []Part) []Review {
	var out []Review
	var keys []string
	for _, p := range parts {
		for _, r := range p.Records {
			name := strings.ToLower(r.Name)
			content := strings.Trim(r.Content, `"`)
			switch {
			case strings.HasPrefix(name, "_dmarc") && r.Type == "TXT" && dmarc.IsDMARC(content):
				if next := dmarcStep(content); next != "" {
					out = append(out, Review{ID: "dmarc", What: "DMARC of " + strings.TrimPrefix(strings.TrimPrefix(name, "_dmarc"), ".") + ": " + next})
				}
			case strings.Contains(name, "._domainkey") && r.Type == "TXT":
				selector, _, _ := strings.Cut(name, "._domainkey")
				keys = append(keys, selector)
			}
		}
	}
	// The names of one policy may be many: those below the domain follow it.
	slices.SortStableFunc(out, func(a, b Review) int { return cmp.Compare(len(a.What), len(b.What)) })
	out = slices.CompactFunc(out, func(a, b Review) bool { return a.ID == b.ID })
	if len(keys) > 0 {
		slices.Sort(keys)
		out = append(out, Review{ID: "dkim", What: "Rotate the DKIM keys: " + strings.Join(slices.Compact(keys), ", ")})
	}
	return out
}

// dmarcStep is what comes next for a policy; empty if nothing does.
func dmarcStep(text string) string {
	r, _ := dmarc.Parse(text) // what is wrong with it is the business of the checks
	switch {
	case r.Testing:
		return "end the test mode (t=y) once the reports show your own senders alone"
	case r.Policy == dmarc.None:
		return "raise the policy from none to quarantine once the reports show that all of your senders pass"
	case r.Policy == dmarc.Quarantine:
		return "raise the policy from quarantine to reject once the reports show that all of your senders pass"
	}
	return ""
}

// missing is what whoever takes over will ask for.
func missing(d Document) []string {
	var out []string
	add := func(when bool, text string) {
		if when {
			out = append(out, text)
		}
	}
	add(d.Verified == nil, "What was verified: no scorecard was handed over.")
	if v := d.Verified; v != nil {
		add(v.Gate != "open", fmt.Sprintf("An open gate: it is %s.", v.Gate))
	}
	add(len(d.Parts) == 0, "What was built: nothing is listed.")
	add(len(d.Owners) == 0, "Who owns what: nobody is named.")
	names(&out, d.Owners, func(o Owner) string { return o.What }, func(o Owner) bool { return o.Contact == "" }, "A contact of whoever owns: %s.")
	add(len(d.Credentials) == 0, "Where credentials are kept: no place is named.")
	names(&out, d.Credentials, func(c Credential) string { return c.What }, func(c Credential) bool { return c.Owner == "" }, "An owner of the credentials: %s.")
	add(d.Runbook == nil || len(d.Runbook.Files) == 0, "A runbook: how members are helped.")
	names(&out, d.Reviews, func(r Review) string { return r.What }, func(r Review) bool { return r.Due == "" }, "A day for: %s.")
	return out
}

// names adds a line with the names of those of which something holds.
func names[T any](out *[]string, all []T, name func(T) string, holds func(T) bool, line string) {
	var found []string
	for _, one := range all {
		if holds(one) {
			found = append(found, name(one))
		}
	}
	if len(found) > 0 {
		*out = append(*out, fmt.Sprintf(line, strings.Join(found, "; ")))
	}
}
