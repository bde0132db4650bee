package check

import (
	"net/netip"
	"net/url"
	"strings"

	"golang.org/x/net/idna"
)

// CanonicalHost is a host in lower case as A-labels (RFC 5890), as it stands in
// redirects, certificates and findings, or an address in its one text form,
// without brackets.
func CanonicalHost(host string) string {
	host = strings.ToLower(strings.TrimSuffix(strings.TrimSpace(host), "."))
	if ip, err := netip.ParseAddr(strings.TrimSuffix(strings.TrimPrefix(host, "["), "]")); err == nil {
		return ip.Unmap().String()
	}
	if ascii, err := idna.Lookup.ToASCII(host); err == nil {
		return ascii
	}
	return host
}

// PlainURL is an address as findings show it: without user, fragment and query,
// which may hold a token; "?..." stands for a query.
func PlainURL(u *url.URL) string {
	shown := (&url.URL{Scheme: u.Scheme, Host: u.Host, Path: u.Path, RawPath: u.RawPath}).String()
	if u.RawQuery != "" {
		shown += "?..."
	}
	return shown
}

// PlainAddress is PlainURL of an address as it was received.
func PlainAddress(raw string) string {
	u, err := url.Parse(raw)
	if err != nil {
		return "an address that cannot be read"
	}
	return PlainURL(u)
}

// Each reports the same outcome for several rules.
func Each(rules []string, subject, message string, report func(rule, subject, message string)) {
	for _, rule := range rules {
		report(rule, subject, message)
	}
}
