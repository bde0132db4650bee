package cloudflare

import (
	"context"
	"net/http"
	"slices"
	"strings"
	"sync"

	"github.com/cloudflare/cloudflare-go/v7/alerting"
	"github.com/cloudflare/cloudflare-go/v7/option"
)

// wirePolicy is a policy as the API has it. Lists of mechanisms that are empty
// may be absent or null.
type wirePolicy struct {
	ID          string                  `json:"id,omitempty"`
	Name        string                  `json:"name"`
	Description string                  `json:"description"`
	Enabled     bool                    `json:"enabled"`
	Type        string                  `json:"alert_type"`
	Interval    string                  `json:"alert_interval,omitempty"`
	Mechanisms  map[string][]wireTarget `json:"mechanisms"`
	Filters     map[string][]string     `json:"filters"`
}

// wireTarget is a destination; the answer may add its name and type.
type wireTarget struct {
	ID string `json:"id"`
}

func (w wirePolicy) policy() AlertPolicy {
	p := AlertPolicy{ID: w.ID, Name: w.Name, Description: w.Description, Enabled: w.Enabled, Type: w.Type, Interval: w.Interval, Mechanisms: map[string][]string{}, Filters: map[string][]string{}}
	for kind, targets := range w.Mechanisms {
		for _, t := range targets {
			p.Mechanisms[kind] = append(p.Mechanisms[kind], t.ID)
		}
		slices.Sort(p.Mechanisms[kind])
	}
	for key, values := range w.Filters {
		if len(values) > 0 {
			p.Filters[key] = values
		}
	}
	return p
}

func (p AlertPolicy) wire() wirePolicy {
	w := wirePolicy{Name: p.Name, Description: p.Description, Enabled: p.Enabled, Type: p.Type, Interval: p.Interval, Mechanisms: map[string][]wireTarget{}, Filters: p.Filters}
	for kind, ids := range p.Mechanisms {
		for _, id := range ids {
			w.Mechanisms[kind] = append(w.Mechanisms[kind], wireTarget{id})
		}
	}
	if w.Filters == nil {
		w.Filters = map[string][]string{}
	}
	return w
}

// alertPolicies are those of accounts, each list read once a run and then kept
// right by our own writes.
type alertPolicies struct {
	flight flight[[]AlertPolicy]
	mu     sync.Mutex
	known  map[string][]AlertPolicy // by account
}

func (a *alertPolicies) get(account string) ([]AlertPolicy, bool) {
	a.mu.Lock()
	defer a.mu.Unlock()
	all, ok := a.known[account]
	return all, ok
}

func (a *alertPolicies) put(account string, all []AlertPolicy) {
	a.mu.Lock()
	defer a.mu.Unlock()
	if a.known == nil {
		a.known = map[string][]AlertPolicy{}
	}
	a.known[account] = all
}

// note puts a policy in the place of the one with its id. Of an account whose
// list was not read nothing is known.
func (a *alertPolicies) note(account string, p AlertPolicy) {
	a.mu.Lock()
	defer a.mu.Unlock()
	if all, ok := a.known[account]; ok {
		a.known[account] = append(slices.DeleteFunc(slices.Clone(all), func(o AlertPolicy) bool { return o.ID == p.ID }), p)
	}
}

// drop forgets the list, which is read again when it is wanted.
func (a *alertPolicies) drop(account string) {
	a.mu.Lock()
	defer a.mu.Unlock()
	delete(a.known, account)
}

// AlertPolicies lists the policies of an account. Resources share the read.
func (c *Client) AlertPolicies(ctx context.Context, account string) ([]AlertPolicy, error) {
	all, err := c.policies.flight.do(ctx, account, func(ctx context.Context) ([]AlertPolicy, error) {
		if all, ok := c.policies.get(account); ok {
			return all, nil
		}
		all, err := c.listAlertPolicies(ctx, account)
		if err == nil {
			c.policies.put(account, all)
		}
		return all, err
	})
	return slices.Clone(all), err // the caller's own
}

// listAlertPolicies asks the API.
func (c *Client) listAlertPolicies(ctx context.Context, account string) ([]AlertPolicy, error) {
	op := operation{"list alert policies", http.MethodGet, alertPath(account, "policies"), "", permAlertsRead}
	var params alerting.PolicyListParams
	params.AccountID.Value, params.AccountID.Present = account, true
	var list []wirePolicy
	err := c.accountCall(ctx, op, account, "", nil, &list, func(ctx context.Context, opts []option.RequestOption) error {
		_, err := c.alerts.Policies.List(ctx, params, opts...)
		return err
	})
	var out []AlertPolicy
	for _, w := range list {
		out = append(out, w.policy())
	}
	return out, err
}

// AlertPolicy returns one: of the list, or where that has it not, by itself.
func (c *Client) AlertPolicy(ctx context.Context, account, id string) (AlertPolicy, error) {
	if all, err := c.AlertPolicies(ctx, account); err == nil {
		if i := slices.IndexFunc(all, func(p AlertPolicy) bool { return p.ID == id }); i >= 0 {
			return all[i], nil
		}
	}
	return c.readAlertPolicy(ctx, account, id)
}

// readAlertPolicy asks the API for one.
func (c *Client) readAlertPolicy(ctx context.Context, account, id string) (AlertPolicy, error) {
	op := operation{"read alert policy " + id, http.MethodGet, alertPath(account, "policies/"+id), "", permAlertsRead}
	var params alerting.PolicyGetParams
	params.AccountID.Value, params.AccountID.Present = account, true
	var w wirePolicy
	err := c.accountCall(ctx, op, account, id, nil, &w, func(ctx context.Context, opts []option.RequestOption) error {
		_, err := c.alerts.Policies.Get(ctx, id, params, opts...)
		return err
	})
	if err == nil && w.ID == "" {
		err = c.failure(op, errNotEnvelope, false)
	}
	return w.policy(), err
}

// CreateAlertPolicy makes a policy. If the answer is lost it looks for its name
// and type.
func (c *Client) CreateAlertPolicy(ctx context.Context, account string, p AlertPolicy) (AlertPolicy, error) {
	op := operation{"create alert policy " + p.Name, http.MethodPost, alertPath(account, "policies"), "", permAlertsWrite}
	var params alerting.PolicyNewParams
	params.AccountID.Value, params.AccountID.Present = account, true
	out, err := patch(ctx, c, func(ctx context.Context) (AlertPolicy, error) {
		var made struct{ ID string }
		err := c.accountCall(ctx, op, account, "", p.wire(), &made, func(ctx context.Context, opts []option.RequestOption) error {
			_, err := c.alerts.Policies.New(ctx, params, opts...)
			return err
		})
		if err != nil {
			return AlertPolicy{}, err
		}
		out := p.wire().policy()
		if out.ID = made.ID; out.ID == "" {
			err = c.failure(op, errNotEnvelope, true)
		}
		return out, err // the answer is only an id: what is there shows at the next refresh
	}, func(ctx context.Context) (AlertPolicy, bool, error) {
		all, err := c.listAlertPolicies(ctx, account)
		i := slices.IndexFunc(all, func(o AlertPolicy) bool { return o.Name == p.Name && o.Type == p.Type })
		if i < 0 {
			return AlertPolicy{}, false, err
		}
		return all[i], true, nil
	})
	c.keepPolicy(account, out, err)
	return out, err
}

// keepPolicy takes note of a write. After one whose end is not known the list is
// read again.
func (c *Client) keepPolicy(account string, p AlertPolicy, err error) {
	if err != nil {
		c.policies.drop(account)
		return
	}
	c.policies.note(account, p)
}

// UpdateAlertPolicy replaces a policy, by its id.
func (c *Client) UpdateAlertPolicy(ctx context.Context, account string, p AlertPolicy) (AlertPolicy, error) {
	op := operation{"update alert policy " + p.Name, http.MethodPut, alertPath(account, "policies/"+p.ID), "", permAlertsWrite}
	var params alerting.PolicyUpdateParams
	params.AccountID.Value, params.AccountID.Present = account, true
	err := c.accountCall(ctx, op, account, p.ID, p.wire(), nil, func(ctx context.Context, opts []option.RequestOption) error {
		_, err := c.alerts.Policies.Update(ctx, p.ID, params, opts...)
		return err
	})
	out := p.wire().policy()
	out.ID = p.ID
	c.keepPolicy(account, out, err)
	if err != nil {
		return AlertPolicy{}, err
	}
	return out, nil
}

// DeleteAlertPolicy deletes a policy. One that is gone already is a success.
func (c *Client) DeleteAlertPolicy(ctx context.Context, account, id string) error {
	op := operation{"delete alert policy " + id, http.MethodDelete, alertPath(account, "policies/"+id), "", permAlertsWrite}
	var params alerting.PolicyDeleteParams
	params.AccountID.Value, params.AccountID.Present = account, true
	defer c.policies.drop(account)
	return gone(c.accountCall(ctx, op, account, id, nil, nil, func(ctx context.Context, opts []option.RequestOption) error {
		_, err := c.alerts.Policies.Delete(ctx, id, params, opts...)
		return err
	}))
}

// hide takes a secret out of what an error says: an answer may repeat what was sent.
func hide(err error, secret string) error {
	e, ok := asError(err)
	if !ok || len(secret) < 4 {
		return err
	}
	clean := func(s string) string { return strings.ReplaceAll(s, secret, redacted) }
	e.Message = clean(e.Message)
	for i := range e.Chain {
		e.Chain[i].Message = clean(e.Chain[i].Message)
	}
	return err
}
