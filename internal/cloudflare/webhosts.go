package cloudflare

import (
	"slices"
	"strings"
)

// WebHosts are the names of a zone that serve a site, sorted: those with an
// address or an alias, but for wildcards, names of services (with an underscore),
// targets of MX, SRV and NS records, and unproxied names that by custom are for
// mail, files, name service or devices.
func WebHosts(records []Record) []string {
	targets := map[string]bool{}
	for _, r := range records {
		switch r.Type {
		case "MX", "NS":
			targets[canonicalHost(r.Content)] = true
		case "SRV":
			targets[canonicalHost(textAt(r.Data, "target"))] = true
		}
	}
	var out []string
	for _, r := range records {
		label, _, _ := strings.Cut(r.Name, ".")
		switch {
		case !proxiableType(r.Type), strings.Contains(r.Name, "_"), label == "*":
		case !r.Proxied && (targets[r.Name] || notForWeb(label)):
		default:
			out = append(out, r.Name)
		}
	}
	slices.Sort(out)
	return slices.Compact(out)
}

func notForWeb(label string) bool {
	label = strings.TrimRight(label, "0123456789")
	return slices.Contains([]string{
		"mail", "smtp", "imap", "pop", "mx", "mta", "relay", "bounce", "bounces", "pm-bounces", "cf-bounce", "em", "send", "return",
		"ftp", "sftp", "ssh", "ns", "dns", "vpn", "sip", "sips", "turn", "stun", "ldap", "ntp", "rdp", "db", "mysql", "postgres", "redis",
		"autodiscover", "autoconfig", "mta-sts", "lyncdiscover", "msoid", "enterpriseregistration", "enterpriseenrollment", "localhost",
	}, label)
}
