package monitor

import (
	"context"
	"errors"
	"fmt"
	"net"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/launchready/terraform-provider-launchready/internal/cloudflare"
)

// CloudflareName is the word for Cloudflare in configuration.
const CloudflareName = "cloudflare"

// Cloudflare is the health checks of one zone
// (https://developers.cloudflare.com/health-checks/).
type Cloudflare struct {
	api  *cloudflare.Client
	zone cloudflare.Zone
}

// NewCloudflare returns the health checks of a zone. It does no I/O.
func NewCloudflare(api *cloudflare.Client, zone cloudflare.Zone) *Cloudflare {
	return &Cloudflare{api, zone}
}

// Name is the word in configuration.
func (c *Cloudflare) Name() string { return CloudflareName }

// Zone is the zone that the health checks belong to.
func (c *Cloudflare) Zone() cloudflare.Zone { return c.zone }

// Unavailable says why the zone's plan has no health checks; empty if it has.
func (c *Cloudflare) Unavailable() string {
	if c.zone.Plan != "free" {
		return ""
	}
	return fmt.Sprintf("Cloudflare's health checks need plan Pro or above, and %s is on plan free. Change the plan, or watch from elsewhere with backend = %q or %q.", c.zone.Name, BetterStackName, UptimeRobotName)
}

// Limits are those of the zone's plan
// (https://developers.cloudflare.com/health-checks/#availability; the shortest
// intervals are those of the dashboard; last looked at 2026-11).
func (c *Cloudflare) Limits(ctx context.Context) (Limits, error) {
	l := Limits{
		Unavailable: c.Unavailable(),
		Plan:        fmt.Sprintf("plan %s of %s", c.zone.Plan, c.zone.Name),
		MaxInterval: time.Hour, MinTimeout: time.Second, MaxTimeout: 10 * time.Second,
		Methods: []string{"GET", "HEAD"}, Classes: true, Address: true, NameCharacters: "-_", FixedHeaders: []string{"User-Agent"},
		Regions: []string{"WNAM", "ENAM", "WEU", "EEU", "NSAM", "SSAM", "OC", "ME", "NAF", "SAF", "IN", "SEAS", "NEAS"},
	}
	if l.Unavailable != "" {
		return l, nil
	}
	switch c.zone.Plan {
	case "pro":
		l.Monitors, l.MinInterval = 10, time.Minute
	case "business":
		l.Monitors, l.MinInterval = 50, 15*time.Second
	case "enterprise":
		l.Monitors, l.MinInterval = 1000, 10*time.Second
	}
	if c.zone.Plan != "pro" {
		l.Regions = append(l.Regions, "ALL_REGIONS")
	}
	all, err := c.api.HealthChecks(ctx, c.zone.ID)
	l.Used = len(all)
	return l, c.failed("list health checks of "+c.zone.Name, err)
}

// failed makes an *Error of what the API said; the API's own error is its cause.
func (c *Cloudflare) failed(operation string, err error) error {
	if err == nil {
		return nil
	}
	out := &Error{Backend: CloudflareName, Operation: operation, Message: err.Error(), Uncertain: cloudflare.Uncertain(err), cause: err}
	var e *cloudflare.Error
	if errors.As(err, &e) {
		out.Status = e.Status
	}
	return out
}

// wire brings a monitor into the API's form. before is what is there: what a
// Monitor does not speak of stays as it is.
func (c *Cloudflare) wire(m Monitor, before cloudflare.HealthCheck) (cloudflare.HealthCheck, error) {
	u, err := url.Parse(m.URL)
	if err != nil || u.Hostname() == "" {
		return before, &Error{Backend: CloudflareName, Operation: "describe monitor " + m.Name, Field: "url", Message: "the URL has no host"}
	}
	h := before
	h.ID, h.Name, h.Type, h.Address = m.ID, m.Name, strings.ToUpper(u.Scheme), u.Hostname()
	h.Regions, h.Suspended = m.Regions, m.Paused
	h.Interval, h.Timeout = int(m.Interval/time.Second), int(m.Timeout/time.Second)
	web := cloudflare.HealthCheckHTTP{
		Method: m.Method, Path: u.EscapedPath(), Codes: m.Status, Body: m.Body, Follow: m.FollowRedirects, Insecure: m.IgnoreTLS,
		Port: defaultPort(u.Scheme), Header: map[string][]string{},
	}
	if web.Path == "" {
		web.Path = "/"
	}
	if u.RawQuery != "" {
		web.Path += "?" + u.RawQuery
	}
	if port, err := strconv.Atoi(u.Port()); err == nil {
		web.Port = port
	}
	for name, value := range m.Headers {
		web.Header[name] = []string{value}
	}
	if m.Address != "" {
		h.Address = m.Address
		web.Header["Host"] = []string{u.Hostname()}
	}
	h.HTTP = &web
	return h, nil
}

func defaultPort(scheme string) int {
	if strings.EqualFold(scheme, "http") {
		return 80
	}
	return 443
}

// seenHealth brings the API's form into ours.
func seenHealth(h cloudflare.HealthCheck) Seen {
	s := Seen{State: healthState(h.Status)}
	s.ID, s.Name, s.Paused = h.ID, h.Name, h.Suspended
	s.Interval, s.Timeout = time.Duration(h.Interval)*time.Second, time.Duration(h.Timeout)*time.Second
	s.Regions = slices.Sorted(slices.Values(h.Regions))
	web := h.HTTP
	if web == nil {
		s.Kind, s.URL = strings.ToLower(h.Type), strings.ToLower(h.Type)+"://"+h.Address
		return s
	}
	s.Method, s.Status, s.Body, s.FollowRedirects, s.IgnoreTLS = web.Method, slices.Clone(web.Codes), web.Body, web.Follow, web.Insecure
	host := h.Address
	for name, values := range web.Header {
		if strings.EqualFold(name, "Host") && len(values) > 0 {
			host = values[0]
			continue
		}
		if s.Headers == nil {
			s.Headers = map[string]string{}
		}
		s.Headers[http.CanonicalHeaderKey(name)] = strings.Join(values, ", ")
	}
	if !strings.EqualFold(host, h.Address) {
		s.Address = h.Address
	}
	scheme := strings.ToLower(h.Type)
	if web.Port != 0 && web.Port != defaultPort(scheme) {
		host = net.JoinHostPort(strings.Trim(host, "[]"), strconv.Itoa(web.Port))
	} else if strings.Contains(host, ":") && !strings.HasPrefix(host, "[") {
		host = "[" + host + "]"
	}
	s.URL = scheme + "://" + host + web.Path
	return s
}

func healthState(status string) State {
	switch status {
	case "healthy":
		return Up
	case "unhealthy":
		return Down
	case "suspended":
		return Paused
	case "unknown", "":
		return Pending
	}
	return State(status)
}

// Create makes a health check.
func (c *Cloudflare) Create(ctx context.Context, m Monitor) (Seen, error) {
	h, err := c.wire(m, cloudflare.HealthCheck{Retries: 2, Fails: 1, Successes: 1})
	if err != nil {
		return Seen{}, err
	}
	h, err = c.api.CreateHealthCheck(ctx, c.zone.ID, h)
	return seenHealth(h), c.failed("create health check "+m.Name, err)
}

// Read reads one.
func (c *Cloudflare) Read(ctx context.Context, id string) (Seen, error) {
	h, err := c.api.HealthCheck(ctx, c.zone.ID, id)
	return seenHealth(h), c.failed("read health check "+id, err)
}

// Update replaces one, but for its description and its counts of failures, which
// are not ours.
func (c *Cloudflare) Update(ctx context.Context, m Monitor) (Seen, error) {
	before, err := c.api.HealthCheck(ctx, c.zone.ID, m.ID)
	if err != nil {
		return Seen{}, c.failed("read health check "+m.ID, err)
	}
	h, err := c.wire(m, before)
	if err != nil {
		return Seen{}, err
	}
	h, err = c.api.UpdateHealthCheck(ctx, c.zone.ID, h)
	return seenHealth(h), c.failed("update health check "+m.Name, err)
}

// Delete deletes one.
func (c *Cloudflare) Delete(ctx context.Context, id string) error {
	return c.failed("delete health check "+id, c.api.DeleteHealthCheck(ctx, c.zone.ID, id))
}

// List lists those of the zone.
func (c *Cloudflare) List(ctx context.Context) ([]Seen, error) {
	all, err := c.api.HealthChecks(ctx, c.zone.ID)
	out := make([]Seen, len(all))
	for i, h := range all {
		out[i] = seenHealth(h)
	}
	return sortSeen(out), c.failed("list health checks of "+c.zone.Name, err)
}
