// Package probe is the only door from a check to the network.
//
// It asks DNS questions, makes HTTP requests and TLS handshakes, and returns
// plain values that say what was seen, including every way in which nothing
// could be seen: a time-out is not an NXDOMAIN, a refused connection is not an
// untrusted certificate. Scope, limits, time-outs and the user agent are
// enforced here, once, so that no check can forget them.
package probe

import (
	"context"
	"crypto/x509"
	"net/http"
	"net/netip"
	"time"
)

// Prober is what a check sees of the network. Every method answers with a
// value whose status tells what happened; none returns a Go error, because
// "could not be tested" is an observation too. It is safe for concurrent use.
type Prober interface {
	NameServerProber
	MailProber
	SinkProber
	// Lookup asks the configured resolvers one question. The name is taken as
	// absolute: search domains never apply.
	Lookup(ctx context.Context, name string, typ RecordType) Answer
	// Fetch makes one HTTP request and follows redirects as the request allows.
	Fetch(ctx context.Context, req Request) Exchange
	// Burst makes one request many times, at a pace, until enough is seen.
	Burst(ctx context.Context, req BurstRequest) BurstResult
	// Load makes one request again and again by a schedule, whatever the answers
	// take, and tells of each as it begins and as it ends.
	Load(ctx context.Context, req LoadRequest) Load
	// Alone waits until nobody else holds the host for bursts. The error is that
	// of ctx.
	Alone(ctx context.Context, host string) (release func(), err error)
	// Handshake collects the facts of the TLS service of a host at one address
	// without trusting it.
	Handshake(ctx context.Context, target TLSTarget) TLSFacts
	// MailServer talks to a mail server on port 25 up to the handshake of
	// STARTTLS, and sends no mail.
	MailServer(ctx context.Context, host string, address netip.Addr) MailServerFacts
	// Now is the clock that dates are to be judged by.
	Now() time.Time
	// InScope reports whether probes may be sent to the host, and if not, why:
	// an *ScopeError that names the provider argument to change.
	InScope(host string, intent Intent) error
}

// Intent tells a look from an attack. Passive probes are what any visitor
// does: one GET, one handshake. Active ones are bursts, replays, log-ins and
// drills; they go only to hosts that allowed_hosts covers.
type Intent int

const (
	Passive Intent = iota
	Active
)

// RecordType is a DNS record type by its mnemonic (RFC 1035 3.2.2), such as "TXT".
type RecordType string

const (
	TypeA     RecordType = "A"
	TypeAAAA  RecordType = "AAAA"
	TypeCNAME RecordType = "CNAME"
	TypeMX    RecordType = "MX"
	TypeNS    RecordType = "NS"
	TypePTR   RecordType = "PTR"
	TypeSOA   RecordType = "SOA"
	TypeSRV   RecordType = "SRV"
	TypeTXT   RecordType = "TXT"
	TypeCAA   RecordType = "CAA"
	TypeDS    RecordType = "DS"
	TypeTLSA  RecordType = "TLSA"

	TypeDNSKEY RecordType = "DNSKEY"
)

// LookupStatus is the outcome of a question.
type LookupStatus string

const (
	Found      LookupStatus = "found"       // NOERROR with at least one record of the type
	NoData     LookupStatus = "nodata"      // NOERROR, the name exists, no record of the type (RFC 2308)
	NXDomain   LookupStatus = "nxdomain"    // the name does not exist
	ServFail   LookupStatus = "servfail"    // RCODE 2
	Refused    LookupStatus = "refused"     // RCODE 5
	TimedOut   LookupStatus = "timeout"     // no answer in time from any resolver
	BadAnswer  LookupStatus = "bad_answer"  // unreadable, or another RCODE, or a CNAME loop
	NotReached LookupStatus = "not_reached" // no resolver could be reached (connection refused, no route)
)

// Decided reports whether the answer says something about the zone: found,
// NODATA or NXDOMAIN. Anything else is "could not be tested".
func (s LookupStatus) Decided() bool { return s == Found || s == NoData || s == NXDomain }

// Answer is what the resolvers said to one question.
type Answer struct {
	Name     string // as asked: lower case, no trailing dot
	Type     RecordType
	Status   LookupStatus
	Records  []Record // of the asked type, owned by Name or the end of Chain; sorted
	Chain    []string // CNAME targets followed, in order, without trailing dots; empty if none
	Resolver string   // the resolver that answered last, host:port
	Detail   string   // for a status that is not decided: what happened, without addresses that vary
	// Authenticated is set where the resolver has validated the answer by DNSSEC
	// and says so. It is asked for with TLSA alone.
	Authenticated bool
}

// Record is one resource record in plain form. Only the fields of its type are set.
type Record struct {
	Name       string // owner, lower case, no trailing dot
	Type       RecordType
	TTL        time.Duration
	Value      string     // presentation form of RDATA (RFC 1035 5.1); TXT: the strings joined with nothing between
	Strings    []string   // TXT: the character-strings, unescaped bytes
	Host       string     // CNAME, NS, PTR, MX, SRV: the target, lower case, no trailing dot ("." stays ".")
	Preference uint16     // MX
	Address    netip.Addr // A, AAAA
	CAAFlag    uint8      // CAA
	CAATag     string     // CAA
	CAAValue   string     // CAA
	Serial     uint32     // SOA
	Usage      uint8      // TLSA (RFC 6698 section 2.1), as the next three
	Selector   uint8
	Matching   uint8
	Data       []byte
}

// Request is one HTTP request.
type Request struct {
	Method          string // default GET
	URL             string // absolute, http or https
	Header          http.Header
	Body            []byte
	Intent          Intent
	FollowRedirects bool
	Address         netip.Addr // connect to this address instead of resolving the host; invalid = resolve
	MaxBody         int64      // bytes kept of the body; default 1 MiB
	Retry           bool       // retry network failures (at most twice); never in attack probes. See Reuse for one more
	// Reuse lets the request go on a connection that others of this kind have
	// opened: at most eight a host. Never for a probe that is about connections.
	// With Address it means nothing. A GET that fails there is made once more on a
	// connection of its own, whose failure then counts.
	Reuse bool
	// Apart keeps a request with Reuse to connections that only such requests use:
	// for those that a server or a firewall may answer by hanging up.
	Apart        bool
	TrustAnyCert bool // do not verify the certificate (its faults are another rule's business)
	// sink marks a request of SinkProber: the user has named the address to be
	// read, so that allowed_hosts does not decide, and it counts for that address alone.
	sink bool
}

// FailureKind says why no HTTP response, or no handshake, came.
type FailureKind string

const (
	FailNone       FailureKind = ""
	FailDNS        FailureKind = "dns"        // the name could not be resolved; Answer tells NXDOMAIN from time-out
	FailRefused    FailureKind = "refused"    // TCP connection refused
	FailNoRoute    FailureKind = "no_route"   // this machine has no route to the address, such as no IPv6
	FailTimeout    FailureKind = "timeout"    // no answer in time
	FailReset      FailureKind = "reset"      // connection closed or reset before an answer
	FailTLS        FailureKind = "tls"        // the handshake failed; TLSError says how
	FailUnverified FailureKind = "unverified" // the certificate did not verify
	FailScope      FailureKind = "scope"      // the host is outside allowed_hosts; nothing was sent
	FailRedirects  FailureKind = "redirects"  // more than 10 redirects, or a loop
	FailAuth       FailureKind = "auth"       // mail: the server refused the user name or the password
	FailProtocol   FailureKind = "protocol"   // mail: the server answered what the protocol does not provide for
	FailOther      FailureKind = "other"
)

// Hop is one response on the way, the last one included.
type Hop struct {
	URL      string // requested
	Status   int
	Location string // resolved against URL; empty if there is none
	Header   http.Header
}

// Exchange is an HTTP request and what came of it.
type Exchange struct {
	Hops      []Hop // in order; Hops[len-1] is the final response
	Failure   FailureKind
	Detail    string        // of the failure; stable wording, no ports or times
	FinalURL  string        // where the body came from
	Status    int           // of the final response; 0 if none
	Header    http.Header   // of the final response
	Body      []byte        // of the final response, at most MaxBody bytes
	Truncated bool          // the body was longer
	Redirect  string        // a redirect that was not followed (out of scope, or not asked to): its target
	Duration  time.Duration // without the wait for a turn at the host
	// Speechless is set where the last connection was made and ended, over plain
	// HTTP, before the server had sent one byte.
	Speechless bool
	// Connected is set where the last connection was made: a server that accepts
	// and says nothing is not a firewall that drops.
	Connected bool
}

// TLSTarget names a TLS service.
type TLSTarget struct {
	Host    string     // SNI and the name to verify; lower case
	Port    uint16     // default 443
	Address netip.Addr // invalid = resolve Host
	// Versions to try one by one besides the default handshake, as tls.VersionTLS10 ...
	Versions []uint16
	// Suites are groups of cipher suites of TLS 1.2 and older to offer, each
	// group in a ClientHello of its own: does the server take any of them? Any
	// code point will do, for the handshake is not gone through with.
	Suites [][]uint16
}

// VersionOutcome is what a server said to a handshake of one version alone.
type VersionOutcome string

const (
	VersionAccepted     VersionOutcome = "accepted" // the handshake completed
	VersionRefused      VersionOutcome = "refused"  // a TLS alert said no, or the server hung up twice and talks otherwise
	VersionInconclusive VersionOutcome = "inconclusive"
)

// SuiteOutcome is what a server said to one group of cipher suites.
type SuiteOutcome struct {
	Outcome VersionOutcome
	Suite   uint16 // that the server chose, if accepted
}

// TLSFacts is what a TLS service showed. Failure is empty if the default
// handshake completed; the certificate facts are then filled whether or not
// the certificate is to be trusted.
type TLSFacts struct {
	Host    string
	Address netip.Addr // that was connected to, before connect_to
	Failure FailureKind
	Detail  string
	// Connected is set where a connection was made, whatever became of the handshake.
	Connected bool
	Version   uint16                    // negotiated by the default handshake
	Suite     uint16                    // negotiated by the default handshake
	Versions  map[uint16]VersionOutcome // for each version asked for
	Suites    []SuiteOutcome            // for each group asked for, in that order
	Chain     []*x509.Certificate       // as served, leaf first
	// ChainError is why the chain does not verify to the roots at Now with the
	// served intermediates alone, apart from the name and from expiry of the
	// leaf; nil if it does.
	ChainError error
	// Verified are the chains that lead to the roots, leaf first; empty if none does.
	Verified [][]*x509.Certificate
	// NameError is why the leaf does not cover Host (RFC 9525); nil if it does.
	NameError error
	Now       time.Time // the clock that dates are to be judged by
}

// MailServerFacts is what a mail server showed. Its TLSFacts are those of the
// handshake after STARTTLS; Failure is empty if that completed.
type MailServerFacts struct {
	TLSFacts
	Greeted  bool // a mail server answers there, and tells this machine what it offers
	StartTLS bool // it offers STARTTLS (RFC 3207)
}

// Leaf is the served end-entity certificate, or nil.
func (f TLSFacts) Leaf() *x509.Certificate {
	if len(f.Chain) == 0 {
		return nil
	}
	return f.Chain[0]
}
