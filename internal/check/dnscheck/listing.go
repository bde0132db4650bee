package dnscheck

import (
	"fmt"
	"net/netip"
	"slices"
	"strconv"
	"strings"

	"github.com/launchready/terraform-provider-launchready/internal/probe"
)

// entry is a record of the listing, read.
type entry struct {
	name    string
	typ     probe.RecordType
	value   string     // normalised, see normalise
	target  string     // CNAME, NS, MX, SRV
	address netip.Addr // A, AAAA
	ttl     int64
	proxied bool
}

// readListing reads the records of the listing that are in the zone.
func (s *session) readListing() {
	strangers := 0
	for _, r := range s.spec.Records {
		e := entry{name: canonical(r.Name), typ: probe.RecordType(strings.ToUpper(strings.TrimSpace(r.Type))), ttl: r.TTL, proxied: r.Proxied}
		if !within(e.name, s.zone()) && !within(e.name, s.domain) {
			strangers++
			continue
		}
		e.value = normalise(e.typ, r.Content)
		switch fields := strings.Fields(e.value); e.typ {
		case probe.TypeA, probe.TypeAAAA:
			e.address, _ = netip.ParseAddr(e.value)
		case probe.TypeCNAME, probe.TypeNS, probe.TypeMX, probe.TypeSRV:
			if len(fields) > 0 {
				e.target = fields[len(fields)-1]
			}
		}
		s.entries = append(s.entries, e)
	}
	if strangers > 0 {
		s.report.Observe("records", fmt.Sprintf("%d of %d are not of this zone and were left out", strangers, len(s.spec.Records)))
	}
}

// normalise writes the RDATA of a record so that equal data are equal text.
func normalise(typ probe.RecordType, text string) string {
	text = strings.TrimSpace(text)
	switch typ {
	case probe.TypeA, probe.TypeAAAA:
		if ip, err := netip.ParseAddr(text); err == nil {
			return ip.WithZone("").String()
		}
		return strings.ToLower(text)
	case probe.TypeTXT, "SPF":
		return strings.TrimSpace(joined(text))
	case probe.TypeCAA:
		fields := strings.Fields(text)
		if len(fields) < 3 {
			return text
		}
		_, value, _ := strings.Cut(text, fields[1])
		return fields[0] + " " + strings.ToLower(fields[1]) + " " + joined(strings.TrimSpace(value))
	case probe.TypeCNAME, probe.TypeNS, probe.TypePTR, probe.TypeMX, probe.TypeSRV:
		fields := strings.Fields(text)
		if len(fields) > 0 {
			fields[len(fields)-1] = canonical(fields[len(fields)-1])
		}
		return strings.Join(fields, " ")
	default:
		text = probe.CanonicalValue(typ, text) // the one form of numbers, sizes and parameters
		fields := strings.Fields(strings.ToLower(text))
		for i, f := range fields {
			if f != "." {
				fields[i] = strings.TrimSuffix(strings.ReplaceAll(f, `"`, ""), ".")
			}
		}
		// Long hexadecimal or base64 data may be broken anywhere.
		switch typ {
		case probe.TypeDS, probe.TypeTLSA, "SSHFP", "CDS", probe.TypeDNSKEY:
			if len(fields) > 3 {
				at := map[probe.RecordType]int{"SSHFP": 2}[typ]
				if at == 0 {
					at = 3
				}
				fields = append(fields[:at:at], strings.Join(fields[at:], ""))
			}
		}
		return strings.Join(fields, " ")
	}
}

// joined is the text of quoted character-strings, or text that is not quoted
// as it stands (RFC 1035 5.1).
func joined(text string) string {
	if !strings.HasPrefix(text, `"`) {
		return text
	}
	var b strings.Builder
	inside := false
	for i := 0; i < len(text); i++ {
		switch c := text[i]; {
		case c == '"':
			inside = !inside
		case c == '\\' && i+1 < len(text):
			if n, err := strconv.ParseUint(text[i+1:min(i+4, len(text))], 10, 8); err == nil && i+4 <= len(text) {
				b.WriteByte(byte(n)) // \DDD
				i += 3
				continue
			}
			i++
			b.WriteByte(text[i])
		case inside:
			b.WriteByte(c)
		}
	}
	return b.String()
}

// value is the RDATA of a record on the wire, normalised.
func value(r probe.Record) string {
	switch r.Type {
	case probe.TypeTXT:
		return strings.TrimSpace(r.Value)
	case probe.TypeCAA:
		return fmt.Sprintf("%d %s %s", r.CAAFlag, r.CAATag, r.CAAValue)
	default:
		return normalise(r.Type, r.Value)
	}
}

// owners returns the names of the entries that are chosen, sorted.
func (s *session) owners(chosen func(entry) bool) []string {
	var out []string
	for _, e := range s.entries {
		if chosen(e) {
			out = append(out, e.name)
		}
	}
	return sorted(out)
}

// isWeb reports whether visitors could come to a name for a web site: it is not
// that of a service, a validation, or a host of mail and infrastructure.
func (s *session) isWeb(name string) bool {
	if !within(name, s.zone()) || strings.Contains(name, "*") {
		return false
	}
	for label := range strings.SplitSeq(name, ".") {
		if strings.HasPrefix(label, "_") {
			return false
		}
	}
	first, _, _ := strings.Cut(name, ".")
	if name != s.zone() && slices.Contains(infrastructure(), strings.TrimRight(first, "0123456789")) {
		return false
	}
	return !slices.ContainsFunc(s.entries, func(e entry) bool {
		return (e.typ == probe.TypeMX || e.typ == probe.TypeNS || e.typ == probe.TypeSRV) && e.target == name ||
			e.name == name && name != s.zone() && (e.typ == probe.TypeMX || e.typ == probe.TypeNS)
	})
}

// infrastructure lists first labels, without digits at their end, of hosts that
// serve no site.
func infrastructure() []string {
	return []string{
		"mail", "smtp", "imap", "pop", "mx", "mta", "relay", "bounce", "bounces", "pm-bounces", "em", "send", "return",
		"ftp", "sftp", "ssh", "ns", "dns", "vpn", "sip", "sips", "turn", "stun", "lyncdiscover", "ldap", "ntp", "rdp", "db", "mysql", "postgres", "redis",
		"autodiscover", "autoconfig", "mta-sts", "enterpriseregistration", "enterpriseenrollment", "msoid", "localhost",
	}
}

// commonLabels are tried where no listing is given.
func commonLabels() []string {
	return []string{
		"www", "app", "api", "admin", "portal", "members", "member", "account", "accounts", "login", "auth", "sso", "id",
		"my", "dashboard", "console", "staging", "stage", "dev", "test", "beta", "demo", "preview", "uat", "qa", "sandbox", "old", "new", "legacy", "v1", "v2",
		"blog", "news", "shop", "store", "pay", "billing", "docs", "help", "support", "status", "forum", "community", "wiki", "events", "learn", "academy", "courses",
		"cdn", "static", "assets", "media", "img", "images", "files", "download", "upload", "go", "links", "link", "email", "mail", "webmail", "smtp", "imap", "mx",
		"ftp", "direct", "origin", "cpanel", "web", "m", "mobile", "careers", "jobs", "partners", "intranet", "vpn", "remote", "git", "ci", "grafana", "monitor", "autodiscover",
	}
}

// commonServices are owners of SRV records that are tried without a listing.
func commonServices() []string {
	return []string{
		"_autodiscover._tcp", "_imaps._tcp", "_submission._tcp", "_sip._tls", "_sipfederationtls._tcp", "_xmpp-client._tcp", "_xmpp-server._tcp",
		"_caldavs._tcp", "_carddavs._tcp", "_matrix._tcp", "_ldap._tcp", "_minecraft._tcp",
	}
}
