package spf

import (
	"net/netip"
	"strings"
	"unicode"
)

// Words are what stands behind the version in a text that was meant as a
// record, apart at every blank, visible or not.
func Words(text string) []string {
	i := indexVersion(text)
	if i < 0 {
		return nil
	}
	return strings.FieldsFunc(text[i+len(Version):], func(r rune) bool {
		return unicode.IsSpace(r) || r == '\u200b' || r == '\ufeff'
	})
}

// indexVersion is where the version begins, in any case; -1 if it does not. Octets
// are compared, for lower case may be longer than what it is of.
func indexVersion(text string) int {
	for i := 0; i+len(Version) <= len(text); i++ {
		if strings.EqualFold(text[i:i+len(Version)], Version) {
			return i
		}
	}
	return -1
}

// Repair reads a word of a record as the terms that its author certainly meant.
// It is empty where that is not certain.
func Repair(word string) []Term {
	word = strings.Trim(word, ",;\"'`\\\u201c\u201d\u2018\u2019")
	for _, dash := range []string{"\u2013", "\u2014", "\u2212"} {
		if strings.EqualFold(word, dash+string(All)) {
			return readOne("-" + string(All))
		}
	}
	if terms := readOne(word); terms != nil {
		return terms
	}
	for _, candidate := range candidates(word) {
		if terms := readOne(candidate); terms != nil {
			return terms
		}
	}
	parts := strings.FieldsFunc(word, func(r rune) bool { return r == ',' || r == ';' })
	if len(parts) < 2 {
		return nil
	}
	var out []Term
	for _, part := range parts {
		terms := Repair(part)
		if len(terms) != 1 {
			return nil
		}
		out = append(out, terms[0])
	}
	return out
}

// readOne reads one term that means what it says.
func readOne(word string) []Term {
	if word == "" {
		return nil
	}
	r, err := Parse(Version + " " + word)
	if err != nil || len(r.Terms) != 1 {
		return nil
	}
	if t := r.Terms[0]; isMechanism(t.Modifier) || t.Modifier == "v" || strings.HasPrefix(t.Modifier, "ip") {
		return nil
	}
	return r.Terms
}

// candidates are other ways to write a word that cannot be read.
func candidates(word string) []string {
	qualifier, body := "", word
	if strings.HasPrefix(word, "+") || strings.HasPrefix(word, "-") || strings.HasPrefix(word, "~") || strings.HasPrefix(word, "?") {
		qualifier, body = word[:1], word[1:]
	}
	out := []string{strings.TrimRight(word, ".")}
	if literal := network(body); literal != "" {
		return append(out, qualifier+literal)
	}
	i := strings.IndexAny(body, ":=")
	if i < 0 {
		return out
	}
	name, value := strings.ToLower(body[:i]), strings.TrimRight(body[i+1:], ".")
	switch name {
	case "ip", "ip4", "ip6", "ipv4", "ipv6", string(A), string(MX):
		if literal := network(value); literal != "" {
			out = append(out, qualifier+literal)
		}
	}
	switch name {
	case Redirect, Exp:
		if qualifier == "" {
			out = append(out, name+"="+value)
		}
	case string(Include), string(A), string(MX), string(Exists):
		out = append(out, qualifier+name+":"+value)
	}
	return out
}

// network writes an address or a network as the mechanism of its family.
func network(text string) string {
	addr, err := netip.ParseAddr(text)
	if err != nil {
		prefix, err := netip.ParsePrefix(text)
		if err != nil {
			return ""
		}
		addr = prefix.Addr()
	}
	if addr.Zone() != "" {
		return ""
	}
	if addr.Is4() {
		return string(IP4) + ":" + text
	}
	return string(IP6) + ":" + text
}
