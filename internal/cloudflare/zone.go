package cloudflare

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"strings"
	"sync"
	"time"

	"github.com/cloudflare/cloudflare-go/v7/option"
	"github.com/cloudflare/cloudflare-go/v7/zones"
)

// Zone is a zone as the token sees it.
type Zone struct {
	ID              string
	Name            string // lower case, A-labels, no trailing dot
	AccountID       string
	Status          string // active, pending, initializing, moved, ...; only active is served
	Type            string // full, partial, secondary, internal
	Plan            string // free, pro, business, enterprise; others are kept as they come
	Paused          bool   // the proxy is off everywhere
	NameServers     []string
	DevelopmentMode int    // seconds left; above 0 nothing is cached
	CreatedOn       string // RFC 3339
}

type wireZone struct {
	ID          string   `json:"id"`
	Name        string   `json:"name"`
	Status      string   `json:"status"`
	Type        string   `json:"type"`
	Paused      bool     `json:"paused"`
	NameServers []string `json:"name_servers"`
	DevMode     float64  `json:"development_mode"`
	CreatedOn   string   `json:"created_on"`
	Account     struct {
		ID string `json:"id"`
	} `json:"account"`
	Plan struct {
		LegacyID string `json:"legacy_id"`
		Name     string `json:"name"`
	} `json:"plan"`
}

func (w wireZone) zone() Zone {
	plan := w.Plan.LegacyID
	if plan == "" {
		plan = strings.ToLower(w.Plan.Name)
	}
	return Zone{
		ID: w.ID, Name: canonicalHost(w.Name), AccountID: w.Account.ID, Status: w.Status, Type: w.Type, Plan: plan,
		Paused: w.Paused, NameServers: w.NameServers, DevelopmentMode: int(w.DevMode), CreatedOn: w.CreatedOn,
	}
}

const (
	zoneIDLength = 32
	// missLifetime is how long a name is remembered to have no zone: long enough
	// for one run over many records, short enough for a zone that is being made.
	missLifetime = 30 * time.Second
)

// zoneCache keeps zones for the life of the process.
type zoneCache struct {
	flight flight[Zone]
	mu     sync.Mutex
	byID   map[string]Zone
	byName map[string]Zone
	missed map[string]time.Time // until when
}

func (z *zoneCache) init() {
	z.byID, z.byName, z.missed = map[string]Zone{}, map[string]Zone{}, map[string]time.Time{}
}

func (z *zoneCache) known(id string) (Zone, bool) {
	z.mu.Lock()
	defer z.mu.Unlock()
	zone, ok := z.byID[id]
	return zone, ok
}

// keep remembers a zone. A name is kept if the look-up was by name, or if the
// zone is active: that is the one a look-up by name would choose.
func (z *zoneCache) keep(zone Zone, byName bool) {
	z.mu.Lock()
	defer z.mu.Unlock()
	z.byID[zone.ID] = zone
	if byName || zone.Status == "active" {
		z.byName[zone.Name] = zone
		delete(z.missed, zone.Name)
	}
}

// Zone finds a zone by its id, 32 hexadecimal digits, or else by its exact name.
// It returns a *NotFoundError if there is none that the token sees, an
// *AmbiguousZoneError if several accounts have it, and an *Error otherwise.
// Zones are kept for the life of the client.
func (c *Client) Zone(ctx context.Context, nameOrID string) (Zone, error) {
	if len(nameOrID) == zoneIDLength && isHex(nameOrID) {
		return c.zoneByID(ctx, strings.ToLower(nameOrID))
	}
	name, err := CanonicalName(nameOrID)
	if err != nil {
		return Zone{}, fmt.Errorf("%q is neither the name nor the id of a zone: %w", nameOrID, err)
	}
	return c.zoneByName(ctx, name)
}

// ZoneOf finds the zone that holds a name: the longest one that the token sees.
func (c *Client) ZoneOf(ctx context.Context, fqdn string) (Zone, error) {
	name, err := CanonicalName(fqdn)
	if err != nil {
		return Zone{}, fmt.Errorf("find the zone of %q: %w", fqdn, err)
	}
	for candidate := strings.TrimPrefix(name, "*."); strings.Contains(candidate, "."); _, candidate, _ = strings.Cut(candidate, ".") {
		if strings.HasPrefix(candidate, "_") {
			continue // no zone is named so
		}
		zone, err := c.zoneByName(ctx, candidate)
		var missing *NotFoundError
		if !errors.As(err, &missing) {
			return zone, err
		}
	}
	return Zone{}, &NotFoundError{Name: name + " (or a domain above it)"}
}

// forget drops a zone that is gone.
func (z *zoneCache) forget(id string) {
	z.mu.Lock()
	defer z.mu.Unlock()
	delete(z.byID, id)
	for name, zone := range z.byName {
		if zone.ID == id {
			delete(z.byName, name)
		}
	}
}

func (c *Client) zoneByID(ctx context.Context, id string) (Zone, error) {
	if zone, ok := c.zoneCache.known(id); ok {
		return zone, nil
	}
	return c.readZone(ctx, id)
}

// readZone asks for a zone, whatever is known of it.
func (c *Client) readZone(ctx context.Context, id string) (Zone, error) {
	op := operation{"read zone " + id, http.MethodGet, "/zones/" + id, id, permZoneRead}
	return c.shareZone(ctx, op, "id "+id, func(ctx context.Context) (Zone, error) {
		var params zones.ZoneGetParams
		params.ZoneID.Value, params.ZoneID.Present = id, true
		env, resp, err := c.call(ctx, op, nil, func(ctx context.Context, opts []option.RequestOption) error {
			_, err := c.zones.Get(ctx, params, opts...)
			return err
		})
		if e, ok := asError(err); ok && e.NotFound() {
			return Zone{}, &NotFoundError{Name: id}
		}
		if err != nil {
			return Zone{}, err
		}
		var w wireZone
		if err := json.Unmarshal(env.Result, &w); err != nil || w.ID == "" {
			return Zone{}, c.unreadable(op, resp)
		}
		zone := w.zone()
		c.zoneCache.keep(zone, false)
		return zone, nil
	})
}

func (c *Client) zoneByName(ctx context.Context, name string) (Zone, error) {
	now := c.clock.now()
	c.zoneCache.mu.Lock()
	zone, ok := c.zoneCache.byName[name]
	missed := c.zoneCache.missed[name].After(now)
	c.zoneCache.mu.Unlock()
	switch {
	case ok:
		return zone, nil
	case missed:
		return Zone{}, &NotFoundError{Name: name}
	}
	op := operation{"find zone " + name, http.MethodGet, "/zones", "", permZoneRead}
	return c.shareZone(ctx, op, "name "+name, func(ctx context.Context) (Zone, error) {
		zone, err := c.listZones(ctx, op, name)
		if err != nil {
			return Zone{}, err
		}
		c.zoneCache.keep(zone, true)
		return zone, nil
	})
}

// listZones asks for the zones of a name and chooses.
func (c *Client) listZones(ctx context.Context, op operation, name string) (Zone, error) {
	env, resp, err := c.call(ctx, op, nil, func(ctx context.Context, opts []option.RequestOption) error {
		opts = append(opts, option.WithQuery("name", name), option.WithQuery("per_page", "50"))
		_, err := c.zones.List(ctx, zones.ZoneListParams{}, opts...)
		return err
	})
	if err != nil {
		return Zone{}, err
	}
	var list []wireZone
	if err := json.Unmarshal(orNull(env.Result), &list); err != nil {
		return Zone{}, c.unreadable(op, resp)
	}
	var all, active []Zone
	for _, w := range list {
		zone := w.zone()
		if zone.Name != name || zone.ID == "" {
			continue // the filter may be a wider one
		}
		all = append(all, zone)
		if zone.Status == "active" {
			active = append(active, zone)
		}
	}
	switch {
	case len(all) == 0:
		c.zoneCache.mu.Lock()
		c.zoneCache.missed[name] = c.clock.now().Add(missLifetime)
		c.zoneCache.mu.Unlock()
		return Zone{}, &NotFoundError{Name: name}
	case len(all) == 1:
		return all[0], nil
	case len(active) == 1:
		return active[0], nil
	}
	return Zone{}, &AmbiguousZoneError{Name: name, Candidates: all}
}

// shareZone makes one look-up for all who want the same zone at the same time.
func (c *Client) shareZone(ctx context.Context, op operation, key string, fetch func(context.Context) (Zone, error)) (Zone, error) {
	if err := c.limiter.reject(ctx); err != nil {
		return Zone{}, c.failure(op, err, false)
	}
	zone, err := c.zoneCache.flight.do(ctx, key, fetch)
	return zone, c.ended(ctx, op, err)
}

// ended makes an *Error of a wait that the caller's context has ended, and says
// so if the rate limit was what it waited for.
func (c *Client) ended(ctx context.Context, op operation, err error) error {
	if err == nil || ctx.Err() == nil || !errors.Is(err, ctx.Err()) {
		return err
	}
	if until := c.limiter.frozenUntil(); !until.IsZero() {
		err = &limitError{until}
	}
	return c.failure(op, err, false)
}

// orNull reads an absent result as null.
func orNull(raw json.RawMessage) json.RawMessage {
	if len(raw) == 0 {
		return json.RawMessage("null")
	}
	return raw
}

// RecordQuota is how many DNS records a zone takes, and the same in words; 0 is
// not known (https://developers.cloudflare.com/dns/manage-dns-records/#record-quota,
// last looked at 2026-11).
func (z Zone) RecordQuota() (n int, words string) {
	switch z.Plan {
	case "free":
		if made, err := time.Parse(time.RFC3339, z.CreatedOn); err == nil && made.Before(time.Date(2024, 9, 1, 0, 0, 0, 0, time.UTC)) {
			return 1000, "1,000 DNS records, since the zone was created before 2024-09-01"
		}
		return 200, "200 DNS records"
	case "pro", "business":
		return 3500, "3,500 DNS records"
	}
	return 0, "3,500 DNS records or more, by contract"
}
