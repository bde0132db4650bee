// Package dkim reads, writes and judges DKIM key records: the TXT records at
// <selector>._domainkey.<domain> (RFC 6376 section 3.6.1, RFC 8301, RFC 8463).
// Nothing here panics on any input, and no error repeats key material.
package dkim

import (
	"crypto"
	"crypto/rsa"
	"fmt"
	"slices"
	"strings"

	"github.com/launchready/terraform-provider-launchready/internal/mail/taglist"
)

// Key types (tag k).
const (
	RSA     = "rsa"
	Ed25519 = "ed25519"
)

// Sizes of RSA keys in bits (RFC 8301 section 3.2).
const (
	MinimumBits     = 1024 // shorter ones MUST NOT be accepted
	RecommendedBits = 2048 // signers SHOULD use at least this
	MaximumBits     = 4096 // verifiers need not handle longer ones
)

// Tag is one name=value of a record, blanks around both removed.
type Tag = taglist.Tag

// Key is a parsed key record.
type Key struct {
	Tags      []Tag // all, in order, unknown ones too
	Type      string
	PublicKey crypto.PublicKey // *rsa.PublicKey or ed25519.PublicKey; nil if revoked or unreadable
	Revoked   bool             // p is there and empty
	Hashes    []string         // h; nil = all
	Services  []string         // s; nil = all
	Flags     []string         // t
}

// Bits is the size of an RSA modulus, 256 for Ed25519, 0 without a key.
func (k *Key) Bits() int {
	switch pub := k.PublicKey.(type) {
	case *rsa.PublicKey:
		return pub.N.BitLen()
	case nil:
		return 0
	}
	return 256
}

// Tag returns the value of a tag and whether it is there.
func (k *Key) Tag(name string) (string, bool) {
	return taglist.Get(k.Tags, name)
}

// Testing reports flag y: receivers treat the mail as if it were unsigned.
func (k *Key) Testing() bool { return slices.Contains(k.Flags, "y") }

// Problem is an error in a record and how to mend it.
type Problem struct {
	Tag     string // the tag concerned; empty for the whole record
	Text    string
	Remedy  string
	Private bool // private key material was seen
}

func (p Problem) Error() string {
	if p.Remedy == "" {
		return p.Text
	}
	return p.Text + ": " + p.Remedy
}

// Problems are all the errors of a record.
type Problems []Problem

func (p Problems) Error() string {
	var parts []string
	for _, one := range p {
		parts = append(parts, one.Error())
	}
	return strings.Join(parts, "; ")
}

// Private reports whether any of them is private key material.
func (p Problems) Private() bool {
	return slices.ContainsFunc(p, func(one Problem) bool { return one.Private })
}

// IsKey reports whether a TXT value is meant as a key record: it has a version
// DKIM<n>, or a tag p or k. It tells key records from unrelated text.
func IsKey(text string) bool {
	for piece := range strings.SplitSeq(text, ";") {
		name, value, ok := strings.Cut(piece, "=")
		name = strings.Trim(name, " \t\r\n\"\\")
		switch {
		case !ok:
		case strings.EqualFold(name, "p"), strings.EqualFold(name, "k"):
			return true
		case strings.EqualFold(name, "v"):
			return len(strings.TrimSpace(value)) >= 4 && strings.EqualFold(strings.TrimSpace(value)[:4], "dkim")
		}
	}
	return HasPrivateMaterial(text)
}

// ParseKey reads a record, its character-strings joined. The error is Problems
// with everything that makes the record unusable; what could be read is in the key.
func ParseKey(text string) (*Key, error) {
	k := &Key{Type: RSA}
	if HasPrivateMaterial(text) {
		return k, Problems{{Text: "the record holds a private key", Remedy: "revoke it, make a new key pair, publish the public half alone", Private: true}}
	}
	var problems Problems
	fail := func(tag, text, remedy string) {
		problems = append(problems, Problem{Tag: tag, Text: text, Remedy: remedy})
	}
	if quotedForZoneFile(text) {
		fail("", "quotation marks or backslashes of a zone file stand in the record", "enter the value without them")
		text = strings.NewReplacer(`"`, "", `\`, "").Replace(text)
	}
	tags, faults := taglist.Parse(text, false)
	for _, f := range faults {
		if f.Tag != "" && f.Remedy == "keep one" {
			f.Text += ", which invalidates the whole record"
		}
		if f.Tag == "" && strings.HasPrefix(f.Text, `"`) {
			f.Text = "a piece is not of the form name=value" // it may be a piece of a key
		}
		fail(f.Tag, f.Text, f.Remedy)
	}
	k.Tags = tags
	for i, t := range k.Tags {
		switch t.Name {
		case "v":
			if t.Value != "DKIM1" {
				fail("v", fmt.Sprintf("version %q", clip(t.Value)), "write v=DKIM1")
			} else if i > 0 {
				fail("v", "the tag v is not the first", "begin with v=DKIM1")
			}
		case "k":
			k.Type = t.Value
		case "h":
			k.Hashes = splitList(t.Value)
		case "s":
			k.Services = splitList(t.Value)
		case "t":
			k.Flags = splitList(t.Value)
		}
	}
	p, ok := k.Tag("p")
	switch {
	case !ok:
		fail("p", "the tag p, the public key, is missing", "add p= with the public key in base64")
	case p == "":
		k.Revoked = true
	case k.Type != RSA && k.Type != Ed25519:
		fail("k", fmt.Sprintf("receivers ignore keys of type %q", clip(k.Type)), "write k=rsa or k=ed25519")
	default:
		pub, problem := decodeKey(k.Type, p)
		if problem != nil {
			problems = append(problems, *problem)
		}
		k.PublicKey = pub
	}
	if len(problems) > 0 {
		return k, problems
	}
	return k, nil
}

// quotedForZoneFile reports whether a quotation mark or a backslash stands in a
// tag that has no use for it. In notes and unknown tags they are legal.
func quotedForZoneFile(text string) bool {
	for piece := range strings.SplitSeq(text, ";") {
		name, _, _ := strings.Cut(piece, "=")
		switch strings.Trim(name, blanks+`"\`) {
		case "v", "k", "p", "h", "s", "t":
			if strings.ContainsAny(piece, `"\`) {
				return true
			}
		}
	}
	return false
}

const blanks = taglist.Blanks

// splitList reads a colon-separated list.
func splitList(s string) []string {
	var out []string
	for piece := range strings.SplitSeq(s, ":") {
		if piece = strings.Trim(piece, blanks); piece != "" {
			out = append(out, piece)
		}
	}
	return out
}

// clip shortens what an error quotes, so that no message carries a whole key.
func clip(s string) string {
	if len(s) > 24 {
		return s[:24] + "..."
	}
	return s
}

// SplitStrings cuts a value into the character-strings of one TXT record, of
// at most 255 octets each (RFC 1035 section 3.3.14). An empty value is one
// empty string.
func SplitStrings(value string) []string {
	out := []string{}
	for len(value) > 255 {
		out, value = append(out, value[:255]), value[255:]
	}
	return append(out, value)
}
