package emailauth

import (
	"context"
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

// aliased says what stands in the way of a record at a name that is a CNAME.
func (s *session) aliased(name string) string {
	chain := s.prober.Lookup(s.ctx, name, probe.TypeTXT).Chain
	if len(chain) == 0 {
		return ""
	}
	target := chain[len(chain)-1]
	return fmt.Sprintf(" %s is a CNAME to %s, and what stands there is the target's: put the record in the place of the CNAME, beside which it cannot stand, or have it published at %s.", name, target, target)
}

// rehearsal is the DNS with one text in the place of those that it replaces.
type rehearsal struct {
	*once
	owner, text string
	replaces    func(text string) bool
}

// Lookup implements probe.Prober.
func (r rehearsal) Lookup(ctx context.Context, name string, typ probe.RecordType) probe.Answer {
	answer := r.once.Lookup(ctx, name, typ)
	if typ != probe.TypeTXT || canonical(name) != r.owner {
		return answer
	}
	kept := []probe.Record{{Name: r.owner, Type: typ, Value: r.text, Strings: []string{r.text}}}
	for _, record := range answer.Records {
		if !r.replaces(strings.Join(record.Strings, "")) {
			kept = append(kept, record)
		}
	}
	return probe.Answer{Name: answer.Name, Type: typ, Status: probe.Found, Records: kept, Resolver: answer.Resolver}
}

// rehearse is a run of its own with a text in place.
func (s *session) rehearse(owner, text string, replaces func(string) bool) *session {
	spec := Spec{
		Domain: s.domain, Senders: slices.Clone(s.unknown), DKIMSelectors: s.selector, MinimumPolicy: s.minimum, SendingSubdomains: s.sub,
		ReturnPaths: s.envelope, Parked: s.noMail, Addresses: s.addresses, Require: s.require,
	}
	for _, sender := range s.senders {
		spec.Senders = append(spec.Senders, sender.Key)
	}
	report := readiness.NewRecorder("email_auth", readiness.EmailAuth, s.domain, rules())
	out := newSession(s.ctx, rehearsal{s.prober, owner, text, replaces}, spec, report)
	out.policyAt, out.policy = s.policyAt, s.policy
	return out
}

// rehearsing reports whether this run only tries a remedy.
func (s *session) rehearsing() bool {
	_, ok := s.prober.Prober.(rehearsal)
	return ok
}

// holds runs part of the check and reports whether the rule is not violated.
func (s *session) holds(rule, name string, part func(*session, string)) bool {
	part(s, name)
	result, _ := s.report.Result() // it tells of rules that do not exist, which TestDefinition finds
	return !slices.ContainsFunc(result.Findings, func(f readiness.Finding) bool {
		return f.Rule == rule && f.Subject == name && f.Status == readiness.Fail
	})
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

// failDMARC reports a violation with the record that would mend it. Where a
// record above the name applies, which serves others too, it is one at the name
// itself. A record is named only if the rule holds with it.
func (s *session) failDMARC(rule, name string, severity readiness.Severity, message string) {
	remedy := ""
	if rule != "dmarc.walk_differs" && !s.rehearsing() {
		present := s.texted[name]
		wanted, hint := s.wantedDMARC(name, s.sources(name, present), rule)
		switch owner := "_dmarc." + name; {
		case wanted == "":
			remedy = hint
		case len(present) == 1 && present[0] == wanted:
		case s.rehearse(owner, wanted, meantAsDMARC).holds(rule, name, (*session).dmarc):
			remedy = replace(present, zoneLine(owner, "TXT", wanted), "launchready_dmarc_record") + hint + s.aliased(owner)
		}
	}
	s.report.FailAs(rule, name, severity, message, remedy)
}

func meantAsDMARC(text string) bool { return dmarc.IsDMARC(text) || dmarc.Resembles(text) }

// standing is a DMARC record that applies to a name, and where it stands.
type standing struct{ at, text string }

// sources are the texts that a record for the name is made of: those at the name
// itself, or else what applies to it from above, or else one at a wrong place.
func (s *session) sources(name string, present []string) []*dmarc.Record {
	var out []*dmarc.Record
	for _, text := range present {
		out = append(out, readable(text))
	}
	if stands, ok := s.standsAt[name]; ok && stands.at != name && len(out) == 0 {
		r := readable(stands.text)
		if r.PublicSuffix == "y" || dmarc.IsRegistry(stands.at) {
			return nil // what a registry wants to know is no affair of the client's
		}
		r.Policy, _ = r.For(dmarc.ExistingSubname, dmarc.RFC9989)
		r.Tags = slices.DeleteFunc(r.Tags, func(t dmarc.Tag) bool { return slices.Contains([]string{"sp", "np", "psd"}, t.Name) })
		out = append(out, r)
	}
	if text := s.misplaced[name]; text != "" && len(out) == 0 {
		out = append(out, readable(text))
	}
	return out
}

// wantedDMARC is the record that should stand at _dmarc of a name: the tags of
// the sources as far as they can be read and do no harm, and at least the wanted
// policy. Of several sources the strictest policy counts, and all addresses. It
// is empty where nobody is known to take the reports and the rule is about them.
func (s *session) wantedDMARC(name string, sources []*dmarc.Record, rule string) (wanted, hint string) {
	policy := s.minimum
	var rua, ruf []string
	for _, r := range sources {
		if r.Policy != "" && r.Policy.AtLeast(policy) {
			policy = r.Policy
		}
		for tag, list := range map[string]*[]string{"rua": &rua, "ruf": &ruf} {
			value, _ := r.Tag(tag)
			for _, uri := range dmarc.RepairURIs(value) {
				if !slices.Contains(*list, uri) {
					*list = append(*list, uri)
				}
			}
		}
	}
	tags := []dmarc.Tag{{Name: "p", Value: string(policy)}}
	if !slices.ContainsFunc(rua, func(uri string) bool { return strings.HasPrefix(strings.ToLower(uri), "mailto:") }) {
		host := s.reportsTo(name)
		switch {
		case host != "":
			rua = append(rua, "mailto:dmarc@"+host)
		case rule == "dmarc.no_rua" || rule == "dmarc.rua_syntax":
			return "", "Set launchready_dmarc_record.rua to an address in a domain that takes mail, which " + name + " does not. If that domain belongs to another organisation, it must publish " +
				zoneLine(name+"._report._dmarc.<domain>", "TXT", "v=DMARC1") + " for it."
		default:
			hint = " Add rua, with an address in a domain that takes mail, which " + name + " does not."
		}
	}
	if len(rua) > 0 {
		tags = append(tags, dmarc.Tag{Name: "rua", Value: strings.Join(rua, ",")})
	}
	seen := map[string]bool{}
	for _, r := range sources {
		for _, t := range r.Tags {
			if value := tagWanted(t.Name, sources, policy); value != "" && !seen[t.Name] {
				tags = append(tags, dmarc.Tag{Name: t.Name, Value: value})
			}
			if t.Name == "ruf" && !seen[t.Name] && len(ruf) > 0 {
				tags = append(tags, dmarc.Tag{Name: "ruf", Value: strings.Join(ruf, ",")})
			}
			seen[t.Name] = true
		}
	}
	return dmarc.Format(tags), hint
}

// tagWanted is the value of a tag that all sources agree on, if it does no harm.
func tagWanted(name string, sources []*dmarc.Record, policy dmarc.Policy) string {
	agreed := ""
	for i, r := range sources {
		given, _ := r.Tag(name)
		value := strings.ToLower(given)
		switch name {
		case "sp", "np":
			if p := dmarc.Policy(value); !p.Valid() || !p.AtLeast(policy) {
				return ""
			}
		case "psd":
			if value != "n" {
				return ""
			}
		case "adkim", "aspf":
			switch value {
			case "strict":
				value = "s"
			case "relaxed":
				value = "r"
			}
			if value != "s" && value != "r" {
				return ""
			}
		case "fo":
			value = given
			if _, err := dmarc.Parse("v=DMARC1; p=none; fo=" + value); err != nil || value == "" {
				return ""
			}
		default:
			return ""
		}
		if i > 0 && value != agreed {
			return ""
		}
		agreed = value
	}
	return agreed
}

// reportsTo is a domain of the client's organization that takes mail, where the
// reports about a name may go without anybody's consent; empty if none is known.
func (s *session) reportsTo(name string) string {
	for _, host := range []string{name, s.domain, dmarc.OrganizationalDomain(name)} {
		if !sameOrganization(host, name) {
			continue
		}
		if mx := s.prober.Lookup(s.ctx, host, probe.TypeMX); mx.Status == probe.Found && len(mx.Records) > 0 && !nullMX(mx) {
			return host
		}
	}
	return ""
}

// readable reads a record that may be spoilt.
func readable(text string) *dmarc.Record {
	r, _ := dmarc.Parse(dmarc.Repair(text)) // what can be read is enough
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
