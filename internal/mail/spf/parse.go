package spf

import (
	"fmt"
	"net/netip"
	"strconv"
	"strings"
)

// SyntaxError is one error of grammar and how to mend it.
type SyntaxError struct {
	Span    Span
	Term    string // the offending term as written
	Problem string // what is wrong
	Hint    string // what to write instead; may be empty
}

func (e *SyntaxError) Error() string {
	s := fmt.Sprintf("%q at offset %d: %s", e.Term, e.Span.Start, e.Problem)
	if e.Hint != "" {
		s += "; " + e.Hint
	}
	return s
}

// SyntaxErrors are all the errors of a record, in order.
type SyntaxErrors []*SyntaxError

func (e SyntaxErrors) Error() string {
	parts := make([]string, len(e))
	for i, one := range e {
		parts[i] = one.Error()
	}
	return strings.Join(parts, "; ")
}

// Parse reads a record. The error is SyntaxErrors with every error found; the
// record then holds the terms that could be read.
func Parse(text string) (*Record, error) {
	r := &Record{Text: text}
	if !IsSPF(text) {
		return r, SyntaxErrors{{
			Span: Span{0, min(len(text), len(Version))}, Term: text[:min(len(text), len(Version))],
			Problem: "not an SPF record", Hint: `begin with "v=spf1" and a space`,
		}}
	}
	var errs SyntaxErrors
	r.Terms = make([]Term, 0, strings.Count(text, " "))
	redirect, exp := false, false
	for i := len(Version); i < len(text); {
		if text[i] == ' ' {
			i++
			continue
		}
		end := len(text)
		if length := strings.IndexByte(text[i:], ' '); length >= 0 {
			end = i + length
		}
		span := Span{i, end}
		t, err := parseTerm(text[i:end])
		if err == nil && (t.Modifier == Redirect && redirect || t.Modifier == Exp && exp) {
			err = bad(t.Modifier+" appears twice", "keep one")
		}
		if err != nil {
			err.Span, err.Term = span, text[i:end]
			errs = append(errs, err)
		} else {
			t.Span, t.Text = span, text[i:end]
			redirect, exp = redirect || t.Modifier == Redirect, exp || t.Modifier == Exp
			r.Terms = append(r.Terms, t)
		}
		i = end
	}
	if len(errs) > 0 {
		return r, errs
	}
	return r, nil
}

func bad(problem, hint string) *SyntaxError { return &SyntaxError{Problem: problem, Hint: hint} }

func parseTerm(s string) (Term, *SyntaxError) {
	if err := checkCharset(s); err != nil {
		return Term{}, err
	}
	if i := strings.IndexAny(s, ":/="); i >= 0 && s[i] == '=' {
		return parseModifier(s[:i], s[i+1:])
	}
	t := Term{Qualifier: Pass, Bits4: 32, Bits6: 128}
	body := s
	switch q := Qualifier(s[0]); q {
	case Pass, Fail, SoftFail, Neutral:
		t.Qualifier, body = q, s[1:]
	}
	name, arg := body, ""
	if i := strings.IndexAny(body, ":/"); i >= 0 {
		name, arg = body[:i], body[i:]
	}
	t.Mechanism = Mechanism(strings.ToLower(name))
	switch t.Mechanism {
	case All:
		if arg != "" {
			return t, bad("all takes no argument", "write "+s[:len(s)-len(arg)])
		}
		return t, nil
	case IP4, IP6:
		return parseNetwork(t, arg)
	case A, MX:
		rest, err := cutPrefixLengths(&t, arg)
		if err != nil {
			return t, err
		}
		return parseTarget(t, rest, false)
	case PTR:
		return parseTarget(t, arg, false)
	case Include, Exists:
		return parseTarget(t, arg, true)
	}
	return t, unknownMechanism(name, s)
}

// parseTarget reads [":" domain-spec].
func parseTarget(t Term, arg string, required bool) (Term, *SyntaxError) {
	switch {
	case arg == "" && !required:
		return t, nil
	case arg == "":
		return t, bad(string(t.Mechanism)+" needs a domain", "write "+string(t.Mechanism)+":name")
	case arg[0] != ':':
		return t, bad(string(t.Mechanism)+" takes no prefix length", "drop "+arg)
	}
	if t.Mechanism == A || t.Mechanism == MX {
		if addr, err := netip.ParseAddr(arg[1:]); err == nil {
			return t, bad(string(t.Mechanism)+" takes a host name, not an address", "write "+literalHint(addr))
		}
	}
	d, err := parseDomain(arg[1:])
	if err != nil {
		return t, err
	}
	t.Domain = d
	return t, nil
}

func literalHint(addr netip.Addr) string {
	if addr.Is4() {
		return "ip4:" + addr.String()
	}
	return "ip6:" + addr.String()
}

func parseModifier(name, value string) (Term, *SyntaxError) {
	t := Term{Modifier: strings.ToLower(name), Bits4: 32, Bits6: 128}
	switch {
	case !validModifierName(name):
		return t, bad("not a modifier name before =", "a modifier is name=value, a mechanism name:value")
	case t.Modifier == Redirect || t.Modifier == Exp:
		if value == "" {
			return t, bad(t.Modifier+" needs a domain", "write "+t.Modifier+"=name")
		}
		d, err := parseDomain(value)
		if err != nil {
			return t, err
		}
		t.Domain = d
		return t, nil
	}
	// By the grammar "include=x" is an unknown modifier, to be ignored. The lint
	// reports it, because its author meant something else.
	if _, err := parseMacros(value, false); err != nil {
		return t, err
	}
	t.Value = value
	return t, nil
}

func isMechanism(name string) bool {
	switch Mechanism(name) {
	case All, Include, A, MX, PTR, IP4, IP6, Exists:
		return true
	}
	return false
}

func validModifierName(s string) bool {
	for i := range len(s) {
		c := s[i]
		switch {
		case isAlpha(c):
		case i > 0 && (isDigit(c) || c == '-' || c == '_' || c == '.'):
		default:
			return false
		}
	}
	return s != ""
}

func parseNetwork(t Term, arg string) (Term, *SyntaxError) {
	family, most := "IPv4", 32
	if t.Mechanism == IP6 {
		family, most = "IPv6", 128
	}
	if len(arg) < 2 || arg[0] != ':' {
		return t, bad(string(t.Mechanism)+" needs an address", "write "+string(t.Mechanism)+":address")
	}
	text, length, slash := strings.Cut(arg[1:], "/")
	bits := most
	if slash {
		n, ok := parseBits(length, most)
		if !ok {
			return t, bad(fmt.Sprintf("prefix length %q is not a number from 0 to %d", length, most), "")
		}
		bits = n
	}
	addr, err := netip.ParseAddr(text)
	switch {
	case err != nil || addr.Zone() != "":
		return t, bad(fmt.Sprintf("%q is not an %s address", text, family), "")
	case addr.Is4() != (t.Mechanism == IP4):
		return t, bad(fmt.Sprintf("%q is not an %s address", text, family), "write "+literalHint(addr))
	}
	t.Network = netip.PrefixFrom(addr, bits)
	return t, nil
}

// cutPrefixLengths reads a dual-cidr-length off the end of arg. A slash that
// is followed by anything but digits belongs to the domain, where the grammar
// allows it.
func cutPrefixLengths(t *Term, arg string) (string, *SyntaxError) {
	if i := strings.LastIndex(arg, "//"); i >= 0 && allDigits(arg[i+2:]) {
		n, ok := parseBits(arg[i+2:], 128)
		if !ok {
			return arg, bad(fmt.Sprintf("IPv6 prefix length %q is not a number from 0 to 128", arg[i+2:]), "")
		}
		t.Bits6, arg = n, arg[:i]
	}
	if i := strings.LastIndexByte(arg, '/'); i >= 0 && allDigits(arg[i+1:]) {
		n, ok := parseBits(arg[i+1:], 32)
		if !ok {
			return arg, bad(fmt.Sprintf("IPv4 prefix length %q is not a number from 0 to 32", arg[i+1:]), "")
		}
		t.Bits4, arg = n, arg[:i]
	}
	return arg, nil
}

// parseBits reads a prefix length without leading zeros.
func parseBits(s string, most int) (int, bool) {
	n, err := strconv.Atoi(s)
	if err != nil || n > most || strconv.Itoa(n) != s {
		return 0, false
	}
	return n, true
}

func unknownMechanism(name, term string) *SyntaxError {
	problem := "there is no such mechanism"
	switch lower := strings.ToLower(name); {
	case lower == Redirect || lower == Exp:
		return bad(lower+" is a modifier", "write "+lower+"=name")
	case lower == "ipv4" || lower == "ipv6":
		return bad(problem, "write ip"+lower[3:]+":address")
	case lower == "ip":
		return bad(problem, "write ip4:address or ip6:address")
	case strings.ContainsAny(name, ",;") || isMechanism(strings.TrimRight(lower, ".,;")):
		return bad(problem, "terms are separated by a space alone: drop the punctuation")
	case strings.ContainsAny(name, `"'`):
		return bad(problem, "drop the quotation marks")
	}
	if _, err := netip.ParseAddr(strings.SplitN(term, "/", 2)[0]); err == nil {
		return bad("an address needs a mechanism", "write ip4: or ip6: before it")
	}
	return bad(problem, "the mechanisms are all, include, a, mx, ptr, ip4, ip6 and exists")
}

// checkCharset refuses what cannot stand in a term: anything but visible ASCII.
func checkCharset(s string) *SyntaxError {
	for i, r := range s {
		if r > 0x20 && r < 0x7f {
			continue
		}
		switch {
		case r == '\t' || r == '\r' || r == '\n' || r == '\u00a0':
			return bad(fmt.Sprintf("%U separates terms", r), "use a plain space")
		case r == '\u201c' || r == '\u201d' || r == '\u2018' || r == '\u2019':
			return bad("a typographic quotation mark stands in the record", "drop it")
		}
		if c := s[i]; c >= 0x80 {
			return bad(fmt.Sprintf("the octet 0x%02x is not ASCII", c), "retype the term in plain ASCII")
		}
		return bad(fmt.Sprintf("the control character %U stands in the record", r), "drop it")
	}
	return nil
}

func isAlpha(c byte) bool { return c|0x20 >= 'a' && c|0x20 <= 'z' }
func isDigit(c byte) bool { return c >= '0' && c <= '9' }

func allDigits(s string) bool {
	for i := range len(s) {
		if !isDigit(s[i]) {
			return false
		}
	}
	return s != ""
}
