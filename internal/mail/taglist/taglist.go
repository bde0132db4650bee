// Package taglist reads the form that the records of DKIM, DMARC, MTA-STS,
// TLS-RPT and BIMI share: name=value, separated by semicolons (RFC 6376 section
// 3.2). What the tags mean is the business of those packages.
package taglist

import (
	"fmt"
	"slices"
	"strings"
)

// Blanks may stand around names and values.
const Blanks = " \t\r\n"

// Tag is one name=value, blanks around both removed.
type Tag struct{ Name, Value string }

// Fault is an error of the form itself and how to mend it.
type Fault struct {
	Tag    string // the tag concerned; empty if it has no name
	Text   string
	Remedy string
}

// Fold says that names are compared without regard to case; the tags then have
// lower-case names.
type Fold bool

// Parse splits a record. A piece that is no tag and a tag that repeats an
// earlier one are left out and reported; of a repeated tag the first stays.
func Parse(text string, fold Fold) (tags []Tag, faults []Fault) {
	fail := func(tag, text, remedy string) { faults = append(faults, Fault{tag, text, remedy}) }
	pieces := strings.Split(text, ";")
	seen := map[string]bool{}
	for i, piece := range pieces {
		piece = strings.Trim(piece, Blanks)
		if piece == "" {
			if i < len(pieces)-1 {
				fail("", "an empty tag stands between two semicolons", "write one semicolon between tags")
			}
			continue
		}
		name, value, ok := strings.Cut(piece, "=")
		name, value = strings.TrimRight(name, Blanks), strings.TrimLeft(value, Blanks)
		if fold {
			name = strings.ToLower(name)
		}
		switch {
		case !ok || !validName(name):
			fail("", fmt.Sprintf("%q is not of the form name=value", Clip(piece)), "separate the tags by semicolons")
			continue
		case seen[name]:
			fail(name, "the tag "+name+" appears twice", "keep one")
			continue
		case strings.ContainsFunc(value, func(r rune) bool { return r > 0x7e || r < 0x20 && !strings.ContainsRune(Blanks, r) }):
			fail(name, "the tag "+name+" holds characters that are not printable ASCII", "retype it in plain ASCII")
		}
		seen[name] = true
		tags = append(tags, Tag{name, value})
	}
	return tags, faults
}

// Get returns the value of a tag and whether it is there.
func Get(tags []Tag, name string) (string, bool) {
	i := slices.IndexFunc(tags, func(t Tag) bool { return t.Name == name })
	if i < 0 {
		return "", false
	}
	return tags[i].Value, true
}

// Format writes tags in their order.
func Format(tags []Tag) string {
	parts := make([]string, 0, len(tags))
	for _, t := range tags {
		parts = append(parts, t.Name+"="+t.Value)
	}
	return strings.Join(parts, "; ")
}

// Versioned reports whether a TXT value is a record whose first tag is v with
// exactly the version, and is followed by a semicolon. Others at the name are to
// be discarded (RFC 8461 section 3.1, RFC 8460 section 3).
func Versioned(text, version string) bool {
	first, _, ok := strings.Cut(text, ";")
	return ok && strings.TrimRight(first, " \t") == "v="+version
}

// Resembles reports whether a text was meant as a record of the version,
// however it is spoilt: blanks, quotation marks, letter case.
func Resembles(text, version string) bool {
	flat := strings.Map(func(r rune) rune {
		if strings.ContainsRune(Blanks+`"'`+"\u201c\u201d\u2018\u2019\u00a0\ufeff\\", r) {
			return -1
		}
		return r
	}, text)
	want := "v=" + version
	return len(flat) >= len(want) && strings.EqualFold(flat[:len(want)], want)
}

// Clip shortens what an error quotes.
func Clip(s string) string {
	if len(s) > 60 {
		return s[:60] + "..."
	}
	return s
}

func validName(s string) bool {
	for i := range len(s) {
		c := s[i]
		letter := c|0x20 >= 'a' && c|0x20 <= 'z'
		if !letter && (i == 0 || c != '_' && (c < '0' || c > '9')) {
			return false
		}
	}
	return s != ""
}
