package cloudflare

import (
	"errors"
	"fmt"
	"strings"
	"sync"
	"unicode/utf8"

	"golang.org/x/net/idna"
	"golang.org/x/net/publicsuffix"
)

const (
	maxLabel = 63  // bytes, RFC 1035, section 2.3.4
	maxName  = 253 // characters without the trailing dot
)

// labels encodes single labels: mapped as look-ups are (UTS 46), underscores
// allowed, because DNS names are wider than host names.
var labels = sync.OnceValue(func() *idna.Profile {
	return idna.New(idna.MapForLookup(), idna.BidiRule(), idna.StrictDomainName(false))
})

// NormalizeName returns the full name of a record in the form in which
// Cloudflare stores it: lower case, A-labels, no trailing dot.
//
// A name is the zone itself ("@", "", "acme.example"), within it
// ("www.acme.example") or relative to it ("www", "_dmarc.news", "*.app").
// Cloudflare silently extends every other name by the zone, so that
// "mail.other.net" becomes "mail.other.net.acme.example"; here a name that looks
// absolute is refused: it ends in a dot, in the zone's top-level domain or in a
// public suffix (https://publicsuffix.org). Labels up to the last one with an
// underscore or a star do not count, so "k1._domainkey.news" is relative. Who
// means a relative name such as "api.dev" writes it in full.
func NormalizeName(name, zone string) (string, error) {
	zone, err := CanonicalName(zone)
	if err != nil {
		return "", fmt.Errorf("zone: %w", err)
	}
	trimmed := strings.TrimSpace(name)
	if trimmed == "@" || trimmed == "" {
		return zone, nil
	}
	full, err := CanonicalName(trimmed)
	if err != nil {
		return "", err
	}
	if full == zone || strings.HasSuffix(full, "."+zone) {
		return full, nil
	}
	if strings.HasSuffix(trimmed, ".") || looksAbsolute(full, zone) {
		return "", fmt.Errorf("%q is not in zone %s. If it is meant relative to the zone, write %q", name, zone, full+"."+zone)
	}
	full += "." + zone
	if len(full) > maxName {
		return "", fmt.Errorf("%q is longer than %d characters", full, maxName)
	}
	return full, nil
}

func looksAbsolute(name, zone string) bool {
	parts := strings.Split(name, ".")
	for i := len(parts) - 1; i >= 0; i-- {
		if strings.HasPrefix(parts[i], "_") || parts[i] == "*" {
			parts = parts[i+1:]
			break
		}
	}
	if len(parts) < 2 {
		return false
	}
	last := parts[len(parts)-1]
	if last == zone[strings.LastIndex(zone, ".")+1:] || last == "example" { // example: RFC 6761
		return true
	}
	suffix, managed := publicsuffix.PublicSuffix(strings.Join(parts, "."))
	// Rules of private owners, such as github.io, have a dot; an unknown top level has none.
	return managed || strings.Contains(suffix, ".")
}

// CanonicalName returns a name as Cloudflare stores it, full and without regard
// to a zone: lower case, A-labels (RFC 5890), no trailing dot. It refuses what no
// record can have: empty labels, labels over 63 and names over 253 bytes.
func CanonicalName(name string) (string, error) {
	name = strings.TrimSpace(name)
	if !utf8.ValidString(name) {
		return "", errors.New("the name is not valid UTF-8")
	}
	if !isASCII(name) {
		name = strings.NewReplacer("\u3002", ".", "\uff0e", ".", "\uff61", ".").Replace(name) // dots of UTS 46
	}
	name = strings.TrimSuffix(name, ".")
	if name == "" {
		return "", errors.New("the name is empty")
	}
	parts := strings.Split(name, ".")
	for i, label := range parts {
		if !isASCII(label) {
			encoded, err := labels().ToASCII(label)
			if err != nil {
				return "", fmt.Errorf("label %q of %q cannot be encoded: %w", label, name, err)
			}
			label = encoded
		}
		label = strings.ToLower(label)
		parts[i] = label
		switch {
		case label == "":
			return "", fmt.Errorf("%q has an empty label", name)
		case len(label) > maxLabel:
			return "", fmt.Errorf("label %q is longer than %d bytes", label, maxLabel)
		case strings.Contains(label, "*") && (label != "*" || i > 0):
			return "", fmt.Errorf("%q has a star that is not the whole first label", name)
		case strings.ContainsFunc(label, func(r rune) bool { return r <= ' ' || r >= 0x7f || strings.ContainsRune(`.@"\;()`, r) }):
			return "", fmt.Errorf("label %q of %q has a character that names cannot have", label, name)
		}
	}
	name = strings.Join(parts, ".")
	if len(name) > maxName {
		return "", fmt.Errorf("%q is longer than %d characters", name, maxName)
	}
	return name, nil
}

// canonicalHost is CanonicalName for names that others have checked: what cannot
// be encoded is only lowered.
func canonicalHost(name string) string {
	if canonical, err := CanonicalName(name); err == nil {
		return canonical
	}
	if name == "." {
		return name
	}
	return strings.ToLower(strings.TrimSuffix(strings.TrimSpace(name), "."))
}

func isASCII(s string) bool {
	return !strings.ContainsFunc(s, func(r rune) bool { return r > 0x7f })
}
