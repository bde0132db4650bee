package probe

import (
	"cmp"
	"context"
	"crypto/tls"
	"errors"
	"net/netip"
	"strings"
	"time"
)

// maxVersionWait bounds a handshake of one version alone: a server that drops
// what it does not like would cost the whole time-out twice a version.
const maxVersionWait = 5 * time.Second

// Handshake implements Prober. The default handshake is a browser's; where it
// fails, one with everything that is known is tried, so that a service that is
// too old for browsers still shows its certificate.
func (c *Client) Handshake(ctx context.Context, target TLSTarget) TLSFacts {
	facts := TLSFacts{Host: target.Host, Address: target.Address, Now: c.config.Clock()}
	host, err := canonicalHost(target.Host)
	if err == nil {
		facts.Host, err = host, c.InScope(host, Passive)
	}
	if err != nil {
		facts.Failure, facts.Detail = classify(err)
		return facts
	}
	h := handshaker{client: c, host: host, port: cmp.Or(target.Port, 443), address: target.Address, limit: c.limit(host)}
	release, err := h.limit.acquire(ctx)
	if err != nil {
		facts.Failure, facts.Detail = classify(err)
		return facts
	}
	defer release()

	state, err := h.attempt(ctx, c.config.Timeout, &tls.Config{MinVersion: tls.VersionTLS12})
	if kind, _ := classify(err); kind == FailTLS || kind == FailReset { // some say no by hanging up
		if old, oldErr := h.attempt(ctx, c.config.Timeout, allOf(tls.VersionTLS10, tls.VersionTLS13)); oldErr == nil {
			state, err = old, nil
		}
	}
	facts.Address, facts.Connected = h.address, h.connected
	facts.Failure, facts.Detail = classify(err)
	if err == nil {
		facts.Version, facts.Suite, facts.Chain = state.Version, state.CipherSuite, state.PeerCertificates
		facts.Verified, facts.ChainError, facts.NameError = verify(facts.Chain, host, c.roots(), facts.Now)
	}
	h.works = facts.Failure == FailNone
	// Only a server that talks can be asked further.
	talks := facts.Failure == FailNone || facts.Failure == FailTLS || facts.Failure == FailReset
	if len(target.Versions) > 0 {
		facts.Versions = map[uint16]VersionOutcome{}
	}
	for _, version := range target.Versions {
		facts.Versions[version] = VersionInconclusive
		if talks {
			facts.Versions[version] = h.try(func() error {
				_, err := h.attempt(ctx, min(maxVersionWait, c.config.Timeout), allOf(version, version))
				return err
			})
		}
	}
	for _, group := range target.Suites {
		outcome := SuiteOutcome{Outcome: VersionInconclusive}
		if talks {
			outcome.Outcome = h.try(func() (err error) {
				outcome.Suite, err = h.offer(ctx, min(maxVersionWait, c.config.Timeout), group)
				return err
			})
		}
		facts.Suites = append(facts.Suites, outcome)
	}
	c.config.Log(ctx, "tls handshake", map[string]any{"host": host, "address": facts.Address.String(), "version": tls.VersionName(facts.Version), "failure": string(facts.Failure)})
	return facts
}

// allOf offers every cipher suite that Go knows from one version to another,
// the broken ones too: whether a server takes them is the question.
func allOf(lowest, highest uint16) *tls.Config {
	config := &tls.Config{MinVersion: lowest, MaxVersion: highest} //nolint:gosec // the probe asks for old versions to find them
	for _, s := range tls.CipherSuites() {
		config.CipherSuites = append(config.CipherSuites, s.ID)
	}
	for _, s := range tls.InsecureCipherSuites() {
		config.CipherSuites = append(config.CipherSuites, s.ID)
	}
	return config
}

// handshaker makes handshakes with one service, all at one address.
type handshaker struct {
	client  *Client
	host    string
	port    uint16
	address netip.Addr
	limit   *hostLimit
	works   bool // the default handshake completed
	// connected is set once a connection was made.
	connected bool
}

// try asks what the server may refuse, and once more if it said neither yes nor
// no. One that talks otherwise and hangs up on this at once, twice, refuses it
// too: so do servers that send no alerts.
func (h *handshaker) try(ask func() error) VersionOutcome {
	hungUp := 0
	for range 2 {
		err := ask()
		if err == nil {
			return VersionAccepted
		}
		if isRefusal(err) {
			return VersionRefused
		}
		if kind, _ := classify(err); kind == FailReset {
			hungUp++
		}
	}
	if h.works && hungUp == 2 {
		return VersionRefused
	}
	return VersionInconclusive
}

// isRefusal reports whether the server said no in TLS: with an alert, or with a
// ServerHello of a version that was not offered.
func isRefusal(err error) bool {
	return isAlert(err) || errors.Is(err, errAlert) || strings.Contains(err.Error(), "tls: server selected unsupported protocol version")
}

// attempt makes one handshake. A server that takes what is offered and then
// refuses for want of a client certificate has shown its version, suite and
// certificate as TLS 1.3 does, whose client is done before that refusal.
func (h *handshaker) attempt(ctx context.Context, timeout time.Duration, config *tls.Config) (tls.ConnectionState, error) {
	if err := h.limit.wait(ctx); err != nil {
		return tls.ConnectionState{}, err
	}
	ctx, cancel := context.WithTimeout(ctx, timeout)
	defer cancel()
	raw, address, err := h.client.dial(ctx, h.host, h.port, h.address)
	h.address = address
	if err != nil {
		return tls.ConnectionState{}, err
	}
	defer raw.Close()
	h.connected = true
	config.ServerName = h.host // not sent for addresses (RFC 6066 section 3)
	config.InsecureSkipVerify = true
	var shown tls.ConnectionState
	asked := false
	config.VerifyConnection = func(state tls.ConnectionState) error { shown = state; return nil }
	config.GetClientCertificate = func(*tls.CertificateRequestInfo) (*tls.Certificate, error) {
		asked = true
		return new(tls.Certificate), nil
	}
	conn := tls.Client(raw, config)
	if err := conn.HandshakeContext(ctx); err != nil {
		// The alert may be lost to a reset, for the server hangs up on what it has not read.
		if kind, _ := classify(err); asked && (isAlert(err) || kind == FailReset) {
			return shown, nil
		}
		return tls.ConnectionState{}, err
	}
	return conn.ConnectionState(), nil
}
