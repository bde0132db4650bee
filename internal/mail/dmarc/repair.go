package dmarc

import (
	"regexp"
	"slices"
	"strings"
)

var (
	// run stands between two tags, where one semicolon belongs.
	run = regexp.MustCompile(`(?i)[\s,;]+(p|sp|np|rua|ruf|adkim|aspf|fo|pct|rf|ri|t|psd)\s*=\s*`)
	// head is what was meant as the version.
	head = regexp.MustCompile(`(?i)^(?:.*?v\s*=\s*)?dmarc1?\s*`)
	// plainAddress is an address that needs no decoding.
	plainAddress = regexp.MustCompile(`^[A-Za-z0-9._+-]+@[A-Za-z0-9.-]+$`)
)

// Repair rewrites a text that was meant as a record in the form that can be
// read: quotation marks and foreign blanks dropped, the version in capitals and
// semicolons between the tags. Values stay.
func Repair(text string) string {
	text = strings.Map(func(r rune) rune {
		switch {
		case strings.ContainsRune("\"'\\\u201c\u201d\u2018\u2019\ufeff\u200b", r):
			return -1
		case strings.ContainsRune(blanks+"\u00a0\r\n", r):
			return ' '
		}
		return r
	}, text)
	text = strings.TrimSpace(text)
	if loc := head.FindStringIndex(text); loc != nil && !strings.Contains(text[:loc[1]], ";") {
		text = "v=" + Version + " " + text[loc[1]:]
	}
	return run.ReplaceAllString(text, "; $1=")
}

// RepairURIs returns the addresses of rua or ruf that can be read or repaired
// with certainty, each once, without sizes.
func RepairURIs(value string) []string {
	var out []string
	for piece := range strings.FieldsFuncSeq(value, func(r rune) bool { return strings.ContainsRune(", \t<>", r) }) {
		u, fault, _ := ParseURI(piece)
		if fault != "" {
			address, _, _ := strings.Cut(piece, "!")
			if !plainAddress.MatchString(address) {
				continue
			}
			if u, fault, _ = ParseURI("mailto:" + address); fault != "" {
				continue
			}
		}
		if !slices.Contains(out, u.Text) {
			out = append(out, u.Text)
		}
	}
	return out
}
