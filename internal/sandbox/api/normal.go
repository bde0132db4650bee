package api

import (
	"encoding/json"
	"net/netip"
	"strings"
	"unicode/utf8"

	"github.com/launchready/terraform-provider-launchready/internal/sandbox/zone"
)

func mayProxy(typ string) bool { return typ == "A" || typ == "AAAA" || typ == "CNAME" }

// normalise checks a record on its own and brings it into the form that the
// zone stores.
func normalise(r *zone.Record, zoneName string, l limits) *Error {
	var err *Error
	if r.Name == "" {
		return invalid(codeName, "name", "DNS name is invalid.")
	}
	if r.Name, err = canonicalName(r.Name, zoneName); err != nil {
		return err
	}
	if err := normaliseValue(r); err != nil {
		return err
	}
	if r.Proxied && !mayProxy(r.Type) {
		return invalid(codeProxiedType, "proxied", "This record type cannot be proxied.")
	}
	if r.Proxied && !r.Proxiable {
		return invalid(codeProxiedTarget, "content", "Target %s is not allowed for a proxied record.", r.Content)
	}
	switch {
	case r.Proxied:
		r.TTL = 1 // whatever is sent
	case r.TTL != 1 && (r.TTL < l.minTTL || r.TTL > 86400):
		return invalid(codeTTL, "ttl", "TTL must be between %d and 86400 seconds, or 1 for Automatic.", l.minTTL)
	}
	return normaliseNotes(r, l)
}

// normaliseValue does content, data and priority.
func normaliseValue(r *zone.Record) *Error {
	r.Proxiable = false
	if shape, ok := shapeOf(r.Type); ok {
		return shape.normalise(r)
	}
	r.Data = nil
	if r.Type != "MX" {
		r.Priority = nil
	}
	switch r.Type {
	case "A", "AAAA":
		return normaliseAddress(r)
	case "CNAME", "NS", "PTR":
		host, ok := canonicalTarget(r.Content, false)
		if !ok {
			return invalid(codeContentHost, "content", "Content for %s record is invalid.", r.Type)
		}
		if r.Type == "CNAME" && host == r.Name {
			return invalid(codeSelfCNAME, "content", "CNAME content cannot reference itself.")
		}
		r.Content, r.Proxiable = host, r.Type == "CNAME"
	case "MX":
		host, ok := canonicalTarget(r.Content, true)
		if _, notHost := netip.ParseAddr(host); !ok || notHost == nil {
			return invalid(codeContentMX, "content", "Content for MX record must be a hostname.")
		}
		if r.Priority == nil {
			return invalid(codeData, "priority", "priority is a required field for MX records.")
		}
		r.Content = host
	case "TXT":
		return normaliseText(r)
	case "OPENPGPKEY":
		key := strings.Join(strings.Fields(r.Content), "")
		if !isBase64(key) {
			return invalid(codeValidation, "content", "Content for OPENPGPKEY record must be base64.")
		}
		r.Content = key
	default:
		return invalid(codeBody, "type", "Invalid type %q.", r.Type)
	}
	return nil
}

func normaliseAddress(r *zone.Record) *Error {
	code, want, version := codeContentA, "IPv4", netip.Addr.Is4
	if r.Type == "AAAA" {
		code, want, version = codeContentAAAA, "IPv6", netip.Addr.Is6
	}
	a, err := netip.ParseAddr(strings.TrimSpace(r.Content))
	if err != nil || !version(a) || a.Zone() != "" {
		return invalid(code, "content", "Content for %s record must be a valid %s address.", r.Type, want)
	}
	if isCloudflare(a) {
		return invalid(codeProxiedTarget, "content", "Content for %s record may not be a Cloudflare address.", r.Type)
	}
	r.Content, r.Proxiable = a.String(), proxiableAddress(a)
	return nil
}

// normaliseText keeps a TXT value as it was sent, quoted or not, but for
// strings over 255 bytes, which are split.
func normaliseText(r *zone.Record) *Error {
	parts, err := zone.TextStrings(r.Content)
	if err != nil {
		return invalid(codeValidation, "content", "Content for TXT record is invalid: %v.", err)
	}
	value := strings.Join(parts, "")
	if value == "" {
		return invalid(codeValidation, "content", "Content for TXT record cannot be empty.")
	}
	if utf8.RuneCountInString(value) > 2048 {
		return invalid(codeValidation, "content", "Content for TXT record cannot be longer than 2048 characters.")
	}
	if strings.HasPrefix(r.Content, `"`) {
		split := []string{}
		for _, p := range parts {
			split = append(split, zone.Chunks(p)...)
		}
		if len(split) != len(parts) {
			r.Content = zone.Quote(split)
		}
	} else if len(parts) > 1 {
		r.Content = zone.Quote(parts)
	}
	return nil
}

// normaliseNotes does what is not published: comment, tags and settings.
func normaliseNotes(r *zone.Record, l limits) *Error {
	if n := utf8.RuneCountInString(r.Comment); n > l.comment {
		return invalid(codeComment, "comment", "DNS record comment has %d characters, exceeding the limit of %d.", n, l.comment)
	}
	if strings.ContainsAny(r.Comment, "\r\n") {
		return invalid(codeComment, "comment", "DNS record comment cannot contain newlines.")
	}
	if len(r.Tags) > l.tags {
		return invalid(codeTags, "tags", "DNS record has %d tags, exceeding the quota of %d.", len(r.Tags), l.tags)
	}
	for i, tag := range r.Tags {
		name, value, ok := strings.Cut(tag, ":")
		letters := strings.Trim(strings.ToLower(name), "abcdefghijklmnopqrstuvwxyz0123456789-_")
		if !ok || name == "" || letters != "" || len(name) > 32 || utf8.RuneCountInString(value) > 100 {
			return invalid(codeTags, "tags", "DNS record tag %q is invalid.", tag)
		}
		r.Tags[i] = strings.ToLower(name) + ":" + value
	}
	for name, value := range r.Settings {
		allowed := name == "flatten_cname" && r.Type == "CNAME" ||
			(name == "ipv4_only" || name == "ipv6_only") && mayProxy(r.Type)
		if _, isBool := value.(bool); !allowed || !isBool {
			return invalid(codeBody, "settings", "Invalid setting %q for a record of type %s.", name, r.Type)
		}
		if name == "flatten_cname" && value == true && !l.flatten {
			return invalid(codeBody, "settings", "Flattening of single records is not available on this plan.")
		}
	}
	return nil
}

// sameValue tells whether two records are one in the eyes of the API: name,
// type and content, whatever else differs.
func sameValue(a, b zone.Record) bool {
	if a.Name != b.Name || a.Type != b.Type {
		return false
	}
	if a.Type != "TXT" {
		return a.Content == b.Content
	}
	return textOf(a.Content) == textOf(b.Content)
}

// identical tells whether two records differ in nothing that is served.
func identical(a, b zone.Record) bool {
	samePriority := (a.Priority == nil) == (b.Priority == nil) && (a.Priority == nil || *a.Priority == *b.Priority)
	return sameValue(a, b) && samePriority && a.TTL == b.TTL && a.Proxied == b.Proxied
}

func textOf(content string) string {
	parts, err := zone.TextStrings(content)
	if err != nil {
		return content
	}
	return strings.Join(parts, "")
}

func isReadOnly(r zone.Record) bool {
	readOnly, _ := r.Meta["read_only"].(bool)
	return readOnly
}

// raw marshals what always marshals.
func raw(v any) json.RawMessage {
	b, err := json.Marshal(v)
	if err != nil {
		panic(err)
	}
	return b
}
