package cloudflare

import (
	"math"
	"net/netip"
	"reflect"
	"slices"
	"strings"
)

// EquivalentContent reports whether two contents of a record type are the same
// to Cloudflare: addresses by value, host names without case and trailing dot
// and in A-labels, text joined and unescaped, CAA by its parts. What it does not
// know it compares by words.
func EquivalentContent(recordType, a, b string) bool {
	switch strings.ToUpper(recordType) {
	case "A", "AAAA":
		x, errX := netip.ParseAddr(strings.TrimSpace(a))
		y, errY := netip.ParseAddr(strings.TrimSpace(b))
		if errX != nil || errY != nil {
			return a == b
		}
		return x == y
	case "CNAME", "NS", "PTR", "MX", "ALIAS":
		return canonicalHost(a) == canonicalHost(b)
	case "TXT", "SPF":
		return UnquoteTXT(a) == UnquoteTXT(b)
	case "OPENPGPKEY":
		return unspaced(a) == unspaced(b)
	case "CAA":
		return slices.Equal(caaWords(a), caaWords(b))
	}
	return slices.Equal(strings.Fields(a), strings.Fields(b))
}

// caaWords are flags, lower-case tag and unquoted value (RFC 8659, section 4.1.1).
func caaWords(content string) []string {
	words := strings.Fields(content)
	if len(words) < 3 {
		return words
	}
	value := strings.TrimSpace(content)
	for range 2 {
		_, value, _ = strings.Cut(strings.ReplaceAll(value, "\t", " "), " ")
		value = strings.TrimSpace(value)
	}
	return []string{words[0], strings.ToLower(words[1]), UnquoteTXT(value)}
}

// dataKind is how a field of a record's data is compared.
type dataKind int

const (
	kindNumber  dataKind = iota
	kindDecimal          // to a thousandth
	kindText             // exactly
	kindFold             // without case
	kindHost             // as a host name
	kindSpaced           // base64 or hexadecimal text without white space; base64 keeps its case
	kindHex              // hexadecimal, without case and white space
	kindParams           // service parameters, RFC 9460
)

// dataKinds are the fields that make a record's value. Fields beside them, such
// as service, proto and name in old SRV answers, repeat what is elsewhere.
func dataKinds(recordType string) map[string]dataKind {
	switch recordType {
	case "SRV":
		return map[string]dataKind{"priority": kindNumber, "weight": kindNumber, "port": kindNumber, "target": kindHost}
	case "CAA":
		return map[string]dataKind{"flags": kindNumber, "tag": kindFold, "value": kindText}
	case "TLSA", "SMIMEA":
		return map[string]dataKind{"usage": kindNumber, "selector": kindNumber, "matching_type": kindNumber, "certificate": kindHex}
	case "SSHFP":
		return map[string]dataKind{"algorithm": kindNumber, "type": kindNumber, "fingerprint": kindHex}
	case "HTTPS", "SVCB":
		return map[string]dataKind{"priority": kindNumber, "target": kindHost, "value": kindParams}
	case "URI":
		return map[string]dataKind{"weight": kindNumber, "target": kindText}
	case "LOC":
		return map[string]dataKind{
			"lat_degrees": kindNumber, "lat_minutes": kindNumber, "lat_seconds": kindDecimal, "lat_direction": kindFold,
			"long_degrees": kindNumber, "long_minutes": kindNumber, "long_seconds": kindDecimal, "long_direction": kindFold,
			"altitude": kindDecimal, "size": kindDecimal, "precision_horz": kindDecimal, "precision_vert": kindDecimal,
		}
	case "NAPTR":
		return map[string]dataKind{
			"order": kindNumber, "preference": kindNumber, "flags": kindFold, "service": kindFold, "regex": kindText, "replacement": kindHost,
		}
	case "DS":
		return map[string]dataKind{"key_tag": kindNumber, "algorithm": kindNumber, "digest_type": kindNumber, "digest": kindHex}
	case "DNSKEY":
		return map[string]dataKind{"flags": kindNumber, "protocol": kindNumber, "algorithm": kindNumber, "public_key": kindSpaced}
	case "CERT":
		return map[string]dataKind{"type": kindNumber, "key_tag": kindNumber, "algorithm": kindNumber, "certificate": kindSpaced}
	}
	return nil
}

// EquivalentData reports whether the data of two records of a type are the same
// to Cloudflare. Numbers may be of any Go type that JSON decodes to. An absent
// field equals zero or empty. Unknown types are compared field by field.
func EquivalentData(recordType string, a, b map[string]any) bool {
	kinds := dataKinds(strings.ToUpper(recordType))
	if kinds == nil {
		return equivalentMaps(a, b)
	}
	if (len(a) == 0) != (len(b) == 0) {
		return false
	}
	for field, kind := range kinds {
		if !equivalentField(kind, a[field], b[field]) {
			return false
		}
	}
	return true
}

func equivalentField(kind dataKind, a, b any) bool {
	if kind == kindNumber || kind == kindDecimal {
		x, okX := numberOf(a)
		y, okY := numberOf(b)
		if (!okX && a != nil) || (!okY && b != nil) {
			return reflect.DeepEqual(a, b)
		}
		tolerance := 0.0
		if kind == kindDecimal {
			tolerance = 0.001
		}
		return math.Abs(x-y) <= tolerance
	}
	x, okX := a.(string)
	y, okY := b.(string)
	if (!okX && a != nil) || (!okY && b != nil) {
		return reflect.DeepEqual(a, b)
	}
	switch kind {
	case kindFold:
		return strings.EqualFold(x, y)
	case kindHost:
		return hostOrRoot(x) == hostOrRoot(y)
	case kindSpaced:
		return unspaced(x) == unspaced(y)
	case kindHex:
		return strings.EqualFold(unspaced(x), unspaced(y))
	case kindParams:
		return equivalentParams(x, y)
	default:
		return x == y
	}
}

// hostOrRoot takes an empty target for the root: both say "none" or "the owner".
func hostOrRoot(s string) string {
	if s == "" {
		return "."
	}
	return canonicalHost(s)
}

func equivalentMaps(a, b map[string]any) bool {
	if len(a) != len(b) {
		return false
	}
	for key, x := range a {
		y, ok := b[key]
		if !ok {
			return false
		}
		_, text := x.(string)
		p, okP := numberOf(x)
		q, okQ := numberOf(y)
		same := reflect.DeepEqual(x, y)
		if !text && okP && okQ {
			same = p == q
		}
		if !same {
			return false
		}
	}
	return true
}

func unspaced(s string) string { return strings.Join(strings.Fields(s), "") }
