package message

import (
	"io"
	"mime"
	"net/mail"
	"strings"

	"golang.org/x/net/idna"
)

// Author is the From field, which DMARC protects.
type Author struct {
	Address string
	Domain  string // A-labels, lower case; empty if there is none that can be judged
	Problem string // why there is none
}

// Author reads the From field. Two of them, or two authors, leave no domain:
// DMARC needs exactly one, and receivers refuse such mail or judge either.
func (m *Message) Author() Author {
	values := m.All("From")
	switch len(values) {
	case 0:
		return Author{Problem: "there is no From field"}
	case 1:
	default:
		return Author{Problem: "there is more than one From field"}
	}
	// A name in a character set that nobody knows does not spoil the address.
	asIs := func(_ string, r io.Reader) (io.Reader, error) { return r, nil }
	parser := mail.AddressParser{WordDecoder: &mime.WordDecoder{CharsetReader: asIs}}
	list, err := parser.ParseList(values[0])
	switch {
	case err != nil || len(list) == 0:
		return Author{Problem: "the From field holds no address"}
	case len(list) > 1:
		return Author{Problem: "the From field names more than one author"}
	}
	domain := DomainOf(list[0].Address)
	if domain == "" {
		return Author{Problem: "the address in the From field has no domain"}
	}
	return Author{Address: list[0].Address, Domain: domain}
}

// DomainOf is the domain of an address as the DNS writes it, or "".
func DomainOf(address string) string {
	i := strings.LastIndexByte(address, '@')
	if i < 0 {
		return ""
	}
	return canonical(address[i+1:])
}

// canonical is a domain in A-labels, lower case, without trailing dot; labels
// that IDNA refuses stay as they are.
func canonical(domain string) string {
	domain = strings.TrimSuffix(strings.ToLower(strings.TrimSpace(domain)), ".")
	labels := strings.Split(domain, ".")
	for i, label := range labels {
		if a, err := idna.Lookup.ToASCII(label); err == nil {
			labels[i] = a
		}
	}
	return strings.Join(labels, ".")
}

// ReturnPath is the envelope sender, which the last system on the way notes;
// empty for the null path of bounces. ok is false if nobody noted it.
func (m *Message) ReturnPath() (address string, ok bool) {
	values := m.All("Return-Path")
	if len(values) == 0 {
		return "", false
	}
	_, inner, found := strings.Cut(values[0], "<")
	if !found {
		return strings.TrimSpace(values[0]), true
	}
	inner, _, _ = strings.Cut(inner, ">")
	return strings.TrimSpace(inner), true
}
