package api

import (
	"net/netip"
	"strings"

	"golang.org/x/net/idna"
)

// canonicalName brings the name of a record into the form the API stores: lower
// case, A-labels, FQDN without a final dot. "@" is the apex; a name that does
// not end in the zone is extended by it, without a word.
func canonicalName(name, zone string) (string, *Error) {
	name = strings.TrimSuffix(strings.TrimSpace(name), ".")
	if name == "@" {
		return zone, nil
	}
	ascii, ok := toASCII(name)
	if !ok {
		return "", invalid(codeName, "name", "DNS name is invalid.")
	}
	if ascii != zone && !strings.HasSuffix(ascii, "."+zone) {
		ascii += "." + zone
	}
	if !isName(strings.TrimPrefix(ascii, "*.")) || len(ascii) > 253 {
		return "", invalid(codeName, "name", "DNS name is invalid.")
	}
	return ascii, nil
}

// canonicalTarget brings a host that a record points at into the form the API
// stores. The root, ".", stands for "no such host" in MX, SRV and SVCB.
func canonicalTarget(host string, rootAllowed bool) (string, bool) {
	if host == "." {
		return host, rootAllowed
	}
	ascii, ok := toASCII(strings.TrimSuffix(strings.TrimSpace(host), "."))
	return ascii, ok && len(ascii) <= 253 && isName(ascii)
}

// toASCII lowers a name and turns U-labels into A-labels (RFC 5891).
// Underscores and asterisks stay.
func toASCII(name string) (string, bool) {
	if strings.IndexFunc(name, func(r rune) bool { return r > 0x7f }) < 0 {
		return strings.ToLower(name), true
	}
	profile := idna.New(idna.MapForLookup(), idna.StrictDomainName(false), idna.Transitional(false))
	ascii, err := profile.ToASCII(name)
	return ascii, err == nil
}

// isName tells whether text is labels of letters, digits, hyphens and
// underscores (RFC 1035 2.3.1, RFC 8552).
func isName(text string) bool {
	for label := range strings.SplitSeq(text, ".") {
		if label == "" || len(label) > 63 || strings.Trim(label, "abcdefghijklmnopqrstuvwxyz0123456789-_") != "" {
			return false
		}
	}
	return true
}

// proxiableAddress tells whether the edge can reach an address: neither
// Cloudflare's own nor one that is not routed. 100::, which the documentation
// uses where there is no origin, is one.
func proxiableAddress(a netip.Addr) bool {
	return !isCloudflare(a) && !a.IsPrivate() && !a.IsLoopback() && !a.IsUnspecified() &&
		!a.IsMulticast() && !a.IsLinkLocalUnicast()
}
