package emailauth

import (
	"slices"
	"strings"

	"github.com/launchready/terraform-provider-launchready/internal/mail/dmarc"
	"github.com/launchready/terraform-provider-launchready/internal/probe"
	"github.com/launchready/terraform-provider-launchready/internal/readiness"
)

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
