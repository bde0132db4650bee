package emailauth

import (
	"errors"
	"fmt"
	"slices"
	"strings"

	"github.com/launchready/terraform-provider-launchready/internal/mail/dkim"
	"github.com/launchready/terraform-provider-launchready/internal/probe"
	"github.com/launchready/terraform-provider-launchready/internal/readiness"
)

// judgeKey reports every rule of one selector.
func (s *session) judgeKey(k *selector) {
	notApplicable := func(why string, rules ...string) {
		each(rules, func(rule string) { s.report.NotApplicable(rule, k.fqdn, why) })
	}
	const missing, dangling = "dkim.missing", "dkim.cname_dangling"
	because, open := s.judgeAlias(k)
	switch k.state {
	case keyUndecided:
		each(append([]string{missing}, dkimOfKey...), func(rule string) { s.report.Inconclusive(rule, k.fqdn, k.why) })
		return
	case keyAbsent:
		if because != "" {
			notApplicable("no key is published: see "+because, append([]string{missing}, dkimOfKey...)...)
			return
		}
		if open != "" {
			s.report.Inconclusive(missing, k.fqdn, "no key is published, but whether the name is proxied is not known: "+open)
			notApplicable("no key is published: see dkim.missing", dkimOfKey...)
			return
		}
		s.report.FailAs(missing, k.fqdn, "", s.absentKey(k), s.mendKey(k))
		notApplicable("no key is published: see dkim.missing", dkimOfKey...)
		return
	case keyDangling:
		if because != "" {
			notApplicable("the CNAME leads to no key: see "+because, append([]string{missing}, dkimOfKey...)...)
			return
		}
		s.report.NotApplicable(missing, k.fqdn, "the selector is a CNAME without a key behind it: see dkim.cname_dangling")
		s.report.Fail(dangling, k.fqdn, fmt.Sprintf("the CNAME leads to %s, which %s: the service is not activated, or has taken the key back", k.chain[len(k.chain)-1], k.why))
		notApplicable("no key is published: see dkim.cname_dangling", dkimOfKey[:len(dkimOfKey)-1]...)
		return
	}
	s.report.Pass(missing, k.fqdn, "a record is published")
	if len(k.chain) > 0 {
		s.report.Pass(dangling, k.fqdn, "the CNAME leads to a key at "+k.chain[len(k.chain)-1])
	} else {
		s.report.NotApplicable(dangling, k.fqdn, "the selector is not a CNAME")
	}
	if slices.ContainsFunc(k.texts, dkim.HasPrivateMaterial) {
		s.report.Fail("dkim.private_key", k.fqdn, "a private key is published")
		notApplicable("the record holds a private key: see dkim.private_key", dkimOfKey[:6]...)
		return
	}
	if len(k.texts) > 1 {
		s.report.Fail("dkim.multiple", k.fqdn, fmt.Sprintf("%d TXT records are published; receivers may take any of them", len(k.texts)))
		s.report.Pass("dkim.private_key", k.fqdn, "no private key is published")
		notApplicable("there is more than one record: see dkim.multiple", dkimOfKey[1:6]...)
		return
	}
	s.report.Pass("dkim.multiple", k.fqdn, "one record is published")
	var problems dkim.Problems
	if errors.As(k.err, &problems) {
		if problems.Private() {
			s.report.Fail("dkim.private_key", k.fqdn, "a private key is published")
			notApplicable("the record holds a private key: see dkim.private_key", dkimOfKey[1:6]...)
			return
		}
		var messages []string
		for _, p := range problems {
			messages = append(messages, p.Error())
		}
		s.failEach("dkim.syntax", k.fqdn, "faults", messages)
		s.report.Pass("dkim.private_key", k.fqdn, "no private key is published")
		notApplicable("the record cannot be used: see dkim.syntax", dkimOfKey[2:6]...)
		return
	}
	s.report.Pass("dkim.private_key", k.fqdn, "no private key is published")
	s.report.Pass("dkim.syntax", k.fqdn, "the record can be parsed")
	s.lintKey(k)
}

// lintKey reports the weaknesses of a record that can be parsed.
func (s *session) lintKey(k *selector) {
	rules := map[dkim.IssueKind]struct {
		rule     string
		severity readiness.Severity
	}{
		dkim.Revoked: {"dkim.revoked", ""}, dkim.WeakKey: {"dkim.key_size", readiness.Critical}, dkim.ShortKey: {"dkim.key_size", ""},
		dkim.LongKey: {"dkim.key_size", readiness.Low}, dkim.TestMode: {"dkim.test_flag", ""}, dkim.Restricted: {"dkim.restricted", ""},
	}
	failed := map[string]bool{}
	for _, issue := range dkim.Lint(k.key) {
		if r, ok := rules[issue.Kind]; ok {
			failed[r.rule] = true
			remedy := ""
			if issue.Kind == dkim.TestMode || issue.Kind == dkim.Restricted {
				remedy = keyAlone(k)
			}
			s.report.FailAs(r.rule, k.fqdn, r.severity, issue.Message, remedy)
		}
	}
	if k.key.Revoked {
		s.report.NotApplicable("dkim.key_size", k.fqdn, "the key is revoked")
		failed["dkim.key_size"] = true
	}
	size := fmt.Sprintf("%s, %d bits", strings.ToUpper(k.key.Type), k.key.Bits())
	for rule, good := range map[string]string{
		"dkim.revoked": "the key is not revoked", "dkim.key_size": size, "dkim.test_flag": "the key is not in test mode",
		"dkim.restricted": "the key may be used for mail",
	} {
		if !failed[rule] {
			s.report.Pass(rule, k.fqdn, good)
		}
	}
}

// absentKey says what is missing, and whether it stands at a doubled name.
func (s *session) absentKey(k *selector) string {
	message := "no key is published"
	if k.sender != "" {
		message = fmt.Sprintf("no key is published, but %s signs with this selector (a %s record)", k.sender, k.form)
	}
	doubled := k.fqdn + "." + s.domain
	texts, answer := s.texts(doubled)
	wild, _ := s.texts(control + "." + s.domain)
	if len(answer.Chain) > 0 || answer.Status == probe.Found && !slices.Equal(texts, wild) {
		message += "; a record stands at " + doubled + ", with the zone's name twice"
	}
	return message
}
