// Package latencycheck is the check latency: whether the core actions of a
// portal answer in time. It sends each one at a low pace that does not wait for
// answers, and decides by exact tests on the samples themselves, so that neither
// chance nor a stall of the server changes a verdict unnoticed.
package latencycheck

import (
	"context"
	"embed"
	"net/http"
	"slices"
	"strings"
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
		Name:  "latency",
		Area:  readiness.Observability,
		Doc:   doc,
		Rules: rules(),
		Pages: pages,
		Once:  true,
	},
	Target: target,
	Run:    run,
}

// Defaults and bounds of a Spec.
const (
	DefaultLimit           = 500 * time.Millisecond
	DefaultRate            = 5.0
	MaximumRate            = 20.0
	DefaultDuration        = 2 * time.Minute
	DefaultMaximumRequests = 1000
	DefaultMaximumBaseline = 200 * time.Millisecond
	DefaultMaximumFirst    = 2 * time.Second
)

// Spec is what a user asks for.
type Spec struct {
	Actions         []Action
	Limit           time.Duration // of p95, of actions that name none; 0 = DefaultLimit
	Rate            float64       // requests a second and action; 0 = DefaultRate
	Duration        time.Duration // of the whole check, at most; 0 = DefaultDuration
	MaximumRequests int           // of the whole check; 0 = DefaultMaximumRequests
	Baseline        string        // URL that costs the site nothing; empty = found out
	MaximumBaseline time.Duration // median that still says something of the site; 0 = DefaultMaximumBaseline
	Disabled        bool          // nothing is sent; every rule ends as inconclusive
}

// Action is one thing that members do, as a request.
type Action struct {
	Name     string
	Kind     Kind   // empty = told from name and path
	Method   string // GET or HEAD; empty = GET
	URL      string
	Header   http.Header
	Actor    *probe.Actor // nil = as a visitor
	Status   []int        // of success; empty = any 2xx
	Contains string       // text that only the right answer holds; empty = none
	Limit    time.Duration
}

// subject is what findings on the action are about. A query may hold a token.
func (a Action) subject() string { return a.Method + " " + hostOf(a.URL) + pathOf(a.URL) }

// Kind is a core action of a portal with members.
type Kind string

const (
	LoginState Kind = "login_state" // is this visitor signed in?
	Profile    Kind = "profile"
	Membership Kind = "membership" // is the membership good?
	Content    Kind = "content"    // what only members may see
	Other      Kind = "other"
)

// Kinds are all kinds.
func Kinds() []Kind { return []Kind{LoginState, Profile, Membership, Content, Other} }

// core are the actions without which a portal is not judged as a whole.
func core() []Kind { return []Kind{LoginState, Profile, Membership, Content} }

// KindOf tells what an action is for by its name, else by its path.
func KindOf(name, path string) Kind {
	for _, text := range []string{name, path} {
		text = strings.ToLower(text)
		has := func(words ...string) bool {
			return slices.ContainsFunc(words, func(w string) bool { return strings.Contains(text, w) })
		}
		last := text[strings.LastIndexByte(text, '/')+1:]
		switch {
		case has("member", "subscription", "entitlement", "plan", "billing"):
			return Membership
		case has("profile", "account", "settings"):
			return Profile
		case has("login", "log_in", "log-in", "signed_in", "sign_in", "signin", "session", "whoami", "auth") || last == "me":
			return LoginState
		case has("content", "post", "course", "lesson", "article", "library", "video", "document", "gat", "feed"):
			return Content
		}
	}
	return Other
}

func (s Spec) withDefaults() Spec {
	def := func(d *time.Duration, to time.Duration) {
		if *d <= 0 {
			*d = to
		}
	}
	def(&s.Limit, DefaultLimit)
	def(&s.Duration, DefaultDuration)
	def(&s.MaximumBaseline, DefaultMaximumBaseline)
	if s.Rate <= 0 {
		s.Rate = DefaultRate
	}
	if s.MaximumRequests <= 0 {
		s.MaximumRequests = DefaultMaximumRequests
	}
	s.Actions = slices.Clone(s.Actions)
	for i := range s.Actions {
		a := &s.Actions[i]
		def(&a.Limit, s.Limit)
		if a.Method == "" {
			a.Method = http.MethodGet
		}
		if a.Kind == "" {
			a.Kind = KindOf(a.Name, pathOf(a.URL))
		}
	}
	return s
}

// target names the hosts, each once.
func target(s Spec) string {
	var hosts []string
	for _, a := range s.Actions {
		hosts = append(hosts, hostOf(a.URL))
	}
	slices.Sort(hosts)
	return strings.Join(slices.Compact(hosts), ", ")
}

func run(ctx context.Context, p probe.Prober, spec Spec, report *readiness.Recorder) {
	c := newCheck(ctx, p, spec.withDefaults(), report)
	c.coreActions()
	switch err := spec.Validate(); {
	case spec.Disabled:
		c.rest("the test of latency is turned off", "Set enabled to true when the portal may be measured.")
	case err != nil:
		c.rest(err.Error(), "")
	default:
		c.alone()
	}
	c.publish()
}
