package cloudflare

import (
	"context"
	"encoding/json"
	"maps"
	"net/http"
	"slices"

	"github.com/cloudflare/cloudflare-go/v7/alerting"
	"github.com/cloudflare/cloudflare-go/v7/option"
)

const (
	permAlertsRead  = "Notifications Read"
	permAlertsWrite = "Notifications Write"
)

// AlertType is a kind of alert that an account can have
// (https://developers.cloudflare.com/api/resources/alerting/subresources/available_alerts/).
type AlertType struct {
	Product     string
	Type        string // such as health_check_status_notification
	Name        string // for people
	Description string
	Filters     []AlertFilter
}

// AlertFilter is what an alert can be narrowed by. Values are always strings.
type AlertFilter struct {
	Key      string
	Required bool
	Values   []string // that there are; nil for any
}

// AlertPolicy says which events are told to whom.
type AlertPolicy struct {
	ID          string
	Name        string
	Description string
	Enabled     bool
	Type        string // of the alert
	Interval    string // between two alerts of one incident, such as 30m; empty for the default
	Mechanisms  map[string][]string
	Filters     map[string][]string
}

// Mechanisms of a policy.
const (
	MechanismEmail     = "email" // ids are addresses
	MechanismWebhooks  = "webhooks"
	MechanismPagerDuty = "pagerduty"
)

// Webhook is a destination. Its secret is never read back.
type Webhook struct {
	ID, Name, URL string
	Type          string // generic, slack, gchat, ...; by the URL
}

// PagerDutyService is a service that a person has connected at the dashboard.
type PagerDutyService struct{ ID, Name string }

func alertPath(account, rest string) string { return "/accounts/" + account + "/alerting/v3/" + rest }

// accountCall makes a call below an account and decodes its result into out,
// unless that is nil.
func (c *Client) accountCall(ctx context.Context, op operation, account, id string, body, out any, do func(context.Context, []option.RequestOption) error) error {
	if err := checkID("account", account); err != nil {
		return c.failure(op, err, false)
	}
	if id != "" {
		if err := checkID("object", id); err != nil {
			return c.failure(op, err, false)
		}
	}
	env, resp, err := c.call(ctx, op, body, do)
	if err != nil || out == nil {
		return err
	}
	if err := json.Unmarshal(orNull(env.Result), out); err != nil {
		return c.unreadable(op, resp)
	}
	return nil
}

// AlertTypes lists the kinds of alert that an account can have. It asks once.
func (c *Client) AlertTypes(ctx context.Context, account string) ([]AlertType, error) {
	return c.alertTypes.do(ctx, account, func(ctx context.Context) ([]AlertType, error) {
		op := operation{"list the kinds of alert", http.MethodGet, alertPath(account, "available_alerts"), "", permAlertsRead}
		var params alerting.AvailableAlertListParams
		params.AccountID.Value, params.AccountID.Present = account, true
		var products map[string][]struct {
			Type        string `json:"type"`
			Name        string `json:"display_name"`
			Description string `json:"description"`
			Filters     []struct {
				Key    string
				Range  string
				Values []struct{ ID string } `json:"AvailableValues"`
			} `json:"filter_options"`
		}
		err := c.accountCall(ctx, op, account, "", nil, &products, func(ctx context.Context, opts []option.RequestOption) error {
			_, err := c.alerts.AvailableAlerts.List(ctx, params, opts...)
			return err
		})
		if err != nil {
			return nil, err
		}
		var out []AlertType
		for _, product := range slices.Sorted(maps.Keys(products)) {
			for _, a := range products[product] {
				t := AlertType{Product: product, Type: a.Type, Name: a.Name, Description: a.Description}
				for _, f := range a.Filters {
					// A range such as 1-n has one at least.
					filter := AlertFilter{Key: f.Key, Required: f.Range != "" && f.Range[0] >= '1' && f.Range[0] <= '9'}
					for _, v := range f.Values {
						filter.Values = append(filter.Values, v.ID)
					}
					t.Filters = append(t.Filters, filter)
				}
				out = append(out, t)
			}
		}
		return out, nil
	})
}

// EligibleDestinations says by type (email, webhook, pagerduty) whether the
// account's plan has it.
func (c *Client) EligibleDestinations(ctx context.Context, account string) (map[string]bool, error) {
	op := operation{"list the kinds of destination", http.MethodGet, alertPath(account, "destinations/eligible"), "", permAlertsRead}
	var params alerting.DestinationEligibleGetParams
	params.AccountID.Value, params.AccountID.Present = account, true
	var answer map[string]json.RawMessage
	err := c.accountCall(ctx, op, account, "", nil, &answer, func(ctx context.Context, opts []option.RequestOption) error {
		_, err := c.alerts.Destinations.Eligible.Get(ctx, params, opts...)
		return err
	})
	out := map[string]bool{}
	for _, raw := range answer {
		type eligibility struct {
			Type     string `json:"type"`
			Eligible bool   `json:"eligible"`
		}
		var list []eligibility
		var one eligibility
		if json.Unmarshal(raw, &list) != nil && json.Unmarshal(raw, &one) == nil { // the description has one, the service a list
			list = []eligibility{one}
		}
		for _, e := range list {
			out[e.Type] = e.Eligible
		}
	}
	return out, err
}

// PagerDutyServices lists those that are connected.
func (c *Client) PagerDutyServices(ctx context.Context, account string) ([]PagerDutyService, error) {
	op := operation{"list PagerDuty services", http.MethodGet, alertPath(account, "destinations/pagerduty"), "", permAlertsRead}
	var params alerting.DestinationPagerdutyGetParams
	params.AccountID.Value, params.AccountID.Present = account, true
	var out []PagerDutyService
	err := c.accountCall(ctx, op, account, "", nil, &out, func(ctx context.Context, opts []option.RequestOption) error {
		_, err := c.alerts.Destinations.Pagerduty.Get(ctx, params, opts...)
		return err
	})
	return out, err
}

// Webhooks lists the webhook destinations.
func (c *Client) Webhooks(ctx context.Context, account string) ([]Webhook, error) {
	op := operation{"list webhooks", http.MethodGet, alertPath(account, "destinations/webhooks"), "", permAlertsRead}
	var params alerting.DestinationWebhookListParams
	params.AccountID.Value, params.AccountID.Present = account, true
	var out []Webhook
	err := c.accountCall(ctx, op, account, "", nil, &out, func(ctx context.Context, opts []option.RequestOption) error {
		_, err := c.alerts.Destinations.Webhooks.List(ctx, params, opts...)
		return err
	})
	return out, err
}

// Webhook reads one destination.
func (c *Client) Webhook(ctx context.Context, account, id string) (Webhook, error) {
	op := operation{"read webhook " + id, http.MethodGet, alertPath(account, "destinations/webhooks/"+id), "", permAlertsRead}
	var params alerting.DestinationWebhookGetParams
	params.AccountID.Value, params.AccountID.Present = account, true
	var out Webhook
	err := c.accountCall(ctx, op, account, id, nil, &out, func(ctx context.Context, opts []option.RequestOption) error {
		_, err := c.alerts.Destinations.Webhooks.Get(ctx, id, params, opts...)
		return err
	})
	if err == nil && out.ID == "" {
		err = c.failure(op, errNotEnvelope, false)
	}
	return out, err
}

// WriteWebhook creates a destination, or with an id changes it. Cloudflare posts
// a test message to the URL, which must be answered by a 2xx. A secret that is
// empty is not sent. The answer is only an id, so what is there is read back.
func (c *Client) WriteWebhook(ctx context.Context, account string, w Webhook, secret string) (Webhook, error) {
	body := map[string]string{"name": w.Name, "url": w.URL}
	if secret != "" {
		body["secret"] = secret
	}
	var made struct{ ID string }
	if w.ID != "" {
		op := operation{"update webhook " + w.Name, http.MethodPut, alertPath(account, "destinations/webhooks/"+w.ID), "", permAlertsWrite}
		var params alerting.DestinationWebhookUpdateParams
		params.AccountID.Value, params.AccountID.Present = account, true
		err := c.accountCall(ctx, op, account, w.ID, body, nil, func(ctx context.Context, opts []option.RequestOption) error {
			_, err := c.alerts.Destinations.Webhooks.Update(ctx, w.ID, params, opts...)
			return err
		})
		if err != nil {
			return Webhook{}, hide(err, secret)
		}
		return c.Webhook(ctx, account, w.ID)
	}
	op := operation{"create webhook " + w.Name, http.MethodPost, alertPath(account, "destinations/webhooks"), "", permAlertsWrite}
	var params alerting.DestinationWebhookNewParams
	params.AccountID.Value, params.AccountID.Present = account, true
	out, err := patch(ctx, c, func(ctx context.Context) (Webhook, error) {
		err := c.accountCall(ctx, op, account, "", body, &made, func(ctx context.Context, opts []option.RequestOption) error {
			_, err := c.alerts.Destinations.Webhooks.New(ctx, params, opts...)
			return err
		})
		if err != nil {
			return Webhook{}, err
		}
		return c.Webhook(ctx, account, made.ID)
	}, func(ctx context.Context) (Webhook, bool, error) {
		all, err := c.Webhooks(ctx, account)
		i := slices.IndexFunc(all, func(o Webhook) bool { return o.Name == w.Name && o.URL == w.URL })
		if i < 0 {
			return Webhook{}, false, err
		}
		return all[i], true, nil
	})
	return out, hide(err, secret)
}

// DeleteWebhook deletes a destination. One that is gone already is a success.
func (c *Client) DeleteWebhook(ctx context.Context, account, id string) error {
	op := operation{"delete webhook " + id, http.MethodDelete, alertPath(account, "destinations/webhooks/"+id), "", permAlertsWrite}
	var params alerting.DestinationWebhookDeleteParams
	params.AccountID.Value, params.AccountID.Present = account, true
	return gone(c.accountCall(ctx, op, account, id, nil, nil, func(ctx context.Context, opts []option.RequestOption) error {
		_, err := c.alerts.Destinations.Webhooks.Delete(ctx, id, params, opts...)
		return err
	}))
}

// gone makes a success of what is not there any more.
func gone(err error) error {
	if e, ok := asError(err); ok && e.NotFound() {
		return nil
	}
	return err
}
