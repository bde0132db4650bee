package emailauth

import (
	"cmp"
	"fmt"
	"slices"
	"strings"

	"github.com/launchready/terraform-provider-launchready/internal/mail/dmarc"
	"github.com/launchready/terraform-provider-launchready/internal/mail/senders"
	"github.com/launchready/terraform-provider-launchready/internal/mail/spf"
	"github.com/launchready/terraform-provider-launchready/internal/readiness"
)

// spfSenders compares the record with the senders that the user declared.
func (s *session) spfSenders(name string, tree *spf.Tree) {
	const missing, unneeded, undeclared = "spf.sender_missing", "spf.unneeded_include", "spf.undeclared_include"
	if name != s.domain {
		why := "the senders are declared for " + s.domain + ", not for this name"
		each([]string{missing, unneeded}, func(rule string) { s.report.NotApplicable(rule, name, why) })
	} else {
		s.sendersMissing(name, tree)
	}
	wasted, strange := false, false
	for _, include := range ownIncludes(name, tree) {
		owners := senders.ByInclude(include)
		declared := slices.ContainsFunc(owners, s.declared)
		useless := len(owners) > 0 && !slices.ContainsFunc(owners, func(o senders.Sender) bool { return o.Apex != senders.ApexUseless })
		switch {
		case useless && slices.Contains(s.envelope, name) && (declared || len(s.senders) == 0):
			// The user says that the name itself is the return path.
		case useless && name == s.domain && (declared || len(s.senders) == 0):
			wasted = true
			s.failSPF(unneeded, name, "", fmt.Sprintf("%s is included, but %s sends with a return path of its own", include, titles(owners)))
		case declared || len(s.senders) == 0:
		case len(owners) > 0:
			strange = true
			s.failSPF(undeclared, name, "", fmt.Sprintf("%s may send, but is not a declared sender (include of %s)", titles(owners), include))
		default:
			strange = true
			s.failSPF(undeclared, name, readiness.Info, fmt.Sprintf("no declared sender explains the include of %s", include))
		}
	}
	if !wasted && name == s.domain {
		s.report.Pass(unneeded, name, "no include is wasted on a sender that does not need it")
	}
	switch {
	case strange:
	case len(s.senders) == 0:
		s.report.NotApplicable(undeclared, name, "no senders are declared")
	default:
		s.report.Pass(undeclared, name, "a declared sender explains every include")
	}
}

func (s *session) declared(sender senders.Sender) bool {
	return slices.ContainsFunc(s.senders, func(own senders.Sender) bool { return own.Key == sender.Key })
}

func titles(list []senders.Sender) string {
	var out []string
	for _, sender := range list {
		out = append(out, sender.Title)
	}
	return strings.Join(out, " or ")
}

// ownIncludes are the foreign names that the client's own records include or
// redirect to, in order, each once.
func ownIncludes(name string, tree *spf.Tree) []string {
	own := func(n string) bool { return dmarc.OrganizationalDomain(n) == dmarc.OrganizationalDomain(name) }
	var out []string
	for n := range tree.Nodes() {
		if !own(n.Name) {
			continue
		}
		for _, b := range n.Branches {
			follows := b.Term.Mechanism == spf.Include || b.Term.Modifier == spf.Redirect
			if follows && !b.Dead && b.Target != "" && !own(b.Target) && !slices.Contains(out, b.Target) {
				out = append(out, b.Target)
			}
		}
	}
	return out
}

// sendersMissing finds declared senders whose mail the record would not pass.
func (s *session) sendersMissing(name string, tree *spf.Tree) {
	const rule = "spf.sender_missing"
	for _, key := range s.unknown {
		why := fmt.Sprintf("the catalogue has no sender %q", key)
		if near := senders.Nearest(key); near != "" {
			why += fmt.Sprintf("; did you mean %q?", near)
		}
		s.report.Undecided(rule, name, why)
	}
	if len(s.senders) == 0 {
		if len(s.unknown) == 0 {
			s.report.NotApplicable(rule, name, "no senders are declared")
		}
		return
	}
	dynamic := ""
	var includes []spf.Passing
	for p := range tree.Passes() {
		if p.Branch.Dynamic {
			dynamic = p.Branch.Term.Text
		}
		if p.Branch.Child != nil {
			includes = append(includes, p)
		}
	}
	complete := true
	for _, sender := range s.senders {
		if sender.Apex != senders.ApexNeeded {
			continue
		}
		authorised, shadow := false, ""
		for _, p := range includes {
			if !sender.Owns(p.Branch.Target) {
				continue
			}
			if by, shadowed := p.Shadowed(); shadowed {
				shadow = fmt.Sprintf("%s is included, but %s before %s takes its addresses away: the first match wins", sender.Title, by.Term.Text, p.Branch.Term.Text)
				continue
			}
			authorised = true
		}
		flat, open := s.flattened(sender, tree)
		if authorised || flat {
			continue
		}
		complete = false
		switch why := cmp.Or(firstProblem(tree, spf.Unknown), open); {
		case shadow != "":
			s.failSPF(rule, name, "", shadow)
		case why != "":
			s.report.Inconclusive(rule, name, why)
		case dynamic != "":
			s.report.Undecided(rule, name, fmt.Sprintf("%s is not included; whether %s passes its mail depends on the message", sender.Title, dynamic))
		default:
			s.failSPF(rule, name, "", fmt.Sprintf("%s is a declared sender, but no include of %s authorises it", sender.Title, sender.Includes[0]))
		}
	}
	if complete {
		s.report.Pass(rule, name, "every declared sender that needs an include has one")
	}
}

// flattened reports whether the record lists the networks of a sender in place
// of its include, or why that is not known.
func (s *session) flattened(sender senders.Sender, tree *spf.Tree) (flat bool, open string) {
	ours := tree.Networks()
	if len(ours) == 0 {
		return false, ""
	}
	for _, include := range sender.Includes {
		theirs := spf.Walk(s.ctx, s.resolver, include)
		if theirs.Incomplete() {
			open = cmp.Or(open, firstProblem(theirs, spf.Unknown))
			continue
		}
		if spf.Covers(ours, theirs.Networks()) {
			return true, ""
		}
	}
	return false, open
}
