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
	"time"
)

// Options describe one portal. The zero value of each but Domain has a default.
type Options struct {
	Domain  string           // registrable domain, such as acme.example (required)
	Version string           // as /version shows it; default 1.4.2
	Now     func() time.Time // default time.Now
	Speed   float64          // factor by which the windows of the limiter pass faster; default 1
}

// Portal is the application. It is an http.Handler, safe for concurrent use,
// and holds its state in memory.
type Portal struct {
	options  Options
	people   *directory
	sessions *sessions
	limiter  *limiter
	handler  http.Handler

	hookSecret string          // that the sending service shows
	context    context.Context // ends with Close
	cancel     context.CancelFunc
	sending    sync.WaitGroup

	mu         sync.RWMutex
	switches   map[Switch]bool
	profiles   map[string]profile // by user id
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
		options: options, people: people, sessions: newSessions(options.Now), limiter: newLimiter(options.Now, options.Speed),
		switches: map[Switch]bool{}, profiles: map[string]profile{},
		hookSecret: rand.Text(), suppressed: map[string]string{},
	}
	p.context, p.cancel = context.WithCancel(context.Background())
	for _, u := range people.users {
		p.profiles[u.ID] = profile{DisplayName: u.Name, Email: u.Email, Locale: "en"}
	}
	p.handler = p.middleware(p.routes())
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

// routes is the whole face of the portal.
func (p *Portal) routes() http.Handler {
	mux := http.NewServeMux()
	// Pages for people.
	mux.HandleFunc("GET /{$}", p.page("home"))
	mux.HandleFunc("GET /welcome", p.page("welcome"))
	mux.HandleFunc("POST /welcome", p.subscribe)
	mux.HandleFunc("GET /pricing", p.page("pricing"))
	mux.HandleFunc("GET /login", p.loginPage)
	mux.HandleFunc("POST /login", p.loginForm)
	mux.HandleFunc("GET /account", p.accountPage)
	mux.HandleFunc("GET /admin", p.adminPage)
	mux.Handle("GET /static/", staticFiles())
	// Sign-in.
	mux.HandleFunc("POST /api/login", p.login)
	mux.HandleFunc("POST /api/logout", p.logout)
	mux.HandleFunc("GET /api/me", p.signedIn(p.me))
	// Members.
	mux.HandleFunc("GET /api/profile", p.signedIn(p.profile))
	mux.HandleFunc("PATCH /api/profile", p.signedIn(p.updateProfile))
	mux.HandleFunc("GET /api/membership", p.signedIn(p.membership))
	mux.HandleFunc("GET /api/posts", p.signedIn(p.posts))
	mux.HandleFunc("GET /api/posts/{id}", p.signedIn(p.post))
	mux.HandleFunc("GET /api/invoices/{id}", p.signedIn(p.invoice))
	mux.HandleFunc("POST /api/invites", p.signedIn(p.invite))
	// Administrators.
	mux.HandleFunc("GET /api/admin/users", p.signedIn(p.adminUsers))
	// Recovery.
	mux.HandleFunc("POST /api/password-reset", p.passwordReset)
	mux.HandleFunc("POST /api/resend-code", p.resendCode)
	// Mail.
	mux.HandleFunc("POST "+BounceHook, p.bounces)
	mux.HandleFunc("GET /api/mail/suppressions", p.signedIn(p.suppressions))
	// Operation.
	mux.HandleFunc("GET /healthz", p.health)
	mux.HandleFunc("GET /version", p.version)
	mux.HandleFunc("/api/", func(w http.ResponseWriter, _ *http.Request) { refuse(w, http.StatusNotFound) })
	return mux
}

func (p *Portal) health(w http.ResponseWriter, _ *http.Request) {
	answer(w, http.StatusOK, map[string]string{"status": "ok"})
}

func (p *Portal) version(w http.ResponseWriter, _ *http.Request) {
	answer(w, http.StatusOK, map[string]string{"version": p.options.Version})
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
