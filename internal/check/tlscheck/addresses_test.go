package tlscheck

import (
	"context"
	"crypto/tls"
	"fmt"
	"io"
	"log"
	"maps"
	"net/http"
	"net/http/httptest"
	"net/netip"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/launchready/terraform-provider-launchready/internal/probe"
	"github.com/launchready/terraform-provider-launchready/internal/readiness"
)

// staged is a real client for which a zone is told, and what no test can
// arrange: addresses without a route and silent ones.
type staged struct {
	*probe.Client
	zone       map[probe.RecordType]probe.Answer
	failures   map[netip.Addr]probe.FailureKind
	handshakes *atomic.Int64
}

func (s staged) Lookup(_ context.Context, _ string, typ probe.RecordType) probe.Answer {
	if a := s.zone[typ]; a.Status != "" {
		return a
	}
	return probe.Answer{Type: typ, Status: probe.NoData}
}

func (s staged) Handshake(ctx context.Context, target probe.TLSTarget) probe.TLSFacts {
	s.handshakes.Add(1)
	if kind, ok := s.failures[target.Address]; ok {
		return probe.TLSFacts{Host: target.Host, Address: target.Address, Failure: kind, Detail: string(kind)}
	}
	return s.Client.Handshake(ctx, target)
}

func found(addresses ...string) probe.Answer {
	a := probe.Answer{Status: probe.Found}
	for _, text := range addresses {
		a.Records = append(a.Records, probe.Record{Address: netip.MustParseAddr(text)})
	}
	return a
}

// The worst address counts, but for IPv6 addresses without a route from here.
// Port 443 of each address is a server of its own: sound, or with one fault.
func TestAddresses(t *testing.T) {
	t.Parallel()
	const host, good4, other4, good6 = "portal.acme.example", "192.0.2.1", "192.0.2.2", "2001:db8::1"
	sound := world{names: []string{host}, from: -24 * time.Hour, to: 89 * 24 * time.Hour, lowest: tls.VersionTLS12}
	chain, key, root := sound.certificate(t)
	var many []string
	for i := range 2 * maxAddresses {
		many = append(many, fmt.Sprintf("198.51.100.%d", i))
	}
	statuses := func(rule string, status readiness.Status) map[string]readiness.Status {
		return map[string]readiness.Status{rule: status}
	}
	unresolved := probe.Answer{Status: probe.TimedOut, Detail: "no resolver answered in time"}
	for name, tt := range map[string]struct {
		v4, v6   probe.Answer
		faulty   func(*tls.Config) // what is wrong at other4; nil: nothing
		dead     bool              // nobody listens at other4
		failures map[netip.Addr]probe.FailureKind
		want     map[string]readiness.Status
		says     string // in the message about tls.unreachable
	}{
		"all sound":                  {v4: found(good4, other4), v6: found(good6)},
		"one dead of two":            {v4: found(good4, other4), dead: true, want: statuses(ruleUnreachable, readiness.Fail), says: "1 of 2 addresses do not answer over TLS: connection refused (192.0.2.2)"},
		"the first dead of two":      {v4: found(other4, good4), dead: true, want: statuses(ruleUnreachable, readiness.Fail), says: "1 of 2"},
		"v6 without a route":         {v4: found(good4), v6: found(good6), failures: map[netip.Addr]probe.FailureKind{netip.MustParseAddr(good6): probe.FailNoRoute}},
		"v6 refused":                 {v4: found(good4), v6: found(good6), failures: map[netip.Addr]probe.FailureKind{netip.MustParseAddr(good6): probe.FailRefused}, want: statuses(ruleUnreachable, readiness.Fail)},
		"v4 without a route":         {v4: found(good4, other4), failures: map[netip.Addr]probe.FailureKind{netip.MustParseAddr(other4): probe.FailNoRoute}, want: statuses(ruleUnreachable, readiness.Inconclusive)},
		"one silent of two":          {v4: found(good4, other4), failures: map[netip.Addr]probe.FailureKind{netip.MustParseAddr(other4): probe.FailTimeout}, want: statuses(ruleUnreachable, readiness.Inconclusive)},
		"AAAA cannot be looked up":   {v4: found(good4), v6: unresolved, want: statuses(ruleUnreachable, readiness.Inconclusive), says: "AAAA records could not be looked up"},
		"more addresses than tested": {v4: found(many...), v6: found(good6)},
		"TLS 1.0 at one": {v4: found(good4, other4), faulty: func(c *tls.Config) { c.MinVersion = tls.VersionTLS10 },
			want: statuses(ruleProtocolOld, readiness.Fail)},
		"no TLS 1.3 at one": {v4: found(good4, other4), faulty: func(c *tls.Config) { c.MaxVersion = tls.VersionTLS12 },
			want: statuses(ruleNoTLS13, readiness.Fail)},
		"another certificate at one": {v4: found(good4, other4), faulty: func(c *tls.Config) {
			wrong := sound
			wrong.names = []string{"old.acme.example"}
			otherChain, otherKey, _ := wrong.certificate(t)
			c.Certificates = []tls.Certificate{{Certificate: otherChain, PrivateKey: otherKey}}
		}, want: map[string]readiness.Status{ruleName: readiness.Fail, ruleChain: readiness.Fail}},
		"a weak suite where the representative is dead": {
			v4:       found(good4, other4),
			faulty:   func(c *tls.Config) { c.CipherSuites = []uint16{tls.TLS_ECDHE_ECDSA_WITH_RC4_128_SHA} },
			failures: map[netip.Addr]probe.FailureKind{netip.MustParseAddr(good4): probe.FailRefused},
			want:     map[string]readiness.Status{ruleUnreachable: readiness.Fail, ruleCipherWeak: readiness.Fail},
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			serve := func(change func(*tls.Config)) string {
				server := httptest.NewUnstartedServer(withHSTS(200, "max-age=31536000"))
				server.Config.ErrorLog = log.New(io.Discard, "", 0)
				server.TLS = &tls.Config{Certificates: []tls.Certificate{{Certificate: chain, PrivateKey: key}}, MinVersion: sound.lowest}
				if change != nil {
					change(server.TLS)
				}
				server.StartTLS()
				t.Cleanup(server.Close)
				return server.Listener.Addr().String()
			}
			good, other := serve(nil), serve(tt.faulty)
			clear := httptest.NewServer(to("https://" + host + "/"))
			t.Cleanup(clear.Close)
			if tt.dead {
				other = nobody
			}
			client, err := probe.New(probe.Config{CABundle: root, ConnectTo: map[string]string{
				host + ":443": good, host + ":80": clear.Listener.Addr().String(), other4 + ":443": other,
			}})
			if err != nil {
				t.Fatal(err)
			}
			p := staged{client, map[probe.RecordType]probe.Answer{probe.TypeA: tt.v4, probe.TypeAAAA: tt.v6}, tt.failures, new(atomic.Int64)}
			result, err := Definition.Execute(t.Context(), p, DefaultSpec(host))
			if err != nil {
				t.Fatal(err)
			}
			got, want := map[string]readiness.Status{}, tt.want
			for _, f := range result.Findings {
				if f.Status.Violates() {
					got[f.Rule] = f.Status
				}
				if f.Rule == ruleUnreachable && !strings.Contains(f.Message, tt.says) {
					t.Errorf("%q does not say %q", f.Message, tt.says)
				}
			}
			if want == nil {
				want = map[string]readiness.Status{}
			}
			if diff := cmp.Diff(want, got); diff != "" {
				t.Errorf("(-want +got):\n%s", diff)
			}
			if n := p.handshakes.Load(); n > maxAddresses+2 {
				t.Errorf("%d addresses were asked", n)
			}
		})
	}
}

// Plain HTTP and the headers are judged at every address too.
func TestHTTPAtEveryAddress(t *testing.T) {
	t.Parallel()
	const host, one, two, six = "portal.acme.example", "192.0.2.1", "192.0.2.2", "2001:db8::1"
	sound := world{names: []string{host}, from: -24 * time.Hour, to: 89 * 24 * time.Hour, lowest: tls.VersionTLS12}
	chain, key, root := sound.certificate(t)
	serve := func(handler http.HandlerFunc) string {
		server := httptest.NewUnstartedServer(handler)
		server.Config.ErrorLog = log.New(io.Discard, "", 0)
		server.TLS = &tls.Config{Certificates: []tls.Certificate{{Certificate: chain, PrivateKey: key}}, MinVersion: tls.VersionTLS12}
		server.StartTLS()
		t.Cleanup(server.Close)
		return server.Listener.Addr().String()
	}
	plain := func(handler http.HandlerFunc) string {
		server := httptest.NewServer(handler)
		t.Cleanup(server.Close)
		return server.Listener.Addr().String()
	}
	secure, redirects := serve(withHSTS(200, "max-age=31536000")), plain(to("https://"+host+"/"))
	inClear, mute := plain(withHSTS(200)), plain(func(http.ResponseWriter, *http.Request) { panic(http.ErrAbortHandler) })
	for name, tt := range map[string]struct {
		connect map[string]string
		want    map[string]string // rule: message of its failure
	}{
		"all alike":          {nil, nil},
		"one in the clear":   {map[string]string{two + ":80": inClear}, map[string]string{ruleHTTPNoRedirect: "plain HTTP answers with status 200 instead of a redirect (at 192.0.2.2)"}},
		"IPv6 in the clear":  {map[string]string{"[" + six + "]:80": inClear}, map[string]string{ruleHTTPNoRedirect: "plain HTTP answers with status 200 instead of a redirect (at 2001:db8::1)"}},
		"all in the clear":   {map[string]string{one + ":80": inClear, two + ":80": inClear, "[" + six + "]:80": inClear}, map[string]string{ruleHTTPNoRedirect: "plain HTTP answers with status 200 instead of a redirect"}},
		"one hangs up":       {map[string]string{two + ":80": mute}, nil},
		"one without HSTS":   {map[string]string{two + ":443": serve(withHSTS(200))}, map[string]string{ruleHSTSMissing: "no Strict-Transport-Security header is sent (at 192.0.2.2)"}},
		"one of a short age": {map[string]string{one + ":443": serve(withHSTS(200, "max-age=60"))}, map[string]string{ruleHSTSShort: "max-age is 60; wanted 31536000 or more (at 192.0.2.1)"}},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			// By any address that has no entry of its own, as "*" does.
			connect := map[string]string{"*:443": secure, "*:80": redirects}
			maps.Copy(connect, tt.connect)
			client, err := probe.New(probe.Config{CABundle: root, ConnectTo: connect})
			if err != nil {
				t.Fatal(err)
			}
			zone := map[probe.RecordType]probe.Answer{probe.TypeA: found(one, two), probe.TypeAAAA: found(six)}
			result, err := Definition.Execute(t.Context(), pinned{staged{client, zone, nil, new(atomic.Int64)}, netip.MustParseAddr(one)}, DefaultSpec(host))
			if err != nil {
				t.Fatal(err)
			}
			got, want := map[string]string{}, tt.want
			for _, f := range result.Findings {
				if f.Status.Violates() {
					got[f.Rule] = f.Message
				}
			}
			if want == nil {
				want = map[string]string{}
			}
			if diff := cmp.Diff(want, got); diff != "" {
				t.Errorf("(-want +got):\n%s", diff)
			}
		})
	}
}

// pinned fetches by name at one address, for want of a resolver.
type pinned struct {
	staged
	at netip.Addr
}

func (p pinned) Fetch(ctx context.Context, req probe.Request) probe.Exchange {
	if !req.Address.IsValid() {
		req.Address = p.at
	}
	return p.staged.Fetch(ctx, req)
}

// No address that works and none that is dead: nothing is known.
func TestOnlyUnroutedAddresses(t *testing.T) {
	t.Parallel()
	client, err := probe.New(probe.Config{ConnectTo: map[string]string{"portal.acme.example:80": "127.0.0.1:1"}})
	if err != nil {
		t.Fatal(err)
	}
	v6 := netip.MustParseAddr("2001:db8::1")
	p := staged{client, map[probe.RecordType]probe.Answer{probe.TypeAAAA: found(v6.String())}, map[netip.Addr]probe.FailureKind{v6: probe.FailNoRoute}, new(atomic.Int64)}
	result, err := Definition.Execute(t.Context(), p, DefaultSpec("portal.acme.example"))
	if err != nil {
		t.Fatal(err)
	}
	for _, f := range result.Findings {
		// Only that nothing listens on port 80 was seen.
		if f.Status != readiness.Inconclusive && f.Rule != ruleHTTPNoRedirect {
			t.Errorf("%s is %s (%s)", f.Rule, f.Status, f.Message)
		}
	}
}
