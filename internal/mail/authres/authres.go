// Package authres reads the header field Authentication-Results (RFC 8601) as
// receivers write it, which is more than the standard allows: Microsoft leaves
// the authserv-id out, comments and quoted strings hold semicolons, blanks
// stand around every sign. Nothing here panics on any input, and what cannot
// be read is left out, never guessed.
//
//	mx.google.com; dkim=pass header.i=@acme.example header.s=s1; spf=pass smtp.mailfrom=...
//	spf=pass (sender IP is 192.0.2.1) smtp.mailfrom=acme.example; dkim=pass ... ; dmarc=pass ...
//
// Whether a field may be believed at all is for the caller to say: anybody can
// write one (RFC 8601 section 5).
package authres

import "strings"

// Bounds of what is read of one field.
const (
	maxField   = 64 << 10
	maxResults = 100
	maxDepth   = 50 // of comments within comments
)

// Header is one field.
type Header struct {
	Server  string   // authserv-id, lower case; empty if it is left out
	Version string   // empty if it is left out, which means 1
	Results []Result // in order; none for "none"
}

// Result is what one method said of one thing.
type Result struct {
	Method     string // lower case, such as "dkim"
	Value      string // lower case, such as "pass"
	Reason     string
	Comments   []string // without the outer parentheses
	Properties []Property
}

// Property is one ptype.property=value, such as header.d=acme.example.
type Property struct{ Name, Value string } // the name in lower case

// Property is the first value of a property, or "".
func (r Result) Property(name string) string {
	for _, p := range r.Properties {
		if p.Name == name {
			return p.Value
		}
	}
	return ""
}

// Domain is the domain that a result is about: of dkim header.d, or what
// follows the @ of header.i, where Gmail writes that alone; of spf that of
// smtp.mailfrom, else smtp.helo; of dmarc header.from. Lower case, no trailing dot.
func (r Result) Domain() string {
	names := map[string][]string{
		"dkim":  {"header.d", "header.i"},
		"spf":   {"smtp.mailfrom", "smtp.mail", "smtp.helo"},
		"dmarc": {"header.from"},
	}[r.Method]
	for _, name := range names {
		if v := r.Property(name); v != "" {
			v = v[strings.LastIndexByte(v, '@')+1:]
			return strings.ToLower(strings.Trim(v, ".<> "))
		}
	}
	return ""
}

// Of are the results of one method.
func (h Header) Of(method string) []Result {
	var out []Result
	for _, r := range h.Results {
		if r.Method == method {
			out = append(out, r)
		}
	}
	return out
}

// Parse reads the value of a field, folded or not.
func Parse(value string) Header {
	if len(value) > maxField {
		value = value[:maxField]
	}
	var h Header
	for i, segment := range segments(value) {
		if i == 0 && !segment.isResult() {
			h.Server = strings.ToLower(strings.TrimSuffix(segment.word(0), "."))
			h.Version = segment.word(1)
			continue
		}
		if r, ok := segment.result(); ok && len(h.Results) < maxResults {
			h.Results = append(h.Results, r)
		}
	}
	return h
}

// token is a word, a quoted string, "=" or a comment.
type token struct {
	kind byte // 'w', 'q', '=' or '('
	text string
}

type segment []token

// segments splits a field at the semicolons that stand neither in a comment nor
// in a quoted string.
func segments(s string) []segment {
	out := []segment{nil}
	add := func(kind byte, text string) {
		last := len(out) - 1
		out[last] = append(out[last], token{kind, text})
	}
	for i := 0; i < len(s); {
		switch c := s[i]; {
		case c == ';':
			out = append(out, nil)
			i++
		case c == '(':
			text, next := comment(s, i)
			add('(', text)
			i = next
		case c == '"':
			text, next := quoted(s, i)
			add('q', text)
			i = next
		case c == '=':
			add('=', "=")
			i++
		case c <= ' ' || c == 0x7f:
			i++
		default:
			start := i
			for i < len(s) && s[i] > ' ' && s[i] != 0x7f && !strings.ContainsRune(`;("=`, rune(s[i])) {
				i++
			}
			add('w', s[start:i])
		}
	}
	return out
}

// comment reads from an opening parenthesis to its closing one (RFC 5322 3.2.2).
func comment(s string, i int) (text string, next int) {
	var b strings.Builder
	depth := 0
	for ; i < len(s); i++ {
		switch c := s[i]; {
		case c == '\\' && i+1 < len(s):
			i++
			b.WriteByte(s[i])
			continue
		case c == '(':
			if depth++; depth == 1 {
				continue
			}
			if depth > maxDepth {
				return b.String(), len(s)
			}
		case c == ')':
			if depth--; depth == 0 {
				return b.String(), i + 1
			}
		}
		b.WriteByte(s[i])
	}
	return b.String(), len(s)
}

// quoted reads a quoted string (RFC 5322 3.2.4).
func quoted(s string, i int) (text string, next int) {
	var b strings.Builder
	for i++; i < len(s); i++ {
		switch c := s[i]; {
		case c == '\\' && i+1 < len(s):
			i++
			b.WriteByte(s[i])
		case c == '"':
			return b.String(), i + 1
		default:
			b.WriteByte(c)
		}
	}
	return b.String(), len(s)
}

// plain are the tokens that are no comments.
func (s segment) plain() segment {
	var out segment
	for _, t := range s {
		if t.kind != '(' {
			out = append(out, t)
		}
	}
	return out
}

// isResult reports whether a segment begins as a result does: method=value.
func (s segment) isResult() bool {
	p := s.plain()
	return len(p) > 1 && p[0].kind == 'w' && p[1].kind == '='
}

func (s segment) word(n int) string {
	if p := s.plain(); n < len(p) && p[n].kind != '=' {
		return p[n].text
	}
	return ""
}

// result reads one resinfo (RFC 8601 section 2.2).
func (s segment) result() (Result, bool) {
	if !s.isResult() {
		return Result{}, false // "none", or what cannot be read
	}
	var r Result
	for _, t := range s {
		if t.kind == '(' {
			r.Comments = append(r.Comments, t.text)
		}
	}
	for i, pair := range pairs(s.plain()) {
		name := strings.ToLower(pair.Name)
		switch {
		case i == 0:
			r.Method, _, _ = strings.Cut(name, "/") // the method's version
			r.Value = strings.ToLower(pair.Value)
		case name == "reason":
			r.Reason = pair.Value
		default:
			r.Properties = append(r.Properties, Property{name, pair.Value})
		}
	}
	return r, r.Method != "" && r.Value != ""
}

// pairs reads name=value again and again. The signs that pad base64 are dropped.
func pairs(tokens segment) []Property {
	var out []Property
	for i := 0; i+1 < len(tokens); {
		if tokens[i].kind == '=' || tokens[i+1].kind != '=' {
			i++
			continue
		}
		p := Property{Name: tokens[i].text}
		i += 2
		followed := i+1 < len(tokens) && tokens[i+1].kind == '='
		if i < len(tokens) && tokens[i].kind != '=' && !(followed && looksLikeProperty(tokens[i].text)) {
			p.Value = tokens[i].text
			i++
		}
		// The signs of padding follow their value at once.
		for i < len(tokens) && tokens[i].kind == '=' {
			i++
		}
		out = append(out, p)
	}
	return out
}

// looksLikeProperty tells the next property from the value of the last one,
// where that is empty.
func looksLikeProperty(word string) bool {
	ptype, _, _ := strings.Cut(strings.ToLower(word), ".")
	switch ptype {
	case "smtp", "header", "body", "policy", "dns":
		return true
	}
	return false
}
