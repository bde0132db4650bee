package emailauth

import (
	"fmt"

	"github.com/launchready/terraform-provider-launchready/internal/mail/dmarc"
	"github.com/launchready/terraform-provider-launchready/internal/mail/spf"
)

// spfWidth decides whether the record authorises everybody, itself or through
// what it includes.
func (s *session) spfWidth(name string, tree *spf.Tree) {
	const rule = "spf.permissive"
	found := false
	seen := map[string]bool{}
	judge := func(n *spf.Node) {
		if n.Record == nil || n.Err != nil || seen[n.Name] {
			return
		}
		seen[n.Name] = true
		for _, issue := range spf.Lint(n.Record) {
			if issue.Kind == spf.Permissive {
				found = true
				s.failSPF(rule, name, "", issue.Message+where(n, name))
			}
		}
	}
	judge(tree.Root)
	for n, b := range tree.Effective() {
		if b.Child != nil {
			judge(b.Child)
		}
		// A name that exists for everyone lets everyone pass.
		if b.Term.Mechanism == spf.Exists && b.Target != "" && b.Void == spf.NotVoid && b.Note == "" {
			found = true
			s.failSPF(rule, name, "", fmt.Sprintf("%s matches every sender: %s has an address%s", b.Term.Text, b.Target, where(n, name)))
		}
	}
	why := firstProblem(tree, spf.Unknown)
	for _, c := range tree.Controls(s.ctx, s.resolver) {
		if c.Result == spf.ResultPass {
			found = true
			s.failSPF(rule, name, "", fmt.Sprintf("%s passes everybody: it matches %s, an address that no mail comes from, by %s%s", c.Term.Text, c.Client, c.Target, where(c.Node, name)))
		} else if why == "" {
			why = c.Term.Text + " for " + c.Client.String() + ": " + c.Problem
		}
	}
	share := spf.ShareOf(tree.Networks())
	switch {
	case found:
	case share.Permissive():
		s.failSPF(rule, name, "", fmt.Sprintf("the record with all that it includes authorises %s", share))
	case why != "":
		s.report.Inconclusive(rule, name, why)
	default:
		s.report.Pass(rule, name, "the record names its senders")
	}
}

func where(n *spf.Node, name string) string {
	if n.Name == name {
		return ""
	}
	return " (in the record of " + n.Name + ")"
}

// spfEnd decides what the record says of senders that match nothing. A
// redirect replaces the record, so the end of its target counts.
func (s *session) spfEnd(name string, tree *spf.Tree) {
	const rule = "spf.no_all"
	node := tree.Root
	for node.Record != nil && node.Err == nil {
		next := (*spf.Node)(nil)
		for _, b := range node.Branches {
			if b.Term.Modifier != spf.Redirect || b.Dead {
				continue
			}
			switch {
			case b.Dynamic:
				s.report.Undecided(rule, name, b.Term.Text+" depends on the message")
				return
			case b.Child == nil:
				s.report.NotApplicable(rule, name, "the redirect leads nowhere: see spf.loop")
				return
			}
			next = b.Child
		}
		if next != nil {
			node = next
			continue
		}
		for _, issue := range spf.Lint(node.Record) {
			if issue.Kind == spf.NoAll {
				s.failSPF(rule, name, "", issue.Message+where(node, name))
				return
			}
		}
		s.report.Pass(rule, name, "the record says what other senders are")
		return
	}
	for _, p := range tree.Problems {
		if p.Kind == spf.Unknown && len(p.Path) > 0 && p.Path[len(p.Path)-1] == node.Name {
			s.report.Inconclusive(rule, name, p.String())
			return
		}
	}
	s.report.NotApplicable(rule, name, "the redirect is broken: see spf.include_broken")
}

// spfOwnTerms judges the terms that the client wrote: those of the records
// within the same organizational domain. What providers publish is theirs.
func (s *session) spfOwnTerms(name string, tree *spf.Tree) {
	rules := map[spf.IssueKind]string{spf.UsesPTR: "spf.ptr", spf.WideRange: "spf.wide_range", spf.DeadTerm: "spf.dead_term"}
	good := map[spf.IssueKind]string{
		spf.UsesPTR: "no term depends on reverse DNS", spf.WideRange: "no network is wider than one organisation has", spf.DeadTerm: "every term has an effect",
	}
	found, seen := map[spf.IssueKind][]string{}, map[string]bool{}
	for n := range tree.Nodes() {
		if n.Record == nil || n.Err != nil || seen[n.Name] || dmarc.OrganizationalDomain(n.Name) != dmarc.OrganizationalDomain(name) {
			continue
		}
		seen[n.Name] = true
		var wide []string
		for _, issue := range spf.Lint(n.Record) {
			switch issue.Kind {
			case spf.WideRange:
				wide = append(wide, issue.Term.Text)
			case spf.UsesPTR, spf.DeadTerm:
				found[issue.Kind] = append(found[issue.Kind], issue.Message+where(n, name))
			}
		}
		if len(wide) > 0 {
			found[spf.WideRange] = append(found[spf.WideRange], fmt.Sprintf("wider than /%d (IPv4) or /%d (IPv6): %s%s", spf.WidestV4, spf.WidestV6, some(wide), where(n, name)))
		}
	}
	for kind, rule := range rules {
		s.failEach(rule, name, "terms", found[kind])
		if len(found[kind]) == 0 {
			s.report.Pass(rule, name, good[kind])
		}
	}
}

// failEach reports a violation each, and of a long list how many more there are.
func (s *session) failEach(rule, name, what string, messages []string) {
	for _, message := range messages[:min(len(messages), shown)] {
		s.fail(rule, name, message)
	}
	if more := len(messages) - shown; more > 0 {
		s.fail(rule, name, fmt.Sprintf("%d more %s", more, what))
	}
}
