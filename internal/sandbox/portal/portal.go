// Package portal is the sandbox's client portal: the membership site of two
// organisations that stands behind the edge. It is built the way a sound
// production portal is, and every fault it can have is a switch that is off.
package portal

import (
	"context"
	"crypto/rand"
	"fmt"
	"net/http"
	"strings"
	"sync"
	"sync/atomic"
	"time"
)

// Options describe one portal. The zero value of each but Domain has a default.
type Options struct {
	Domain  string           // registrable domain, such as acme.example (required)
	Version string           // as /version shows it; default 1.4.2
	Staging bool             // it is where releases are tried: with made-up data, and not for search engines
	Now     func() time.Time // default time.Now
	Speed   float64          // factor by which the windows of the limiter pass faster; default 1
}

// Portal is the application. It is an http.Handler, safe for concurrent use,
// and holds its state in memory.
type Portal struct {
	options   Options
	people    *directory
	sessions  *sessions
	refreshes *refreshes
	tickets   *tickets
	letters   *letterTokens
	forms     *formTokens
	writes    *writeTokens
	limiter   *limiter
	metrics   *metrics
	handler   http.Handler
	delays    delays

	hookSecret string          // that the sending service shows
	context    context.Context // ends with Close
	cancel     context.CancelFunc
	sending    sync.WaitGroup

	turns atomic.Int64 // answers, while every second one is of another release

	mu         sync.RWMutex
	released   string          // the release that runs; empty = that of the options
	down       map[string]bool // dependencies that fail
	switches   map[Switch]bool
	listener   Listener           // nil where nobody is told of events
	profiles   map[string]profile // by user id
	notes      map[string]string  // of the administrators, by user id
	messages   map[string]message // by id
	applicants map[string]user    // who has yet to confirm an address, by user id
	submission *Submission        // nil where no mail can be sent
	suppressed map[string]string  // addresses that get no mail, and why
}

// New builds a portal with its seed data. Hashes of passwords are computed
// once a process, so that a portal costs next to nothing. Close ends what it
// does in the background.
func New(options Options) (*Portal, error) {
	if options.Domain == "" {
		return nil, fmt.Errorf("a portal needs a domain")
	}
	if options.Version == "" {
		options.Version = "1.4.2"
	}
	if options.Now == nil {
		options.Now = time.Now
	}
	people := newDirectory(options.Domain)
	p := &Portal{
		options: options, people: people, limiter: newLimiter(options.Now, options.Speed), metrics: newMetrics(),
		refreshes: newRefreshes(options.Now), tickets: newTickets(options.Now), letters: newLetterTokens(options.Now), forms: newFormTokens(), writes: newWriteTokens(),
		switches: map[Switch]bool{}, profiles: map[string]profile{}, notes: seedNotes(), messages: seedMessages(), applicants: map[string]user{},
		hookSecret: rand.Text(), suppressed: map[string]string{}, down: map[string]bool{},
	}
	p.context, p.cancel = context.WithCancel(context.Background())
	p.sessions = newSessions(options.Now, p.On)
	for _, u := range people.all() {
		p.profiles[u.ID] = profile{DisplayName: u.Name, Locale: "en"}
	}
	for _, s := range seeds {
		one := p.profiles[s.id]
		one.Phone, one.About = s.phone, "Ask me about "+s.marker
		p.profiles[s.id] = one
	}
	p.handler = p.deployed(p.trapped(p.measured(p.delayed(p.middleware(p.routes())))))
	return p, nil
}

// ServeHTTP answers one request.
func (p *Portal) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	if hostOnly(r.Host) == "mta-sts."+p.options.Domain {
		p.mtaSTS(w, r)
		return
	}
	p.handler.ServeHTTP(w, r)
}

// scheme is how the visitor came: the edge says so, a direct visitor's
// connection does.
func scheme(r *http.Request) string {
	if forwarded := strings.ToLower(r.Header.Get("X-Forwarded-Proto")); forwarded == "http" || forwarded == "https" {
		return forwarded
	}
	if r.TLS != nil {
		return "https"
	}
	return "http"
}
