// Package cloudflare is Cloudflare's API as this provider uses it: zones, DNS
// records and zone settings, with typed errors that say what to do.
//
// It imports only sub-packages of the SDK: the root package compiles a million
// lines. The SDK supplies paths, authorisation and transport; requests and
// answers are our own structs, because the SDK's typed DNS reads lose the
// priority of MX and the data of SRV and CAA records.
//
// A Client is safe for concurrent use and is meant to live as long as the
// provider process.
package cloudflare

import (
	"context"
	"fmt"
	"math/rand/v2"
	"net/http"
	"net/url"
	"strings"
	"time"

	"github.com/cloudflare/cloudflare-go/v7/alerting"
	"github.com/cloudflare/cloudflare-go/v7/argo"
	"github.com/cloudflare/cloudflare-go/v7/cache"
	"github.com/cloudflare/cloudflare-go/v7/dns"
	"github.com/cloudflare/cloudflare-go/v7/healthchecks"
	"github.com/cloudflare/cloudflare-go/v7/option"
	"github.com/cloudflare/cloudflare-go/v7/rulesets"
	"github.com/cloudflare/cloudflare-go/v7/zones"
)

// DefaultBaseURL is where the API lives.
const DefaultBaseURL = "https://api.cloudflare.com/client/v4"

// Config is what a Client needs. Only Token is required.
type Config struct {
	// Token is an API token, of a user or of an account. A Global API Key is refused.
	Token string
	// BaseURL of the API with its version path; DefaultBaseURL if empty.
	BaseURL string
	// UserAgent is sent with every request.
	UserAgent string
	// Log receives one debug line a request: method, path, status, duration,
	// attempt, cf-ray. It may be nil and is never given a secret.
	Log func(ctx context.Context, msg string, fields map[string]any)
	// Changed is called before and after each request that may change something, whatever
	// comes of it. It may be nil.
	Changed func()
	// HTTPClient lends its transport; nil means a clone of the default transport.
	HTTPClient *http.Client

	clock  *clock         // nil means the real one
	random func() float64 // jitter in [0, 1); nil means math/rand
}

// clock is the time, replaceable in tests.
type clock struct {
	stopped bool // in tests: nobody waits for company
	now     func() time.Time
	sleep   func(ctx context.Context, d time.Duration) error
}

func realClock() *clock {
	return &clock{now: time.Now, sleep: func(ctx context.Context, d time.Duration) error {
		timer := time.NewTimer(d)
		defer timer.Stop()
		select {
		case <-timer.C:
			return nil
		case <-ctx.Done():
			return ctx.Err()
		}
	}}
}

// Client talks to the API with one token.
type Client struct {
	clock    *clock
	limiter  *limiter
	redactor redactor

	records  *dns.RecordService
	zones    *zones.ZoneService
	settings *zones.SettingService
	dnssec   *dns.DNSSECService
	rulesets *rulesets.RulesetService
	phases   *rulesets.PhaseService
	rules    *rulesets.RuleService
	versions *rulesets.VersionService

	tiered      *argo.TieredCachingService
	smartTiered *cache.SmartTieredCacheService

	health     *healthchecks.HealthcheckService
	alerts     *alerting.AlertingService
	alertTypes once[[]AlertType]
	policies   alertPolicies

	zoneCache    zoneCache
	snapshots    snapshots
	queues       queues
	entryPoints  entryPoints
	zoneSettings zoneSettings
	phaseWriters phaseWriters
}

// New returns a client. It does no I/O. It fails with a *TokenError for a token
// that cannot be one, and for a malformed base URL.
func New(cfg Config) (*Client, error) {
	if err := checkToken(cfg.Token); err != nil {
		return nil, err
	}
	base, err := parseBaseURL(cfg.BaseURL)
	if err != nil {
		return nil, err
	}
	c := &Client{clock: cfg.clock, redactor: newRedactor(cfg.Token)}
	if c.clock == nil {
		c.clock = realClock()
		c.limiter = sharedLimiter(base, cfg.Token)
	} else {
		c.limiter = newLimiter(c.clock)
	}
	random := cfg.random
	if random == nil {
		random = rand.Float64
	}
	t := &transport{
		base: baseTransport(cfg.HTTPClient), limiter: c.limiter, clock: c.clock,
		random: random, redactor: c.redactor, log: cfg.Log, changed: cfg.Changed,
	}
	options := []option.RequestOption{
		option.WithBaseURL(base + "/"),
		option.WithAPIToken(cfg.Token),
		option.WithMaxRetries(0), // the transport retries, by the rules that fit each method
		option.WithHTTPClient(&http.Client{
			Transport: t,
			// The API never redirects; following one could carry the token elsewhere.
			CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse },
		}),
	}
	if cfg.UserAgent != "" {
		options = append(options, option.WithHeader("User-Agent", cfg.UserAgent))
	}
	// Built one by one: the SDK's service constructors would build dozens of sub-services.
	c.records = &dns.RecordService{Options: options}
	c.zones = &zones.ZoneService{Options: options}
	c.settings = &zones.SettingService{Options: options}
	c.dnssec = &dns.DNSSECService{Options: options}
	c.rulesets = &rulesets.RulesetService{Options: options}
	c.phases = &rulesets.PhaseService{Options: options}
	c.rules = &rulesets.RuleService{Options: options}
	c.versions = &rulesets.VersionService{Options: options}
	c.tiered = &argo.TieredCachingService{Options: options}
	c.smartTiered = &cache.SmartTieredCacheService{Options: options}
	c.health = &healthchecks.HealthcheckService{Options: options}
	c.alerts = &alerting.AlertingService{
		Options: options, AvailableAlerts: &alerting.AvailableAlertService{Options: options}, Policies: &alerting.PolicyService{Options: options},
		Destinations: &alerting.DestinationService{
			Options: options, Eligible: &alerting.DestinationEligibleService{Options: options},
			Pagerduty: &alerting.DestinationPagerdutyService{Options: options}, Webhooks: &alerting.DestinationWebhookService{Options: options},
		},
	}
	c.zoneCache.init()
	c.snapshots.init()
	return c, nil
}

func parseBaseURL(s string) (string, error) {
	if s == "" {
		s = DefaultBaseURL
	}
	u, err := url.Parse(s)
	switch {
	case err != nil:
		// The parser's error would repeat the whole string, which may hold a secret in the wrong place.
		return "", fmt.Errorf("base URL cannot be parsed: it should look like %s", DefaultBaseURL)
	case u.Scheme != "https" && u.Scheme != "http", u.Host == "":
		return "", fmt.Errorf("base URL should be an absolute https URL such as %s", DefaultBaseURL)
	case u.User != nil, u.RawQuery != "", u.Fragment != "":
		return "", fmt.Errorf("base URL should have no user, query or fragment; it should look like %s", DefaultBaseURL)
	}
	return strings.TrimRight(u.String(), "/"), nil
}

func baseTransport(client *http.Client) http.RoundTripper {
	if client != nil && client.Transport != nil {
		return client.Transport
	}
	base, ok := http.DefaultTransport.(*http.Transport)
	if !ok {
		return http.DefaultTransport
	}
	base = base.Clone()
	base.MaxIdleConnsPerHost = maxInFlight
	return base
}
