// Package message judges one message as it arrived: who wrote it, how it
// travelled, whether its signatures hold, what SPF and DMARC make of it, where
// its links lead, and whether it reports that another one bounced.
//
// Everything is taken from the raw octets, because any other form breaks
// signatures. Sizes, counts and depths are bounded, nothing panics on any
// input, and the network is reached through a Resolver alone.
package message

import (
	"bytes"
	"strings"
)

// Bounds of what is read of one message.
const (
	MaxSize       = 1 << 20
	maxFields     = 10_000
	maxSignatures = 50
	maxDepth      = 20 // of parts within parts
	maxParts      = 200
	maxLinks      = 1000
)

// Field is one header field.
type Field struct {
	Name  string // as written
	Value string // unfolded: no line ends; blanks around it removed
}

// Message is a message whose header has been split.
type Message struct {
	Raw       []byte
	Fields    []Field // in order, topmost first, at most 10,000
	Truncated bool    // the message is longer than what was read of it, or has more fields
}

// Read splits the header of a message. truncated says that raw is not all of it.
func Read(raw []byte, truncated bool) *Message {
	if len(raw) > MaxSize {
		raw, truncated = raw[:MaxSize], true
	}
	m := &Message{Raw: raw, Truncated: truncated}
	for rest := raw; len(rest) > 0; {
		var line []byte
		line, rest, _ = bytes.Cut(rest, []byte("\n"))
		line = bytes.TrimSuffix(line, []byte("\r"))
		if len(line) == 0 {
			break
		}
		if (line[0] == ' ' || line[0] == '\t') && len(m.Fields) > 0 {
			last := &m.Fields[len(m.Fields)-1]
			last.Value += " " + strings.TrimSpace(string(line))
			continue
		}
		if len(m.Fields) == maxFields {
			m.Truncated = true
			break
		}
		name, value, _ := strings.Cut(string(line), ":")
		m.Fields = append(m.Fields, Field{Name: strings.TrimRight(name, " \t"), Value: strings.TrimSpace(value)})
	}
	return m
}

// All are the values of a field, topmost first.
func (m *Message) All(name string) []string {
	var out []string
	for _, f := range m.Fields {
		if strings.EqualFold(f.Name, name) {
			out = append(out, f.Value)
		}
	}
	return out
}

// Has reports whether a field is there.
func (m *Message) Has(name string) bool { return len(m.All(name)) > 0 }

// recipientFields name who a message is for: as its author says, and as the
// systems on the way noted.
var recipientFields = []string{"To", "Cc", "Delivered-To", "X-Original-To", "Envelope-To", "X-Envelope-To", "X-Rcpt-To"}

// IsFor reports whether the message names an address as a recipient. The fields
// are searched for the address as a word, so that odd syntax hides nothing.
func (m *Message) IsFor(address string) bool {
	for _, name := range recipientFields {
		for _, value := range m.All(name) {
			if names(value, address) {
				return true
			}
		}
	}
	for _, hop := range m.Hops() {
		if strings.EqualFold(hop.For, address) {
			return true
		}
	}
	return false
}

// names reports whether a text holds an address as a word of its own.
func names(text, address string) bool {
	words := strings.FieldsFunc(text, func(r rune) bool { return r <= ' ' || strings.ContainsRune("<>,;:()[]\"", r) })
	for _, w := range words {
		if strings.EqualFold(w, address) {
			return true
		}
	}
	return false
}
