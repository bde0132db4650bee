// Package corscheck is the check named "cors": which origins the endpoints of a
// portal let read their answers (Fetch standard, CORS protocol).
package corscheck

import (
	"context"
	"crypto/rand"
	"embed"
	"maps"
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

// Spec is what to test.
type Spec struct {
	Endpoints map[string]Endpoint
	// TrustedOrigins must be able to read the endpoints: "https://app.acme.example",
	// or "https://*.acme.example" for names below a domain that may.
	TrustedOrigins []string
}

// Endpoint is one request that pages make.
type Endpoint struct {
	Method   string // default GET
	URL      string // https
	Header   http.Header
	Identity string // whose credentials Header holds; empty = none
}

// method is the endpoint's, in capitals.
func (e Endpoint) method() string {
	if e.Method == "" {
		return http.MethodGet
	}
	return strings.ToUpper(e.Method)
}

// reads reports whether the endpoint may be asked as it is: a request that
// changes something is not sent, only its preflight.
func (e Endpoint) reads() bool {
	return e.method() == http.MethodGet || e.method() == http.MethodHead
}

// subject is the endpoint as findings name it.
func (e Endpoint) subject() string {
	u, err := url.Parse(e.URL)
	if err != nil {
		return e.method() + " an address that cannot be read"
	}
	return e.method() + " " + strings.ToLower(u.Host) + u.EscapedPath()
}

// Definition is the check as a value.
var Definition = check.Definition[Spec]{
	Info:   check.Info{Name: "cors", Area: readiness.Edge, Doc: doc, Rules: rules(), Pages: pages},
	Target: Spec.name,
	Run:    run,
}

// name is what the check is about: the hosts of its endpoints.
func (s Spec) name() string {
	var out []string
	for _, e := range s.Endpoints {
		if u, err := url.Parse(e.URL); err == nil && u.Hostname() != "" {
			out = append(out, strings.ToLower(u.Hostname()))
		}
	}
	slices.Sort(out)
	return strings.Join(slices.Compact(out), ", ")
}

// random is a word that nobody has used before.
func random() string { return "lr" + strings.ToLower(rand.Text()[:12]) }

// atOnce bounds how many endpoints are tested side by side, and how many
// requests of one: the prober bounds them for a host.
const atOnce = 4

func run(ctx context.Context, p probe.Prober, spec Spec, report *readiness.Recorder) {
	budget := check.NewBudget(p)
	slots := make(chan struct{}, atOnce)
	var all sync.WaitGroup
	for _, name := range slices.Sorted(maps.Keys(spec.Endpoints)) {
		e := endpoint{Endpoint: spec.Endpoints[name], prober: budget, trusted: spec.TrustedOrigins, report: report}
		all.Go(func() {
			slots <- struct{}{}
			defer func() { <-slots }()
			e.run(ctx)
		})
	}
	all.Wait()
	budget.Tell(report)
}
