package cloudflare

import (
	"context"
	"encoding/json"
	"maps"
	"net/http"
	"strings"
	"sync"

	"github.com/cloudflare/cloudflare-go/v7/option"
	"github.com/cloudflare/cloudflare-go/v7/zones"
)

// zoneSettings are the settings of zones as they were read, and then kept right by
// our own writes. A run reads those of a zone by one call.
type zoneSettings struct {
	flight flight[Setting]
	whole  flight[map[string]Setting]

	mu    sync.Mutex
	known map[string]map[string]Setting // by zone, then by id
	tried map[string]bool               // zones whose settings were asked for all at once
}

func (z *zoneSettings) get(zoneID, id string) (s Setting, ok, tried bool) {
	z.mu.Lock()
	defer z.mu.Unlock()
	s, ok = z.known[zoneID][id]
	return s, ok, z.tried[zoneID]
}

func (z *zoneSettings) put(zoneID string, all map[string]Setting, whole bool) {
	z.mu.Lock()
	defer z.mu.Unlock()
	if z.known == nil {
		z.known, z.tried = map[string]map[string]Setting{}, map[string]bool{}
	}
	if z.known[zoneID] == nil {
		z.known[zoneID] = map[string]Setting{}
	}
	maps.Copy(z.known[zoneID], all)
	z.tried[zoneID] = z.tried[zoneID] || whole
}

// drop forgets settings, which are read one by one then.
func (z *zoneSettings) drop(zoneID string, ids ...string) {
	z.mu.Lock()
	defer z.mu.Unlock()
	for _, id := range ids {
		delete(z.known[zoneID], id)
	}
}

// touched are the settings that a write of one may change: 0-RTT is a value of
// TLS 1.3 too, and who chooses the mode takes that from Cloudflare.
func touched(id string) []string {
	switch id {
	case "tls_1_3", "0rtt":
		return []string{"tls_1_3", "0rtt"}
	case "ssl":
		return []string{"ssl", "ssl_automatic_mode"}
	}
	return []string{id}
}

// Setting returns one setting. Resources of one zone share the read, and what
// this process has read or written it does not ask for again.
func (c *Client) Setting(ctx context.Context, zoneID, id string) (Setting, error) {
	return c.zoneSettings.flight.do(ctx, zoneID+" "+id, func(ctx context.Context) (Setting, error) {
		s, ok, tried := c.zoneSettings.get(zoneID, id)
		if !ok && !tried && !strings.Contains(id, "/") && checkSetting(zoneID, id) == nil {
			all, err := c.zoneSettings.whole.do(ctx, zoneID, func(ctx context.Context) (map[string]Setting, error) { return c.allSettings(ctx, zoneID) })
			if e, refused := asError(err); err != nil && (!refused || !e.decided()) {
				return Setting{}, err // no answer: one by one there would be none either
			}
			c.zoneSettings.put(zoneID, all, true)
			s, ok = all[id]
		}
		if ok {
			return s, nil
		}
		s, err := c.readSetting(ctx, zoneID, id)
		if err == nil {
			c.zoneSettings.put(zoneID, map[string]Setting{id: s}, false)
		}
		return s, err
	})
}

// allSettings reads the settings of a zone by one call. Cloudflare calls it
// deprecated, and the SDK has dropped it: where it is no longer answered, settings
// are read one by one.
func (c *Client) allSettings(ctx context.Context, zoneID string) (map[string]Setting, error) {
	const stand = "ssl" // the SDK wants the name of a setting, which is taken off again
	op := operation{"read the settings", http.MethodGet, "/zones/" + zoneID + "/settings", zoneID, permSettingsRead}
	var params zones.SettingGetParams
	params.ZoneID.Value, params.ZoneID.Present = zoneID, true
	env, resp, err := c.call(ctx, op, nil, func(ctx context.Context, opts []option.RequestOption) error {
		whole := option.WithMiddleware(func(req *http.Request, next option.MiddlewareNext) (*http.Response, error) {
			req.URL.Path = strings.TrimSuffix(req.URL.Path, "/"+stand)
			return next(req)
		})
		// The answer is a list, which the SDK cannot decode: its body is read by us.
		_, _ = c.settings.Get(ctx, stand, params, append(opts, whole)...)
		return nil
	})
	if err != nil {
		return nil, err
	}
	var list []json.RawMessage
	if err := json.Unmarshal(orNull(env.Result), &list); err != nil {
		return nil, c.unreadable(op, resp)
	}
	out := map[string]Setting{}
	for _, raw := range list {
		var named struct{ ID string }
		if err := json.Unmarshal(raw, &named); err != nil {
			return nil, c.unreadable(op, resp)
		}
		// One that cannot be read is asked for by itself where it is wanted.
		if s, err := c.decodeSetting(op, envelope{Result: raw}, resp, named.ID); err == nil {
			out[named.ID] = s
		}
	}
	return out, nil
}
