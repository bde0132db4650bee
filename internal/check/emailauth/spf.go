package emailauth

import (
	"errors"
	"fmt"
	"slices"
	"strings"

	"github.com/launchready/terraform-provider-launchready/internal/mail/dmarc"
	"github.com/launchready/terraform-provider-launchready/internal/mail/senders"
	"github.com/launchready/terraform-provider-launchready/internal/mail/spf"
	"github.com/launchready/terraform-provider-launchready/internal/probe"
	"github.com/launchready/terraform-provider-launchready/internal/readiness"
)

// spfOfRecord are the rules that need one record that can be parsed.
var spfOfRecord = []string{
	"spf.lookup_limit", "spf.lookup_headroom", "spf.void_limit", "spf.include_broken", "spf.loop", "spf.takeover", "spf.permissive", "spf.no_all",
	"spf.ptr", "spf.wide_range", "spf.dead_term", "spf.sender_missing", "spf.unneeded_include", "spf.undeclared_include",
}

// spf decides the rules of SPF for one name that mail is sent from.
func (s *session) spf(name string) {
	tree := spf.Walk(s.ctx, s.resolver, name)
	root := tree.Root
	s.trees[name] = tree
	if i := slices.IndexFunc(tree.Problems, func(p spf.Problem) bool { return p.Kind == spf.Unknown && len(p.Path) == 1 && p.Term == "" }); i >= 0 {
		why := tree.Problems[i].Detail
		if name == s.domain {
			s.spfOpen = why
		}
		each(append([]string{"spf.missing", "spf.multiple", "spf.syntax", "spf.size", "spf.whitespace", "spf.wrong_place", "spf.senderid"}, spfOfRecord...),
			func(rule string) { s.report.Inconclusive(rule, name, why) })
		return
	}
	s.observe("spf_record", name, clipped(strings.Join(root.Records, "\n")))
	s.spfText(name, root)
	notApplicable := func(why string, rules ...string) {
		each(rules, func(rule string) { s.report.NotApplicable(rule, name, why) })
	}
	switch len(root.Records) {
	case 0:
		s.spfMissing(name, root)
		notApplicable("there is no SPF record", append([]string{"spf.multiple", "spf.syntax", "spf.size"}, spfOfRecord...)...)
		s.spfWrongPlace(name)
		return
	case 1:
		s.report.Pass("spf.multiple", name, "one SPF record is published")
	default:
		var lines []string
		for _, text := range root.Records {
			lines = append(lines, quote(text))
		}
		s.failSPF("spf.multiple", name, "", fmt.Sprintf("%d SPF records are published, so that receivers use none of them: %s", len(lines), strings.Join(lines, ", ")))
		notApplicable("there is more than one SPF record: see spf.multiple", append([]string{"spf.syntax"}, spfOfRecord...)...)
	}
	s.report.Pass("spf.missing", name, "an SPF record is published")
	s.report.Pass("spf.wrong_place", name, "the SPF record stands where receivers look")
	s.spfSize(name, root)
	if len(root.Records) > 1 {
		return
	}
	if !s.spfSyntax(name, root) {
		notApplicable("receivers give up at the syntax error: see spf.syntax", spfOfRecord...)
		return
	}
	s.observe("spf_tree", name, clipped(tree.String()))
	if name == s.domain {
		s.silent = denies(root)
		s.authorises = !s.silent
	}
	s.spfBudget(name, tree)
	s.spfReach(name, tree)
	s.spfTakeover(name, tree)
	s.spfWidth(name, tree)
	s.spfEnd(name, tree)
	s.spfOwnTerms(name, tree)
	s.spfSenders(name, tree)
}

// spfMissing reports that there is no record, as less grave for the domain
// itself if no sender that was declared has it in the return path.
func (s *session) spfMissing(name string, root *spf.Node) {
	message := "no SPF record is published" + nearMiss(root)
	switch why, open := s.sentElsewhere(name); {
	case why != "":
		s.report.NotApplicable("spf.missing", name, why)
		return
	case open != "":
		s.report.Inconclusive("spf.missing", name, open)
		return
	}
	elsewhere := name == s.domain && len(s.senders) > 0 && len(s.unknown) == 0 &&
		!slices.ContainsFunc(s.senders, func(sender senders.Sender) bool { return sender.Apex != senders.ApexUseless })
	if !elsewhere {
		s.failSPF("spf.missing", name, "", message)
		return
	}
	s.report.FailAs("spf.missing", name, readiness.Low, message+"; every declared sender has a return path of its own, so that nobody needs to be authorised here",
		`Publish "v=spf1 -all" at the name: launchready_spf_record without senders, with all = "-all".`)
}

// sentElsewhere says why a name below the organizational domain needs no record of
// its own: what is sent from it has another return path, which is where receivers
// ask. Empty if nothing shows that, with the question that went unanswered.
func (s *session) sentElsewhere(name string) (why, open string) {
	if dmarc.OrganizationalDomain(name) == name {
		return "", ""
	}
	for _, sender := range s.senders {
		if sender.Apex != senders.ApexUseless {
			if name == s.domain {
				return "", ""
			}
			continue
		}
		if sender.ReturnPathAt == "" {
			continue
		}
		path := sender.ReturnPathAt + "." + name
		switch mx := s.prober.Lookup(s.ctx, path, probe.TypeMX); {
		case mx.Status == probe.Found:
			return sender.Title + " sends from here with the return path " + path, ""
		case !mx.Status.Decided():
			open = undecided(mx)
		}
	}
	return "", open
}

// clipped bounds what is kept of a text that anybody may have made long.
func clipped(text string) string {
	if len(text) > maximumObserved {
		return text[:maximumObserved] + "..."
	}
	return text
}

const maximumObserved = 4096

// nearMiss quotes a text that was probably meant as an SPF record.
func nearMiss(root *spf.Node) string {
	for _, strs := range root.TXT {
		text := strings.Join(strs, "")
		if lower := strings.ToLower(text); strings.HasPrefix(lower, "v=spf") || strings.HasPrefix(lower, "spf1") || strings.HasPrefix(lower, "spf=") {
			return "; receivers do not take this for one: " + quote(text)
		}
	}
	return ""
}

// spfSyntax reports the errors of grammar, and terms that mean something else
// than their author thought. It is false if the record cannot be parsed.
func (s *session) spfSyntax(name string, root *spf.Node) bool {
	var errs spf.SyntaxErrors
	if errors.As(root.Err, &errs) {
		for _, e := range errs[:min(len(errs), shown)] {
			s.failSPF("spf.syntax", name, "", e.Error())
		}
		if more := len(errs) - shown; more > 0 {
			s.failSPF("spf.syntax", name, "", fmt.Sprintf("%d more terms cannot be parsed", more))
		}
		return false
	}
	typos := false
	for _, issue := range spf.Lint(root.Record) {
		if issue.Kind == spf.Typo {
			typos = true
			s.failSPF("spf.syntax", name, readiness.High, issue.Message)
		}
	}
	if !typos {
		s.report.Pass("spf.syntax", name, "the record can be parsed")
	}
	return true
}

// spfBudget decides the limits of RFC 7208 section 4.6.4.
func (s *session) spfBudget(name string, tree *spf.Tree) {
	const limit, headroom, void = "spf.lookup_limit", "spf.lookup_headroom", "spf.void_limit"
	incomplete := firstProblem(tree, spf.Unknown)
	figure := fmt.Sprintf("%d of %d look-ups in the worst case", tree.Lookups, spf.LookupLimit)
	if tree.Dynamic {
		figure = "at least " + figure + " (a term depends on the message)"
	}
	over := tree.Lookups > spf.LookupLimit
	for _, p := range tree.Problems {
		if p.Kind == spf.MXCount {
			s.failSPF(limit, name, "", p.String())
		}
	}
	switch {
	case tree.Has(spf.Loop):
		each([]string{limit, headroom}, func(rule string) {
			s.report.NotApplicable(rule, name, "the record has a loop, so that every evaluation ends in an error: see spf.loop")
		})
	case over:
		message := fmt.Sprintf("%s; after the tenth an evaluation ends in an error", figure)
		if late := beyondLimit(tree.Root); len(late) > 0 {
			message += ", which hits " + some(late)
		}
		s.failSPF(limit, name, "", message+"\n"+indent(tree.String()))
		s.report.NotApplicable(headroom, name, "the limit is exceeded: see spf.lookup_limit")
	case incomplete != "":
		each([]string{limit, headroom}, func(rule string) { s.report.Inconclusive(rule, name, incomplete) })
	default:
		if !tree.Has(spf.MXCount) {
			s.report.Pass(limit, name, figure)
		}
		if tree.Headroom() <= 1 {
			s.failSPF(headroom, name, "", fmt.Sprintf("%s: %d left for what a provider may add any day\n%s", figure, tree.Headroom(), indent(tree.String())))
		} else {
			s.report.Pass(headroom, name, figure)
		}
	}
	voids := fmt.Sprintf("%d of %d void look-ups", tree.Voids, spf.VoidLimit)
	switch {
	case tree.Voids > spf.VoidLimit:
		s.failSPF(void, name, "", voids+": "+some(voidTerms(tree, spf.Void)))
	case incomplete != "":
		s.report.Inconclusive(void, name, incomplete)
	case tree.VoidsV6 > spf.VoidLimit:
		s.failSPF(void, name, readiness.Info, fmt.Sprintf("%d void look-ups for senders on IPv6: %s", tree.VoidsV6,
			some(voidTerms(tree, spf.Void, spf.VoidForV6))))
	case tree.VoidsV4 > spf.VoidLimit:
		s.failSPF(void, name, readiness.Info, fmt.Sprintf("%d void look-ups for senders on IPv4: %s", tree.VoidsV4,
			some(voidTerms(tree, spf.Void, spf.VoidForV4))))
	default:
		s.report.Pass(void, name, voids)
	}
}

// beyondLimit are the terms of the record itself that the tenth look-up does not reach.
func beyondLimit(root *spf.Node) []string {
	var out []string
	for _, b := range root.Branches {
		if !b.Dead && b.Cost > 0 && b.Reach > spf.LookupLimit {
			out = append(out, b.Term.Text)
		}
	}
	return out
}

func voidTerms(tree *spf.Tree, kinds ...spf.VoidKind) []string {
	var out []string
	for node := range tree.Nodes() {
		for _, b := range node.Branches {
			if slices.Contains(kinds, b.Void) {
				out = append(out, b.Term.Text+" in "+node.Name)
			}
		}
	}
	return out
}

// shown is how many of a long list a message names.
const shown = 8

func some(list []string) string {
	if more := len(list) - shown; more > 0 {
		return strings.Join(list[:shown], ", ") + fmt.Sprintf(" and %d more", more)
	}
	return strings.Join(list, ", ")
}

// spfReach decides what an evaluation cannot get through: broken targets and loops.
func (s *session) spfReach(name string, tree *spf.Tree) {
	broken, loop := "spf.include_broken", "spf.loop"
	failed := map[string]bool{}
	for _, p := range tree.Problems {
		switch p.Kind {
		case spf.Missing, spf.Multiple, spf.Syntax:
			failed[broken] = true
			s.failSPF(broken, name, "", fmt.Sprintf("%s fails: %s", p.Term, p))
		case spf.Loop:
			failed[loop] = true
			s.failSPF(loop, name, "", p.Detail)
		}
	}
	for rule, good := range map[string]string{broken: "every include and redirect leads to a record", loop: "no include or redirect leads back"} {
		switch why := firstProblem(tree, spf.Unknown, spf.TooLarge); {
		case failed[rule]:
		case why != "":
			s.report.Inconclusive(rule, name, why)
		default:
			s.report.Pass(rule, name, good)
		}
	}
}

func firstProblem(tree *spf.Tree, kinds ...spf.ProblemKind) string {
	for _, p := range tree.Problems {
		if slices.Contains(kinds, p.Kind) {
			return p.String()
		}
	}
	return ""
}

// indent sets a tree off, so that nothing wraps its lines.
func indent(tree string) string {
	return " " + strings.ReplaceAll(strings.TrimRight(tree, "\n"), "\n", "\n ")
}
