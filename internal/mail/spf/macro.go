package spf

import (
	"fmt"
	"slices"
	"strconv"
	"strings"
)

// Domain is a domain-spec: a name that may hold macros (RFC 7208 section 7).
type Domain struct {
	text  string
	parts []part
}

// part is a literal (letter 0) or one macro.
type part struct {
	literal    string
	escaped    bool // the literal is %%, %_ or %-
	letter     byte // lower case
	urlEncode  bool // the letter was upper case
	keep       int  // labels kept from the right; 0 = all
	reverse    bool
	delimiters string // "." if none are written
}

// String is the domain-spec as written.
func (d *Domain) String() string { return d.text }

// normal is the one form of names that are the same.
func (d *Domain) normal() string {
	if strings.Contains(d.text, "%") {
		return d.text
	}
	return strings.ToLower(strings.TrimSuffix(d.text, "."))
}

// Dynamic reports whether the name depends on the message. Only %{d} does not:
// it is the name of the record itself.
func (d *Domain) Dynamic() bool {
	for _, p := range d.parts {
		if p.letter != 0 && p.letter != 'd' {
			return true
		}
	}
	return false
}

// Uses reports whether the macro letter occurs.
func (d *Domain) Uses(letter byte) bool {
	for _, p := range d.parts {
		if p.letter == letter {
			return true
		}
	}
	return false
}

// Static returns the name for a record at domain; false if it depends on the message.
func (d *Domain) Static(domain string) (string, bool) {
	if d.Dynamic() {
		return "", false
	}
	return targetName(expand(d.parts, func(byte) string { return domain })), true
}

// parseDomain reads a domain-spec: a macro-string that ends in a top label or
// in a macro.
func parseDomain(s string) (*Domain, *SyntaxError) {
	parts, err := parseMacros(s, false)
	if err != nil {
		return nil, err
	}
	if len(parts) == 0 {
		return nil, bad("the domain is empty", "write a name after the colon")
	}
	if last := parts[len(parts)-1]; last.letter == 0 && !last.escaped && !endsInTopLabel(s) {
		return nil, badTopLabel(s)
	}
	return &Domain{text: s, parts: parts}, nil
}

func badTopLabel(s string) *SyntaxError {
	switch {
	case strings.HasSuffix(s, ";") || strings.HasSuffix(s, ","):
		return bad(fmt.Sprintf("the name ends in %q", s[len(s)-1:]), "terms are separated by a space alone: drop the punctuation")
	case !strings.Contains(strings.Trim(s, "."), "."):
		return bad(fmt.Sprintf("%q is not a full domain name", s), "write at least two labels")
	}
	return bad(fmt.Sprintf("%q does not end in a top-level domain", s), "write a domain name")
}

// endsInTopLabel checks domain-end = "." toplabel ["."]; toplabel holds a letter
// or an inner hyphen, and neither begins nor ends with one.
func endsInTopLabel(s string) bool {
	s = strings.TrimSuffix(s, ".")
	i := strings.LastIndexByte(s, '.')
	if i < 0 {
		return false
	}
	label := s[i+1:]
	if label == "" || label[0] == '-' || label[len(label)-1] == '-' {
		return false
	}
	for j := range len(label) {
		if c := label[j]; !isAlpha(c) && !isDigit(c) && c != '-' {
			return false
		}
	}
	return !allDigits(label)
}

// parseMacros reads a macro-string. The macros c, r and t are allowed in
// explanation text only.
func parseMacros(s string, explanation bool) ([]part, *SyntaxError) {
	if !strings.Contains(s, "%") {
		if s == "" {
			return nil, nil
		}
		return []part{{literal: s}}, nil
	}
	var parts []part
	var literal strings.Builder
	flush := func() {
		if literal.Len() > 0 {
			parts = append(parts, part{literal: literal.String()})
			literal.Reset()
		}
	}
	for i := 0; i < len(s); {
		if s[i] != '%' {
			literal.WriteByte(s[i])
			i++
			continue
		}
		if i+1 == len(s) {
			return nil, bad("a lone % ends the text", "write %% for a percent sign")
		}
		if s[i+1] == '{' {
			length := strings.IndexByte(s[i:], '}')
			if length < 0 {
				return nil, bad("a macro has no closing brace", "write %{letter}")
			}
			p, err := parseMacro(s[i+2:i+length], explanation)
			if err != nil {
				return nil, err
			}
			flush()
			parts = append(parts, p)
			i += length + 1
			continue
		}
		escape := ""
		switch s[i+1] {
		case '%':
			escape = "%"
		case '_':
			escape = " "
		case '-':
			escape = "%20"
		default:
			return nil, bad(fmt.Sprintf("%q is not a macro", s[i:i+2]), "write %{letter}, or %% for a percent sign")
		}
		flush()
		parts = append(parts, part{literal: escape, escaped: true})
		i += 2
	}
	flush()
	return parts, nil
}

// parseMacro reads what stands between the braces.
func parseMacro(s string, explanation bool) (part, *SyntaxError) {
	p := part{delimiters: "."}
	if s == "" {
		return p, bad("a macro is empty", "write %{letter}")
	}
	p.letter, p.urlEncode = s[0]|0x20, s[0] < 'a'
	switch {
	case strings.IndexByte("slodiphv", p.letter) >= 0 && isAlpha(s[0]):
	case strings.IndexByte("crt", p.letter) >= 0 && isAlpha(s[0]):
		if !explanation {
			return p, bad(fmt.Sprintf("the macro letter %q is for explanations only", s[:1]), "")
		}
	default:
		return p, bad(fmt.Sprintf("there is no macro letter %q", s[:1]), "the letters are s, l, o, d, i, p, v and h")
	}
	rest := s[1:]
	digits := len(rest) - len(strings.TrimLeft(rest, "0123456789"))
	if digits > 0 {
		n, err := strconv.Atoi(rest[:digits])
		if err != nil {
			n = 1 << 20 // more labels than any name has
		}
		if n == 0 {
			return p, bad("a macro keeps 0 labels", "the number of labels is at least 1")
		}
		p.keep, rest = n, rest[digits:]
	}
	if rest != "" && rest[0]|0x20 == 'r' {
		p.reverse, rest = true, rest[1:]
	}
	if strings.Trim(rest, ".-+,/_=") != "" {
		return p, bad(fmt.Sprintf("%q is no macro delimiter", rest), "the delimiters are . - + , / _ =")
	}
	if rest != "" {
		p.delimiters = rest
	}
	return p, nil
}

// expand puts the values of the macros in.
func expand(parts []part, value func(letter byte) string) string {
	var b strings.Builder
	for _, p := range parts {
		if p.letter == 0 {
			b.WriteString(p.literal)
			continue
		}
		b.WriteString(p.transform(value(p.letter)))
	}
	return b.String()
}

// transform splits, reverses, cuts and joins again with dots (section 7.3).
func (p part) transform(v string) string {
	if p.keep > 0 || p.reverse || p.delimiters != "." {
		labels := splitAny(v, p.delimiters)
		if p.reverse {
			slices.Reverse(labels)
		}
		if p.keep > 0 && p.keep < len(labels) {
			labels = labels[len(labels)-p.keep:]
		}
		v = strings.Join(labels, ".")
	}
	if p.urlEncode {
		v = urlEncode(v)
	}
	return v
}

// splitAny splits at each of the delimiters and keeps empty pieces.
func splitAny(s, delimiters string) []string {
	var out []string
	for {
		i := strings.IndexAny(s, delimiters)
		if i < 0 {
			return append(out, s)
		}
		out, s = append(out, s[:i]), s[i+1:]
	}
}

// urlEncode escapes all but the unreserved characters of RFC 3986.
func urlEncode(s string) string {
	var b strings.Builder
	for i := range len(s) {
		if c := s[i]; isAlpha(c) || isDigit(c) || strings.IndexByte("-._~", c) >= 0 {
			b.WriteByte(c)
		} else {
			fmt.Fprintf(&b, "%%%02X", c)
		}
	}
	return b.String()
}

// targetName makes an expanded domain-spec a name to ask for: no trailing dot,
// lower case, and labels cut from the left over 253 octets (section 7.3).
func targetName(s string) string {
	s = strings.ToLower(strings.TrimSuffix(s, "."))
	for len(s) > 253 {
		i := strings.IndexByte(s, '.')
		if i < 0 {
			return s
		}
		s = s[i+1:]
	}
	return s
}

// validName reports whether a DNS query can be made of the name.
func validName(s string) bool {
	if s == "" || len(s) > 253 {
		return false
	}
	for label := range strings.SplitSeq(s, ".") {
		if label == "" || len(label) > 63 {
			return false
		}
	}
	return true
}
