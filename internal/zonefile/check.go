package zonefile

import (
	"fmt"
	"net/netip"
	"slices"
	"strings"
	"unicode/utf8"

	"github.com/launchready/terraform-provider-launchready/internal/cloudflare"
)

// maxText is how many characters a TXT record may have at Cloudflare.
const maxText = 2048

// maxComment is how many characters a comment may have on the paid plans.
const maxComment = 500

// Problem is what Cloudflare, or the DNS, would refuse of a record.
type Problem struct {
	Field  string // content, ttl, proxied, comment, tags
	Reason string
}

func (p *Problem) Error() string { return p.Field + ": " + p.Reason }

// Check looks for what is wrong with a record by itself: its value against the
// grammar of its type, and what Cloudflare does not take. It returns a *Problem
// or nil.
func Check(r cloudflare.Record) error {
	for _, check := range []func(cloudflare.Record) *Problem{checkValue, checkProxy, checkTTL, checkNotes} {
		if p := check(r); p != nil {
			return p
		}
	}
	return nil
}

func checkValue(r cloudflare.Record) *Problem {
	bad := func(format string, args ...any) *Problem { return &Problem{"content", fmt.Sprintf(format, args...)} }
	if !slices.Contains(Types(), r.Type) {
		return bad("type %s is not served by Cloudflare; it is one of %s", r.Type, strings.Join(Types(), ", "))
	}
	if r.Type == "TXT" {
		text := cloudflare.UnquoteTXT(r.Content)
		switch n := utf8.RuneCountInString(text); {
		case text == "":
			return bad("the text is empty; Cloudflare refuses a TXT record without text")
		case n > maxText:
			return bad("the text has %d characters; Cloudflare takes %d a record", n, maxText)
		}
		return nil
	}
	value := Value(r)
	if strings.ContainsAny(value, "\r\n") {
		return bad("the value has a line break")
	}
	rr, err := parseValue(r.Type, value)
	if err != nil {
		return bad("%v", err)
	}
	read, err := fromRR(rr)
	if err != nil {
		return bad("%v", err)
	}
	if target := targetOf(r); target != "" {
		if _, err := netip.ParseAddr(strings.TrimSuffix(target, ".")); err == nil {
			return bad("%q is an address; a record of type %s names a host by its name (RFC 1035 section 3.3)", target, r.Type)
		}
		if strings.ContainsAny(target, " /:") {
			return bad("%q is not a host name", target)
		}
	}
	if digest, ok := read.Data["digest"].(string); ok && r.Type == "DS" {
		octets := map[any]int{1.0: 20, 2.0: 32, 4.0: 48}[read.Data["digest_type"]] // SHA-1, SHA-256 (RFC 4509), SHA-384 (RFC 6605)
		if octets > 0 && len(digest) != 2*octets {
			return bad("the digest has %d hexadecimal digits; one of type %v has %d", len(digest), read.Data["digest_type"], 2*octets)
		}
	}
	if tag, ok := r.Data["tag"].(string); ok && r.Type == "CAA" && strings.Trim(strings.ToLower(tag), "abcdefghijklmnopqrstuvwxyz0123456789") != "" {
		return bad("%q is no property of a CAA record, whose names have letters and digits (RFC 8659 section 4.1)", tag)
	}
	if r.Type == "CNAME" && r.Name != "" && read.Content == r.Name {
		return bad("the name would be an alias of itself")
	}
	if priority, _ := read.Data["priority"].(float64); (r.Type == "HTTPS" || r.Type == "SVCB") && priority == 0 && read.Data["value"] != "" {
		return bad("priority 0 makes an alias, which has no parameters (RFC 9460 section 2.4.2)")
	}
	return nil
}

func checkProxy(r cloudflare.Record) *Problem {
	if r.Proxied && !slices.Contains([]string{"A", "AAAA", "CNAME"}, r.Type) {
		return &Problem{"proxied", fmt.Sprintf("records of type %s cannot be proxied; only A, AAAA and CNAME can", r.Type)}
	}
	return nil
}

func checkTTL(r cloudflare.Record) *Problem {
	switch {
	case r.Proxied && r.TTL > 1:
		return &Problem{"ttl", fmt.Sprintf("%d, but a proxied record's TTL is automatic: leave ttl out or set it to 1", r.TTL)}
	case r.TTL != 1 && (r.TTL < 30 || r.TTL > 86400):
		return &Problem{"ttl", fmt.Sprintf("%d; it is 60 to 86400 seconds (from 30 on Enterprise), or 1 for automatic", r.TTL)}
	}
	return nil
}

func checkNotes(r cloudflare.Record) *Problem {
	switch n := utf8.RuneCountInString(r.Comment); {
	case n > maxComment:
		return &Problem{"comment", fmt.Sprintf("it has %d characters; Cloudflare takes %d, and 100 on Free", n, maxComment)}
	case strings.ContainsFunc(r.Comment, func(c rune) bool { return c < ' ' || c == 0x7f || c == utf8.RuneError }):
		return &Problem{"comment", "it has a line break or another control character, which Cloudflare refuses"}
	}
	for _, tag := range r.Tags {
		name, value, ok := strings.Cut(tag, ":")
		odd := strings.Trim(strings.ToLower(name), "abcdefghijklmnopqrstuvwxyz0123456789-_")
		if !ok || name == "" || odd != "" || len(name) > 32 || utf8.RuneCountInString(value) > 100 {
			return &Problem{"tags", fmt.Sprintf("%q; a tag is name:value, the name of up to 32 letters, digits, - and _, the value of up to 100 characters", tag)}
		}
	}
	return nil
}
