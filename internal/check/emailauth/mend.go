package emailauth

import (
	"context"
	"fmt"
	"slices"
	"strings"

	"github.com/launchready/terraform-provider-launchready/internal/mail/senders"
	"github.com/launchready/terraform-provider-launchready/internal/probe"
	"github.com/launchready/terraform-provider-launchready/internal/readiness"
)

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
