package inbox

import (
	"bytes"
	"context"
	"errors"
	"net"
	"net/mail"
	"strings"

	"blitiri.com.ar/go/spf"
	"github.com/emersion/go-message/textproto"
	"github.com/emersion/go-msgauth/authres"
	"github.com/emersion/go-msgauth/dkim"
	"github.com/emersion/go-msgauth/dmarc"
	"golang.org/x/net/publicsuffix"
)

// envelope is what is known of a message beside the message.
type envelope struct {
	helo, from string
	peer       net.IP
}

// signature is what came of one DKIM signature.
type signature struct {
	domain, selector string
	value            authres.ResultValue
}

// judge authenticates a message and returns the value of the field that says
// what came of it (RFC 8601).
func (s *Server) judge(ctx context.Context, e envelope, header textproto.Header, raw []byte) string {
	lookup := func(name string) ([]string, error) { return s.resolver.LookupTXT(ctx, name) }

	identity, domain := "smtp.mailfrom", domainOf(e.from)
	value := e.from
	if e.from == "" { // a bounce: the client's name is judged (RFC 7208 2.4)
		identity, domain, value = "smtp.helo", e.helo, e.helo
	}
	sender, _ := spf.CheckHostWithSender(e.peer, e.helo, e.from, spf.WithContext(ctx), spf.WithResolver(s.resolver))
	results := []authres.Result{&authres.GenericResult{
		Method: "spf", Value: authres.ResultValue(sender), Params: map[string]string{identity: value},
	}}

	signatures := verify(header, raw, lookup)
	for _, found := range signatures {
		params := map[string]string{"header.d": found.domain, "header.s": found.selector}
		results = append(results, &authres.GenericResult{Method: "dkim", Value: found.value, Params: params})
	}
	if len(signatures) == 0 {
		results = append(results, &authres.GenericResult{Method: "dkim", Value: authres.ResultNone})
	}

	author := authorOf(header)
	passed := ""
	if sender == spf.Pass {
		passed = domain
	}
	results = append(results, &authres.GenericResult{
		Method: "dmarc", Value: align(author, passed, signatures, lookup), Params: map[string]string{"header.from": author},
	})
	// The library leaves a blank behind a result without properties.
	return strings.TrimSpace(strings.ReplaceAll(authres.Format(MX, results), " ;", ";"))
}

// verify checks every signature of a message (RFC 6376 6).
func verify(header textproto.Header, raw []byte, lookup func(string) ([]string, error)) []signature {
	const most = 10
	found, err := dkim.VerifyWithOptions(bytes.NewReader(raw), &dkim.VerifyOptions{LookupTXT: lookup, MaxVerifications: most})
	if err != nil && len(found) == 0 {
		return nil
	}
	selectors := []string{}
	for fields := header.FieldsByKey("DKIM-Signature"); fields.Next(); {
		selectors = append(selectors, tag(fields.Value(), "s"))
	}
	out := make([]signature, 0, len(found))
	for i, v := range found {
		one := signature{domain: v.Domain, value: authres.ResultFail}
		if i < len(selectors) {
			one.selector = selectors[i]
		}
		switch {
		case v.Err == nil:
			one.value = authres.ResultPass
		case dkim.IsTempFail(v.Err):
			one.value = authres.ResultTempError
		case dkim.IsPermFail(v.Err):
			one.value = authres.ResultPermError
		}
		out = append(out, one)
	}
	return out
}

// tag returns one tag of a tag list (RFC 6376 3.2), which may be folded.
func tag(list, name string) string {
	for part := range strings.SplitSeq(list, ";") {
		key, value, ok := strings.Cut(part, "=")
		if ok && strings.TrimSpace(key) == name {
			return strings.Join(strings.Fields(value), "")
		}
	}
	return ""
}

// align says whether the author's domain stands behind a message: by SPF or by
// a signature whose domain is the author's, in the way its policy asks for
// (RFC 9989 4.4). passed is the domain SPF passed for, or nothing.
func align(author, passed string, signatures []signature, lookup func(string) ([]string, error)) authres.ResultValue {
	options := &dmarc.LookupOptions{LookupTXT: lookup}
	policy, err := dmarc.LookupWithOptions(author, options)
	if errors.Is(err, dmarc.ErrNoPolicy) && organisation(author) != author {
		policy, err = dmarc.LookupWithOptions(organisation(author), options)
	}
	switch {
	case author == "" || errors.Is(err, dmarc.ErrNoPolicy):
		return authres.ResultNone
	case err != nil && dmarc.IsTempFail(err):
		return authres.ResultTempError
	case err != nil:
		return authres.ResultPermError
	}
	same := func(domain string, mode dmarc.AlignmentMode) bool {
		if mode == dmarc.AlignmentStrict {
			return strings.EqualFold(domain, author)
		}
		return domain != "" && organisation(domain) == organisation(author)
	}
	if passed != "" && same(passed, policy.SPFAlignment) {
		return authres.ResultPass
	}
	for _, found := range signatures {
		if found.value == authres.ResultPass && same(found.domain, policy.DKIMAlignment) {
			return authres.ResultPass
		}
	}
	return authres.ResultFail
}

// authorOf returns the domain of the From field, or nothing where there is not
// exactly one author.
func authorOf(header textproto.Header) string {
	if fields := header.FieldsByKey("From"); fields.Len() != 1 {
		return ""
	}
	authors, err := mail.ParseAddressList(header.Get("From"))
	if err != nil || len(authors) != 1 {
		return ""
	}
	return domainOf(authors[0].Address)
}

func domainOf(address string) string {
	_, domain, _ := strings.Cut(address, "@")
	return strings.ToLower(domain)
}

func organisation(domain string) string {
	if name, err := publicsuffix.EffectiveTLDPlusOne(strings.ToLower(domain)); err == nil {
		return name
	}
	return strings.ToLower(domain)
}

// resolver asks for names as they stand: the search list of this machine is of
// no interest to the sandbox's world.
type resolver struct{ *net.Resolver }

func (r resolver) LookupTXT(ctx context.Context, name string) ([]string, error) {
	return r.Resolver.LookupTXT(ctx, rooted(name))
}

func (r resolver) LookupMX(ctx context.Context, name string) ([]*net.MX, error) {
	return r.Resolver.LookupMX(ctx, rooted(name))
}

func (r resolver) LookupIPAddr(ctx context.Context, name string) ([]net.IPAddr, error) {
	return r.Resolver.LookupIPAddr(ctx, rooted(name))
}

func rooted(name string) string { return strings.TrimSuffix(name, ".") + "." }
