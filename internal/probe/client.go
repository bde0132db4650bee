package probe

import (
	"context"
	"crypto/x509"
	"net/http"
	"sync"
	"time"

	"golang.org/x/time/rate"
)

// What one host is asked to bear outside bursts.
const (
	hostConcurrency = 2
	hostRate        = 20 // requests or handshakes a second
	hostBurst       = 40
)

// Client is the Prober that uses the real network. It is safe for concurrent use.
type Client struct {
	config    Config
	scope     scope
	detours   detours
	resolvers func() []string
	roots     func() *x509.CertPool
	cache     *dnsCache
	dnsSlots  chan struct{}

	mu      sync.Mutex
	hosts   map[string]*hostLimit
	servers map[string]chan struct{} // name servers: turns
	bursts  map[string]chan struct{} // hosts: who may send bursts
	reused  map[string]*hostLimit    // of requests that share connections
	slowed  map[string]bool          // hosts that have refused them as too many
	pools   map[pool]*http.Transport // of them
}

var _ Prober = (*Client)(nil)

// New returns a client. It does no I/O: what it needs of the system is read on
// first use. The error is a *ConfigError.
func New(config Config) (*Client, error) {
	if err := config.Validate(); err != nil {
		return nil, err
	}
	config = config.withDefaults()
	detours, err := parseDetours(config.ConnectTo)
	if err != nil {
		return nil, err
	}
	return &Client{
		config:    config,
		scope:     newScope(config.AllowedHosts),
		detours:   detours,
		resolvers: sync.OnceValue(func() []string { return resolverList(config.Resolvers) }),
		roots:     sync.OnceValue(func() *x509.CertPool { return rootPool(config.CABundle) }),
		cache:     newDNSCache(config.Clock),
		dnsSlots:  make(chan struct{}, dnsConcurrency),
		hosts:     map[string]*hostLimit{},
		servers:   map[string]chan struct{}{},
		bursts:    map[string]chan struct{}{},
		reused:    map[string]*hostLimit{},
		slowed:    map[string]bool{},
		pools:     map[pool]*http.Transport{},
	}, nil
}

// InScope implements Prober.
func (c *Client) InScope(host string, intent Intent) error { return c.scope.allows(host, intent) }

// Now implements Prober.
func (c *Client) Now() time.Time { return c.config.Clock() }

// Flush forgets every DNS answer. It is for those who have just changed the
// zone themselves: what was true before is not evidence any more. Nor are
// connections to where names led then.
func (c *Client) Flush() {
	c.cache.flush()
	c.mu.Lock()
	defer c.mu.Unlock()
	for _, t := range c.pools {
		t.CloseIdleConnections()
	}
}

type freshKey struct{}

// Fresh marks a context whose look-ups go to the resolvers even where an answer
// is cached: for polling until a change has spread. Its requests share no
// connection, which may lead to where the name led before.
func Fresh(ctx context.Context) context.Context { return context.WithValue(ctx, freshKey{}, true) }

func isFresh(ctx context.Context) bool { fresh, _ := ctx.Value(freshKey{}).(bool); return fresh }

// rootPool returns the system's roots and those of the bundle.
func rootPool(bundle []byte) *x509.CertPool {
	pool, err := x509.SystemCertPool()
	if err != nil {
		pool = x509.NewCertPool() // no system store: the bundle alone is trusted
	}
	pool.AppendCertsFromPEM(bundle)
	return pool
}

// hostLimit keeps probes of one host few and slow.
type hostLimit struct {
	slots chan struct{}
	rate  *rate.Limiter
}

func (c *Client) limit(host string) *hostLimit {
	c.mu.Lock()
	defer c.mu.Unlock()
	l, ok := c.hosts[host]
	if !ok {
		l = &hostLimit{slots: make(chan struct{}, hostConcurrency), rate: rate.NewLimiter(hostRate, hostBurst)}
		c.hosts[host] = l
	}
	return l
}

// acquire waits for a turn at the host; release gives it back. Within the turn
// every request and every handshake, repeated ones too, waits for the rate.
func (l *hostLimit) acquire(ctx context.Context) (release func(), err error) {
	select {
	case l.slots <- struct{}{}:
		return func() { <-l.slots }, nil
	case <-ctx.Done():
		return nil, ctx.Err()
	}
}

// wait waits until the rate allows one more. The limiter has an error of its
// own for a deadline that would pass meanwhile; to callers it is a time-out.
func (l *hostLimit) wait(ctx context.Context) error {
	err := l.rate.Wait(ctx)
	if err != nil && ctx.Err() == nil {
		return context.DeadlineExceeded
	}
	return err
}
