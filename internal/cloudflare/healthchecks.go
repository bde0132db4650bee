package cloudflare

import (
	"context"
	"encoding/json"
	"net/http"
	"strconv"
	"time"

	"github.com/cloudflare/cloudflare-go/v7/healthchecks"
	"github.com/cloudflare/cloudflare-go/v7/option"
)

const (
	permHealthRead  = "Health Checks Read"
	permHealthWrite = "Health Checks Write"
)

// HealthCheck is a health check of a zone
// (https://developers.cloudflare.com/api/resources/healthchecks/). Times are in
// whole seconds. HTTP and TCP exclude each other: the one that does not fit Type
// is nil.
type HealthCheck struct {
	ID            string           `json:"id,omitempty"`
	Name          string           `json:"name"`
	Description   string           `json:"description"`
	Address       string           `json:"address"` // host or IP address that is connected to
	Type          string           `json:"type"`    // HTTP, HTTPS or TCP
	Regions       []string         `json:"check_regions"`
	Interval      int              `json:"interval"`
	Timeout       int              `json:"timeout"`
	Retries       int              `json:"retries"`
	Fails         int              `json:"consecutive_fails"`
	Successes     int              `json:"consecutive_successes"`
	Suspended     bool             `json:"suspended"`
	HTTP          *HealthCheckHTTP `json:"http_config,omitempty"`
	Status        string           `json:"status,omitempty"` // unknown, healthy, unhealthy, suspended; read only
	FailureReason string           `json:"failure_reason,omitempty"`
	ModifiedOn    *time.Time       `json:"modified_on,omitempty"`
}

// HealthCheckHTTP is how an HTTP check asks and what it expects.
type HealthCheckHTTP struct {
	Method   string              `json:"method"` // GET or HEAD
	Path     string              `json:"path"`   // with its query
	Port     int                 `json:"port"`
	Codes    []string            `json:"expected_codes"` // such as 200 or 2xx; null is 200
	Body     string              `json:"expected_body"`  // whatever the case
	Header   map[string][]string `json:"header"`
	Follow   bool                `json:"follow_redirects"`
	Insecure bool                `json:"allow_insecure"`
}

// HealthChecks lists the health checks of a zone.
func (c *Client) HealthChecks(ctx context.Context, zoneID string) ([]HealthCheck, error) {
	op := operation{"list health checks", http.MethodGet, "/zones/" + zoneID + "/healthchecks", zoneID, permHealthRead}
	if err := checkID("zone", zoneID); err != nil {
		return nil, c.failure(op, err, false)
	}
	var params healthchecks.HealthcheckListParams
	params.ZoneID.Value, params.ZoneID.Present = zoneID, true
	const perPage = 50 // a multiple of 5
	var all []HealthCheck
	for page := 1; ; page++ {
		env, resp, err := c.call(ctx, op, nil, func(ctx context.Context, opts []option.RequestOption) error {
			opts = append(opts, option.WithQuery("page", strconv.Itoa(page)), option.WithQuery("per_page", strconv.Itoa(perPage)))
			_, err := c.health.List(ctx, params, opts...)
			return err
		})
		if err != nil {
			return nil, err
		}
		var some []HealthCheck
		if err := json.Unmarshal(orNull(env.Result), &some); err != nil {
			return nil, c.unreadable(op, resp)
		}
		all = append(all, some...)
		if len(some) == 0 || env.ResultInfo == nil || len(all) >= int(env.ResultInfo.TotalCount) {
			return all, nil
		}
	}
}

// HealthCheck reads one.
func (c *Client) HealthCheck(ctx context.Context, zoneID, id string) (HealthCheck, error) {
	op := operation{"read health check " + id, http.MethodGet, "/zones/" + zoneID + "/healthchecks/" + id, zoneID, permHealthRead}
	if err := checkHealth(zoneID, id); err != nil {
		return HealthCheck{}, c.failure(op, err, false)
	}
	var params healthchecks.HealthcheckGetParams
	params.ZoneID.Value, params.ZoneID.Present = zoneID, true
	return c.callHealth(ctx, op, nil, func(ctx context.Context, opts []option.RequestOption) error {
		_, err := c.health.Get(ctx, id, params, opts...)
		return err
	})
}

// CreateHealthCheck makes one. If the answer is lost it looks for the name.
func (c *Client) CreateHealthCheck(ctx context.Context, zoneID string, h HealthCheck) (HealthCheck, error) {
	op := operation{"create health check " + h.Name, http.MethodPost, "/zones/" + zoneID + "/healthchecks", zoneID, permHealthWrite}
	if err := checkID("zone", zoneID); err != nil {
		return HealthCheck{}, c.failure(op, err, false)
	}
	var params healthchecks.HealthcheckNewParams
	params.ZoneID.Value, params.ZoneID.Present = zoneID, true
	return patch(ctx, c, func(ctx context.Context) (HealthCheck, error) {
		return c.callHealth(ctx, op, h.sent(), func(ctx context.Context, opts []option.RequestOption) error {
			_, err := c.health.New(ctx, params, opts...)
			return err
		})
	}, func(ctx context.Context) (HealthCheck, bool, error) {
		all, err := c.HealthChecks(ctx, zoneID)
		for _, other := range all {
			if other.Name == h.Name {
				return other, true, nil
			}
		}
		return HealthCheck{}, false, err
	})
}

// UpdateHealthCheck replaces one, by its id.
func (c *Client) UpdateHealthCheck(ctx context.Context, zoneID string, h HealthCheck) (HealthCheck, error) {
	op := operation{"update health check " + h.Name, http.MethodPut, "/zones/" + zoneID + "/healthchecks/" + h.ID, zoneID, permHealthWrite}
	if err := checkHealth(zoneID, h.ID); err != nil {
		return HealthCheck{}, c.failure(op, err, false)
	}
	var params healthchecks.HealthcheckUpdateParams
	params.ZoneID.Value, params.ZoneID.Present = zoneID, true
	return c.callHealth(ctx, op, h.sent(), func(ctx context.Context, opts []option.RequestOption) error {
		_, err := c.health.Update(ctx, h.ID, params, opts...)
		return err
	})
}

// DeleteHealthCheck deletes one. One that is gone already is a success.
func (c *Client) DeleteHealthCheck(ctx context.Context, zoneID, id string) error {
	op := operation{"delete health check " + id, http.MethodDelete, "/zones/" + zoneID + "/healthchecks/" + id, zoneID, permHealthWrite}
	if err := checkHealth(zoneID, id); err != nil {
		return c.failure(op, err, false)
	}
	var params healthchecks.HealthcheckDeleteParams
	params.ZoneID.Value, params.ZoneID.Present = zoneID, true
	_, _, err := c.call(ctx, op, nil, func(ctx context.Context, opts []option.RequestOption) error {
		_, err := c.health.Delete(ctx, id, params, opts...)
		return err
	})
	return gone(err)
}

func checkHealth(zoneID, id string) error {
	if err := checkID("zone", zoneID); err != nil {
		return err
	}
	return checkID("health check", id)
}

// sent is a health check without what only the server writes.
func (h HealthCheck) sent() HealthCheck {
	h.ID, h.Status, h.FailureReason, h.ModifiedOn = "", "", "", nil
	return h
}

func (c *Client) callHealth(ctx context.Context, op operation, body any, do func(context.Context, []option.RequestOption) error) (HealthCheck, error) {
	env, resp, err := c.call(ctx, op, body, do)
	if err != nil {
		return HealthCheck{}, err
	}
	var h HealthCheck
	if err := json.Unmarshal(orNull(env.Result), &h); err != nil || h.ID == "" {
		return HealthCheck{}, c.unreadable(op, resp)
	}
	return h, nil
}
