// Package api emulates Cloudflare's API v4 for one account: tokens, zones, DNS
// records with batches, zone settings, rulesets and the list of addresses. It follows the
// published behaviour, its error codes, limits and normalisation included, and
// can be told to misbehave as the real API does now and then.
//
// What a call stores is in the zones of package zone, where the sandbox's DNS
// server and edge see it at once.
package api

import (
	"cmp"
	"crypto/rand"
	"encoding/hex"
	"net/http"
	"strings"
	"sync"
	"time"

	"github.com/launchready/terraform-provider-launchready/internal/sandbox/zone"
)

// BasePath is where the API begins: the base URL of a client ends in it.
const BasePath = "/client/v4"

// Options describe an API. The zero value serves an empty account with
// Cloudflare's rate limit and no token.
type Options struct {
	Account *Account
	Tokens  []Token
	Limit   Limit            // zero: 1,200 calls in 5 minutes
	Latency time.Duration    // that each call takes at least
	Now     func() time.Time // for expiry and limits; default time.Now
	// RecordQuota is how many records a zone may hold; 0 = as its plan says.
	RecordQuota int
	// NoAutomaticMode takes the setting ssl_automatic_mode away, which not
	// every zone has yet.
	NoAutomaticMode bool
	// Deliver posts messages to webhooks; default plain HTTP.
	Deliver Deliver
}

// Server is the API. It is an http.Handler, safe for concurrent use.
type Server struct {
	account *Account
	now     func() time.Time
	limiter *limiter
	counts  counter
	faults  faultList

	recordQuota     int
	noAutomaticMode bool

	mu      sync.RWMutex
	tokens  map[string]Token   // by value
	extra   map[*zone.Zone]int // records past the quota
	latency time.Duration
	wrap    bool // DNS errors come inside an error_chain
	dryRun  bool // is known on ruleset writes

	noTopology bool // until a zone sets it
	pulls      map[*zone.Zone][]pullCertificate
	health     map[*zone.Zone][]healthCheck
	alerting   alerting
	delivery   Deliver

	beforeWrite, afterWrite hook
}

// New returns an API that serves an account.
func New(o Options) *Server {
	s := &Server{
		account: o.Account, now: o.Now, latency: o.Latency, tokens: map[string]Token{}, extra: map[*zone.Zone]int{},
		pulls:  map[*zone.Zone][]pullCertificate{},
		health: map[*zone.Zone][]healthCheck{}, delivery: o.Deliver,
		recordQuota: o.RecordQuota, noAutomaticMode: o.NoAutomaticMode,
	}
	if s.account == nil {
		s.account = NewAccount("", "")
	}
	if s.now == nil {
		s.now = time.Now
	}
	if s.delivery == nil {
		s.delivery = plainDelivery
	}
	for _, z := range s.account.Zones() {
		s.SeedPlan(z)
	}
	s.limiter = newLimiter(o.Limit)
	for _, t := range o.Tokens {
		s.AddToken(t)
	}
	return s
}

// SetLatency sets the time that each call takes at least.
func (s *Server) SetLatency(d time.Duration) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.latency = d
}

// SetErrorChain says whether a DNS error comes wrapped in code 1004 with an
// error_chain, as it did until 2024-10 and on some routes still does, or bare.
func (s *Server) SetErrorChain(wrapped bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.wrap = wrapped
}

// Account returns the account that the API serves.
func (s *Server) Account() *Account { return s.account }

// call is one request on its way through the API.
type call struct {
	*http.Request
	server *Server
	params map[string]string // of the path template
	token  Token
	zone   *zone.Zone // of a path with {zone_id}
}

// ServeHTTP answers one API call.
func (s *Server) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	out := &recorder{header: http.Header{}}
	rt, params, known := match(r.Method, r.URL.Path)
	label := r.Method + " " + rt.template
	if !known {
		label = r.Method + " (no route)"
	}
	s.wait(r)
	fault, faulty := s.faults.next(label)
	if !faulty || fault.After {
		s.answer(out, r, rt, params, known)
	}
	status := out.status
	if faulty {
		status = fault.status()
	}
	s.counts.add(label, status)
	w.Header().Set("Cf-Ray", ray())
	w.Header().Set("Server", "cloudflare")
	s.limiter.describe(w.Header(), s.now())
	if faulty {
		fault.play(w, r)
		return
	}
	out.send(w)
}

// answer does what a healthy API does.
func (s *Server) answer(out *recorder, r *http.Request, rt route, params map[string]string, known bool) {
	c := &call{Request: r, server: s, params: params}
	result, err := s.handle(c, rt, known)
	if err != nil {
		if err.RetryAfter > 0 {
			out.header.Set("Retry-After", seconds(err.RetryAfter))
		}
		s.mu.RLock()
		wrapped := s.wrap
		s.mu.RUnlock()
		out.json(err.Status, err.envelope(wrapped))
		return
	}
	if result.status == http.StatusNoContent {
		out.status = result.status
		return
	}
	if result.text != "" {
		out.text(result.text)
		return
	}
	out.json(cmp.Or(result.status, http.StatusOK), result)
}

// handle goes through the gates every call passes, in Cloudflare's order:
// credentials, rate limit, route, scope, permission.
func (s *Server) handle(c *call, rt route, known bool) (*envelope, *Error) {
	if known && rt.public {
		return rt.serve(c)
	}
	if err := s.authenticate(c, rt); err != nil {
		return nil, err
	}
	if wait, ok := s.limiter.take(s.now()); !ok {
		return nil, rateLimited(wait)
	}
	if !known {
		return nil, noRoute(c.Method, c.URL.Path)
	}
	for name, value := range c.params {
		// An id of another form is right where the sandbox itself has given it.
		if !isID(value) && !isWord(name) && value != s.account.ID && s.account.Zone(value) == nil {
			return nil, badPath(c.URL.Path)
		}
	}
	if id, ok := c.params["zone_id"]; ok {
		c.zone = s.account.Zone(id)
		if c.zone == nil || !c.token.covers(c.zone) {
			return nil, notAuthorised()
		}
	}
	if !c.token.may(rt.permission) {
		return nil, missingPermission()
	}
	return rt.serve(c)
}

// wait keeps the latency; a client that leaves is not waited for.
func (s *Server) wait(r *http.Request) {
	s.mu.RLock()
	d := s.latency
	s.mu.RUnlock()
	pause(r, d)
}

func pause(r *http.Request, d time.Duration) {
	if d <= 0 {
		return
	}
	t := time.NewTimer(d)
	defer t.Stop()
	select {
	case <-t.C:
	case <-r.Context().Done():
	}
}

// NewID returns an identifier in Cloudflare's form: 32 hexadecimal digits.
func NewID() string {
	var b [16]byte
	rand.Read(b[:]) // never fails (crypto/rand)
	return hex.EncodeToString(b[:])
}

// ray returns a value for the header cf-ray: 16 hexadecimal digits and the
// code of a data centre.
func ray() string {
	var b [8]byte
	rand.Read(b[:]) // never fails (crypto/rand)
	return hex.EncodeToString(b[:]) + "-AMS"
}

// isWord tells whether a parameter of a path is no identifier.
func isWord(name string) bool {
	return name == "setting_id" || name == "ruleset_phase" || name == "ruleset_version"
}

func isID(s string) bool {
	return len(s) == 32 && strings.Trim(s, "0123456789abcdef") == ""
}
