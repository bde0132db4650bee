package emailauth

import (
	"fmt"
	"strings"

	"github.com/launchready/terraform-provider-launchready/internal/mail/dmarc"
	"github.com/launchready/terraform-provider-launchready/internal/mail/spf"
	"github.com/launchready/terraform-provider-launchready/internal/probe"
)

// noMail are the records of a name that neither sends nor receives mail.
const (
	noSender   = spf.Version + " -all"
	noReceiver = "0 ."
)

// parkedNames decides whether names without mail say so.
func (s *session) parkedNames() {
	const sender, receiver = "spf.parked", "mx.portal_host"
	if len(s.noMail) == 0 {
		each([]string{sender, receiver}, func(rule string) { s.report.NotApplicable(rule, s.domain, "no name without mail is declared") })
	}
	for _, name := range s.noMail {
		s.warm(probe.TypeTXT, name, "_dmarc."+name)
		s.warm(probe.TypeMX, name)
	}
	for _, name := range s.noMail {
		s.parkedSPF(name)
		s.parkedMX(name)
		if name != s.domain {
			s.parkedPolicy(name)
		}
	}
}

func (s *session) parkedSPF(name string) {
	const rule = "spf.parked"
	texts, answer := s.texts(name)
	mend := "Publish " + zoneLine(name, "TXT", noSender) + ": parked of modules/email does." + s.aliased(name)
	tree := spf.Walk(s.ctx, s.resolver, name)
	open := firstProblem(tree, spf.Unknown)
	var records []string
	for _, text := range texts {
		if spf.IsSPF(text) {
			records = append(records, text)
		}
	}
	switch {
	case !answer.Status.Decided():
		s.report.Inconclusive(rule, name, undecided(answer))
	case len(records) == 0:
		s.report.FailAs(rule, name, "", "the name sends no mail and does not say so: anybody may send in its name", mend)
	case len(records) > 1:
		s.report.FailAs(rule, name, "", fmt.Sprintf("%d SPF records are published, so that receivers use none of them", len(records)), mend)
	case open != "":
		s.report.Inconclusive(rule, name, open)
	case !denies(tree.Root):
		s.report.FailAs(rule, name, "", "the name sends no mail, but its SPF record lets somebody: "+quote(records[0]), mend)
	default:
		s.report.Pass(rule, name, "the SPF record lets nobody send")
	}
}

// deniesAll reports whether a record by itself lets nobody send. Modifiers other
// than redirect change no result (RFC 7208 section 6).
func deniesAll(text string) bool {
	r, err := spf.Parse(text)
	if err != nil {
		return false
	}
	for _, t := range r.Terms {
		switch {
		case t.Mechanism == spf.All:
			return t.Qualifier == spf.Fail
		case t.Mechanism != "":
			return false
		}
	}
	return false
}

// denies reports the same for a record with what it redirects to.
func denies(n *spf.Node) bool {
	if n == nil || n.Record == nil || n.Err != nil || len(n.Records) != 1 {
		return false
	}
	for _, b := range n.Branches {
		switch {
		case b.Dead:
		case b.Term.Modifier == spf.Redirect:
			return denies(b.Child)
		case b.Term.Mechanism == spf.All:
			return b.Term.Qualifier == spf.Fail
		case b.Term.Mechanism != "":
			return false
		}
	}
	return false
}

func (s *session) parkedMX(name string) {
	const rule = "mx.portal_host"
	mx := s.prober.Lookup(s.ctx, name, probe.TypeMX)
	mend := "Publish " + zoneLine(name, "MX", noReceiver) + ": parked of modules/email does." + s.aliased(name)
	switch {
	case !mx.Status.Decided():
		s.report.Inconclusive(rule, name, undecided(mx))
	case nullMX(mx):
		s.report.Pass(rule, name, "the MX is null: senders know at once that no mail is taken")
	case len(mx.Records) > 0:
		s.report.FailAs(rule, name, "", "the name takes no mail, but has MX records: "+values(mx.Records), mend)
	default:
		s.report.FailAs(rule, name, "", "the name takes no mail and does not say so: senders try its web address for days", mend)
	}
}

// parkedPolicy decides what receivers do with mail that poses as a name without.
func (s *session) parkedPolicy(name string) {
	const rule = "dmarc.not_enforced"
	walk := dmarc.Walk(s.ctx, s.policies, name)
	policy, why := walk.Effective(true)
	switch {
	case walk.Err != nil:
		s.report.Inconclusive(rule, name, reasonOf(walk.Err))
	case walk.Record == nil && name != s.domain && sameOrganization(name, s.domain) && s.policy == nil:
		s.report.NotApplicable(rule, name, "no DMARC record applies: see dmarc.missing")
	case !policy.AtLeast(s.minimum):
		s.report.FailAs(rule, name, "", "the name sends no mail, and mail in its name is not refused: "+strings.TrimSpace(why),
			"Publish "+zoneLine("_dmarc."+name, "TXT", "v=DMARC1; p=reject")+": parked of modules/email does.")
	default:
		s.report.Pass(rule, name, why)
	}
}
