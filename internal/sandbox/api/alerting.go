package api

import (
	"context"
	"net/http"
	"slices"
	"time"
)

// alerting is the notifications of the account, version 3
// (https://developers.cloudflare.com/api/resources/alerting/). It is guarded by
// the server's lock.
type alerting struct {
	webhooks []webhook
	policies []alertPolicy
	services []PagerDutyService
	history  []Notification
}

// PagerDutyService is one that somebody has connected in a browser.
type PagerDutyService struct {
	ID   string `json:"id"`
	Name string `json:"name"`
}

// Notification is an alert that was sent, as the history shows it.
type Notification struct {
	ID            string    `json:"id"`
	Name          string    `json:"name"`
	Description   string    `json:"description"`
	AlertType     string    `json:"alert_type"`
	AlertBody     string    `json:"alert_body"`
	Mechanism     string    `json:"mechanism"`
	MechanismType string    `json:"mechanism_type"`
	PolicyID      string    `json:"policy_id"`
	Sent          time.Time `json:"sent"`
}

// plan is the largest of the account's zones: destinations and kinds of alert
// depend on it.
func (s *Server) plan() string {
	order := []string{"free", "pro", "business", "enterprise"}
	best := 0
	for _, z := range s.account.Zones() {
		best = max(best, slices.Index(order, z.Plan))
	}
	return order[best]
}

func (s *Server) atLeast(plan string) bool {
	order := []string{"free", "pro", "business", "enterprise"}
	return slices.Index(order, s.plan()) >= slices.Index(order, plan)
}

// ownAccount refuses calls for another account.
func (c *call) ownAccount() *Error {
	if c.params["account_id"] != c.server.account.ID {
		return notAuthorised()
	}
	return nil
}

// inAccount wraps a call below the account.
func inAccount(serve func(*call) (*envelope, *Error)) func(*call) (*envelope, *Error) {
	return func(c *call) (*envelope, *Error) {
		if err := c.ownAccount(); err != nil {
			return nil, err
		}
		c.server.mu.Lock()
		defer c.server.mu.Unlock()
		return serve(c)
	}
}

// filterOption is how an alert can be narrowed; the capitals are Cloudflare's.
type filterOption struct {
	Key                string
	ComparisonOperator string
	Range              string // 1-n is required, 0-1 and 0-n are not
	AvailableValues    []availableValue
}

type availableValue struct{ ID, Description string }

type alertKind struct {
	Type          string         `json:"type"`
	DisplayName   string         `json:"display_name"`
	Description   string         `json:"description"`
	FilterOptions []filterOption `json:"filter_options"`

	product, plan string // the least plan that has it
}

func values(ids ...string) []availableValue {
	out := make([]availableValue, len(ids))
	for i, id := range ids {
		out[i] = availableValue{id, id}
	}
	return out
}

// alertKinds are the kinds of alert that a launch may want; the real list is
// longer, and is of products that the sandbox does not have.
func alertKinds() []alertKind {
	zones := filterOption{"zones", "==", "1-n", nil}
	slo := filterOption{"slo", ">=", "0-1", values("99.7", "99.8", "99.9")}
	return []alertKind{
		{"health_check_status_notification", "Health Checks status notification", "Sent when the health of an origin changes.",
			[]filterOption{{"health_check_id", "==", "1-n", nil}, {"status", "==", "0-n", values("Unhealthy", "Healthy")}}, "Health Checks", "pro"},
		{"real_origin_monitoring", "Passive Origin Monitoring", "Cloudflare cannot reach your origin.", nil, "Origin Monitoring", "free"},
		{"http_alert_origin_error", "Origin Error Rate Alert", "High levels of 5xx HTTP errors at your origin.", []filterOption{zones, slo}, "Origin Monitoring", "enterprise"},
		{"http_alert_edge_error", "Edge Error Rate Alert", "High levels of 5xx HTTP errors at the edge.", []filterOption{zones, slo}, "Traffic Monitoring", "enterprise"},
		{"traffic_anomalies_alert", "Traffic Anomalies Alert", "Spikes or drops of traffic.", []filterOption{zones, {"alert_trigger_preferences", "==", "0-1", values("zscore_spike", "zscore_drop")}}, "Traffic Monitoring", "enterprise"},
		{"dos_attack_l7", "HTTP DDoS Attack Alert", "An HTTP attack was detected and mitigated.", nil, "DoS Protection", "free"},
		{"clickhouse_alert_fw_anomaly", "Security Events Alert", "A spike of security events.", []filterOption{zones, {"actions", "==", "0-n", values("block", "challenge", "managed_challenge", "js_challenge")}}, "WAF", "business"},
		{"clickhouse_alert_fw_ent_anomaly", "Advanced Security Events Alert", "A spike of security events, by service.", []filterOption{zones, {"services", "==", "0-n", values("waf", "firewallrules", "ratelimit", "managed_challenge")}}, "WAF", "enterprise"},
		{"universal_ssl_event_type", "Universal SSL Alert", "Issue and renewal of the edge certificate.", nil, "SSL/TLS", "free"},
		{"dedicated_ssl_certificate_event_type", "Advanced Certificate Alert", "Issue and renewal of advanced certificates.", nil, "SSL/TLS", "pro"},
		{"zone_aop_custom_certificate_expiration_type", "Zone-level Authenticated Origin Pulls Certificate Expiration Alert", "30 and 14 days before.", nil, "SSL/TLS", "free"},
		{"incident_alert", "Incident Alerts", "Cloudflare has an incident.", []filterOption{{"incident_impact", "==", "0-n", values("INCIDENT_IMPACT_NONE", "INCIDENT_IMPACT_MINOR", "INCIDENT_IMPACT_MAJOR", "INCIDENT_IMPACT_CRITICAL")}}, "Cloudflare Status", "free"},
	}
}

func listAlertKinds(c *call) (*envelope, *Error) {
	out := map[string][]alertKind{}
	for _, k := range alertKinds() {
		if c.server.atLeast(k.plan) {
			if k.FilterOptions == nil {
				k.FilterOptions = []filterOption{}
			}
			out[k.product] = append(out[k.product], k)
		}
	}
	return success(out), nil
}

// listEligible says what the plan has: PagerDuty and webhooks come with Pro
// (https://developers.cloudflare.com/notifications/get-started/).
func listEligible(c *call) (*envelope, *Error) {
	out := map[string]any{}
	for kind, plan := range map[string]string{"email": "free", "webhook": "pro", "pagerduty": "pro"} {
		out[kind] = []map[string]any{{"eligible": c.server.atLeast(plan), "ready": true, "type": kind}}
	}
	return success(out), nil
}

func listPagerDuty(c *call) (*envelope, *Error) {
	return success(append([]PagerDutyService{}, c.server.alerting.services...)), nil
}

// ConnectPagerDuty connects a service, as a person does in a browser.
func (s *Server) ConnectPagerDuty(name string) PagerDutyService {
	s.mu.Lock()
	defer s.mu.Unlock()
	service := PagerDutyService{NewID(), name}
	s.alerting.services = append(s.alerting.services, service)
	return service
}

func listHistory(c *call) (*envelope, *Error) {
	p, err := readPaging(c, 25, 1, 1000)
	if err != nil {
		return nil, err
	}
	all := slices.Clone(c.server.alerting.history)
	slices.Reverse(all) // the last first
	return pageOf(all, p), nil
}

// Deliver posts a message to a webhook. The sandbox leads names of the client's
// zone to its own edge.
type Deliver func(ctx context.Context, r *http.Request) (*http.Response, error)

func plainDelivery(ctx context.Context, r *http.Request) (*http.Response, error) {
	client := http.Client{Timeout: 5 * time.Second}
	return client.Do(r.WithContext(ctx))
}
