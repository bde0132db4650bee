package readiness

import (
	"cmp"
	"fmt"
	"regexp"
	"slices"
	"sync"
	"time"
)

// standing lists every waiver and attestation that counts now, the first to end
// first: those of the scorecard, and those of its checks as their findings tell.
func standing(findings []Finding, policy Policy, now time.Time) []Expiry {
	out := []Expiry{}
	for _, w := range policy.Waivers {
		if !w.Expires.Over(now) {
			out = append(out, w.expiry())
		}
	}
	for _, f := range findings {
		reason, owner, expires, ok := readNote(f.Waiver)
		if f.Status != Waived || !ok || expires.Over(now) {
			continue
		}
		ours := func(w Waiver) bool { return w.Matches(f) && w.Note() == f.Waiver }
		if slices.ContainsFunc(policy.Waivers, ours) {
			continue
		}
		out = append(out, Expiry{Kind: "waiver", Rule: f.Rule, Subject: f.Subject, Text: reason, Owner: owner, Expires: expires.String()})
	}
	for _, a := range policy.Attestations {
		if !a.Expires.Over(now) {
			out = append(out, Expiry{Kind: "attestation", Rule: a.Rule, Text: a.Statement, Evidence: a.Evidence, Owner: a.Owner, Expires: a.Expires.String()})
		}
	}
	slices.SortStableFunc(out, func(a, b Expiry) int {
		return cmp.Or(cmp.Compare(a.Expires, b.Expires), cmp.Compare(a.Rule, b.Rule), cmp.Compare(a.Subject, b.Subject), cmp.Compare(a.Owner, b.Owner))
	})
	return slices.Compact(out)
}

// expiring picks those that end within a time.
func expiring(all []Expiry, within time.Duration, now time.Time) []Expiry {
	out := []Expiry{}
	for _, e := range all {
		if date, err := ParseDate(e.Expires); err == nil && date.Soon(within, now) {
			out = append(out, e)
		}
	}
	return out
}

// Soon reports whether the day will be over within a time, and is not yet.
func (d Date) Soon(within time.Duration, now time.Time) bool {
	return within > 0 && !d.Over(now) && d.Over(now.Add(within))
}

// A note is what Waiver.Note writes; a reason may hold brackets itself.
var notePattern = sync.OnceValue(func() *regexp.Regexp {
	return regexp.MustCompile(`(?s)^(.*) \((.*), until (\d{4}-\d{2}-\d{2})\)$`)
})

// readNote reads what Waiver.Note has written.
func readNote(note string) (reason, owner string, expires Date, ok bool) {
	m := notePattern().FindStringSubmatch(note)
	if m == nil {
		return "", "", Date{}, false
	}
	expires, err := ParseDate(m[3])
	return m[1], m[2], expires, err == nil
}

// ExpiringWaivers are those of a list that end within a time, in its order.
func ExpiringWaivers(waivers []Waiver, within time.Duration, now time.Time) []Expiry {
	var out []Expiry
	for _, w := range waivers {
		if w.Expires.Soon(within, now) {
			out = append(out, w.expiry())
		}
	}
	return out
}

func (w Waiver) expiry() Expiry {
	return Expiry{Kind: "waiver", Rule: w.Rule, Subject: w.Subject, Text: w.Reason, Owner: w.Owner, Expires: w.Expires.String()}
}

// Warning is the expiry as a diagnostic. The summary names what it is about:
// Terraform folds warnings of equal summary.
func (e Expiry) Warning() (summary, detail string) {
	what := e.Rule
	if e.Subject != "" && e.Subject != "*" {
		what += " on " + e.Subject
	}
	what, owner := plain(what), plain(e.Owner)
	remedy := "Mend the violation and delete the waiver, or have its owner renew it with a new expiry."
	if e.Kind == "attestation" {
		remedy = "Have its owner look again and renew the attestation with a new expiry."
	}
	return fmt.Sprintf("The %s of %s ends on %s", e.Kind, what, e.Expires),
		fmt.Sprintf("%s answers for it. The day after, it is a violation that blocks the launch.\n\nFix: %s", owner, remedy)
}
