// Package edgecheck is the check named "edge": hosts are behind Cloudflare's
// edge, the origin is not reachable beside it, nothing private is cached, what
// is harmful is stopped, and pages carry security headers.
package edgecheck

import (
	"context"
	"crypto/rand"
	"embed"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"sync"

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
	Hosts        []string
	Origins      []string // addresses or host names that must not answer for the hosts
	PrivatePaths []string // URLs, or paths on the first host
	StaticPaths  []string // URLs, or paths on the first host
	WAFProbe     bool     // whether attacks are tried: signatures, and headers that may poison a cache
	Session      Session
	// Account tells what only the API knows. Nil, or a function that returns
	// nil, means that there is no access to it.
	Account func(context.Context) (*AccountFacts, error)
}

// Session is what private paths are fetched with.
type Session struct {
	Identity string      // its name, for messages
	Header   http.Header // credentials; empty = none
	Username string      // taken as the marker where the private answer shows it
	Marker   string      // a text that the identity's private answers contain; empty = learned
}

// DefaultSpec is the specification of a user who names the hosts alone.
func DefaultSpec(hosts ...string) Spec { return Spec{Hosts: hosts, WAFProbe: true} }

// Definition is the check as a value.
var Definition = check.Definition[Spec]{
	Info:   check.Info{Name: "edge", Area: readiness.Edge, Doc: doc, Rules: rules(), Pages: pages},
	Target: Spec.name,
	Run:    run,
}

// name is what the check is about.
func (s Spec) name() string { return strings.Join(s.hosts(), ", ") }

// hosts returns the hosts in lower case, sorted, each once.
func (s Spec) hosts() []string {
	var out []string
	for _, h := range s.Hosts {
		out = append(out, check.CanonicalHost(h))
	}
	slices.Sort(out)
	return slices.Compact(out)
}

// target is an address to test, in the form that its findings name.
type target struct {
	url     *url.URL
	subject string // host/path
}

// targets reads paths on the first host and URLs, sorted, each once.
func (s Spec) targets(paths []string) []target {
	var out []target
	for _, p := range paths {
		p = strings.TrimSpace(p)
		if !strings.Contains(p, "://") && len(s.Hosts) > 0 {
			p = at("https", check.CanonicalHost(s.Hosts[0]), "/"+strings.TrimPrefix(p, "/"))
		}
		u, err := url.Parse(p)
		if err != nil || u.Hostname() == "" {
			continue // the data source has refused it
		}
		u.Fragment, u.RawFragment, u.User = "", "", nil
		if u.Path == "" {
			u.Path = "/"
		}
		out = append(out, target{u, check.CanonicalHost(u.Hostname()) + u.EscapedPath()})
	}
	slices.SortFunc(out, func(a, b target) int { return strings.Compare(a.subject, b.subject) })
	return slices.CompactFunc(out, func(a, b target) bool { return a.url.String() == b.url.String() })
}

// at is a URL on a host; IPv6 addresses get their brackets.
func at(scheme, host, pathAndQuery string) string {
	if strings.Contains(host, ":") {
		host = "[" + host + "]"
	}
	return scheme + "://" + host + pathAndQuery
}

// with is a URL with one more query parameter.
func with(u *url.URL, name, value string) string {
	busted := *u
	if busted.RawQuery != "" {
		busted.RawQuery += "&"
	}
	busted.RawQuery += name + "=" + url.QueryEscape(value)
	return busted.String()
}

// busted is a URL that no cache has been asked for before.
func busted(u *url.URL) string { return with(u, "lrcb", random()) }

// random is a word that nobody has used before.
func random() string { return strings.ToLower(rand.Text()) }

// hostsAtOnce bounds how many hosts are tested side by side.
const hostsAtOnce = 4

func run(ctx context.Context, p probe.Prober, spec Spec, report *readiness.Recorder) {
	budget := check.NewBudget(p)
	slots := make(chan struct{}, hostsAtOnce)
	known := map[string]bool{}
	var all sync.WaitGroup
	for _, host := range spec.hosts() {
		known[host] = true
		all.Go(func() {
			slots <- struct{}{}
			defer func() { <-slots }()
			h := hostCheck{prober: budget, spec: spec, host: host, report: report}
			h.run(ctx)
		})
	}
	// Paths of hosts that are tested run with them, for their headers count there.
	for _, host := range strangers(spec, known) {
		all.Go(func() {
			slots <- struct{}{}
			defer func() { <-slots }()
			h := hostCheck{prober: budget, spec: spec, host: host, report: report}
			h.runPaths(ctx)
		})
	}
	all.Go(func() { judgeAccount(ctx, spec, report) })
	all.Wait()
	if len(spec.targets(spec.PrivatePaths)) == 0 {
		check.Each(privateRules(), spec.name(), "no private_paths are given", report.NotApplicable)
	}
	if len(spec.targets(spec.StaticPaths)) == 0 {
		report.NotApplicable(ruleStaticUncached, spec.name(), "no static_paths are given")
	}
	budget.Tell(report)
}

// strangers are the hosts that only paths name.
func strangers(spec Spec, known map[string]bool) []string {
	var out []string
	for _, t := range slices.Concat(spec.targets(spec.PrivatePaths), spec.targets(spec.StaticPaths)) {
		if host := check.CanonicalHost(t.url.Hostname()); !known[host] {
			out = append(out, host)
		}
	}
	slices.Sort(out)
	return slices.Compact(out)
}
