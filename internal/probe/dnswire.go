package probe

import (
	"context"
	"errors"
	"fmt"
	"net"
	"os"
	"strings"
	"time"

	"github.com/miekg/dns"
)

const (
	dnsConcurrency = 16
	// ednsSize avoids fragments on every common path (DNS flag day 2020).
	ednsSize = 1232
	// dnsRounds is how often the list of resolvers is gone through: UDP loses packets.
	dnsRounds = 2
)

// question is what is asked on the wire.
type question struct {
	name string // canonical, no trailing dot
	typ  uint16
}

// reply is the outcome of one question before CNAMEs are followed. Found means
// NOERROR here, whatever the answer section holds.
type reply struct {
	status   LookupStatus
	answer   []dns.RR
	ttl      time.Duration // how long it may be kept; 0 = not at all
	resolver string
	detail   string
	// authenticated is what the resolver says of DNSSEC, where it was asked.
	authenticated bool
}

// resolverList returns the resolvers to use, host:port.
func resolverList(configured []string) []string {
	var out []string
	for _, entry := range configured {
		if address, err := resolverAddress(entry); err == nil {
			out = append(out, address)
		}
	}
	if len(configured) > 0 {
		return out
	}
	system, err := dns.ClientConfigFromFile("/etc/resolv.conf")
	if err != nil {
		return nil
	}
	for _, server := range system.Servers {
		out = append(out, net.JoinHostPort(server, system.Port))
	}
	return out
}

// ask puts one question to the resolvers in turn until one decides it.
func (c *Client) ask(ctx context.Context, q question) reply {
	servers := c.resolvers()
	if len(servers) == 0 {
		return reply{status: NotReached, detail: "no resolver is configured: set probe.resolvers"}
	}
	select {
	case c.dnsSlots <- struct{}{}:
		defer func() { <-c.dnsSlots }()
	case <-ctx.Done():
		return reply{status: TimedOut, detail: "the look-up was cut short"}
	}
	ctx, cancel := context.WithTimeout(ctx, c.config.Timeout)
	defer cancel()
	share := c.config.Timeout / time.Duration(dnsRounds*len(servers))
	var best reply
	mayPass := false
	for round := range dnsRounds {
		for _, server := range servers {
			tryCtx, cancelTry := context.WithTimeout(ctx, share)
			r := exchange(tryCtx, server, q)
			cancelTry()
			if r.status.Decided() {
				return r
			}
			mayPass = mayPass || r.status == TimedOut || r.status == ServFail
			if best.status == "" || undecidedRank(r.status) < undecidedRank(best.status) {
				best = r
			}
			if ctx.Err() != nil {
				return best
			}
		}
		if round == 0 && !mayPass {
			break // they will say the same again; a time-out or SERVFAIL may pass
		}
	}
	return best
}

// undecidedRank orders outcomes by how much they tell, so that the same faults
// make the same verdict whichever resolver came last.
func undecidedRank(s LookupStatus) int {
	switch s {
	case ServFail:
		return 0
	case Refused:
		return 1
	case BadAnswer:
		return 2
	case TimedOut:
		return 3
	default:
		return 4
	}
}

// exchange asks one server: over UDP, over TCP if the answer was truncated
// (RFC 7766 5), and without EDNS if the server does not know it (RFC 6891 7).
func exchange(ctx context.Context, server string, q question) reply {
	query := new(dns.Msg)
	query.SetQuestion(dns.Fqdn(q.name), q.typ)
	query.SetEdns0(ednsSize, false)
	// A resolver that validates says so when asked (RFC 6840 section 5.7). What is
	// worth nothing unsigned is asked for that way.
	query.AuthenticatedData = q.typ == dns.TypeTLSA

	truncated := false
	answer, err := roundTrip(ctx, "udp", server, query)
	if err == nil && (answer.Rcode == dns.RcodeFormatError || answer.Rcode == dns.RcodeNotImplemented || answer.Rcode == dns.RcodeBadVers) {
		query.Extra = nil
		answer, err = roundTrip(ctx, "udp", server, query)
	}
	if err == nil && answer.Truncated {
		answer, err = roundTrip(ctx, "tcp", server, query)
		truncated = true
	}
	if err != nil {
		r := replyToError(err)
		if truncated && r.status == NotReached {
			r.detail = "the answer is too long for UDP, and the resolver cannot be reached over TCP"
		}
		r.resolver = server
		return r
	}
	r := readReply(answer)
	r.resolver, r.authenticated = server, query.AuthenticatedData && answer.AuthenticatedData
	return r
}

func roundTrip(ctx context.Context, network, server string, query *dns.Msg) (*dns.Msg, error) {
	raw, err := (&net.Dialer{}).DialContext(ctx, network, server)
	if err != nil {
		return nil, err
	}
	defer raw.Close()
	stop := context.AfterFunc(ctx, func() { _ = raw.SetDeadline(time.Unix(1, 0)) })
	defer stop()
	conn := &dns.Conn{Conn: raw, UDPSize: ednsSize}
	query.Id = dns.Id()
	if err := conn.WriteMsg(query); err != nil {
		return nil, err
	}
	for {
		answer, err := conn.ReadMsg()
		if err != nil {
			if ctx.Err() != nil {
				return nil, ctx.Err()
			}
			return nil, err
		}
		// A packet that does not answer this question is a late or a forged
		// one: the right answer may still come (RFC 5452 section 3).
		if answersQuestion(query, answer) {
			return answer, nil
		}
		if network == "tcp" {
			return nil, errors.New("dns: the answer is to another question")
		}
	}
}

func answersQuestion(query, answer *dns.Msg) bool {
	if !answer.Response || answer.Id != query.Id {
		return false
	}
	if len(answer.Question) == 0 {
		return answer.Rcode == dns.RcodeFormatError || answer.Rcode == dns.RcodeNotImplemented
	}
	asked, got := query.Question[0], answer.Question[0]
	return len(answer.Question) == 1 && got.Qtype == asked.Qtype && got.Qclass == asked.Qclass && strings.EqualFold(got.Name, asked.Name)
}

func readReply(m *dns.Msg) reply {
	switch m.Rcode {
	case dns.RcodeSuccess:
		return reply{status: Found, answer: m.Answer, ttl: replyTTL(m)}
	case dns.RcodeNameError:
		return reply{status: NXDomain, answer: m.Answer, ttl: replyTTL(m)}
	case dns.RcodeServerFailure:
		return reply{status: ServFail, detail: "the resolver answered SERVFAIL" + extendedError(m)}
	case dns.RcodeRefused:
		return reply{status: Refused, detail: "the resolver answered REFUSED" + extendedError(m)}
	default:
		return reply{status: BadAnswer, detail: "the resolver answered " + dns.RcodeToString[m.Rcode]}
	}
}

// extendedError names the cause that the resolver gives (RFC 8914), such as a
// broken DNSSEC chain. The free text is left out: it varies.
func extendedError(m *dns.Msg) string {
	opt := m.IsEdns0()
	if opt == nil {
		return ""
	}
	for _, o := range opt.Option {
		if e, ok := o.(*dns.EDNS0_EDE); ok {
			if text := dns.ExtendedErrorCodeToString[e.InfoCode]; text != "" {
				return fmt.Sprintf(" (%s)", text)
			}
		}
	}
	return ""
}

// replyTTL is how long an answer may be kept: the smallest TTL of the records,
// and for a negative answer no longer than the SOA record allows (RFC 2308
// section 5). CNAMEs before a negative end hold it to their TTL as well.
func replyTTL(m *dns.Msg) time.Duration {
	ttl, positive := maxPositiveTTL, false
	for _, rr := range m.Answer {
		ttl = min(ttl, time.Duration(rr.Header().Ttl)*time.Second)
		positive = positive || len(m.Question) == 1 && rr.Header().Rrtype == m.Question[0].Qtype
	}
	if positive && m.Rcode == dns.RcodeSuccess {
		return ttl
	}
	for _, rr := range m.Ns {
		if soa, ok := rr.(*dns.SOA); ok {
			return min(ttl, maxNegativeTTL, time.Duration(min(soa.Minttl, soa.Hdr.Ttl))*time.Second)
		}
	}
	if len(m.Answer) > 0 && m.Rcode == dns.RcodeSuccess {
		return ttl // a CNAME whose target the server leaves to its clients
	}
	return 0
}

func replyToError(err error) reply {
	var network net.Error
	var dnsErr *dns.Error
	switch {
	case errors.Is(err, context.DeadlineExceeded), errors.Is(err, context.Canceled), errors.Is(err, os.ErrDeadlineExceeded),
		errors.As(err, &network) && network.Timeout():
		return reply{status: TimedOut, detail: "no resolver answered in time"}
	case errors.As(err, &dnsErr), strings.HasPrefix(err.Error(), "dns: "):
		return reply{status: BadAnswer, detail: "the resolver's answer cannot be read"}
	default:
		return reply{status: NotReached, detail: "no resolver could be reached"}
	}
}
