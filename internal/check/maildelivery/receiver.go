package maildelivery

import (
	"slices"
	"strings"

	"github.com/launchready/terraform-provider-launchready/internal/mail/authres"
	"github.com/launchready/terraform-provider-launchready/internal/mail/dmarc"
	"github.com/launchready/terraform-provider-launchready/internal/mail/message"
)

// receiver is what the receiving system wrote of the message; its zero value
// says nothing.
type receiver struct {
	results authres.Header
	text    string
}

// receiverOf reads the Authentication-Results that may be believed (RFC 8601
// section 5): those of a receiver that is trusted, where the sender cannot have
// written them. Some systems write one field for each method; of each method the
// topmost counts.
func (s *session) receiverOf(m *message.Message, v message.Verdict) receiver {
	var out receiver
	var texts []string
	for _, f := range s.receiverFields(m, v) {
		if !strings.EqualFold(f.Name, "Authentication-Results") {
			continue
		}
		h := authres.Parse(f.Value)
		server := h.Server
		if server == "" {
			server = v.Border.By // Microsoft leaves its name out
		}
		if !s.trusts(server, v.Border.By) {
			continue
		}
		known := out.results
		for _, r := range h.Results {
			if len(known.Of(r.Method)) == 0 {
				out.results.Results = append(out.results.Results, r)
			}
		}
		texts = append(texts, f.Value)
	}
	out.text = strings.Join(texts, "\n")
	return out
}

// receiverFields are the fields that the receiver wrote: those above that of the
// hop by which the message came in, and what filters put right below it, as
// OpenDKIM and OpenDMARC did until 2026. There a sender could forge one that the
// receiver does not take out (RFC 8601 section 5); it would gain nothing, because
// a receiver's pass never outweighs a fault that is seen here.
func (s *session) receiverFields(m *message.Message, v message.Verdict) []message.Field {
	if v.BorderAt < 0 {
		return nil
	}
	end := v.BorderAt + 1
	for end < len(m.Fields) && isTrace(m.Fields[end].Name) {
		end++
	}
	return m.Fields[:end]
}

// isTrace reports whether a field is of those that filters write.
func isTrace(name string) bool {
	switch name = strings.ToLower(name); name {
	case "authentication-results", "received-spf", "dkim-filter", "dmarc-filter":
		return true
	}
	return strings.HasPrefix(name, "x-")
}

// trusts reports whether a server is one of those that are named, or below it;
// without any, whether it is of the organisation of the host that took the
// message in.
func (s *session) trusts(server, border string) bool {
	server = canonical(server)
	if len(s.spec.TrustedReceivers) > 0 {
		return slices.ContainsFunc(s.spec.TrustedReceivers, func(name string) bool {
			name = canonical(name)
			return server == name || strings.HasSuffix(server, "."+name)
		})
	}
	return server != "" && (server == border || strings.Contains(server, ".") && dmarc.OrganizationalDomain(server) == dmarc.OrganizationalDomain(border))
}

// of is the receiver's word on a method, as it wrote it; of several about one
// domain, a pass wins. about nil means any domain. Empty: it says nothing.
func (r receiver) of(method string, about func(domain string) bool) word {
	var out word
	for _, result := range r.results.Of(method) {
		if about != nil && !about(result.Domain()) {
			continue
		}
		if w := wordOf(method, result.Value); out.verdict == "" || out.verdict != message.Pass && w.verdict == message.Pass {
			out = w
		}
	}
	return out
}

// word is a receiver's result of a method.
type word struct {
	verdict message.Result // Pass, Fail or empty: no word
	text    string         // as written, such as "softfail"
}

// wordOf reads a result. Only what says that the message passes or does not is a
// word: none, neutral and policy say that the receiver did not judge, temperror
// that it could not.
func wordOf(method, value string) word {
	switch {
	case value == "pass", method == "dmarc" && value == "bestguesspass": // Microsoft's, where there is no record
		return word{message.Pass, value}
	case value == "fail", value == "permerror", value == "hardfail", method == "spf" && value == "softfail": // hardfail: RFC 5451
		return word{message.Fail, value}
	}
	return word{}
}
