package dmarc

import (
	"fmt"
	"net/url"
	"strings"

	"github.com/launchready/terraform-provider-launchready/internal/mail/taglist"
)

// URI is one address for reports.
type URI struct {
	Text    string // as written, without the size
	Scheme  string // lower case: "mailto" in practice
	Address string // of mailto, decoded
	Host    string // of the address or of the URL, lower case
	Size    string // the obsolete limit after "!", such as "10m"
}

// parseURIs reads a comma-separated list and reports what is no URI.
func parseURIs(t Tag, add func(kind Kind, tag, text, remedy string)) []URI {
	var out []URI
	for piece := range strings.SplitSeq(t.Value, ",") {
		u, fault, remedy := ParseURI(piece)
		if fault != "" {
			add(BadURI, t.Name, fmt.Sprintf("%s holds %q, %s", t.Name, taglist.Clip(strings.Trim(piece, blanks)), fault), remedy)
			continue
		}
		out = append(out, u)
	}
	return out
}

// ParseURI reads one address for reports, which TLS-RPT writes in the same form
// (RFC 8460 section 3). For what is none, fault says why and remedy what to write.
func ParseURI(s string) (u URI, fault, remedy string) {
	s = strings.Trim(s, blanks)
	if s == "" {
		return u, "an empty address", "drop the comma, or the whole tag"
	}
	text, size, sized := strings.Cut(s, "!")
	if sized {
		if digits := strings.TrimRight(strings.ToLower(size), "kmgt"); len(size)-len(digits) > 1 || digits == "" || strings.Trim(digits, "0123456789") != "" {
			return u, "with a bare exclamation mark", "write it as %21"
		}
		u.Size = size
	}
	u.Text = text
	scheme, rest, ok := strings.Cut(text, ":")
	if !ok || strings.Contains(scheme, "@") || strings.Contains(scheme, ".") {
		if strings.Contains(text, "@") {
			return u, "which is an address and not a URI", "write mailto:" + text
		}
		return u, "which is not a URI", "write mailto: and an address"
	}
	u.Scheme = strings.ToLower(scheme)
	parsed, err := url.Parse(text)
	if err != nil || strings.ContainsAny(text, " \t\"<>") {
		return u, "which is not a URI", "write mailto: and an address, with special characters percent-coded"
	}
	if u.Scheme != "mailto" {
		u.Host = strings.ToLower(parsed.Hostname())
		if u.Host == "" {
			return u, "which names no host", "write mailto: and an address"
		}
		return u, "", ""
	}
	rest, _, _ = strings.Cut(rest, "?")
	address, err := url.PathUnescape(rest)
	at := strings.LastIndexByte(address, '@')
	if err != nil || at < 1 || !strings.Contains(strings.Trim(address[at+1:], "."), ".") || strings.Contains(address[:at], "@") && !strings.HasPrefix(address, `"`) {
		return u, "which is not an e-mail address", "write mailto:local-part@domain"
	}
	u.Address, u.Host = address, strings.ToLower(strings.TrimSuffix(address[at+1:], "."))
	return u, "", ""
}
