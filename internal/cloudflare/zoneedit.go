package cloudflare

import (
	"context"
	"encoding/json"
	"errors"
	"net/http"

	"github.com/cloudflare/cloudflare-go/v7/option"
	"github.com/cloudflare/cloudflare-go/v7/zones"
)

const permZoneWrite = "Zone Write"

// CreateZone adds a domain to an account; the zone is pending until the registry
// delegates to its name servers. If the answer is lost it looks for the zone.
func (c *Client) CreateZone(ctx context.Context, name, accountID, zoneType string) (Zone, error) {
	op := operation{"create zone " + name, http.MethodPost, "/zones", "", permZoneWrite}
	if err := checkID("account", accountID); err != nil {
		return Zone{}, c.failure(op, err, false)
	}
	body := map[string]any{"name": name, "account": map[string]string{"id": accountID}, "type": zoneType}
	return c.writeZone(ctx, op, body, func(ctx context.Context, opts []option.RequestOption) error {
		_, err := c.zones.New(ctx, zones.ZoneNewParams{}, opts...)
		return err
	}, func(ctx context.Context) (Zone, bool, error) {
		zone, err := c.listZones(ctx, operation{"find zone " + name, http.MethodGet, "/zones", "", permZoneRead}, name)
		var missing *NotFoundError
		if errors.As(err, &missing) {
			return zone, false, nil
		}
		return zone, err == nil && zone.AccountID == accountID, err
	})
}

// PauseZone turns the proxy off for all names of a zone, or on again.
func (c *Client) PauseZone(ctx context.Context, id string, paused bool) (Zone, error) {
	op := operation{"change zone " + id, http.MethodPatch, "/zones/" + id, id, permZoneWrite}
	if err := checkID("zone", id); err != nil {
		return Zone{}, c.failure(op, err, false)
	}
	var params zones.ZoneEditParams
	params.ZoneID.Value, params.ZoneID.Present = id, true
	return c.writeZone(ctx, op, map[string]any{"paused": paused}, func(ctx context.Context, opts []option.RequestOption) error {
		_, err := c.zones.Edit(ctx, params, opts...)
		return err
	}, func(ctx context.Context) (Zone, bool, error) {
		zone, err := c.readZone(ctx, id)
		return zone, err == nil && zone.Paused == paused, err
	})
}

// DeleteZone takes a zone with all its records and settings away. One that is
// gone already is a success.
func (c *Client) DeleteZone(ctx context.Context, id string) error {
	op := operation{"delete zone " + id, http.MethodDelete, "/zones/" + id, id, permZoneWrite}
	if err := checkID("zone", id); err != nil {
		return c.failure(op, err, false)
	}
	var params zones.ZoneDeleteParams
	params.ZoneID.Value, params.ZoneID.Present = id, true
	_, _, err := c.call(ctx, op, nil, func(ctx context.Context, opts []option.RequestOption) error {
		_, err := c.zones.Delete(ctx, params, opts...)
		return err
	})
	if e, ok := asError(err); ok && e.NotFound() {
		err = nil
	}
	if err == nil {
		c.zoneCache.forget(id)
		c.Invalidate(id)
	}
	return err
}

// writeZone makes a call whose answer is a zone, and keeps the zone.
func (c *Client) writeZone(ctx context.Context, op operation, body any, do func(context.Context, []option.RequestOption) error, look func(context.Context) (Zone, bool, error)) (Zone, error) {
	zone, err := patch(ctx, c, func(ctx context.Context) (Zone, error) {
		env, resp, err := c.call(ctx, op, body, do)
		if err != nil {
			return Zone{}, err
		}
		var w wireZone
		if err := json.Unmarshal(orNull(env.Result), &w); err != nil || w.ID == "" {
			return Zone{}, c.unreadable(op, resp)
		}
		return w.zone(), nil
	}, look)
	if err == nil {
		c.zoneCache.keep(zone, true)
	}
	return zone, err
}

// AccountID finds the account that new zones go to: the one of the zones that
// the token sees. It returns "" if there are none, or of several accounts.
func (c *Client) AccountID(ctx context.Context) (string, error) {
	op := operation{"list zones", http.MethodGet, "/zones", "", permZoneRead}
	env, resp, err := c.call(ctx, op, nil, func(ctx context.Context, opts []option.RequestOption) error {
		_, err := c.zones.List(ctx, zones.ZoneListParams{}, append(opts, option.WithQuery("per_page", "50"))...)
		return err
	})
	if err != nil {
		return "", err
	}
	var list []wireZone
	if err := json.Unmarshal(orNull(env.Result), &list); err != nil {
		return "", c.unreadable(op, resp)
	}
	id := ""
	for _, w := range list {
		if id != "" && id != w.Account.ID {
			return "", nil
		}
		id = w.Account.ID
	}
	return id, nil
}
