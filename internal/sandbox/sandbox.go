// Package sandbox is a stand-in for Cloudflare and for a client's portal on one
// machine: the API, the name servers, the edge that obeys what the API stores,
// the portal behind it, the service that sends its mail and the mailbox where
// that arrives, on free loopback ports. Tests start one each; the
// program launchready-sandbox serves one to a person.
//
// It shares no code with the provider: it is written against the published
// behaviour of the services it stands for, so that a mistake on one side is
// caught by the other.
package sandbox

import (
	"context"
	"errors"
	"fmt"
	"io"
	"log"
	"net"
	"net/http"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"time"

	"github.com/launchready/terraform-provider-launchready/internal/sandbox/api"
	"github.com/launchready/terraform-provider-launchready/internal/sandbox/dns"
	"github.com/launchready/terraform-provider-launchready/internal/sandbox/edge"
	"github.com/launchready/terraform-provider-launchready/internal/sandbox/leaks"
	"github.com/launchready/terraform-provider-launchready/internal/sandbox/monitors"
	"github.com/launchready/terraform-provider-launchready/internal/sandbox/pki"
	"github.com/launchready/terraform-provider-launchready/internal/sandbox/portal"
	"github.com/launchready/terraform-provider-launchready/internal/sandbox/runbook"
)

// Options describe a sandbox. The zero value is a healthy client on the free plan.
type Options struct {
	Domain  string        // of the client's zone; default acme.example
	Plan    string        // free (default), pro, business, enterprise
	State   string        // a name of States, or faults, comma separated; default healthy
	Latency time.Duration // that each API call takes
	Records int           // extra records in the zone, past its quota
	// Clients is how many further clients the account has, client-001.example and
	// so on: a zone each in the same state, with the same portal behind it.
	Clients int
	// RecordQuota is how many records a zone may hold beside those; 0 = as its
	// plan says.
	RecordQuota int
	// LimitCalls in LimitWindow are what a token may make of API calls;
	// default 1,200 in 5 minutes, as Cloudflare's.
	LimitCalls  int
	LimitWindow time.Duration
	// EdgeSpeed is a factor by which the windows of rate limits pass faster, at
	// the edge and in the portal, and the Retry-After that is stated; default 1.
	EdgeSpeed float64
	// UptimeRobotPlan is free or another word; default solo.
	UptimeRobotPlan string
}

// Sandbox is a running sandbox. Its methods are safe for concurrent use.
type Sandbox struct {
	options Options
	world   *world
	faults  *faultSet
	account *account
	names   *dns.Server
	uptime  *monitors.Server
	origin  *portal.Origin
	folder  string // of the CA bundle

	operation *operation // nil until it is started

	apiURL, controlURL string
	monitorsURL        string // of the monitoring services
	servers            []*http.Server
	running            sync.WaitGroup
	release            func() bool // ends the watch over Start's context
	closeOnce          sync.Once
	closeErr           error
}

// States returns the names of the states a client can be in at the start.
func States() []string {
	var out []string
	for _, s := range states() {
		out = append(out, s.name)
	}
	return out
}

// mostClients is what one machine serves without being the bottleneck.
const mostClients = 999

// Start starts a sandbox that serves until Close or until ctx ends. It dials
// nothing and generates no RSA key, so that hundreds of tests can each have one.
func Start(ctx context.Context, options Options) (*Sandbox, error) {
	if options.Domain == "" {
		options.Domain = "acme.example"
	}
	options.Domain = canonical(options.Domain)
	if !strings.Contains(options.Domain, ".") || strings.Trim(options.Domain, "abcdefghijklmnopqrstuvwxyz0123456789-.") != "" {
		return nil, fmt.Errorf("%q is not a domain name", options.Domain)
	}
	if options.Plan == "" {
		options.Plan = "free"
	}
	if options.Clients < 0 || options.Clients > mostClients {
		return nil, fmt.Errorf("further clients are 0 to %d, not %d", mostClients, options.Clients)
	}
	if plans := []string{"free", "pro", "business", "enterprise"}; !slices.Contains(plans, options.Plan) {
		return nil, fmt.Errorf("unknown plan %q; known are %s", options.Plan, strings.Join(plans, ", "))
	}
	if options.LimitCalls == 0 {
		options.LimitCalls, options.LimitWindow = 1200, 5*time.Minute
	}
	chosen, err := chooseState(options.State)
	if err != nil {
		return nil, err
	}
	s := &Sandbox{options: options}
	if err := s.start(chosen); err != nil {
		return nil, errors.Join(err, s.Close())
	}
	s.release = context.AfterFunc(ctx, func() { _ = s.Close() })
	return s, nil
}

func (s *Sandbox) start(chosen state) error {
	s.account = newAccount(s.options, s.deliverWebhook)
	if err := chosen.furnish(s.account, s.options.Records); err != nil {
		return err
	}
	members, err := portal.New(portal.Options{Domain: s.options.Domain, Speed: s.options.EdgeSpeed})
	if err != nil {
		return err
	}
	staging, err := portal.New(portal.Options{Domain: s.options.Domain, Speed: s.options.EdgeSpeed, Staging: true})
	if err != nil {
		return err
	}
	// The origin's certificate is of a private authority, as Cloudflare's
	// origin certificates are: the edge trusts it, a browser does not.
	authority, err := pki.NewAuthority("Launchready sandbox", "Sandbox origin", time.Now())
	if err != nil {
		return err
	}
	var names []string
	for _, domain := range append([]string{s.options.Domain}, s.Clients()...) {
		names = append(names, domain, "*."+domain)
	}
	certificate, err := authority.Issue(pki.Leaf{Names: names})
	if err != nil {
		return err
	}
	if s.origin, err = portal.Serve(beside(members, staging, s.options.Domain), *certificate); err != nil {
		return err
	}
	s.origin.SetGuard(chosen.guard)
	front, err := edge.Start(edge.Options{
		Zones:           s.account.api.Account().Zones,
		Origins:         reachable(s.origin.HTTPAddr(), s.origin.TLSAddr(), originIP, shopIP, tunnelHost),
		OriginAuthority: authority, Speed: s.options.EdgeSpeed,
	})
	if err != nil {
		return err
	}
	s.world = &world{domain: s.options.Domain, zone: s.account.zone, portal: members, staging: staging, origin: s.origin, edge: front}
	if s.folder, err = os.MkdirTemp("", "launchready-sandbox-"); err != nil {
		return err
	}
	s.world.work = leaks.New(filepath.Join(s.folder, "work"))
	if s.world.runbook, err = runbook.New(filepath.Join(s.folder, "runbook"), s.options.Domain); err != nil {
		return err
	}
	s.world.variables = newVariables(filepath.Join(s.folder, "environment"))
	if err := errors.Join(s.world.variables.write(), os.WriteFile(s.CAPath(), s.CAPEM(), 0o600)); err != nil {
		return err
	}
	if s.names, err = dns.Start(dns.Options{Zones: s.account.api.Account().Zones}); err != nil {
		return err
	}
	s.world.dns = s.names
	if err = s.startMail(); err != nil {
		return err
	}
	if err = s.startOperation(); err != nil {
		return err
	}
	if s.apiURL, err = s.listen(s.account.api); err != nil {
		return err
	}
	s.apiURL += api.BasePath
	if err = s.startMonitors(); err != nil {
		return err
	}
	if s.controlURL, err = s.listen(s.control()); err != nil {
		return err
	}
	s.faults = &faultSet{world: s.world}
	return s.faults.set(chosen.faults)
}

// reachable says where the ports 80 and 443 of addresses are on this machine.
func reachable(clear, secure string, addresses ...string) map[string]string {
	out := map[string]string{}
	for _, address := range addresses {
		out[net.JoinHostPort(address, "80")], out[net.JoinHostPort(address, "443")] = clear, secure
	}
	return out
}

// listen serves a handler on a free loopback port and returns its URL.
func (s *Sandbox) listen(handler http.Handler) (string, error) {
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return "", err
	}
	server := &http.Server{
		Handler: handler, ReadHeaderTimeout: 10 * time.Second, IdleTimeout: 30 * time.Second,
		ErrorLog: log.New(io.Discard, "", 0), // clients that leave early are no news
	}
	s.servers = append(s.servers, server)
	s.running.Go(func() { _ = server.Serve(listener) }) // ends with ErrServerClosed
	return "http://" + listener.Addr().String(), nil
}

// Close ends every server, waits until they are gone and removes the files.
// It may be called more than once.
func (s *Sandbox) Close() error {
	if s.release != nil {
		s.release()
	}
	s.closeOnce.Do(func() {
		var errs []error
		for _, server := range s.servers {
			errs = append(errs, server.Close())
		}
		errs = append(errs, s.closeMail(), s.closeOperation())
		if s.names != nil {
			errs = append(errs, s.names.Close())
		}
		if s.world != nil {
			errs = append(errs, s.world.edge.Close())
		}
		if s.origin != nil {
			errs = append(errs, s.origin.Close())
		}
		if s.folder != "" {
			errs = append(errs, os.RemoveAll(s.folder))
		}
		s.running.Wait()
		s.closeErr = errors.Join(errs...)
	})
	return s.closeErr
}

// SetFaults leaves exactly the named faults on. The name of a state stands for
// its faults, so no name, or "healthy", clears all.
func (s *Sandbox) SetFaults(names ...string) error { return s.faults.set(expandFaults(names)) }

// FaultsOn are the names of the faults that are on.
func (s *Sandbox) FaultsOn() []string { return s.faults.names() }
