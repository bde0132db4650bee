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

// receiverOf finds the topmost Authentication-Results that may be believed: it
// stands above the field of the hop by which the message came in, so that the
// sender cannot have written it, and is of a receiver that is trusted (RFC 8601
// section 5).
func (s *session) receiverOf(m *message.Message, v message.Verdict) receiver {
	for _, f := range m.Fields[:max(v.BorderAt, 0)] {
		if !strings.EqualFold(f.Name, "Authentication-Results") {
			continue
		}
		h := authres.Parse(f.Value)
		server := h.Server
		if server == "" {
			server = v.Border.By // Microsoft leaves its name out
		}
		if s.trusts(server, v.Border.By) && len(h.Results) > 0 {
			return receiver{h, f.Value}
		}
	}
	return receiver{}
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

// of is the receiver's result of a method; of several about one domain, a pass
// wins. about nil means any domain. Empty: it says nothing.
func (r receiver) of(method string, about func(domain string) bool) message.Result {
	var out message.Result
	for _, result := range r.results.Of(method) {
		if about != nil && result.Value != "none" && !about(result.Domain()) {
			continue
		}
		if out == "" || result.Value == "pass" {
			out = message.Result(result.Value)
		}
	}
	return out
}

// opinion is the receiver's result where it is one: an error on its side is not.
func opinion(r message.Result) message.Result {
	if r == message.TempError {
		return ""
	}
	return r
}
