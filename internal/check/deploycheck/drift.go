package deploycheck

import (
	"cmp"
	"crypto/sha256"
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/launchready/terraform-provider-launchready/internal/check"
	"github.com/launchready/terraform-provider-launchready/internal/probe"
)

// planAge is how old a plan may be.
const planAge = 7 * 24 * time.Hour

// Plan is what a plan of Terraform or OpenTofu says, without any value.
type Plan struct {
	Changes []string // addresses of what would change, sorted
	Errored bool     // it did not come to an end
	Made    time.Time
}

// ErrNoPlan says that a text is not what terraform show -json prints of a plan.
var ErrNoPlan = errors.New("it is not the JSON of a plan: write terraform plan -out=tfplan, then terraform show -json tfplan")

// ParsePlan reads the JSON form of a plan. Of what changes the address is kept.
func ParsePlan(text []byte) (Plan, error) {
	var in struct {
		FormatVersion   string `json:"format_version"`
		Timestamp       string
		Errored         bool
		PlannedValues   json.RawMessage `json:"planned_values"`
		ResourceChanges []struct {
			Address string
			Change  struct{ Actions []string }
		} `json:"resource_changes"`
	}
	if json.Unmarshal(text, &in) != nil || in.FormatVersion == "" || in.PlannedValues == nil && in.ResourceChanges == nil && !in.Errored {
		return Plan{}, ErrNoPlan
	}
	out := Plan{Errored: in.Errored, Made: dateIn(in.Timestamp)}
	for _, r := range in.ResourceChanges {
		if slices.ContainsFunc(r.Change.Actions, func(a string) bool { return a != "no-op" && a != "read" }) {
			out.Changes = append(out.Changes, r.Address)
		}
	}
	slices.Sort(out.Changes)
	return out, nil
}

// drift judges that what runs is what was declared, and the same everywhere.
func (s *session) drift(c content) {
	s.planned()
	s.mixed(c)
}

func (s *session) planned() {
	const subject = "plan"
	switch p := s.spec.DriftPlan; {
	case p == nil:
		s.report.NotApplicable(ruleDrift, subject, "no plan is named in drift_plan")
	case p.Errored:
		s.report.InconclusiveAs(ruleDrift, subject, "the plan ended with an error", "Make the plan again.")
	case len(p.Changes) > 0:
		shown := strings.Join(p.Changes[:min(len(p.Changes), 5)], ", ")
		if more := len(p.Changes) - 5; more > 0 {
			shown += fmt.Sprintf(" and %d more", more)
		}
		s.report.Fail(ruleDrift, subject, "the plan would change "+shown)
	case p.Made.IsZero() || s.prober.Now().Sub(p.Made) > planAge:
		s.report.InconclusiveAs(ruleDrift, subject, "the plan is older than 7 days, or does not say when it was made", "Let CI make the plan anew.")
	default:
		s.report.Pass(ruleDrift, subject, "the plan changes nothing")
	}
}

// mixed asks for each file that the pages load several times, at each address of
// the host. A file that differs from time to time and comes back is of two builds;
// one that is new each time is made for each request.
func (s *session) mixed(c content) {
	at := s.production
	subject := at.host + " (files)"
	own := c.assets[:min(len(c.assets), maxCompared)]
	if len(own) == 0 {
		s.report.NotApplicable(ruleDrift, subject, "the pages load no files of the site itself")
		return
	}
	addresses := s.addresses(at)
	wrong, missed := 0, ""
	for _, a := range own {
		variants, lost := s.variants(a, addresses)
		if lost == "" && variants > 1 { // a deploy may have come between
			variants, lost = s.variants(a, addresses)
		}
		switch {
		case lost != "":
			missed = at.host + a.path + ": " + lost
		case variants > 1:
			wrong++
			s.report.Fail(ruleDrift, at.host+a.path, "the file differs from answer to answer: two builds are served")
		}
	}
	switch {
	case wrong > 0:
	case missed != "":
		s.report.Inconclusive(ruleDrift, subject, missed)
	default:
		s.report.Pass(ruleDrift, subject, "every answer gives the same files")
	}
}

// Bounds of what is compared.
const (
	maxCompared  = 4
	maxAddresses = 3
	askings      = 6
)

// variants is how many builds a file is seen in; 1 for one that is made for each
// request.
func (s *session) variants(a asset, addresses []probe.Record) (n int, lost string) {
	seen := map[[32]byte]int{}
	answers := make([]probe.Exchange, askings)
	check.Beside(askings, atOnce, func(i int) {
		r := probe.Request{URL: busted(a.url), Retry: true, MaxBody: maxAssetBody}
		if len(addresses) > 1 {
			r.Address = addresses[i%len(addresses)].Address
		}
		answers[i] = s.prober.Fetch(s.ctx, r)
	})
	for _, x := range answers {
		if x.Failure == probe.FailNoRoute {
			continue // this machine has no IPv6
		}
		if reason := unseen(x); reason != "" || x.Status != 200 {
			return 0, cmp.Or(reason, "not all answers give it")
		}
		seen[sha256.Sum256(x.Body)]++
	}
	if len(seen) == 0 {
		return 0, "none of its addresses can be reached from here"
	}
	repeated := 0
	for _, times := range seen {
		if times > 1 {
			repeated++
		}
	}
	if len(seen) > 1 && repeated > 0 {
		return len(seen), ""
	}
	return 1, ""
}

func (s *session) addresses(at *site) []probe.Record {
	var out []probe.Record
	for _, typ := range []probe.RecordType{probe.TypeA, probe.TypeAAAA} {
		out = append(out, s.prober.Lookup(s.ctx, at.host, typ).Records...)
	}
	return out[:min(len(out), maxAddresses)]
}
