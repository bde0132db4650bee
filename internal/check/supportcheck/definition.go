// Package supportcheck is the check support: whether somebody who did not build
// the portal can help its members. It reads a runbook, and asks its links, the
// domains of its contacts and the pages by which members help themselves for a
// sign of life.
package supportcheck

import (
	"context"
	"embed"
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
		Name:  "support",
		Area:  readiness.Support,
		Doc:   doc,
		Rules: rules(),
		Pages: pages,
	},
	Target: func(Spec) string { return "runbook" },
	Run:    run,
}

// Defaults of a Spec.
const (
	DefaultMaximumAge = 90 * 24 * time.Hour
	DefaultLevels     = 2
	DefaultRecheck    = time.Minute
	DefaultTimeout    = 10 * time.Minute
	// MaxLinks is how many links are asked for.
	MaxLinks = 50
)

// Spec is what a user asks for.
type Spec struct {
	Runbook string // path of a file or a folder, an address, or a text of more than one line
	// Topics are further words for a topic, and topics of the user's own. A * in
	// a word stands for any run of characters.
	Topics map[string][]string
	Words  Words // of the runbook's language

	MaximumAge    time.Duration // since the last review; 0 = DefaultMaximumAge
	MinimumLevels int           // of escalation; 0 = DefaultLevels

	IgnoredHosts []string      // whose links are not asked for; *.acme.example covers all names below it
	Recheck      time.Duration // after which a link that is dead is asked for again; 0 = DefaultRecheck, negative = at once
	Pause        time.Duration // between two requests to a host of others; 0 = one second, negative = none

	Drill       *Drill
	SelfService map[string]string // addresses of pages by what they are for
	StatusPage  string            // address; empty = none
	SecurityTxt []string          // hosts that must serve one
	Timeout     time.Duration     // of a run; 0 = DefaultTimeout
}

// Words are further words by which the parts of a section are known, in the
// language that the runbook is written in.
type Words struct {
	Owner, Contact, Steps, Time, Escalate, OutOfHours, Review []string
}

// Drill is a person's statement that somebody has followed the runbook.
type Drill struct {
	Statement, Owner, Evidence string
	Date                       time.Time
}

func (s Spec) withDefaults() Spec {
	if s.MaximumAge <= 0 {
		s.MaximumAge = DefaultMaximumAge
	}
	if s.MinimumLevels <= 0 {
		s.MinimumLevels = DefaultLevels
	}
	if s.Recheck == 0 {
		s.Recheck = DefaultRecheck
	}
	if s.Pause == 0 {
		s.Pause = time.Second
	}
	if s.Timeout <= 0 {
		s.Timeout = DefaultTimeout
	}
	return s
}

// run reads the runbook and judges it, then what it leads to.
func run(ctx context.Context, p probe.Prober, spec Spec, report *readiness.Recorder) {
	spec = spec.withDefaults()
	ctx, cancel := context.WithTimeout(ctx, spec.Timeout)
	defer cancel()
	report.MendBy(check.Remedies(causes))
	budget := check.NewBudget(p)
	s := &session{ctx: ctx, prober: budget, spec: spec, report: report, words: vocabulary(spec.Words)}
	if s.open() {
		s.sections()
		s.judgeSections()
		s.placeholders()
		s.database()
		s.secrets()
		s.review()
		s.people()
		s.levels()
		s.links()
		s.contacts()
	}
	s.drill()
	s.selfService()
	s.statusPage()
	s.securityTxt()
	budget.Tell(report)
}
