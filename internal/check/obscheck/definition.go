// Package obscheck is the check observability: whether what goes wrong at a
// portal is seen, and whether somebody is told. It causes small, announced
// failures and looks for each at the far end of every way that it should take:
// in the log, in the metrics, at the error tracker, in the mailbox of those who
// are on call. Then it reads which alerts and monitors there are.
package obscheck

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
		Name:  "observability",
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
	DefaultWithin = 5 * time.Minute
	MaxWithin     = 30 * time.Minute
	MaxRepeat     = 20
)

// Marks that stand in a drill's request and in the queries of its signals.
const (
	// MarkWord stands for a word that is new in each run, lr- and eight hex digits.
	MarkWord = "{{mark}}"
	// PasswordWord stands for a password that nobody has.
	PasswordWord = "{{password}}"
)

// Spec is what a user asks for.
type Spec struct {
	Drills         []Drill
	RequiredAlerts []Alert
	// AlertNames are the names of alerting rules by what they are for, where
	// neither name nor expression tells.
	AlertNames     map[Alert][]string
	OnCall         []string // addresses, or kinds of integration, that count as a person; empty = any
	MonitoredHosts []string
	// Rules are sinks whose alerting rules are read, Routing those that send alerts.
	Rules, Routing []Source
	Inventory      Inventory // nil = no monitor and no policy is known
	Disabled       bool      // nothing is sent; every rule ends as inconclusive
}

// Source is a named sink.
type Source struct {
	Name   string
	Config probe.SinkConfig
}

// Kind is what a drill is about.
type Kind string

const (
	SignIn Kind = "sign_in" // failed sign-ins
	Denied Kind = "denied"  // requests that are refused to who is signed in
	Failed Kind = "error"   // a request that fails on purpose
	Bounce Kind = "bounce"  // mail that bounces
	Other  Kind = "other"
)

// Kinds are all kinds.
func Kinds() []Kind { return []Kind{SignIn, Denied, Failed, Bounce, Other} }

// Drill is one small failure that is caused, and where it must show.
type Drill struct {
	Name    string
	Kind    Kind // empty = told from the path and the expected status
	Request Request
	Signals []Signal
	Within  time.Duration // 0 = DefaultWithin
	// SkipInjection leaves the sign-in with a line break in the name out.
	SkipInjection bool
}

// Request is what causes the failure. MarkWord and PasswordWord may stand in
// URL, Header and Body.
type Request struct {
	Method string // empty = POST with a body, else GET
	URL    string
	Header http.Header
	Body   string
	// Secret are headers that authenticate: they are sent, and looked for in what
	// is logged.
	Secret http.Header
	Repeat int   // 0 = 1
	Expect []int // statuses; empty = any but 404, 405 and what throttles, and below 500 unless the drill is about errors
}

// Signal is one place where the drill must show.
type Signal struct {
	Name    string
	Source  string // name of the sink or mailbox
	Config  probe.SinkConfig
	Address string // of a mailbox
	Query   string // in the sink's language; MarkWord may stand in it
	Text    string // that an entry must hold; empty = the mark
	// Increase is by how much a number must rise; 0 = by one a request.
	Increase float64
	// Resolved is how long after an alert somebody must be told that it is over;
	// 0 = not tested.
	Resolved time.Duration
}

// Alert is something that somebody must be told of.
type Alert string

const (
	Spike401    Alert = "401_spike"
	Spike403    Alert = "403_spike"
	Spike5xx    Alert = "5xx_spike"
	Latency     Alert = "latency"
	Bounces     Alert = "bounces"
	Certificate Alert = "certificate"
	HostDown    Alert = "host_down"
	Deploy      Alert = "deploy"
)

// Alerts are all alerts.
func Alerts() []Alert {
	return []Alert{Spike401, Spike403, Spike5xx, Latency, Bounces, Certificate, HostDown, Deploy}
}

// Inventory is what the services that watch a site have been told to do. Each
// failure says which service could not be asked, and why.
type Inventory interface {
	Monitors(ctx context.Context) (all []Monitor, failures []string)
	Policies(ctx context.Context) (all []Policy, failures []string)
}

// Monitor is an uptime monitor.
type Monitor struct {
	Backend, Name, URL string
	Interval           time.Duration
	Paused             bool
	LastChecked        time.Time // zero = not known
	Contacts           []string  // who is told
	ContactsUnknown    bool      // the service does not say who is told
	Body               string    // that the answer must hold; empty = any
	AnyStatus          bool      // any status below 500 counts as up
	Certificate        bool      // it warns before a certificate ends
}

// Policy is a rule of a service that tells somebody of something.
type Policy struct {
	Source, Name string
	Covers       []Alert
	Enabled      bool
	Destinations []string
}

// Hosts are those of the drills and those that are monitored, each once.
func (s Spec) Hosts() []string {
	var hosts []string
	for _, d := range s.Drills {
		hosts = append(hosts, hostOf(d.Request.URL))
	}
	for _, h := range s.MonitoredHosts {
		hosts = append(hosts, monitoredHost(h))
	}
	slices.Sort(hosts)
	return slices.Compact(hosts)
}

func target(s Spec) string { return strings.Join(s.Hosts(), ", ") }

// kind is what the drill is about.
func (d Drill) kind() Kind {
	path := strings.ToLower(pathOf(d.Request.URL))
	has := func(words ...string) bool {
		return slices.ContainsFunc(words, func(w string) bool { return strings.Contains(path, w) })
	}
	only := func(from, to int) bool {
		return len(d.Request.Expect) > 0 && !slices.ContainsFunc(d.Request.Expect, func(s int) bool { return s < from || s > to })
	}
	switch {
	case d.Kind != "":
		return d.Kind
	case only(500, 599):
		return Failed
	case has("login", "log-in", "signin", "sign-in", "session", "logon", "/auth", "/token"):
		return SignIn
	case has("invit"):
		return Bounce
	case only(403, 403):
		return Denied
	}
	return Other
}

// shows is the alert that a drill's own notification proves.
func (k Kind) shows() (Alert, bool) {
	a, ok := map[Kind]Alert{SignIn: Spike401, Denied: Spike403, Failed: Spike5xx, Bounce: Bounces}[k]
	return a, ok
}
