// Package deploycheck is the check deployment: production runs the release that
// was meant, staging is its mirror, both have the same environment variables,
// health endpoints tell the truth, the release before can be brought back, and
// deploys are tied to alerts. It asks by GET alone, but for a drill that the user
// declares on staging.
package deploycheck

import (
	"context"
	"embed"
	"net/http"
	"time"

	"github.com/launchready/terraform-provider-launchready/internal/check"
	"github.com/launchready/terraform-provider-launchready/internal/probe"
	"github.com/launchready/terraform-provider-launchready/internal/readiness"
)

//go:embed doc.md
var doc string

//go:embed rules/*.md
var pages embed.FS

// Definition is the check.
var Definition = check.Definition[Spec]{
	Info: check.Info{
		Name:  "deployment",
		Area:  readiness.Deployment,
		Doc:   doc,
		Rules: rules(),
		Pages: pages,
	},
	Target: func(s Spec) string { return hostOf(s.Production.URL) },
	Run:    run,
}

// Spec is what a user asks for. What is left out of it is not known, and so
// inconclusive, but for staging: who has none has nothing to compare.
type Spec struct {
	Production      Site
	Staging         *Staging
	ExpectedVersion string    // empty = not said
	RolloutUntil    time.Time // until then production may give two releases; zero = never
	ReleaseOrder    []string  // oldest first, for releases that have no order of their own
	Environment     *Environment
	Rollback        *Rollback
	Alerts          AlertLink
	DriftPlan       *Plan
	// Account tells what only the API knows. Nil, or a function that returns
	// nil, means that there is no access to it.
	Account func(context.Context) (*AccountFacts, error)
	// Memory keeps the outcome of the drill while the check is repeated, so that
	// staging is broken once. Nil = no repetition.
	Memory *Memory
}

// Site is one place where the portal runs. Paths begin with a slash.
type Site struct {
	URL       string      // such as https://portal.acme.example, without a slash at its end
	Header    http.Header // of an identity; nil = a stranger
	Version   VersionSource
	Health    string   // whether the process lives; empty = the usual paths are tried
	Readiness string   // whether it can do its work; empty = the usual paths are tried
	Paths     []string // that are compared, and looked at; empty = the front page
	ErrorPath string   // that fails on purpose; empty = there is none
	// Documents are paths of tools for developers that are meant to be public,
	// such as the description of an API.
	Documents []string
}

// VersionSource is where a site says which release it is. All empty means the
// usual places.
type VersionSource struct {
	Path    string
	Header  string // name of a header of its answer
	Pointer string // JSON pointer (RFC 6901) into its answer
	Meta    string // name of a meta tag in its answer
}

// Staging is where a release is tried before production.
type Staging struct {
	Site
	Restricted bool     // strangers must be kept out
	Markers    []string // texts that production's data holds and no other's
	Drill      *Drill
}

// AccountFacts are settings of the zone that no visitor sees.
type AccountFacts struct {
	Zone            string
	DevelopmentMode bool
}

// run judges production, staging, and what is beside them.
func run(ctx context.Context, p probe.Prober, spec Spec, report *readiness.Recorder) {
	report.MendBy(check.Remedies(causes))
	s := newSession(ctx, p, spec, report)
	defer s.prober.Tell(report)
	s.look()
	s.versions()
	s.parity()
	s.stagingPublic()
	s.environment()
	served := s.read()
	s.liveKeys(served)
	s.debugging(served)
	s.drift(served)
	s.maintenance()
	s.health()
	s.rollback()
	s.account()
	s.alerts()
}
