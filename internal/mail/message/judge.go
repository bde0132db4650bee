package message

import (
	"context"
	"net/netip"
	"strings"

	"github.com/launchready/terraform-provider-launchready/internal/mail/dmarc"
	"github.com/launchready/terraform-provider-launchready/internal/mail/spf"
)

// Resolver answers DNS questions; see spf.Resolver. It must be safe for
// concurrent use: signatures are verified beside one another.
type Resolver = spf.Resolver

// Verdict is what a receiver that trusts nobody makes of a message.
type Verdict struct {
	Author     Author
	Signatures []Signature // topmost first
	SPF        Sender
	DMARC      Policy
	Border     Hop
	BorderAt   int    // place of the border's field in the header; -1 if there is none
	Doubt      string // why Border's address may not be that of the host outside; empty if it is
}

// Sender is SPF for the envelope sender (RFC 7208).
type Sender struct {
	Result  Result // empty if it could not be evaluated: Reason says why
	Reason  string
	Domain  string // that was judged: of MAIL FROM, else HELO
	Path    string // of terms that led to the result: "include:spf.mtasv.net, ip4:50.31.156.96/27"; may be empty
	Address netip.Addr
	Aligned bool // Domain aligns with From; for a null path the HELO name stands in (RFC 7208 2.4)
}

// Policy is DMARC (RFC 9989).
type Policy struct {
	Result Result
	Reason string
	Record *dmarc.Record // nil if none applies
	Found  string        // domain that it stands at
}

// Judge verifies a message. The caller bounds the time by ctx.
func Judge(ctx context.Context, r Resolver, m *Message) Verdict {
	v := Verdict{Author: m.Author()}
	v.Border, v.BorderAt, v.Doubt = m.Border()
	v.Signatures = m.signatures(ctx, r)
	asker := spf.NewAsker(r)
	v.SPF = sender(ctx, asker, m, v)
	v.DMARC = policy(ctx, asker, &v)
	return v
}

func sender(ctx context.Context, r Resolver, m *Message, v Verdict) Sender {
	from, noted := m.ReturnPath()
	s := Sender{Address: v.Border.Address}
	switch {
	case v.Doubt != "":
		s.Reason = v.Doubt
		return s
	case !noted:
		s.Reason = "there is no Return-Path field"
		return s
	}
	e := spf.Evaluate(ctx, r, s.Address, v.Border.HELO, from, spf.WithTrace())
	s.Result, s.Reason, s.Path = Result(e.Result), e.Problem, decided(e)
	if s.Domain = DomainOf(from); s.Domain == "" {
		s.Domain = canonical(v.Border.HELO)
	}
	return s
}

// decided are the terms that matched, from the first record to where the result
// came from. What an include found counts only if the include itself matched.
func decided(e spf.Evaluation) string {
	var terms []string
	depth := 0
	for _, step := range e.Trace {
		if step.Matched && step.Depth == depth {
			terms = append(terms, step.Term)
			depth++
		}
	}
	return strings.Join(terms, ", ")
}

// policy finds the record and marks what aligns.
func policy(ctx context.Context, r Resolver, v *Verdict) Policy {
	if v.Author.Domain == "" {
		return Policy{Result: PermError, Reason: v.Author.Problem}
	}
	found := dmarc.Walk(ctx, r, v.Author.Domain)
	p := Policy{Record: found.Record, Found: found.Found}
	strictDKIM, strictSPF := false, false
	if p.Record != nil {
		strictDKIM, strictSPF = p.Record.StrictDKIM, p.Record.StrictSPF
	}
	uncertain := false
	aligned := func(domain string, strict bool) bool { return aligns(ctx, r, v.Author.Domain, domain, strict) }
	passed := false
	for i := range v.Signatures {
		s := &v.Signatures[i]
		s.Aligned = aligned(s.Domain, strictDKIM)
		passed = passed || s.Aligned && s.Result == Pass
		uncertain = uncertain || s.Aligned && s.Result == TempError
	}
	v.SPF.Aligned = aligned(v.SPF.Domain, strictSPF)
	passed = passed || v.SPF.Aligned && v.SPF.Result == Pass
	uncertain = uncertain || v.SPF.Aligned && v.SPF.Result == TempError || v.SPF.Result == ""
	switch {
	case found.Err != nil:
		p.Result, p.Reason = TempError, "the policy record could not be looked up"
	case p.Record == nil:
		p.Result, p.Reason = None, "no policy record applies to "+v.Author.Domain
	case passed:
		p.Result = Pass
	case uncertain:
		p.Result, p.Reason = TempError, "neither an aligned signature nor aligned SPF passed, and not all could be tested"
	default:
		p.Result, p.Reason = Fail, "neither an aligned signature nor aligned SPF passed"
	}
	return p
}

// aligns reports whether a domain aligns with that of From (RFC 9989 section
// 4.4). Below one registrable domain the tree walk decides whether they are one
// organisation; where it cannot be done, the public suffix list does.
func aligns(ctx context.Context, r Resolver, from, domain string, strict bool) bool {
	switch {
	case domain == "":
		return false
	case from == domain:
		return true
	case strict || dmarc.OrganizationalDomain(from) != dmarc.OrganizationalDomain(domain):
		return false
	}
	a, b := dmarc.Walk(ctx, r, from), dmarc.Walk(ctx, r, domain)
	if a.Organizational == "" || b.Organizational == "" || noRecord(a) || noRecord(b) {
		return true
	}
	return a.Organizational == b.Organizational
}

// noRecord reports whether a walk found no record at all: the organizational
// domain is then the name itself, which says nothing.
func noRecord(d dmarc.Discovery) bool {
	for _, s := range d.Steps {
		if s.Record != nil {
			return false
		}
	}
	return true
}
