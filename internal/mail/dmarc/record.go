// Package dmarc reads, writes and judges DMARC policy records and finds the one
// that applies to a domain, by the rules of RFC 9989 (tree walk) and of the
// older RFC 7489 (public suffix list). Receivers speak both dialects, so a
// record must be good under both. Nothing here panics on any input.
package dmarc

import (
	"fmt"
	"slices"
	"strconv"
	"strings"

	"github.com/launchready/terraform-provider-launchready/internal/mail/taglist"
)

// Version is the value of the first tag; its case matters.
const Version = "DMARC1"

// Policy is what a receiver is asked to do with mail that fails.
type Policy string

const (
	None       Policy = "none"
	Quarantine Policy = "quarantine"
	Reject     Policy = "reject"
)

// Policies returns all policies, weakest first.
func Policies() []Policy { return []Policy{None, Quarantine, Reject} }

// Valid reports whether p is a policy.
func (p Policy) Valid() bool { return slices.Contains(Policies(), p) }

// AtLeast reports whether p is as strict as q or stricter. An invalid policy
// counts as none.
func (p Policy) AtLeast(q Policy) bool { return p.rank() >= q.rank() }

func (p Policy) rank() int { return max(slices.Index(Policies(), p), 0) }

// Weaker is the policy one step lower: what test mode turns p into (RFC 9989 A.6).
func (p Policy) Weaker() Policy { return Policies()[max(p.rank()-1, 0)] }

// Tag is one name=value, blanks around both removed. The name is lower case.
type Tag = taglist.Tag

// Record is a parsed policy record. A tag with a value that cannot be read is
// as if absent, as the standard demands; the problem is reported by Parse.
type Record struct {
	Text              string
	Tags              []Tag  // all, in order, unknown ones too
	Policy            Policy // p; empty if missing or not readable
	Subdomain         Policy // sp; empty if absent
	Nonexistent       Policy // np; empty if absent
	StrictDKIM        bool   // adkim=s
	StrictSPF         bool   // aspf=s
	Aggregate         []URI  // rua, those that can be read
	Failure           []URI  // ruf, those that can be read
	Testing           bool   // t=y
	PublicSuffix      string // psd: "y", "n" or "u"
	Percent           int    // pct; 100 if absent. Removed in RFC 9989, still heeded by older receivers
	UpperCaseTagNames bool   // "V=DMARC1": legal, but many receivers match literally
}

// Tag returns the value of a tag and whether it is there.
func (r *Record) Tag(name string) (string, bool) {
	return taglist.Get(r.Tags, name)
}

// Kind sorts the problems of a record.
type Kind string

const (
	BadVersion Kind = "version" // receivers discard the record
	BadSyntax  Kind = "syntax"  // separators, values, repeated tags
	BadPolicy  Kind = "policy"  // p missing or not a policy
	BadURI     Kind = "uri"     // in rua or ruf
)

// Problem is one error and how to mend it.
type Problem struct {
	Kind   Kind
	Tag    string
	Text   string
	Remedy string
}

func (p Problem) Error() string { return p.Text + ": " + p.Remedy }

// Problems are all the errors of a record.
type Problems []Problem

func (p Problems) Error() string {
	var parts []string
	for _, one := range p {
		parts = append(parts, one.Error())
	}
	return strings.Join(parts, "; ")
}

// Of returns the problems of the given kinds.
func (p Problems) Of(kinds ...Kind) Problems {
	var out Problems
	for _, one := range p {
		if slices.Contains(kinds, one.Kind) {
			out = append(out, one)
		}
	}
	return out
}

const blanks = taglist.Blanks

// IsDMARC reports whether a TXT value counts as a policy record: its first tag
// is v with exactly the value DMARC1. Blanks may stand around "=" and ";", but
// not before v.
func IsDMARC(text string) bool {
	first, _, _ := strings.Cut(text, ";")
	name, value, ok := strings.Cut(first, "=")
	return ok && strings.EqualFold(strings.TrimRight(name, blanks), "v") && strings.Trim(value, blanks) == Version
}

// Resembles reports whether a text that is no policy record was meant as one.
func Resembles(text string) bool {
	flat := strings.ToLower(strings.Map(func(r rune) rune {
		if strings.ContainsRune(blanks+`"'`+"\u201c\u201d\u00a0\ufeff\\", r) {
			return -1
		}
		return r
	}, text))
	return strings.HasPrefix(flat, "v=dmarc") || strings.HasPrefix(flat, "dmarc1;") ||
		strings.Contains(flat, "v=dmarc1") && strings.Contains(flat, "p=")
}

// Parse reads a record. The error is Problems with everything that is wrong;
// the record holds what a receiver would make of it.
func Parse(text string) (*Record, error) {
	r := &Record{Text: text, PublicSuffix: "u", Percent: 100}
	var problems Problems
	add := func(kind Kind, tag, text, remedy string) {
		problems = append(problems, Problem{kind, tag, text, remedy})
	}
	if !IsDMARC(text) {
		add(BadVersion, "v", versionFault(text), `begin with exactly "v=DMARC1;"`)
	}
	tags, faults := taglist.Parse(text, true)
	for _, f := range faults {
		add(BadSyntax, f.Tag, f.Text, f.Remedy)
	}
	r.Tags, r.UpperCaseTagNames = tags, capitalNames(text)
	for _, t := range r.Tags {
		r.set(t, add)
	}
	if _, ok := r.Tag("p"); !ok {
		add(BadPolicy, "p", "the tag p, the policy, is missing", "add p=quarantine or p=reject right after v=DMARC1")
	}
	if len(problems) > 0 {
		return r, problems
	}
	return r, nil
}

func versionFault(text string) string {
	first, _, _ := strings.Cut(text, ";")
	switch {
	case strings.TrimLeft(text, blanks) != text:
		return "a blank stands before v=DMARC1"
	case strings.HasPrefix(text, `"`) || strings.HasPrefix(text, "\u201c"):
		return "a quotation mark stands before v=DMARC1"
	case strings.HasPrefix(strings.ToLower(first), "v=dmarc1 "), strings.HasPrefix(first, "v=DMARC1,"):
		return "no semicolon stands after v=DMARC1"
	case strings.EqualFold(strings.ReplaceAll(first, " ", ""), "v="+Version):
		return "the version is not in capitals"
	case strings.HasPrefix(text, "v="+Version):
		return "something else than a semicolon stands after v=DMARC1"
	case strings.Contains(text, "v="+Version):
		return "the tag v is not the first"
	}
	return "the record does not begin with v=DMARC1"
}

// set reads the value of one tag.
func (r *Record) set(t Tag, add func(kind Kind, tag, text, remedy string)) {
	value := strings.ToLower(t.Value)
	choice := func(values ...string) bool {
		if slices.Contains(values, value) {
			return true
		}
		add(BadSyntax, t.Name, fmt.Sprintf("%s=%s is not defined", t.Name, taglist.Clip(t.Value)), "the values are "+strings.Join(values, ", "))
		return false
	}
	switch t.Name {
	case "p":
		if r.Policy = Policy(value); !r.Policy.Valid() {
			r.Policy = ""
			add(BadPolicy, "p", fmt.Sprintf("p=%s is not a policy", taglist.Clip(t.Value)), "write p=none, p=quarantine or p=reject")
		}
	case "sp", "np":
		if choice("none", "quarantine", "reject") {
			if t.Name == "sp" {
				r.Subdomain = Policy(value)
			} else {
				r.Nonexistent = Policy(value)
			}
		}
	case "adkim":
		r.StrictDKIM = choice("r", "s") && value == "s"
	case "aspf":
		r.StrictSPF = choice("r", "s") && value == "s"
	case "t":
		r.Testing = choice("y", "n") && value == "y"
	case "psd":
		if choice("y", "n", "u") {
			r.PublicSuffix = value
		}
	case "pct":
		n, err := strconv.Atoi(value)
		if err != nil || n < 0 || n > 100 {
			add(BadSyntax, "pct", fmt.Sprintf("pct=%s is not a number from 0 to 100", taglist.Clip(t.Value)), "drop the tag pct")
			return
		}
		r.Percent = n
	case "fo":
		r.checkFailureOptions(value, add)
	case "rua":
		r.Aggregate = parseURIs(t, add)
	case "ruf":
		r.Failure = parseURIs(t, add)
	}
}

func (r *Record) checkFailureOptions(value string, add func(kind Kind, tag, text, remedy string)) {
	for option := range strings.SplitSeq(value, ":") {
		if !slices.Contains([]string{"0", "1", "d", "s"}, strings.Trim(option, blanks)) {
			add(BadSyntax, "fo", fmt.Sprintf("fo=%s is not defined", taglist.Clip(value)), "the values are 0, 1, d and s, separated by colons")
			return
		}
	}
}

// capitalNames reports whether a tag's name has a capital letter.
func capitalNames(text string) bool {
	tags, _ := taglist.Parse(text, false)
	return slices.ContainsFunc(tags, func(t Tag) bool { return t.Name != strings.ToLower(t.Name) })
}

// Format writes tags as a record: v first, p second, the others in their
// order. The version may be left out.
func Format(tags []Tag) string {
	parts := []string{"v=" + Version}
	for _, first := range []bool{true, false} {
		for _, t := range tags {
			if t.Name != "v" && (t.Name == "p") == first {
				parts = append(parts, t.Name+"="+t.Value)
			}
		}
	}
	return strings.Join(parts, "; ")
}
