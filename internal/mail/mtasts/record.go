// Package mtasts reads, writes and judges SMTP MTA Strict Transport Security
// (RFC 8461): the TXT record that says that a policy exists and which it is, and
// the policy, which names the MX hosts that must be reached with verified TLS.
// Nothing here panics on any input.
package mtasts

import (
	"strings"

	"github.com/launchready/terraform-provider-launchready/internal/mail/taglist"
)

const (
	// Version is the value of the tag v and of the policy's key version.
	Version = "STSv1"
	// Label is where the record stands below the domain.
	Label = "_mta-sts"
	// HostLabel is the host below the domain that serves the policy.
	HostLabel = "mta-sts"
	// Path is where the host serves it, over https.
	Path = "/.well-known/mta-sts.txt"
	// MaximumPolicySize is how many octets of a policy senders read (section 3.3).
	MaximumPolicySize = 64 << 10
)

// Problem is one error and how to mend it.
type Problem = taglist.Problem

// Problems are all the errors of what was read.
type Problems = taglist.Problems

// IsRecord reports whether a TXT value counts: senders discard all others at
// the name (section 3.1).
func IsRecord(text string) bool { return taglist.Versioned(text, Version) }

// Resembles reports whether a text was meant as a record.
func Resembles(text string) bool { return taglist.Resembles(text, Version) }

// ParseRecord reads a record and returns its id. The error is Problems.
func ParseRecord(text string) (id string, err error) {
	var problems Problems
	if !IsRecord(text) {
		problems.Add(`begin with exactly "v=STSv1;"`, "the record does not begin with v=STSv1 and a semicolon, so that senders discard it")
	}
	tags, faults := taglist.Parse(text, false)
	problems.Faults(faults)
	id, ok := taglist.Get(tags, "id")
	switch {
	case !ok:
		problems.Add("add id= with up to 32 letters and digits", "the tag id is missing")
	case !validID(id):
		problems.Add("use 1 to 32 letters and digits, such as 20261125T120000", "the id %q is not of letters and digits alone, or too long", taglist.Clip(id))
	}
	return id, problems.AsError()
}

func validID(id string) bool {
	return len(id) > 0 && len(id) <= 32 && !strings.ContainsFunc(id, func(r rune) bool {
		return (r|0x20 < 'a' || r|0x20 > 'z') && (r < '0' || r > '9')
	})
}

// FormatRecord writes the record of an id.
func FormatRecord(id string) string { return "v=" + Version + "; id=" + id }
