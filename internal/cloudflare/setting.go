package cloudflare

import (
	"bytes"
	"context"
	"encoding/json"
	"net/http"
	"reflect"
	"strings"

	"github.com/cloudflare/cloudflare-go/v7/argo"
	"github.com/cloudflare/cloudflare-go/v7/cache"
	"github.com/cloudflare/cloudflare-go/v7/option"
	"github.com/cloudflare/cloudflare-go/v7/zones"
)

// Setting is one setting of a zone.
type Setting struct {
	ID       string
	Value    json.RawMessage // a string, a number or an object
	Editable bool            // false if the plan forbids writing; not always honest
	Warnings []string        // what Cloudflare remarked on a success
}

// readSetting asks for one setting.
func (c *Client) readSetting(ctx context.Context, zoneID, id string) (Setting, error) {
	op := operation{"read setting " + id, http.MethodGet, settingPath(zoneID, id), zoneID, permSettingsRead}
	if err := checkSetting(zoneID, id); err != nil {
		return Setting{}, c.failure(op, err, false)
	}
	env, resp, err := c.call(ctx, op, nil, func(ctx context.Context, opts []option.RequestOption) error {
		return c.getSetting(ctx, zoneID, id, opts)
	})
	if e, ok := asError(err); ok && id == SmartTieredCache && e.Status == http.StatusNotFound {
		return Setting{ID: id, Value: json.RawMessage(`"off"`), Editable: true}, nil // never set
	}
	if err != nil {
		return Setting{}, err
	}
	return c.decodeSetting(op, env, resp, id)
}

// PatchSetting writes one setting; value is encoded as JSON. If the answer is
// lost it reads back, and writes once more only if the value is not there.
func (c *Client) PatchSetting(ctx context.Context, zoneID, id string, value any) (Setting, error) {
	op := operation{"write setting " + id, http.MethodPatch, settingPath(zoneID, id), zoneID, permSettingsWrite}
	if err := checkSetting(zoneID, id); err != nil {
		return Setting{}, c.failure(op, err, false)
	}
	wanted, err := json.Marshal(value)
	if err != nil {
		return Setting{}, c.failure(op, &inputError{"encode the value: " + err.Error()}, false)
	}
	written, err := patch(ctx, c, func(ctx context.Context) (Setting, error) {
		env, resp, err := c.call(ctx, op, map[string]json.RawMessage{"value": wanted}, func(ctx context.Context, opts []option.RequestOption) error {
			return c.editSetting(ctx, zoneID, id, opts)
		})
		if err != nil {
			return Setting{}, err
		}
		return c.decodeSetting(op, env, resp, id)
	}, func(ctx context.Context) (Setting, bool, error) {
		now, err := c.readSetting(ctx, zoneID, id)
		return now, err == nil && sameJSON(now.Value, wanted), err
	})
	c.zoneSettings.drop(zoneID, touched(id)...)
	if err == nil {
		c.zoneSettings.put(zoneID, map[string]Setting{id: written}, false)
	}
	return written, err
}

func checkSetting(zoneID, id string) error {
	if err := checkID("zone", zoneID); err != nil {
		return err
	}
	if id == TieredCache || id == SmartTieredCache {
		return nil
	}
	return checkID("setting", id)
}

// Settings that Cloudflare keeps apart from the others
// (https://developers.cloudflare.com/cache/how-to/tiered-cache/).
const (
	TieredCache      = "argo/tiered_caching"
	SmartTieredCache = "cache/tiered_cache_smart_topology_enable" // 404 before it was ever set
)

func settingPath(zoneID, id string) string {
	if strings.Contains(id, "/") {
		return "/zones/" + zoneID + "/" + id
	}
	return "/zones/" + zoneID + "/settings/" + id
}

func (c *Client) getSetting(ctx context.Context, zoneID, id string, opts []option.RequestOption) error {
	var err error
	switch id {
	case TieredCache:
		var params argo.TieredCachingGetParams
		params.ZoneID.Value, params.ZoneID.Present = zoneID, true
		_, err = c.tiered.Get(ctx, params, opts...)
	case SmartTieredCache:
		var params cache.SmartTieredCacheGetParams
		params.ZoneID.Value, params.ZoneID.Present = zoneID, true
		_, err = c.smartTiered.Get(ctx, params, opts...)
	default:
		var params zones.SettingGetParams
		params.ZoneID.Value, params.ZoneID.Present = zoneID, true
		_, err = c.settings.Get(ctx, id, params, opts...)
	}
	return err
}

func (c *Client) editSetting(ctx context.Context, zoneID, id string, opts []option.RequestOption) error {
	var err error
	switch id {
	case TieredCache:
		var params argo.TieredCachingEditParams
		params.ZoneID.Value, params.ZoneID.Present = zoneID, true
		_, err = c.tiered.Edit(ctx, params, opts...)
	case SmartTieredCache:
		var params cache.SmartTieredCacheEditParams
		params.ZoneID.Value, params.ZoneID.Present = zoneID, true
		_, err = c.smartTiered.Edit(ctx, params, opts...)
	default:
		var params zones.SettingEditParams
		params.ZoneID.Value, params.ZoneID.Present = zoneID, true
		_, err = c.settings.Edit(ctx, id, params, opts...)
	}
	return err
}

func (c *Client) decodeSetting(op operation, env envelope, resp *http.Response, id string) (Setting, error) {
	// ssl_recommender and a few others use enabled in place of value.
	var w struct {
		ID       string          `json:"id"`
		Value    json.RawMessage `json:"value"`
		Enabled  json.RawMessage `json:"enabled"`
		Editable *bool           `json:"editable"`
	}
	if err := json.Unmarshal(orNull(env.Result), &w); err != nil || (w.Value == nil && w.Enabled == nil) {
		return Setting{}, c.unreadable(op, resp)
	}
	s := Setting{ID: id, Value: w.Value, Editable: w.Editable == nil || *w.Editable, Warnings: env.messages}
	if s.Value == nil {
		s.Value = w.Enabled
	}
	return s, nil
}

// sameJSON compares two JSON texts by value.
func sameJSON(a, b []byte) bool {
	var x, y any
	if json.Unmarshal(a, &x) != nil || json.Unmarshal(b, &y) != nil {
		return bytes.Equal(a, b)
	}
	return reflect.DeepEqual(x, y)
}
