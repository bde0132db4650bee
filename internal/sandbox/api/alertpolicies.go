package api

import (
	"encoding/json"
	"fmt"
	"net/http"
	"slices"
	"strings"
	"time"
)

// alertPolicy is a notification policy.
type alertPolicy struct {
	ID            string                         `json:"id"`
	Name          string                         `json:"name"`
	Description   string                         `json:"description"`
	Enabled       bool                           `json:"enabled"`
	AlertType     string                         `json:"alert_type"`
	AlertInterval string                         `json:"alert_interval,omitempty"`
	Mechanisms    map[string][]map[string]string `json:"mechanisms"`
	Filters       map[string][]string            `json:"filters"`
	Created       time.Time                      `json:"created"`
	Modified      time.Time                      `json:"modified"`
}

// ids are the destinations of a kind.
func (p alertPolicy) ids(kind string) []string {
	var out []string
	for _, m := range p.Mechanisms[kind] {
		out = append(out, m["id"])
	}
	return out
}

// matches tells whether a policy is for an event of such details.
func (p alertPolicy) matches(details map[string]string) bool {
	for key, value := range details {
		if wanted := p.Filters[key]; len(wanted) > 0 && !slices.Contains(wanted, value) {
			return false
		}
	}
	return true
}

// view is a policy as it is answered: kinds of destination that have none are
// left out.
func (p alertPolicy) view() alertPolicy {
	shown := map[string][]map[string]string{}
	for kind, list := range p.Mechanisms {
		if len(list) > 0 {
			shown[kind] = list
		}
	}
	p.Mechanisms = shown
	return p
}

func listPolicies(c *call) (*envelope, *Error) {
	out := []alertPolicy{}
	for _, p := range c.server.alerting.policies {
		out = append(out, p.view())
	}
	return success(out), nil
}

func (c *call) policyAt() (int, *Error) {
	i := slices.IndexFunc(c.server.alerting.policies, func(p alertPolicy) bool { return p.ID == c.params["policy_id"] })
	if i < 0 {
		return 0, &Error{Status: http.StatusNotFound, Code: codeAlertMissing, Message: "policy not found"}
	}
	return i, nil
}

func getPolicy(c *call) (*envelope, *Error) {
	i, err := c.policyAt()
	if err != nil {
		return nil, err
	}
	return success(c.server.alerting.policies[i].view()), nil
}

// createPolicy answers an id and nothing else.
func createPolicy(c *call) (*envelope, *Error) {
	p, err := c.readPolicy()
	if err != nil {
		return nil, err
	}
	p.ID, p.Created, p.Modified = NewID(), c.server.now(), c.server.now()
	c.server.alerting.policies = append(c.server.alerting.policies, p)
	return success(map[string]string{"id": p.ID}), nil
}

func putPolicy(c *call) (*envelope, *Error) {
	i, err := c.policyAt()
	if err != nil {
		return nil, err
	}
	p, err := c.readPolicy()
	if err != nil {
		return nil, err
	}
	before := c.server.alerting.policies[i]
	p.ID, p.Created, p.Modified = before.ID, before.Created, c.server.now()
	c.server.alerting.policies[i] = p
	return success(map[string]string{"id": p.ID}), nil
}

func deletePolicy(c *call) (*envelope, *Error) {
	i, err := c.policyAt()
	if err != nil {
		return nil, err
	}
	a := &c.server.alerting
	a.policies = slices.Delete(a.policies, i, i+1)
	return success(nil), nil
}

func (c *call) readPolicy() (alertPolicy, *Error) {
	var in struct {
		Name        string                         `json:"name"`
		Description string                         `json:"description"`
		Enabled     *bool                          `json:"enabled"`
		AlertType   string                         `json:"alert_type"`
		Interval    string                         `json:"alert_interval"`
		Mechanisms  map[string][]map[string]string `json:"mechanisms"`
		Filters     map[string]json.RawMessage     `json:"filters"`
	}
	p := alertPolicy{Filters: map[string][]string{}, Mechanisms: map[string][]map[string]string{}}
	if err := c.body(&in); err != nil {
		return p, err
	}
	p.Name, p.Description, p.AlertType, p.AlertInterval = in.Name, in.Description, in.AlertType, in.Interval
	switch {
	case p.Name == "" || in.Enabled == nil || p.AlertType == "":
		return p, badRequest(codeAlert, "name, enabled, alert_type and mechanisms are required")
	case p.AlertInterval != "":
		if d, err := time.ParseDuration(p.AlertInterval); err != nil || d < time.Minute {
			return p, badRequest(codeAlert, "alert_interval is not valid")
		}
	}
	p.Enabled = *in.Enabled
	if err := c.readMechanisms(&p, in.Mechanisms); err != nil {
		return p, err
	}
	for key, raw := range in.Filters {
		var list []string
		if json.Unmarshal(raw, &list) != nil {
			return p, badRequest(codeAlert, "filters."+key+" must be a list of strings")
		}
		p.Filters[key] = list
	}
	return p, c.checkFilters(p)
}

func (c *call) readMechanisms(p *alertPolicy, in map[string][]map[string]string) *Error {
	count := 0
	for kind, list := range in {
		for _, one := range list {
			id := one["id"]
			target := map[string]string{"id": id}
			switch kind {
			case "email":
				if name, domain, ok := strings.Cut(id, "@"); !ok || name == "" || !strings.Contains(domain, ".") {
					return badRequest(codeAlert, fmt.Sprintf("mechanisms.email: %q is not an email address", id))
				}
			case "webhooks":
				i := slices.IndexFunc(c.server.alerting.webhooks, func(w webhook) bool { return w.ID == id })
				if i < 0 {
					return badRequest(codeAlert, "mechanisms.webhooks: webhook "+id+" does not exist")
				}
				target["name"], target["type"] = c.server.alerting.webhooks[i].Name, c.server.alerting.webhooks[i].Type
			case "pagerduty":
				if !slices.ContainsFunc(c.server.alerting.services, func(s PagerDutyService) bool { return s.ID == id }) {
					return badRequest(codeAlert, "mechanisms.pagerduty: service "+id+" does not exist")
				}
			default:
				return badRequest(codeAlert, "mechanisms: unknown kind "+kind)
			}
			p.Mechanisms[kind] = append(p.Mechanisms[kind], target)
			count++
		}
	}
	if count == 0 {
		return badRequest(codeAlert, "at least one mechanism is required")
	}
	return nil
}

// checkFilters holds a policy to what its kind of alert can be narrowed by.
func (c *call) checkFilters(p alertPolicy) *Error {
	kinds := alertKinds()
	k := slices.IndexFunc(kinds, func(k alertKind) bool { return k.Type == p.AlertType })
	if k < 0 {
		return badRequest(codeAlert, "alert_type "+p.AlertType+" is not valid")
	}
	if !c.server.atLeast(kinds[k].plan) {
		return &Error{Status: http.StatusForbidden, Code: codeAlertPlan, Message: "account is not entitled to alert type " + p.AlertType}
	}
	known := map[string]filterOption{}
	for _, f := range kinds[k].FilterOptions {
		known[f.Key] = f
		if strings.HasPrefix(f.Range, "1-") && len(p.Filters[f.Key]) == 0 {
			return badRequest(codeAlert, "filter "+f.Key+" is required for alert type "+p.AlertType)
		}
	}
	for key, list := range p.Filters {
		f, ok := known[key]
		if !ok {
			return badRequest(codeAlert, "filter "+key+" is not valid for alert type "+p.AlertType)
		}
		for _, value := range list {
			bad := f.AvailableValues != nil && !slices.ContainsFunc(f.AvailableValues, func(v availableValue) bool { return v.ID == value })
			switch key {
			case "zones":
				bad = c.server.account.Zone(value) == nil
			case "health_check_id":
				bad = !c.server.hasHealthCheck(value)
			}
			if bad {
				return badRequest(codeAlert, fmt.Sprintf("filter %s: %q is not valid", key, value))
			}
		}
	}
	return nil
}

func (s *Server) hasHealthCheck(id string) bool {
	for _, list := range s.health {
		if slices.ContainsFunc(list, func(h healthCheck) bool { return h.ID == id }) {
			return true
		}
	}
	return false
}
