// Package tlsrpt reads, writes and judges the record that says where reports
// about failed TLS of mail go (RFC 8460). Nothing here panics on any input.
package tlsrpt

import (
	"slices"
	"strings"

	"github.com/launchready/terraform-provider-launchready/internal/mail/dmarc"
	"github.com/launchready/terraform-provider-launchready/internal/mail/taglist"
)

const (
	// Version is the value of the tag v.
	Version = "TLSRPTv1"
	// Prefix is where the record stands below the domain.
	Prefix = "_smtp._tls"
)

// Problem is one error and how to mend it.
type Problem = taglist.Problem

// Problems are all the errors of what was read.
type Problems = taglist.Problems

// IsRecord reports whether a TXT value counts: senders discard all others at
// the name (section 3).
func IsRecord(text string) bool { return taglist.Versioned(text, Version) }

// Resembles reports whether a text was meant as a record.
func Resembles(text string) bool { return taglist.Resembles(text, Version) }

// Parse reads a record and returns its addresses, mailto: or https:, as far as
// they can be read. The error is Problems.
func Parse(text string) ([]dmarc.URI, error) {
	var problems Problems
	if !IsRecord(text) {
		problems.Add(`begin with exactly "v=TLSRPTv1;"`, "the record does not begin with v=TLSRPTv1 and a semicolon, so that senders discard it")
	}
	tags, faults := taglist.Parse(text, false)
	problems.Faults(faults)
	rua, ok := taglist.Get(tags, "rua")
	if !ok {
		problems.Add("add rua=mailto: with an address", "the tag rua, where reports go, is missing")
		return nil, problems
	}
	var out []dmarc.URI
	for piece := range strings.SplitSeq(rua, ",") {
		u, fault, remedy := dmarc.ParseURI(piece)
		switch {
		case fault != "":
			problems.Add(remedy, "rua holds %q, %s", taglist.Clip(strings.Trim(piece, taglist.Blanks)), fault)
		case u.Size != "" || strings.Contains(piece, "!"):
			problems.Add("write it as %21", "rua holds %q, with a bare exclamation mark", taglist.Clip(piece))
		case !slices.Contains([]string{"mailto", "https"}, u.Scheme):
			problems.Add("write mailto: and an address, or an https: address", "rua holds %q, to which no sender reports", taglist.Clip(piece))
		default:
			out = append(out, u)
		}
	}
	return out, problems.AsError()
}

// Format writes a record.
func Format(rua ...string) string {
	return taglist.Format([]taglist.Tag{{Name: "v", Value: Version}, {Name: "rua", Value: strings.Join(rua, ",")}})
}
