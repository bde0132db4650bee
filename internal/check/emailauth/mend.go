package emailauth

import (
	"fmt"
	"slices"
	"strings"

	"github.com/launchready/terraform-provider-launchready/internal/mail/dmarc"
	"github.com/launchready/terraform-provider-launchready/internal/mail/senders"
	"github.com/launchready/terraform-provider-launchready/internal/mail/spf"
	"github.com/launchready/terraform-provider-launchready/internal/probe"
	"github.com/launchready/terraform-provider-launchready/internal/readiness"
)

// failSPF reports a violation with the record that would mend it: one record for
// all that is wrong with the present one.
func (s *session) failSPF(rule, name string, severity readiness.Severity, message string) {
	remedy := ""
	if tree := s.trees[name]; tree != nil {
		present, wanted := tree.Root.Records, s.wantedSPF(name, tree, rule)
		if wanted != "" && (len(present) == 0 || present[0] != wanted) {
			remedy = replace(present, zoneLine(name, "TXT", wanted), "launchready_spf_record")
		}
	}
	s.report.FailAs(rule, name, severity, message, remedy)
}

// fail reports a violation with what would mend it, where that is known.
func (s *session) fail(rule, name, message string) {
	switch {
	case strings.HasPrefix(rule, "spf."):
		s.failSPF(rule, name, "", message)
	case strings.HasPrefix(rule, "dmarc."):
		s.failDMARC(rule, name, "", message)
	default:
		s.report.Fail(rule, name, message)
	}
}

// replace words a remedy: what stands there, what is to stand there, and which
// resource writes it. The record that stands there is shown once.
func replace(present []string, wanted, resource string) string {
	switch len(present) {
	case 0:
		return "Publish " + wanted + " with " + resource + "."
	case 1:
		return "Replace " + quote(present[0]) + " by " + wanted + " with " + resource + "."
	}
	var all []string
	for _, text := range present {
		all = append(all, quote(text))
	}
	return "Replace " + some(all) + " by one record, " + wanted + ", with " + resource + "."
}

// wantedSPF is the record that the name should have, as far as that is known:
// its present terms without those that are of no use or do harm, the declared
// senders, and an end. Senders that nobody declared stay unless the rule is
// about them: they may be right. It is empty where it would keep mail back that
// nobody spoke of: where it is not known who sends.
func (s *session) wantedSPF(name string, tree *spf.Tree, rule string) string {
	var terms []string
	end, dropped := "", false
	add := func(term string) {
		if !slices.Contains(terms, term) {
			terms = append(terms, term)
		}
	}
	keep := func(t spf.Term) {
		switch {
		case t.Mechanism == spf.All:
			if end == "" && (t.Qualifier == spf.Fail || t.Qualifier == spf.SoftFail) {
				end = t.String()
			}
		case t.Modifier == spf.Redirect:
			if end == "" {
				end = t.String()
			}
		default:
			add(t.String())
		}
	}
	if root := tree.Root; root.Record != nil && root.Err == nil {
		useless := map[string]bool{}
		for _, issue := range spf.Lint(root.Record) {
			switch issue.Kind {
			case spf.DeadTerm, spf.UsesPTR, spf.Permissive:
				useless[issue.Term.Text] = true
			case spf.Typo:
				useless[issue.Term.Text] = true
				if r, err := spf.Parse(spf.Version + " " + strings.Replace(issue.Term.Text, "=", ":", 1)); err == nil && len(r.Terms) == 1 {
					keep(r.Terms[0])
				}
			}
		}
		for _, b := range root.Branches {
			switch {
			case b.Dead || useless[b.Term.Text] || s.wasteful(name, b, rule) || s.weak(b):
			case s.broken(b, tree):
				dropped = true
			default:
				keep(b.Term)
			}
		}
	} else {
		for _, text := range append(s.spoilt(root), root.Records...) {
			for _, word := range strings.Fields(text)[1:] {
				if r, err := spf.Parse(spf.Version + " " + word); err == nil && len(r.Terms) == 1 {
					keep(r.Terms[0])
				}
			}
		}
	}
	if name == s.domain {
		for _, sender := range s.senders {
			owns := func(term string) bool {
				return sender.Owns(strings.TrimPrefix(strings.TrimPrefix(term, "include:"), "redirect="))
			}
			if sender.Apex == senders.ApexNeeded && !slices.ContainsFunc(append(terms, end), owns) {
				add("include:" + sender.Includes[0])
			}
		}
	}
	switch {
	case len(terms) == 0 && (dropped || name != s.domain || s.sendsUnknown()) && !strings.HasPrefix(end, "redirect=") && !s.saidSo(tree):
		return ""
	case end != "":
	case len(terms) == 0:
		end = "-all"
	default:
		end = "~all"
	}
	return strings.Join(append(append([]string{spf.Version}, terms...), end), " ")
}

// weak reports whether an include authorises nobody: its match is neutral.
func (s *session) weak(b spf.Branch) bool {
	return b.Term.Mechanism == spf.Include && b.Term.Qualifier != spf.Pass && slices.ContainsFunc(senders.ByInclude(b.Target), s.declared)
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
	if b.Term.Mechanism != spf.Include || name != s.domain {
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

// failDMARC reports a violation with the record that would mend it.
func (s *session) failDMARC(rule, name string, severity readiness.Severity, message string) {
	at, present := name, s.texted[name]
	if stands, ok := s.standsAt[name]; ok {
		at, present = stands.at, []string{stands.text}
	}
	source := present
	if text := s.misplaced[name]; text != "" && len(present) == 0 {
		source = []string{text}
	}
	wanted := s.wantedDMARC(at, source)
	remedy := ""
	if rule != "dmarc.walk_differs" && (len(present) != 1 || present[0] != wanted) {
		remedy = replace(present, zoneLine("_dmarc."+at, "TXT", wanted), "launchready_dmarc_record")
	}
	s.report.FailAs(rule, name, severity, message, remedy)
}

// standing is a DMARC record that applies to a name, and where it stands.
type standing struct{ at, text string }

// wantedDMARC is the record that should stand at _dmarc of a name: the present
// tags as far as they can be read and do no harm, and at least the wanted policy.
func (s *session) wantedDMARC(at string, present []string) string {
	policy := s.minimum
	var kept []dmarc.Tag
	rua := "mailto:dmarc@" + at
	if len(present) > 0 {
		// Of several, or of a spoilt one, that which can be read best.
		r := readable(present[0])
		if r.Policy.AtLeast(policy) && r.Policy != "" {
			policy = r.Policy
		}
		if len(r.Aggregate) > 0 {
			var list []string
			for _, u := range r.Aggregate {
				list = append(list, u.Text)
			}
			rua = strings.Join(list, ",")
		}
		for _, t := range r.Tags {
			switch t.Name {
			case "sp", "np":
				if value := dmarc.Policy(strings.ToLower(t.Value)); value.Valid() && value.AtLeast(policy) {
					kept = append(kept, dmarc.Tag{Name: t.Name, Value: string(value)})
				}
			case "psd":
				if r.PublicSuffix == "n" {
					kept = append(kept, t)
				}
			case "adkim", "aspf":
				if value := strings.ToLower(t.Value); value == "r" || value == "s" {
					kept = append(kept, dmarc.Tag{Name: t.Name, Value: value})
				}
			case "fo":
				if _, err := dmarc.Parse("v=DMARC1; p=none; fo=" + t.Value); err == nil {
					kept = append(kept, t)
				}
			case "ruf":
				if len(r.Failure) > 0 {
					kept = append(kept, t)
				}
			}
		}
	}
	return dmarc.Format(append([]dmarc.Tag{{Name: "p", Value: string(policy)}, {Name: "rua", Value: rua}}, kept...))
}

// readable reads a record whose beginning may be spoilt.
func readable(text string) *dmarc.Record {
	if i := strings.Index(strings.ToLower(text), "v="); i > 0 && i < 8 {
		text = text[i:]
	}
	if rest, ok := strings.CutPrefix(text, "v=DMARC1 "); ok && !strings.HasPrefix(strings.TrimSpace(rest), ";") {
		text = "v=DMARC1; " + rest
	}
	r, _ := dmarc.Parse(text) // what can be read is enough
	return r
}

// mendKey is what to publish at a selector, as far as the DNS and the catalogue
// tell. The key itself only its owner has.
func (s *session) mendKey(k *selector) string {
	sender, ok := senders.Lookup(k.sender)
	if ok {
		for _, fixed := range sender.FixedSelectors() {
			if fixed.Name != k.name {
				continue
			}
			if fixed.Form == senders.CNAME {
				return fmt.Sprintf("Publish %s with launchready_dkim_record.target, its name below %s as %s shows it.",
					zoneLine(k.fqdn, "CNAME", "..."), strings.Join(fixed.Targets, " or "), sender.Title)
			}
			return fmt.Sprintf("Publish %s with launchready_dkim_record.public_key, as %s shows it.", zoneLine(k.fqdn, "TXT", "v=DKIM1; k=rsa; p=..."), sender.Title)
		}
	}
	return "Publish " + zoneLine(k.fqdn, "TXT", "v=DKIM1; k=rsa; p=...") + " with launchready_dkim_record.public_key, the public half of the key that signs."
}

// keyAlone is a key record without the tags that restrict it.
func keyAlone(k *selector) string {
	return "Replace the record by " + zoneLine(k.fqdn, "TXT", "v=DKIM1; k="+k.key.Type+"; p=... (the key as it is)") + ": launchready_dkim_record.public_key writes it so."
}
