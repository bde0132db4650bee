package emailauth

import (
	"slices"
	"strings"

	"github.com/launchready/terraform-provider-launchready/internal/mail/spf"
	"github.com/launchready/terraform-provider-launchready/internal/readiness"
)

// failSPF reports a violation with the record that would mend it: one record for
// all that is wrong with the present one. A record is named only if the rule
// holds with it.
func (s *session) failSPF(rule, name string, severity readiness.Severity, message string) {
	remedy := ""
	if tree := s.trees[name]; tree != nil && !s.rehearsing() {
		wanted, hint := s.wantedSPF(name, tree, rule)
		switch {
		case wanted == "":
			remedy = hint
		case alike(tree.Root, wanted):
		case s.rehearse(name, wanted, meantAsSPF).holds(rule, name, (*session).spf):
			remedy = replace(tree.Root.Records, zoneLine(name, "TXT", wanted), "launchready_spf_record") + s.aliased(name)
		}
	}
	s.report.FailAs(rule, name, severity, message, remedy)
}

// alike reports whether the present record says the same already.
func alike(root *spf.Node, wanted string) bool {
	return len(root.Records) == 1 && (root.Records[0] == wanted || root.Err == nil && root.Record != nil && spf.Format(root.Record) == wanted)
}

// wantedSPF is the record that the name should have, as far as that is known:
// its present terms without those that are of no use or do harm, the declared
// senders, and an end. Senders that nobody declared stay unless the rule is
// about them: they may be right. It is empty where it would keep mail back that
// nobody spoke of: where it is not known who sends, or what a term stands for.
// The hint then says what is known all the same.
func (s *session) wantedSPF(name string, present *spf.Tree, rule string) (wanted, hint string) {
	tree := present
	if tree.Has(spf.TooLarge) {
		return "", ""
	}
	if root := tree.Root; root.Record == nil || root.Err != nil || mistyped(root.Record) {
		text, certain := s.merged(name, root)
		if !certain {
			return "", ""
		}
		tree = s.foreseen(name, text)
	}
	terms, end, certain := s.usable(name, tree, rule)
	switch {
	case !certain:
		return "", ""
	case name == s.domain:
		if terms, hint = s.withSenders(name, terms, end); hint != "" {
			if rule != "spf.sender_missing" && rule != "spf.missing" {
				hint = ""
			}
			return "", hint
		}
	}
	directives := slices.ContainsFunc(terms, func(term string) bool { return !modifier(term) })
	switch {
	case !directives && !strings.HasPrefix(end, "redirect=") && (name != s.domain || s.sendsUnknown()) && !s.saidSo(present):
		return "", ""
	case end != "":
	case !directives:
		end = "-all"
	default:
		end = "~all"
	}
	wanted = compose(terms, end)
	if tree := s.foreseen(name, wanted); tree.Lookups > spf.LookupLimit || tree.Voids > spf.VoidLimit ||
		slices.ContainsFunc(tree.Problems, func(p spf.Problem) bool { return p.Kind != spf.Unknown }) {
		return "", ""
	}
	return wanted, ""
}

// compose writes the terms and the end as a record.
func compose(terms []string, end string) string {
	words := append([]string{spf.Version}, slices.DeleteFunc(slices.Clone(terms), modifier)...)
	if end != "" {
		words = append(words, end)
	}
	return strings.Join(append(words, slices.DeleteFunc(slices.Clone(terms), func(term string) bool { return !modifier(term) })...), " ")
}

// modifier reports whether a term in normal form is one.
func modifier(term string) bool {
	i := strings.IndexAny(term, ":/=")
	return i > 0 && term[i] == '='
}

func meantAsSPF(text string) bool {
	return spf.IsSPF(text) || whitespaceFault(text) != ""
}

// foreseen is the tree of the name with a text in the place of its record.
func (s *session) foreseen(name, text string) *spf.Tree {
	return spf.Walk(s.ctx, s.rehearse(name, text, meantAsSPF).resolver, name)
}

// mistyped reports whether a record that can be parsed means something else than
// its author thought.
func mistyped(r *spf.Record) bool {
	return slices.ContainsFunc(spf.Lint(r), func(i spf.Issue) bool { return i.Kind == spf.Typo })
}

// merged is one text of all that was meant as a record of the name, its terms
// repaired. It is not certain if any term cannot be, or if it may stand elsewhere.
func (s *session) merged(name string, root *spf.Node) (text string, certain bool) {
	texts := append(s.spoilt(root), root.Records...)
	if len(texts) == 0 {
		return spf.Version, nearMiss(root) == "" && !s.elsewhere(name)
	}
	var terms, others, redirects []string
	ends := map[spf.Qualifier]bool{}
	for _, text := range texts {
		for _, word := range spf.Words(text) {
			if strings.EqualFold(word, spf.Version) {
				continue // two records were pasted into one
			}
			repaired := spf.Repair(word)
			if len(repaired) == 0 {
				return "", false
			}
			for _, t := range repaired {
				switch {
				case t.Mechanism == spf.All:
					ends[t.Qualifier] = true
				case t.Modifier == spf.Redirect:
					redirects = append(redirects, t.String())
				case t.Mechanism != "" && t.Qualifier != spf.Pass && len(texts) > 1:
					others = append(others, t.String()) // must not take away what another record passes
				case !slices.Contains(terms, t.String()):
					terms = append(terms, t.String())
				}
			}
		}
	}
	end := ""
	if len(redirects) == 1 && len(texts) == 1 && len(ends) == 0 {
		end = redirects[0]
	} else {
		for _, redirect := range redirects {
			terms = append(terms, "include:"+strings.TrimPrefix(redirect, "redirect="))
		}
	}
	terms = append(terms, others...)
	switch open := ends[spf.Pass] || ends[spf.Neutral]; {
	case open && len(terms) == 0:
		return "", false
	case open || ends[spf.SoftFail] && (!ends[spf.Fail] || len(terms) > 0 || s.sends() == sendsMail):
		end = "~all"
	case ends[spf.Fail]:
		end = "-all"
	}
	text = compose(terms, end)
	// What cannot stay below the limit is not followed through the DNS either.
	return text, querying(text) <= 2*spf.LookupLimit
}

// querying counts the terms of a record that cause look-ups.
func querying(text string) (n int) {
	r, _ := spf.Parse(text) // it was made of terms that can be parsed
	for _, t := range r.Terms {
		if t.Queries() {
			n++
		}
	}
	return n
}
