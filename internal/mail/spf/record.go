// Package spf reads, writes, judges and evaluates Sender Policy Framework
// records (RFC 7208).
//
// Parse gives every term with its place in the text, Lint judges a record by
// itself, Walk follows it through the DNS and prices the whole tree, and
// Evaluate answers for one message as a receiver would. Nothing here panics on
// any input.
package spf

import (
	"net/netip"
	"strconv"
	"strings"
)

// Version is the text that begins every SPF record (RFC 7208 section 4.5).
const Version = "v=spf1"

// Limits of RFC 7208 section 4.6.4.
const (
	LookupLimit = 10 // terms that cause DNS queries
	VoidLimit   = 2  // terms that find no name or no data
	MXLimit     = 10 // address look-ups under one mx
	PTRLimit    = 10 // names used under one ptr
)

// Span is a half-open range of octets of the record text.
type Span struct{ Start, End int }

// Qualifier says what a match means. Its values are those of the grammar.
type Qualifier byte

const (
	Pass     Qualifier = '+'
	Fail     Qualifier = '-'
	SoftFail Qualifier = '~'
	Neutral  Qualifier = '?'
)

// Mechanism is the kind of a directive. A term that is a modifier has none.
type Mechanism string

const (
	All     Mechanism = "all"
	Include Mechanism = "include"
	A       Mechanism = "a"
	MX      Mechanism = "mx"
	PTR     Mechanism = "ptr"
	IP4     Mechanism = "ip4"
	IP6     Mechanism = "ip6"
	Exists  Mechanism = "exists"
)

// Names of the modifiers that the standard defines (RFC 7208 section 6).
const (
	Redirect = "redirect"
	Exp      = "exp"
)

// Term is one directive or modifier.
type Term struct {
	Span      Span
	Text      string    // as written
	Qualifier Qualifier // of a directive; Pass if none is written
	Mechanism Mechanism // empty for a modifier
	Modifier  string    // lower-case name; empty for a directive
	Domain    *Domain   // nil if none is written
	Network   netip.Prefix
	// Bits4 and Bits6 are the prefix lengths of a and mx, 32 and 128 if not written.
	Bits4, Bits6 int
	Value        string // of an unknown modifier
}

// Queries reports whether the term counts toward LookupLimit.
func (t Term) Queries() bool {
	switch t.Mechanism {
	case Include, A, MX, PTR, Exists:
		return true
	}
	return t.Modifier == Redirect
}

// UsesMacro reports whether the term's name depends on the message.
func (t Term) UsesMacro() bool { return t.Domain != nil && t.Domain.Dynamic() }

// Record is a parsed record.
type Record struct {
	Text  string // as published, strings joined
	Terms []Term // in order
}

// All returns the index of the first all mechanism, or -1.
func (r *Record) All() int {
	for i, t := range r.Terms {
		if t.Mechanism == All {
			return i
		}
	}
	return -1
}

// Redirect returns the redirect modifier if it has an effect: it is ignored
// as soon as all appears anywhere (RFC 7208 section 6.1).
func (r *Record) Redirect() (Term, bool) {
	if r.All() >= 0 {
		return Term{}, false
	}
	return r.modifier(Redirect)
}

func (r *Record) modifier(name string) (Term, bool) {
	for _, t := range r.Terms {
		if t.Modifier == name {
			return t, true
		}
	}
	return Term{}, false
}

// IsSPF reports whether a TXT value is an SPF record: exactly "v=spf1" or
// "v=spf1" and a space, in any case (RFC 7208 section 4.5).
func IsSPF(text string) bool {
	if len(text) < len(Version) || !strings.EqualFold(text[:len(Version)], Version) {
		return false
	}
	return len(text) == len(Version) || text[len(Version)] == ' '
}

// Select returns the SPF records among TXT records, each given as its
// character-strings, which are joined with nothing between (section 3.3).
func Select(records [][]string) []string {
	var out []string
	for _, strs := range records {
		if text := strings.Join(strs, ""); IsSPF(text) {
			out = append(out, text)
		}
	}
	return out
}

// Format writes a record in normal form: one space between terms, names in
// lower case and without a trailing dot, no "+", no prefix length that says
// nothing. A name with macros stays as written: its capitals have a meaning.
func Format(r *Record) string {
	var b strings.Builder
	b.WriteString(Version)
	for _, t := range r.Terms {
		b.WriteByte(' ')
		b.WriteString(t.String())
	}
	return b.String()
}

// String is the term in normal form.
func (t Term) String() string {
	if t.Modifier != "" {
		if t.Domain != nil {
			return t.Modifier + "=" + t.Domain.normal()
		}
		return t.Modifier + "=" + t.Value
	}
	var b strings.Builder
	if t.Qualifier != Pass && t.Qualifier != 0 {
		b.WriteByte(byte(t.Qualifier))
	}
	b.WriteString(string(t.Mechanism))
	switch t.Mechanism {
	case IP4, IP6:
		b.WriteByte(':')
		if t.Network.IsSingleIP() {
			b.WriteString(t.Network.Addr().String())
		} else {
			b.WriteString(t.Network.String())
		}
		return b.String()
	}
	if t.Domain != nil {
		b.WriteByte(':')
		b.WriteString(t.Domain.normal())
	}
	if t.Mechanism == A || t.Mechanism == MX {
		if t.Bits4 != 32 {
			b.WriteString("/" + strconv.Itoa(t.Bits4))
		}
		if t.Bits6 != 128 {
			b.WriteString("//" + strconv.Itoa(t.Bits6))
		}
	}
	return b.String()
}
