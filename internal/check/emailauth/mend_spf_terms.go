package emailauth

import (
	"fmt"
	"slices"
	"strings"

	"github.com/launchready/terraform-provider-launchready/internal/mail/senders"
	"github.com/launchready/terraform-provider-launchready/internal/mail/spf"
	"github.com/launchready/terraform-provider-launchready/internal/probe"
)

// elsewhere reports whether a record of the name stands where no receiver looks.
func (s *session) elsewhere(name string) bool {
	for _, place := range []string{name + "." + name, "_spf." + name, "spf." + name} {
		if texts, _ := s.texts(place); slices.ContainsFunc(texts, spf.IsSPF) {
			return true
		}
	}
	return false
}

// usable are the terms and the end of a record without those that are of no use
// or do harm. It is not certain if one of the latter may have let somebody send.
func (s *session) usable(name string, tree *spf.Tree, rule string) (terms []string, end string, certain bool) {
	root := tree.Root
	if root.Record == nil || root.Err != nil {
		return nil, "", false
	}
	useless, emptied := map[int]bool{}, false
	for _, issue := range spf.Lint(root.Record) {
		at := issue.Term.Span.Start
		switch {
		case useless[at] && at > 0:
		case issue.Kind == spf.DeadTerm, issue.Kind == spf.UsesPTR && (issue.Term.Modifier == spf.Exp || issue.Term.Qualifier == spf.Fail):
			useless[at] = true
		case issue.Kind == spf.Permissive && issue.Term.Mechanism == spf.All:
			useless[at], emptied = true, true
		case issue.Kind == spf.UsesPTR, issue.Kind == spf.Permissive, issue.Kind == spf.Typo:
			return nil, "", false
		}
	}
	for _, b := range root.Branches {
		term := b.Term.String()
		switch {
		case b.Dead || useless[b.Term.Span.Start] || s.wasteful(name, b, rule):
			continue
		case s.weak(b):
			term = strings.TrimLeft(term, "-~?")
		case b.Void == spf.Void && tree.Voids > spf.VoidLimit, len(b.Cycle) > 0 && b.Target == name && b.Term.Mechanism == spf.Include:
			emptied = true // it let nobody send
			continue
		case s.broken(b, tree):
			return nil, "", false
		case b.Term.Mechanism == spf.All && b.Term.Qualifier == spf.Neutral:
			emptied = true
			continue
		case b.Term.Mechanism == spf.All || b.Term.Modifier == spf.Redirect:
			end = term
			continue
		}
		if !slices.Contains(terms, term) {
			terms = append(terms, term)
		}
	}
	certain = !emptied || len(terms) > 0 || strings.HasPrefix(end, "redirect=")
	for _, t := range root.Record.Terms {
		if t.Modifier != "" && t.Modifier != spf.Redirect && !useless[t.Span.Start] {
			terms = append(terms, t.String())
		}
	}
	return terms, end, certain
}

// withSenders adds the declared senders that the terms do not lead to. Of those
// whose include differs per account the hint says where it is found.
func (s *session) withSenders(name string, terms []string, end string) (out []string, hint string) {
	tree := s.foreseen(name, compose(terms, end))
	open := tree.Incomplete()
	for p := range tree.Passes() {
		open = open || p.Branch.Dynamic
	}
	var added, shown []string
	for _, sender := range s.senders {
		if sender.Apex != senders.ApexNeeded || open || s.reaches(sender, tree) {
			continue
		}
		if sender.PerAccount {
			shown = append(shown, "the include that "+sender.Title+" shows for your account")
		} else {
			added = append(added, "include:"+sender.Includes[0])
		}
	}
	if len(shown) > 0 {
		return nil, fmt.Sprintf("Add %s to the SPF record of %s with launchready_spf_record.", strings.Join(append(added, shown...), " and "), name)
	}
	for _, include := range added {
		if !slices.Contains(terms, include) {
			terms = append(terms, include)
		}
	}
	return terms, ""
}

// reaches reports whether a tree authorises the sender.
func (s *session) reaches(sender senders.Sender, tree *spf.Tree) bool {
	for p := range tree.Passes() {
		if p.Branch.Child == nil || !sender.Owns(p.Branch.Target) {
			continue
		}
		if _, shadowed := p.Shadowed(); !shadowed {
			return true
		}
	}
	flat, _ := s.flattened(sender, tree) // unknown: the record is walked before it is named
	return flat
}

// weak reports whether an include authorises nobody: its match is neutral.
func (s *session) weak(b spf.Branch) bool {
	return b.Term.Mechanism == spf.Include && b.Term.Qualifier != spf.Pass && slices.ContainsFunc(senders.ByInclude(b.Target), func(o senders.Sender) bool {
		return o.Apex == senders.ApexNeeded && s.declared(o)
	})
}

// sendsUnknown reports whether mail is sent, but not by whom: who takes mail
// answers it.
func (s *session) sendsUnknown() bool {
	if mx := s.prober.Lookup(s.ctx, s.domain, probe.TypeMX); len(s.senders) == 0 && (!mx.Status.Decided() || len(mx.Records) > 0 && !nullMX(mx)) {
		return true
	}
	return s.declares && (len(s.senders) == 0 || slices.ContainsFunc(s.senders, func(o senders.Sender) bool { return o.Apex == senders.ApexOptional }))
}

// saidSo reports whether the present record, spoilt or not, names nobody.
func (s *session) saidSo(tree *spf.Tree) bool {
	return slices.ContainsFunc(append(s.spoilt(tree.Root), tree.Root.Records...), deniesAll)
}

// spoilt are texts at the name that were meant as its record, without what
// spoils them.
func (s *session) spoilt(root *spf.Node) []string {
	var out []string
	for _, strs := range root.TXT {
		text := strings.Join(strs, "")
		if whitespaceFault(text) != "" && !spf.IsSPF(text) {
			i := strings.Index(strings.ToLower(text), spf.Version)
			out = append(out, strings.Join(strings.Fields(strings.Trim(text[i:], `"\'`)), " "))
		}
	}
	return out
}

// broken reports whether a term of the record itself leads to a permanent error,
// or to nothing.
func (s *session) broken(b spf.Branch, tree *spf.Tree) bool {
	if b.Void == spf.Void || len(b.Cycle) > 0 {
		return true
	}
	return slices.ContainsFunc(tree.Problems, func(p spf.Problem) bool {
		return p.Kind != spf.Unknown && (len(p.Path) > 1 && p.Path[1] == b.Target && b.Target != "" || p.Term == b.Term.Text && len(p.Path) <= 2)
	})
}

// wasteful reports whether an include serves nobody that the user declared.
func (s *session) wasteful(name string, b spf.Branch, rule string) bool {
	// Where the name is a return path itself, and where a sender is not known, an
	// include may serve somebody all the same.
	if b.Term.Mechanism != spf.Include || name != s.domain || slices.Contains(s.envelope, name) || len(s.unknown) > 0 {
		return false
	}
	owners := senders.ByInclude(b.Target)
	needed := slices.ContainsFunc(owners, func(o senders.Sender) bool { return o.Apex != senders.ApexUseless })
	switch {
	case len(owners) == 0:
		return false
	case !needed:
		return true
	}
	return rule == "spf.undeclared_include" && !slices.ContainsFunc(owners, s.declared)
}
