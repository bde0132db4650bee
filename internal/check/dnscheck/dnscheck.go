// Package dnscheck is the check named "dns": whether a domain is delegated,
// served and signed soundly, says what is expected of it, and points nowhere
// that is dead or that a stranger can take.
package dnscheck

import (
	"context"
	"embed"
	"net/netip"
	"slices"
	"strings"
	"sync"
	"sync/atomic"

	"golang.org/x/net/idna"

	"github.com/launchready/terraform-provider-launchready/internal/check"
	"github.com/launchready/terraform-provider-launchready/internal/probe"
	"github.com/launchready/terraform-provider-launchready/internal/readiness"
)

//go:embed doc.md
var doc string

//go:embed rules/*.md
var pages embed.FS

// Definition is the check as a value.
var Definition = check.Definition[Spec]{
	Info:   check.Info{Name: "dns", Area: readiness.TLS, Doc: doc, Rules: rules(), Pages: pages},
	Target: func(s Spec) string { return canonical(s.Domain) },
	Run:    run,
}

// Spec is what a user asks for.
type Spec struct {
	Domain string
	// Expected are records that every name server must have.
	Expected []Expected
	// Records is the zone as its owner lists it; Listed tells an empty zone
	// from one that was not given.
	Records []Record
	Listed  bool
	// Hosts are those whose certificates are held against CAA; empty means the
	// domain itself and the web names of Records.
	Hosts []string
	// Requirements raises rules to high: RequireDNSSEC, RequireCAA.
	Requirements []string
}

// What Requirements may name.
const (
	RequireDNSSEC = "dnssec"
	RequireCAA    = "caa"
)

// Expected is a set of records that must be served.
type Expected struct {
	Name   string
	Type   string
	Values []string // in presentation form
	// AtLeast allows other values beside these.
	AtLeast bool
	// Proxied expects Cloudflare's addresses in the place of values.
	Proxied bool
}

// Record is one record of the listing.
type Record struct {
	Name    string // FQDN
	Type    string
	Content string // RDATA in presentation form; TXT: the plain text
	TTL     int64  // seconds; 0 = not given, 1 = automatic
	Proxied bool
}

// canonical is a name as the DNS writes it: A-labels, lower case, no trailing
// dot. Labels that IDNA refuses, such as those with an underscore, stay.
func canonical(name string) string {
	name = strings.ToLower(strings.TrimSpace(name))
	if name == "." {
		return name
	}
	labels := strings.Split(strings.TrimSuffix(name, "."), ".")
	for i, label := range labels {
		if a, err := idna.Lookup.ToASCII(label); err == nil {
			labels[i] = a
		}
	}
	return strings.Join(labels, ".")
}

// Absolute makes a name that may be relative to the domain, or "@", a full
// one; a name with a final dot is full.
func Absolute(name, domain string) string {
	full := canonical(name)
	switch {
	case strings.TrimSpace(name) == "@":
		return canonical(domain)
	case strings.HasSuffix(strings.TrimSpace(name), "."), within(full, canonical(domain)):
		return full
	default:
		return full + "." + canonical(domain)
	}
}

// within reports whether a name is at or below another.
func within(name, apex string) bool {
	return name == apex || apex == "." || strings.HasSuffix(name, "."+apex)
}

// parentOf is the name without its first label; "." above the last.
func parentOf(name string) string {
	if _, up, ok := strings.Cut(name, "."); ok && up != "" {
		return up
	}
	return "."
}

// session is one run of the check.
type session struct {
	ctx    context.Context
	prober probe.Prober
	report *readiness.Recorder
	spec   Spec
	domain string

	delegation delegation
	mute       atomic.Int32 // names of the zone in a row for which the resolver was silent, none of its servers being reached
	deaf       string       // why the resolver is asked nothing more: it was silent twice
	servers    []*server
	alive      []*point // those that answer authoritatively, in a fixed order

	entries []entry  // the listing, read
	names   []string // of interest, in the zone, sorted
	wild    []string // values that the wildcard answers with

	mu      sync.Mutex
	asked   map[question]func() probe.ServerAnswer
	targets map[string]func() target
	web     map[string]func() webAnswer
	claimed map[string]verdict // owners of CNAMEs of services without owner: what dns.dangling says of them
}

// question is one to the zone's servers.
type question struct {
	name string
	typ  probe.RecordType
}

func run(ctx context.Context, p probe.Prober, spec Spec, report *readiness.Recorder) {
	s := &session{
		ctx: ctx, prober: p, report: report, spec: spec, domain: canonical(spec.Domain),
		asked: map[question]func() probe.ServerAnswer{}, targets: map[string]func() target{},
		web: map[string]func() webAnswer{}, claimed: map[string]verdict{},
	}
	s.delegation = s.findZone(s.domain)
	s.readListing()
	s.meetServers()
	s.judgeServers()
	s.judgeDelegation()
	s.judgeTransfers()
	s.survey()
	s.judgeWildcards()
	s.judgeSecurity()
	s.judgeExpected()
	s.judgeSurvey()
	s.judgeDuplicates()
	s.judgeTakeover()
	s.judgeDangling()
	s.judgeMX()
	s.judgeOrigins()
	s.judgeDead()
	s.judgeCAA()
}

// zone is the name of the zone that is judged, or the domain where none was found.
func (s *session) zone() string {
	if s.delegation.zone != "" {
		return s.delegation.zone
	}
	return s.domain
}

// atOnce is how much goes on side by side.
const atOnce = 16

// parallel calls f for 0 to n-1, at most limit beside one another, and waits.
func parallel(n, limit int, f func(i int)) {
	slots := make(chan struct{}, limit)
	var all sync.WaitGroup
	for i := range n {
		slots <- struct{}{}
		all.Go(func() {
			defer func() { <-slots }()
			f(i)
		})
	}
	all.Wait()
}

// once returns the memo of a key, made by f on first use.
func once[K comparable, V any](s *session, memo map[K]func() V, key K, f func() V) V {
	s.mu.Lock()
	get, ok := memo[key]
	if !ok {
		get = sync.OnceValue(f)
		memo[key] = get
	}
	s.mu.Unlock()
	return get()
}

// sorted returns values in order, each once.
func sorted(values []string) []string {
	out := slices.Clone(values)
	slices.Sort(out)
	return slices.Compact(out)
}

// texts writes addresses in order, each once.
func texts(addresses []netip.Addr) []string {
	var out []string
	for _, a := range addresses {
		out = append(out, a.Unmap().String())
	}
	return sorted(out)
}
