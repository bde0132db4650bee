package emailauth

import (
	"errors"
	"fmt"
	"slices"
	"strings"

	"github.com/launchready/terraform-provider-launchready/internal/mail/dmarc"
	"github.com/launchready/terraform-provider-launchready/internal/mail/spf"
	"github.com/launchready/terraform-provider-launchready/internal/readiness"
)

// dmarcOfRecord are the rules that need a record that applies to the domain.
var dmarcOfRecord = []string{
	"dmarc.p_missing", "dmarc.not_enforced", "dmarc.test_mode", "dmarc.subdomain_gap", "dmarc.removed_tag", "dmarc.no_rua", "dmarc.rua_syntax",
	"dmarc.rua_unauthorised", "dmarc.walk_differs", "dmarc.psd_misuse",
}

// dmarc decides the rules of DMARC for one From domain.
func (s *session) dmarc(name string) {
	walk := dmarc.Walk(s.ctx, s.policies, name)
	list := dmarc.ByPublicSuffix(s.ctx, s.policies, name)
	own := walk.Steps[0]
	all := append([]string{"dmarc.missing", "dmarc.multiple", "dmarc.syntax", "dmarc.wrong_place"}, dmarcOfRecord...)
	if own.Err != nil {
		s.policyUnknown(name, reasonOf(own.Err))
		each(all, func(rule string) {
			s.report.Inconclusive(rule, name, reasonOf(own.Err))
		})
		return
	}
	s.observeDMARC(name, walk, list)
	s.texted[name] = own.Records
	if len(own.Records) == 0 {
		s.texted[name] = slices.DeleteFunc(slices.Clone(own.TXT), func(text string) bool { return !dmarc.Resembles(text) })
	}
	notApplicable := func(why string, rules ...string) {
		each(rules, func(rule string) { s.report.NotApplicable(rule, name, why) })
	}
	if len(own.Records) > 1 {
		s.failDMARC("dmarc.multiple", name, "", fmt.Sprintf("%d DMARC records stand at _dmarc.%s, so that receivers discard all of them", len(own.Records), name))
		notApplicable("there is more than one record: see dmarc.multiple", append([]string{"dmarc.missing", "dmarc.syntax", "dmarc.wrong_place"}, dmarcOfRecord...)...)
		return
	}
	s.report.Pass("dmarc.multiple", name, "at most one DMARC record is published")

	record, at := walk.Record, walk.Found
	switch {
	case len(own.Records) == 1 && appliesAt(own.Records[0]):
		record, _ = dmarc.Parse(own.Records[0])
		at = name
	case walk.Err != nil:
		why := reasonOf(walk.Err)
		s.policyUnknown(name, why)
		each(append([]string{"dmarc.missing", "dmarc.syntax"}, dmarcOfRecord...), func(rule string) { s.report.Inconclusive(rule, name, why) })
		s.dmarcWrongPlace(name, own)
		return
	}
	if name == s.domain {
		s.policyAt = at
	}
	if record != nil {
		s.standsAt[name] = standing{at, record.Text}
	}
	judged, where := record, at
	if record == nil && len(own.Records) == 1 {
		judged, _ = dmarc.Parse(own.Records[0]) // discarded, and its faults are to be told
		where = name
	}
	faulty := s.dmarcSyntax(name, own, judged, where)
	s.dmarcWrongPlace(name, own)
	if record == nil {
		message := "no DMARC record applies"
		if len(own.Records) == 1 {
			message = "receivers discard the record, which has neither a readable policy nor an address for reports: " + quote(own.Records[0])
		} else if faulty {
			message = "the text at _dmarc." + name + " is no DMARC record to receivers, and no other applies"
		}
		s.failDMARC("dmarc.missing", name, "", message)
		rest := dmarcOfRecord
		if len(own.Records) == 1 {
			s.failDMARC(rest[0], name, "", "the record has no policy that can be read")
			rest = rest[1:]
		}
		notApplicable("no DMARC record applies: see dmarc.missing", rest...)
		return
	}
	s.report.Pass("dmarc.missing", name, "the record at _dmarc."+at+" applies")
	if name == s.domain {
		s.policy = record
	}
	s.dmarcPolicy(name, record, at, list)
	s.dmarcDialects(name, at, walk, list)
	if s.judgedElsewhere(name, at) {
		notApplicable("the record of "+at+" is inherited and is judged there", "dmarc.test_mode", "dmarc.subdomain_gap", "dmarc.removed_tag", "dmarc.no_rua",
			"dmarc.rua_syntax", "dmarc.rua_unauthorised", "dmarc.psd_misuse")
		return
	}
	s.dmarcLint(name, record, at, walk)
	s.dmarcReports(name, record, at)
}

// appliesAt reports whether receivers heed a record; without p and rua they
// discard it (RFC 9989 section 4.10.1).
func appliesAt(text string) bool {
	r, _ := dmarc.Parse(text)
	return r.Applies()
}

// policyUnknown notes why no record of the domain is known.
func (s *session) policyUnknown(name, why string) {
	if name == s.domain {
		s.policyOpen = why
	}
}

// judgedElsewhere reports whether a record that applies to name has a judgement
// of its own: that of the domain, or of another name that mail is sent from.
func (s *session) judgedElsewhere(name, at string) bool {
	return at != name && name != s.domain && (at == s.policyAt || slices.Contains(s.sub, at))
}

// dmarcSyntax reports texts that were meant as a record and are none, and
// errors within the record that applies. It is true if there was any of the first.
func (s *session) dmarcSyntax(name string, own dmarc.Step, record *dmarc.Record, at string) (discarded bool) {
	const rule = "dmarc.syntax"
	failed := false
	for _, text := range own.TXT {
		// Beside a record that counts, such a text does no harm.
		if len(own.Records) == 0 && dmarc.Resembles(text) {
			_, err := dmarc.Parse(text)
			var problems dmarc.Problems
			_ = errors.As(err, &problems)
			failed, discarded = true, true
			s.failDMARC(rule, name, "", problems.Of(dmarc.BadVersion).Error()+": "+quote(text))
		}
	}
	if record != nil && !s.judgedElsewhere(name, at) {
		_, err := dmarc.Parse(record.Text)
		var problems dmarc.Problems
		_ = errors.As(err, &problems)
		var messages []string
		for _, p := range problems.Of(dmarc.BadSyntax) {
			failed = true
			messages = append(messages, p.Error())
		}
		s.failEach(rule, name, "faults", messages)
		for _, issue := range dmarc.Lint(record, false) {
			if issue.Kind == dmarc.UpperCase {
				failed = true
				s.failDMARC(rule, name, readiness.Low, issue.Message)
			}
		}
	}
	switch {
	case failed:
	case record == nil:
		s.report.NotApplicable(rule, name, "there is no DMARC record")
	default:
		s.report.Pass(rule, name, "the record can be parsed")
	}
	return discarded
}

// dmarcPolicy decides whether the policy that receivers apply is strict enough
// under both dialects.
func (s *session) dmarcPolicy(name string, record *dmarc.Record, at string, list dmarc.Discovery) {
	if problems, bad := parseProblems(record); bad && len(problems.Of(dmarc.BadPolicy)) > 0 {
		message := problems.Of(dmarc.BadPolicy).Error()
		if !record.Applies() {
			message += "; without a policy and without rua receivers discard the record"
		}
		s.failDMARC("dmarc.p_missing", name, "", message)
	} else {
		s.report.Pass("dmarc.p_missing", name, "the record states its policy")
	}
	scope := dmarc.OwnName
	if at != name {
		scope = dmarc.ExistingSubname
	}
	policy, because := record.Effective(scope, dmarc.RFC9989)
	dialects := []dmarc.Discovery{list}
	if at == name {
		dialects[0] = dmarc.Discovery{Domain: name, Dialect: dmarc.RFC7489, Record: record, Found: name}
	}
	for _, d := range dialects {
		if d.Record == nil || d.Err != nil {
			continue
		}
		if older, why := d.Effective(true); !older.AtLeast(policy) {
			policy, because = older, why
		}
	}
	if at != name {
		because += " in the record of " + at
	}
	if !policy.AtLeast(s.minimum) {
		wanted := string(s.minimum)
		if s.minimum != dmarc.Reject {
			wanted += " or stricter"
		}
		s.failDMARC("dmarc.not_enforced", name, "", because+"; wanted "+wanted)
		return
	}
	s.report.Pass("dmarc.not_enforced", name, because)
}

func parseProblems(record *dmarc.Record) (dmarc.Problems, bool) {
	_, err := dmarc.Parse(record.Text)
	var problems dmarc.Problems
	bad := errors.As(err, &problems)
	return problems, bad
}

// dmarcDialects compares the record that the tree walk finds with the one that
// older receivers find.
func (s *session) dmarcDialects(name string, at string, walk, list dmarc.Discovery) {
	const rule = "dmarc.walk_differs"
	switch {
	case list.Err != nil:
		s.report.Inconclusive(rule, name, reasonOf(list.Err))
	case at == name || list.Found == walk.Found:
		s.report.Pass(rule, name, "receivers of RFC 9989 and of RFC 7489 find the same record")
	default:
		older := "none"
		if list.Found != "" {
			older = "that of " + list.Found
		}
		s.failDMARC(rule, name, "", fmt.Sprintf("receivers of RFC 9989 apply the record of %s, those of RFC 7489 %s", at, older))
	}
}

// dmarcLint reports the weaknesses of the record that applies.
func (s *session) dmarcLint(name string, record *dmarc.Record, at string, walk dmarc.Discovery) {
	// A record above the name is judged for it only where nothing else judges it.
	stands := at == name || name != s.domain
	organizational := stands && (walk.Organizational == at || walk.Organizational == "" && dmarc.OrganizationalDomain(at) == at)
	rules := map[dmarc.IssueKind]string{dmarc.TestMode: "dmarc.test_mode", dmarc.SubdomainGap: "dmarc.subdomain_gap", dmarc.RemovedTag: "dmarc.removed_tag", dmarc.NoAggregate: "dmarc.no_rua"}
	failed := map[string]bool{}
	for _, issue := range dmarc.Lint(record, organizational) {
		rule, ok := rules[issue.Kind]
		if !ok {
			continue
		}
		failed[rule] = true
		severity := readiness.Severity("")
		if issue.Kind == dmarc.SubdomainGap && issue.Policy.AtLeast(s.minimum) {
			severity = readiness.Low // weaker than p, but still as strict as wanted
		}
		s.failDMARC(rule, name, severity, issue.Message)
	}
	if !organizational {
		failed["dmarc.subdomain_gap"] = true
		s.report.NotApplicable("dmarc.subdomain_gap", name, "sp and np count only in the record of an organizational domain")
	}
	if _, given := record.Tag("rua"); given && len(record.Aggregate) == 0 && !failed["dmarc.no_rua"] {
		failed["dmarc.no_rua"] = true
		s.report.NotApplicable("dmarc.no_rua", name, "no address in rua can be read: see dmarc.rua_syntax")
	}
	for rule, good := range map[string]string{
		"dmarc.test_mode": "the policy applies to all mail", "dmarc.subdomain_gap": "subdomains are as well protected as the domain",
		"dmarc.removed_tag": "no removed tag is used", "dmarc.no_rua": "aggregate reports have an address",
	} {
		if !failed[rule] {
			s.report.Pass(rule, name, good)
		}
	}
	if record.PublicSuffix == "y" && !dmarc.IsRegistry(at) {
		s.failDMARC("dmarc.psd_misuse", name, "", "psd=y says that "+at+" is a registry: names below it are then organizations of their own")
	} else {
		s.report.Pass("dmarc.psd_misuse", name, "the record does not pose as a registry's")
	}
}

// dmarcWrongPlace looks for records where nobody asks for them. A copy beside
// a record at the right place does no harm.
func (s *session) dmarcWrongPlace(name string, own dmarc.Step) {
	const rule = "dmarc.wrong_place"
	if len(own.Records) == 1 {
		s.report.Pass(rule, name, "the DMARC record stands where receivers look")
		return
	}
	wild, answer := s.texts(control + "." + name)
	found, open := false, ""
	if !answer.Status.Decided() {
		open = undecided(answer)
	}
	for _, text := range own.TXT {
		if spf.IsSPF(text) && open == "" && !slices.Contains(wild, text) {
			found = true
			s.failDMARC(rule, name, "", fmt.Sprintf("an SPF record stands at _dmarc.%s: %s", name, quote(text)))
		}
	}
	for _, place := range []string{name, "_dmarc." + name + "." + name, "dmarc." + name, "_dmarc._dmarc." + name} {
		texts, answer := s.texts(place)
		if !answer.Status.Decided() {
			open = undecided(answer)
			continue
		}
		for _, text := range texts {
			if (dmarc.IsDMARC(text) || dmarc.Resembles(text)) && (place == name || open == "" && !slices.Contains(wild, text)) {
				found = true
				s.misplaced[name] = text
				s.failDMARC(rule, name, "", fmt.Sprintf("a DMARC record stands at %s, where no receiver looks: %s", place, quote(text)))
			}
		}
	}
	switch {
	case found:
	case open != "":
		s.report.Inconclusive(rule, name, open)
	default:
		s.report.Pass(rule, name, "no DMARC record was found at the usual wrong places")
	}
}

func (s *session) observeDMARC(name string, walk, list dmarc.Discovery) {
	var lines []string
	for _, step := range walk.Steps {
		switch {
		case step.Err != nil:
			lines = append(lines, reasonOf(step.Err))
		case len(step.Records) > 0:
			lines = append(lines, "_dmarc."+step.Domain+": "+strings.Join(step.Records, " | "))
		default:
			lines = append(lines, "_dmarc."+step.Domain+": no record")
		}
	}
	s.observe("dmarc_records", name, strings.Join(lines, "\n"))
	newer, why := walk.Effective(true)
	older, olderWhy := list.Effective(true)
	s.observe("dmarc_policy", name, fmt.Sprintf("%s (%s) by RFC 9989; %s (%s) by RFC 7489", newer, why, older, olderWhy))
}
