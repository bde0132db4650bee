package message

import (
	"net/netip"
	"regexp"
	"slices"
	"strings"
	"sync"
)

// Encryption says whether a hop was made over TLS.
type Encryption string

const (
	EncryptionUnknown Encryption = ""
	Plain             Encryption = "plain"
	TLS               Encryption = "tls"
)

// Hop is one Received field (RFC 5321 section 4.4), in the forms of Gmail,
// Postfix, Exim, Exchange, qmail and plain servers:
//
//	from mail.acme.example (mail.acme.example. [192.0.2.1]) by mx.google.com with ESMTPS id ... for <a@b>
//	    (version=TLS1_3 cipher=TLS_AES_128_GCM_SHA256 bits=128/128); Wed, 25 Nov 2026 ...
//	from mail.acme.example (192.0.2.1) by AM1.mail.protection.outlook.com (10.1.2.3) with Microsoft SMTP Server (version=TLS1_2, ...)
//	from mail.acme.example ([192.0.2.1] helo=out.acme.example) by mx with esmtps (TLS1.3) ...
type Hop struct {
	HELO       string     // what the client called itself
	Reverse    string     // its name by reverse DNS, if noted
	Address    netip.Addr // of the client; invalid if not noted
	By         string     // who received it
	With       string     // protocol, as written
	For        string     // recipient, if noted
	Encryption Encryption
}

// Hops are the Received fields, topmost first.
func (m *Message) Hops() []Hop {
	var out []Hop
	for _, value := range m.All("Received") {
		out = append(out, ParseReceived(value))
	}
	return out
}

// clause is a keyword with the words and comments that follow it.
type clause struct{ words, comments []string }

// ParseReceived reads the value of a Received field.
func ParseReceived(value string) Hop {
	clauses := receivedClauses(value)
	var hop Hop
	from := clauses["from"]
	hop.HELO = strings.Trim(first(from.words), "[]")
	hop.By = canonical(first(clauses["by"].words))
	hop.With = strings.Join(clauses["with"].words, " ")
	hop.For = strings.Trim(first(clauses["for"].words), "<>")
	hop.Address = firstAddress(append(slices.Clone(from.comments), from.words...))
	var comments []string
	for _, keyword := range []string{"from", "by", "via", "with", "id", "for", ""} {
		comments = append(comments, clauses[keyword].comments...)
	}
	for _, c := range from.comments {
		name, rest, _ := strings.Cut(strings.TrimSpace(c), " ")
		if helo := helloWord().FindStringSubmatch(c); helo != nil {
			// Exim and qmail note the verified name first, and what the client said beside it.
			hop.Reverse, hop.HELO = hop.HELO, helo[1]
		} else if strings.Contains(rest, "[") && !strings.ContainsAny(name, "[]=") && !strings.Contains(rest, "may be forged") { // Sendmail's word for a name that does not lead back
			hop.Reverse = strings.TrimSuffix(strings.ToLower(name), ".")
		}
	}
	hop.Encryption = encryption(hop.With, comments)
	return hop
}

var receivedKeywords = []string{"from", "by", "via", "with", "id", "for"}

// receivedClauses splits a field at its keywords. The date after the last
// semicolon is left out.
func receivedClauses(value string) map[string]clause {
	out := map[string]clause{}
	keyword := ""
	depth, start := 0, 0
	flush := func(end int) {
		for _, w := range strings.Fields(value[start:end]) {
			w = strings.Trim(w, ",")
			if lower := strings.ToLower(w); slices.Contains(receivedKeywords, lower) {
				if _, seen := out[lower]; !seen || lower != "from" && lower != "by" {
					keyword = lower
					continue
				}
			}
			c := out[keyword]
			c.words = append(c.words, w)
			out[keyword] = c
		}
	}
	for i := 0; i < len(value); i++ {
		switch c := value[i]; {
		case c == '(':
			if depth == 0 {
				flush(i)
				start = i + 1
			}
			depth++
		case c == ')' && depth > 0:
			if depth--; depth == 0 {
				c := out[keyword]
				c.comments = append(c.comments, value[start:i])
				out[keyword] = c
				start = i + 1
			}
		case c == ';' && depth == 0:
			flush(i)
			return out
		}
	}
	if depth == 0 && start <= len(value) {
		flush(len(value))
	}
	return out
}

func first(words []string) string {
	if len(words) == 0 {
		return ""
	}
	return words[0]
}

// firstAddress finds an address among texts such as "mail.acme.example
// [192.0.2.1]", "[IPv6:2001:db8::1]" or "192.0.2.1". One in brackets comes
// first: there servers note what they saw, while a name is what the client said.
func firstAddress(texts []string) netip.Addr {
	split := func(r rune) bool { return r <= ' ' || strings.ContainsRune(",;()<>", r) }
	for _, bracketed := range []bool{true, false} {
		for _, text := range texts {
			for _, w := range strings.FieldsFunc(text, split) {
				if bracketed != strings.HasPrefix(w, "[") {
					continue
				}
				w, _, _ = strings.Cut(strings.TrimPrefix(w, "["), "]")
				if len(w) > 5 && strings.EqualFold(w[:5], "IPv6:") {
					w = w[5:]
				}
				if ip, err := netip.ParseAddr(w); err == nil {
					return ip.Unmap().WithZone("")
				}
			}
		}
	}
	return netip.Addr{}
}

// The patterns are compiled on first use.
var (
	helloWord  = sync.OnceValue(func() *regexp.Regexp { return regexp.MustCompile(`(?i)(?:^|\s)(?:helo[= ]|ehlo[= ])\[?([^\s\])]+)`) })
	tlsComment = sync.OnceValue(func() *regexp.Regexp {
		return regexp.MustCompile(`(?i)^\s*(?:using\s+(?:TLS|SSL)v?\d|version[=:]\s*(?:TLS|SSL)v?\d|(?:TLS|SSL)v?\d[\d._]*\s*$|(?:TLS|SSL)v?\d[\d._]*[: ])`)
	})
	tlsProtocol = sync.OnceValue(func() *regexp.Regexp {
		// RFC 3848, RFC 6531 section 4.3, RFC 8314; HTTPS within Exchange.
		return regexp.MustCompile(`(?i)^(?:E?SMTPSA?|LMTPSA?|UTF8E?SMTPSA?|UTF8LMTPSA?|HTTPS)$`)
	})
)

// encryption judges the protocol and the comments of a hop. What neither names
// a protocol nor TLS says nothing.
func encryption(with string, comments []string) Encryption {
	protocol, _, _ := strings.Cut(with, " ")
	if tlsProtocol().MatchString(protocol) {
		return TLS
	}
	for _, c := range comments {
		if tlsComment().MatchString(c) {
			return TLS
		}
	}
	if with == "" {
		return EncryptionUnknown
	}
	return Plain
}
