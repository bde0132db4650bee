// Package tlscheck is the check named "tls": TLS service, redirects to it, HSTS
// and mixed content of a list of hosts.
package tlscheck

import (
	"context"
	"crypto/tls"
	"embed"
	"net/netip"
	"net/url"
	"slices"
	"strings"
	"sync"
	"time"

	"github.com/launchready/terraform-provider-launchready/internal/check"
	"github.com/launchready/terraform-provider-launchready/internal/probe"
	"github.com/launchready/terraform-provider-launchready/internal/readiness"
)

//go:embed doc.md
var doc string

//go:embed rules/*.md
var pages embed.FS

// Spec is what to test. DefaultSpec fills what users leave out.
type Spec struct {
	Hosts []string
	// MinimumVersion is the lowest TLS version that may complete a handshake:
	// "1.0", "1.1", "1.2" or "1.3"; empty means "1.2".
	MinimumVersion string
	// MinimumDaysLeft is how long a certificate must last, held down to a share
	// of its lifetime (see judgeExpiry); 0 asks only that it is valid now.
	MinimumDaysLeft int
	HSTS            HSTS
	// Pages are searched for mixed content: URLs, or paths on the first host.
	// Empty means "/" of each host.
	Pages []string
}

// HSTS is what is asked of the Strict-Transport-Security header.
type HSTS struct {
	Required          bool
	MinimumMaxAge     time.Duration
	IncludeSubdomains bool
	Preload           bool
}

// DefaultSpec is the specification of a user who names the hosts alone.
func DefaultSpec(hosts ...string) Spec {
	return Spec{
		Hosts: hosts, MinimumVersion: "1.2", MinimumDaysLeft: 21,
		HSTS: HSTS{Required: true, MinimumMaxAge: 31536000 * time.Second},
	}
}

// Versions returns the TLS versions that MinimumVersion may name.
func Versions() []string { return []string{"1.0", "1.1", "1.2", "1.3"} }

// Definition is the check as a value.
var Definition = check.Definition[Spec]{
	Info:   check.Info{Name: "tls", Area: readiness.TLS, Doc: doc, Rules: rules(), Pages: pages},
	Target: func(s Spec) string { return strings.Join(s.hosts(), ", ") },
	Run:    run,
}

// hosts returns the hosts in lower case, sorted, each once.
func (s Spec) hosts() []string {
	var out []string
	for _, h := range s.Hosts {
		out = append(out, check.CanonicalHost(h))
	}
	slices.Sort(out)
	return slices.Compact(out)
}

func (s Spec) minimumVersion() uint16 {
	switch s.MinimumVersion {
	case "1.0":
		return tls.VersionTLS10
	case "1.1":
		return tls.VersionTLS11
	case "1.3":
		return tls.VersionTLS13
	default:
		return tls.VersionTLS12
	}
}

// pageURLs returns the pages to search, sorted, each once whatever its spelling.
func (s Spec) pageURLs() []string {
	var out []string
	if len(s.Pages) == 0 {
		for _, h := range s.hosts() {
			out = append(out, origin("https", h)+"/")
		}
		return out
	}
	for _, p := range s.Pages {
		p = strings.TrimSpace(p)
		if lower := strings.ToLower(p); !strings.HasPrefix(lower, "https://") && !strings.HasPrefix(lower, "http://") && len(s.Hosts) > 0 {
			p = origin("https", check.CanonicalHost(s.Hosts[0])) + "/" + strings.TrimPrefix(p, "/")
		}
		out = append(out, canonicalPage(p))
	}
	slices.Sort(out)
	return slices.Compact(out)
}

// canonicalPage is a page's address with a canonical host and a path, without
// the default port and the fragment, which no server sees.
func canonicalPage(page string) string {
	u, err := url.Parse(page)
	if err != nil || u.Hostname() == "" {
		return page // its findings say that it cannot be read
	}
	port := u.Port()
	u.Host = strings.TrimPrefix(origin("", check.CanonicalHost(u.Hostname())), "//")
	if port != "" && port != map[string]string{"http": "80", "https": "443"}[u.Scheme] {
		u.Host += ":" + port
	}
	if u.Path == "" {
		u.Path = "/"
	}
	u.Fragment, u.RawFragment = "", ""
	return u.String()
}

// origin is a URL without a path; IPv6 addresses get their brackets.
func origin(scheme, host string) string {
	if strings.Contains(host, ":") {
		host = "[" + host + "]"
	}
	return (&url.URL{Scheme: scheme, Host: host}).String()
}

// hostsAtOnce bounds how many hosts are tested side by side.
const hostsAtOnce = 4

func run(ctx context.Context, p probe.Prober, spec Spec, report *readiness.Recorder) {
	home := newSite(p)
	slots := make(chan struct{}, hostsAtOnce)
	reach := map[string]reachability{}
	var mu sync.Mutex
	var all sync.WaitGroup
	for _, host := range spec.hosts() {
		all.Go(func() {
			slots <- struct{}{}
			defer func() { <-slots }()
			h := hostCheck{prober: p, site: home, spec: spec, host: host, report: report}
			r := h.run(ctx)
			mu.Lock()
			defer mu.Unlock()
			reach[host] = r
		})
	}
	all.Wait()
	for _, page := range spec.pageURLs() {
		all.Go(func() {
			slots <- struct{}{}
			defer func() { <-slots }()
			checkPage(ctx, home, page, len(spec.Pages) > 0, reach, report)
		})
	}
	all.Wait()
}

// site makes requests, each once a run: the home page serves the redirect,
// header and mixed-content rules alike.
type site struct {
	prober probe.Prober
	mu     sync.Mutex
	pages  map[string]func() probe.Exchange
}

func newSite(p probe.Prober) *site {
	return &site{prober: p, pages: map[string]func() probe.Exchange{}}
}

// Sizes that pages and stylesheets are read to.
const (
	maxPage  = 8 << 20
	maxSheet = 4 << 20
)

// fetch requests a page, redirects followed. The certificate is not verified:
// its faults are rules of their own, and must not hide the others.
func (s *site) fetch(ctx context.Context, address string) probe.Exchange {
	return s.once(ctx, "page "+address, probe.Request{URL: address, FollowRedirects: true, MaxBody: maxPage, TrustAnyCert: true})
}

func (s *site) fetchSheet(ctx context.Context, address string) probe.Exchange {
	return s.once(ctx, "sheet "+address, probe.Request{URL: address, FollowRedirects: true, MaxBody: maxSheet, TrustAnyCert: true})
}

// fetchVerified requests what a browser would load, as it would: from a server
// whose certificate verifies.
func (s *site) fetchVerified(ctx context.Context, address string) probe.Exchange {
	return s.once(ctx, "load "+address, probe.Request{URL: address, FollowRedirects: true})
}

// fetchFirst requests the first answer alone, at one address of the host if
// that is given.
func (s *site) fetchFirst(ctx context.Context, address string, at netip.Addr) probe.Exchange {
	return s.once(ctx, "first "+at.String()+" "+address, probe.Request{URL: address, Address: at, TrustAnyCert: true})
}

// once makes a request, repeated after failures of the network, once a key.
func (s *site) once(ctx context.Context, key string, req probe.Request) probe.Exchange {
	req.Retry = true
	s.mu.Lock()
	get, ok := s.pages[key]
	if !ok {
		get = sync.OnceValue(func() probe.Exchange { return s.prober.Fetch(ctx, req) })
		s.pages[key] = get
	}
	s.mu.Unlock()
	return get()
}
