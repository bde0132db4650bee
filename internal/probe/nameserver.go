package probe

import (
	"context"
	"errors"
	"net"
	"net/netip"
	"strings"
	"time"

	"github.com/miekg/dns"
)

// NameServerProber asks single name servers: what each of them says, rather
// than what a resolver makes of it. A question to a name server is no probe of
// a host: allowed_hosts does not bound it.
type NameServerProber interface {
	// AskServer puts a question to one name server without recursion.
	AskServer(ctx context.Context, server NameServer, q ServerQuestion) ServerAnswer
	// Transfer asks a name server for the whole zone (AXFR, RFC 5936) and hangs
	// up at the first records that it is given.
	Transfer(ctx context.Context, server NameServer, zone string) TransferFacts
	// ZoneSecurity collects the DNSSEC facts of a zone at one of its servers:
	// which of the parent's DS records a key answers to, and what the signatures
	// over the keys and over the answers to the questions are worth now.
	ZoneSecurity(ctx context.Context, server NameServer, zone string, ds []Record, questions []ServerQuestion) ZoneSecurity
}

// NameServer is a name server at one of its addresses, port 53. connect_to is
// applied by address, then by name, then by "*:53".
type NameServer struct {
	Host    string // may be empty
	Address netip.Addr
}

// Transport is how a question travels.
type Transport string

const (
	AnyTransport Transport = ""    // UDP, and TCP where the answer was truncated or did not come (RFC 7766 5)
	UDP          Transport = "udp" // UDP alone
	TCP          Transport = "tcp"
)

// ServerQuestion is a question to one name server.
type ServerQuestion struct {
	Name      string
	Type      RecordType
	Transport Transport
}

// ServerAnswer is what one name server said. The sections are as they were
// sent: nothing is sorted, followed or left out but pseudo-records.
type ServerAnswer struct {
	Status        LookupStatus // Found: NOERROR with a record of the type; NoData: NOERROR without, referrals too
	Rcode         string       // mnemonic, such as "REFUSED"; empty if there was no answer
	Authoritative bool         // AA
	Recursive     bool         // RA
	Truncated     bool         // TC
	Answer        []Record
	Authority     []Record
	Additional    []Record
	Failure       FailureKind // why there was no answer
	Detail        string      // the same, or the RCODE, in words; stable
}

// Of returns the records of a type that a name owns in the answer section.
func (a ServerAnswer) Of(name string, typ RecordType) []Record {
	var out []Record
	for _, r := range a.Answer {
		if r.Type == typ && r.Name == name {
			out = append(out, r)
		}
	}
	return out
}

// Referral returns the name that the answer leads to other servers for, and
// these; an empty name if it is no referral (RFC 1034 4.3.2, step 3b).
func (a ServerAnswer) Referral() (cut string, servers []string) {
	if a.Authoritative || a.Status != NoData || len(a.Answer) > 0 {
		return "", nil
	}
	for _, r := range a.Authority {
		if r.Type == TypeNS {
			cut, servers = r.Name, append(servers, r.Host)
		}
	}
	return cut, servers
}

const (
	// serverConcurrency is how many questions one server is asked at once.
	serverConcurrency = 8
	// maxServerWait bounds one question: name servers answer at once or not at all.
	maxServerWait = 5 * time.Second
	// serverTries is how often a question goes out over UDP, which loses packets.
	serverTries = 2
)

// AskServer implements NameServerProber.
func (c *Client) AskServer(ctx context.Context, server NameServer, q ServerQuestion) ServerAnswer {
	m, err := c.askServer(ctx, server, q, false)
	a := toServerAnswer(m, err, dns.StringToType[string(q.Type)])
	c.config.Log(ctx, "name server question", map[string]any{
		"server": server.Host, "address": server.Address.String(), "name": q.Name, "type": string(q.Type), "status": string(a.Status),
	})
	return a
}

func toServerAnswer(m *dns.Msg, err error, code uint16) ServerAnswer {
	if err != nil {
		return serverFailure(err)
	}
	a := ServerAnswer{
		Rcode: dns.RcodeToString[m.Rcode], Authoritative: m.Authoritative, Recursive: m.RecursionAvailable, Truncated: m.Truncated,
		Answer: plainRecords(m.Answer), Authority: plainRecords(m.Ns), Additional: plainRecords(m.Extra),
	}
	switch m.Rcode {
	case dns.RcodeSuccess:
		a.Status = NoData
		for _, rr := range m.Answer {
			if rr.Header().Rrtype == code {
				a.Status = Found
			}
		}
	case dns.RcodeNameError:
		a.Status = NXDomain
	case dns.RcodeServerFailure:
		a.Status = ServFail
	case dns.RcodeRefused:
		a.Status = Refused
	default:
		a.Status = BadAnswer
	}
	if !a.Status.Decided() {
		a.Detail = "the server answered " + a.Rcode
	}
	return a
}

func serverFailure(err error) ServerAnswer {
	var a ServerAnswer
	var dnsErr *dns.Error
	switch a.Failure, a.Detail = classify(err); {
	case errors.Is(err, errNotAName):
		a.Status, a.Detail = BadAnswer, "this is not a question that DNS can answer"
	case errors.As(err, &dnsErr), strings.HasPrefix(err.Error(), "dns: "):
		a.Status, a.Failure, a.Detail = BadAnswer, FailOther, "the server's answer cannot be read"
	case a.Failure == FailTimeout:
		a.Status = TimedOut
	default:
		a.Status = NotReached
	}
	return a
}

func plainRecords(section []dns.RR) []Record {
	var out []Record
	for _, rr := range section {
		if h := rr.Header(); h.Rrtype != dns.TypeOPT && h.Rrtype != dns.TypeRRSIG {
			out = append(out, toRecord(rr))
		}
	}
	return out
}

// askServer makes one question of it, repeated where UDP was silent. secure
// asks for signatures (RFC 3225).
func (c *Client) askServer(ctx context.Context, server NameServer, q ServerQuestion, secure bool) (*dns.Msg, error) {
	name, err := canonicalDNSName(q.Name)
	code, known := dns.StringToType[string(q.Type)]
	if err != nil || !known {
		return nil, errNotAName
	}
	release, err := c.serverTurn(ctx, server)
	if err != nil {
		return nil, err
	}
	defer release()
	query := new(dns.Msg)
	query.SetQuestion(dns.Fqdn(name), code)
	query.RecursionDesired = false
	query.SetEdns0(ednsSize, secure)
	switch q.Transport {
	case TCP:
		return c.serverTrip(ctx, server, "tcp", query, 1, c.serverWait())
	case UDP:
		return c.serverTrip(ctx, server, "udp", query, serverTries, c.serverWait())
	}
	m, err := c.serverTrip(ctx, server, "udp", query, serverTries, c.serverWait()/2)
	if err == nil && !m.Truncated {
		return m, nil
	}
	full, tcpErr := c.serverTrip(ctx, server, "tcp", query, 1, c.serverWait()/2)
	if tcpErr != nil && err != nil {
		return nil, err
	}
	return full, tcpErr
}

// serverTrip sends a query and waits, at most tries times within one wait. A
// server that does not know EDNS is asked without it (RFC 6891 7).
func (c *Client) serverTrip(ctx context.Context, server NameServer, network string, query *dns.Msg, tries int, wait time.Duration) (m *dns.Msg, err error) {
	at, err := c.serverEndpoint(ctx, server)
	if err != nil {
		return nil, err
	}
	for range tries {
		tryCtx, cancel := context.WithTimeout(ctx, wait/time.Duration(tries))
		m, err = roundTrip(tryCtx, network, at, query)
		if err == nil && len(query.Extra) > 0 && (m.Rcode == dns.RcodeFormatError || m.Rcode == dns.RcodeNotImplemented || m.Rcode == dns.RcodeBadVers) {
			plain := query.Copy()
			plain.Extra = nil
			m, err = roundTrip(tryCtx, network, at, plain)
		}
		cancel()
		if kind, _ := classify(err); err == nil || kind != FailTimeout || ctx.Err() != nil {
			return m, err
		}
	}
	return nil, err
}

func (c *Client) serverWait() time.Duration { return min(c.config.Timeout, maxServerWait) }

// serverEndpoint is where to find a name server, connect_to applied.
func (c *Client) serverEndpoint(ctx context.Context, server NameServer) (string, error) {
	host, err := canonicalHost(server.Host)
	if err != nil {
		host = server.Address.String()
	}
	endpoints, err := c.endpoints(ctx, host, 53, server.Address)
	if err != nil {
		return "", err
	}
	return endpoints[0].dial, nil
}

// serverTurn waits for a turn at a name server.
func (c *Client) serverTurn(ctx context.Context, server NameServer) (release func(), err error) {
	key := server.Host + " " + server.Address.String()
	c.mu.Lock()
	slots, ok := c.servers[key]
	if !ok {
		slots = make(chan struct{}, serverConcurrency)
		c.servers[key] = slots
	}
	c.mu.Unlock()
	select {
	case slots <- struct{}{}:
		return func() { <-slots }, nil
	case <-ctx.Done():
		return nil, ctx.Err()
	}
}

// TransferOutcome is what a name server said to a request for the whole zone.
type TransferOutcome string

const (
	TransferGranted   TransferOutcome = "granted"   // records of the zone came
	TransferRefused   TransferOutcome = "refused"   // an RCODE, an empty answer, or the connection was closed
	TransferUndecided TransferOutcome = "undecided" // no answer
)

// TransferFacts is a request for a zone transfer and what came of it.
type TransferFacts struct {
	Outcome TransferOutcome
	Detail  string // stable
}

// maxTransferMessages bounds what is read of a transfer: the first message may
// hold the SOA record alone.
const maxTransferMessages = 3

// Transfer implements NameServerProber.
func (c *Client) Transfer(ctx context.Context, server NameServer, zone string) TransferFacts {
	facts := c.transfer(ctx, server, zone)
	c.config.Log(ctx, "zone transfer", map[string]any{"server": server.Host, "address": server.Address.String(), "zone": zone, "outcome": string(facts.Outcome)})
	return facts
}

func (c *Client) transfer(ctx context.Context, server NameServer, zone string) TransferFacts {
	release, err := c.serverTurn(ctx, server)
	if err != nil {
		return TransferFacts{TransferUndecided, "the probe was cut short"}
	}
	defer release()
	at, err := c.serverEndpoint(ctx, server)
	if err != nil {
		_, detail := classify(err)
		return TransferFacts{TransferUndecided, detail}
	}
	ctx, cancel := context.WithTimeout(ctx, c.serverWait())
	defer cancel()
	raw, err := (&net.Dialer{}).DialContext(ctx, "tcp", at)
	if err != nil {
		return transferEnded(err, "")
	}
	defer raw.Close()
	stop := context.AfterFunc(ctx, func() { _ = raw.SetDeadline(time.Unix(1, 0)) })
	defer stop()
	conn := &dns.Conn{Conn: raw}
	query := new(dns.Msg)
	query.SetAxfr(dns.Fqdn(zone))
	query.RecursionDesired = false
	if err := conn.WriteMsg(query); err != nil {
		return transferEnded(err, "")
	}
	for range maxTransferMessages {
		m, err := conn.ReadMsg()
		if err != nil {
			return transferEnded(err, "the server sent no record of the zone but its SOA")
		}
		switch {
		case m.Id != query.Id || !m.Response:
			return TransferFacts{TransferUndecided, "the server's answer cannot be read"}
		case m.Rcode != dns.RcodeSuccess:
			return TransferFacts{TransferRefused, "the server answered " + dns.RcodeToString[m.Rcode]}
		case len(m.Answer) == 0:
			return TransferFacts{TransferRefused, "the server answered with no records"}
		}
		for _, rr := range m.Answer {
			if rr.Header().Rrtype != dns.TypeSOA {
				return TransferFacts{TransferGranted, "the server sends the records of the zone"}
			}
		}
	}
	return TransferFacts{TransferRefused, "the server sent no record of the zone but its SOA"}
}

// transferEnded judges a transfer that ended in an error: hanging up is a no.
func transferEnded(err error, closed string) TransferFacts {
	kind, detail := classify(err)
	if kind == FailRefused || kind == FailReset {
		if closed != "" && kind == FailReset {
			detail = closed
		}
		return TransferFacts{TransferRefused, detail}
	}
	return TransferFacts{TransferUndecided, detail}
}
