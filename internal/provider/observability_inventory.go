package provider

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"slices"
	"strings"
	"sync"

	"github.com/hashicorp/terraform-plugin-framework/diag"

	"github.com/launchready/terraform-provider-launchready/internal/check/obscheck"
	"github.com/launchready/terraform-provider-launchready/internal/cloudflare"
	"github.com/launchready/terraform-provider-launchready/internal/monitor"
)

// inventory reads what services that watch have been told to do. It asks each
// service once.
type inventory struct {
	shared *shared
	hosts  []string // whose zones are looked into

	once     sync.Once
	monitors []obscheck.Monitor
	policies []obscheck.Policy
	failures map[string]string // by service
}

// inventory returns the services that the provider block gives access to; nil
// where there is none.
func (s *shared) inventory(hosts []string) obscheck.Inventory {
	if s.api == nil && len(s.settings.monitors) == 0 {
		return nil
	}
	return &inventory{shared: s, hosts: hosts, failures: map[string]string{}}
}

// Monitors implements obscheck.Inventory.
func (i *inventory) Monitors(ctx context.Context) ([]obscheck.Monitor, []string) {
	i.once.Do(func() { i.read(ctx) })
	return i.monitors, i.failed()
}

// Policies implements obscheck.Inventory.
func (i *inventory) Policies(ctx context.Context) ([]obscheck.Policy, []string) {
	i.once.Do(func() { i.read(ctx) })
	return i.policies, i.failed()
}

func (i *inventory) failed() []string {
	var out []string
	for _, name := range slices.Sorted(maps.Keys(i.failures)) {
		out = append(out, name+" "+i.failures[name])
	}
	return out
}

func (i *inventory) read(ctx context.Context) {
	for _, name := range sortedKeys(i.shared.settings.monitors) {
		b, diags := i.shared.backend(ctx, name, "", "")
		if diags.HasError() {
			i.failures[name] = "cannot be asked: " + firstError(diags)
			continue
		}
		for _, seen := range i.list(ctx, b) {
			i.take(b.Name(), seen, false)
		}
	}
	if i.shared.api != nil {
		i.readCloudflare(ctx)
	}
}

func firstError(diags diag.Diagnostics) string {
	for _, d := range diags.Errors() {
		return strings.TrimSuffix(d.Summary(), ".")
	}
	return ""
}

// list returns the monitors of a service; none where it cannot be asked.
func (i *inventory) list(ctx context.Context, b monitor.Backend) []monitor.Seen {
	all, err := b.List(ctx)
	if err != nil {
		i.failures[b.Name()] = "cannot be asked for its monitors: " + plainly(err)
	}
	return all
}

// take notes a monitor. unknown says that who is told of it could not be read.
func (i *inventory) take(backend string, seen monitor.Seen, unknown bool) {
	m := obscheck.Monitor{
		Backend: backend, Name: seen.Name, URL: seen.URL, Interval: seen.Interval, Paused: seen.Paused || seen.State == monitor.Paused,
		LastChecked: seen.LastChecked, Contacts: seen.Contacts, ContactsUnknown: unknown, Body: seen.Body, Certificate: seen.CertificateDays > 0,
		AnyStatus: seen.Kind != "" || slices.ContainsFunc(seen.Status, func(s string) bool { return strings.HasPrefix(s, "4") }),
	}
	if seen.Team {
		m.Contacts = append(slices.Clone(m.Contacts), "team")
	}
	i.monitors = append(i.monitors, m)
}

// plainly words a failure so that it is the same from run to run.
func plainly(err error) string {
	var service *monitor.Error
	var api *cloudflare.Error
	status := 0
	switch {
	case errors.As(err, &service) && service.HTML:
		return "the answer is a page, not the API's"
	case errors.As(err, &api):
		status = api.Status
	case errors.As(err, &service):
		status = service.Status
	}
	if status == 0 {
		return "there is no answer"
	}
	return fmt.Sprintf("the answer is %d", status)
}

// alertTypes are Cloudflare's kinds of alert by what they tell of
// (https://developers.cloudflare.com/notifications/notification-available/).
var alertTypes = map[string]obscheck.Alert{
	"http_alert_origin_error":                            obscheck.Spike5xx,
	"http_alert_edge_error":                              obscheck.Spike5xx,
	"health_check_status_notification":                   obscheck.HostDown,
	"real_origin_monitoring":                             obscheck.HostDown,
	"load_balancing_health_alert":                        obscheck.HostDown,
	"universal_ssl_event_type":                           obscheck.Certificate,
	"dedicated_ssl_certificate_event_type":               obscheck.Certificate,
	"custom_ssl_certificate_event_type":                  obscheck.Certificate,
	"hostname_aop_custom_certificate_expiration_type":    obscheck.Certificate,
	"zone_aop_custom_certificate_expiration_type":        obscheck.Certificate,
	"access_custom_certificate_expiration_type":          obscheck.Certificate,
	"mtls_certificate_store_certificate_expiration_type": obscheck.Certificate,
	"pages_event_alert":                                  obscheck.Deploy,
}

// readCloudflare reads the health checks of the hosts' zones, and the policies
// of their accounts that are about them.
func (i *inventory) readCloudflare(ctx context.Context) {
	zones := map[string]cloudflare.Zone{}
	for _, host := range i.hosts {
		zone, err := i.shared.api.ZoneOf(ctx, host)
		var missing *cloudflare.NotFoundError
		switch {
		case errors.As(err, &missing): // the token is for other zones
		case err != nil:
			i.failures[monitor.CloudflareName] = "cannot be asked for the zone: " + plainly(err)
		default:
			zones[zone.ID] = zone
		}
	}
	checks := map[string][]monitor.Seen{} // by account
	for _, id := range sortedKeys(zones) {
		var own []monitor.Seen
		if c := monitor.NewCloudflare(i.shared.api, zones[id]); c.Unavailable() == "" {
			own = i.list(ctx, c)
		}
		account := zones[id].AccountID
		checks[account] = append(checks[account], own...)
	}
	for _, account := range sortedKeys(checks) {
		known := i.readPolicies(ctx, account, zones, checks[account])
		for _, seen := range checks[account] {
			i.take(monitor.CloudflareName, seen, !known)
		}
	}
}

// readPolicies takes in the policies of an account, and adds to its health checks
// who is told of them. It reports whether that could be read.
func (i *inventory) readPolicies(ctx context.Context, account string, zones map[string]cloudflare.Zone, checks []monitor.Seen) bool {
	all, err := i.shared.api.AlertPolicies(ctx, account)
	var hooks []cloudflare.Webhook
	if err == nil {
		hooks, err = i.shared.api.Webhooks(ctx, account)
	}
	if err != nil {
		i.failures["cloudflare's notifications"] = "cannot be read: " + plainly(err)
		return false
	}
	for _, p := range all {
		of, known := alertTypes[p.Type]
		mine := narrowedTo(p, "zones", func(id string) bool { _, ok := zones[id]; return ok }) &&
			narrowedTo(p, "health_check_id", func(id string) bool {
				return slices.ContainsFunc(checks, func(s monitor.Seen) bool { return s.ID == id })
			}) &&
			narrowedTo(p, "status", func(status string) bool { return of != obscheck.HostDown || strings.EqualFold(status, "unhealthy") })
		if !known || !mine {
			continue
		}
		policy := obscheck.Policy{Source: monitor.CloudflareName, Name: p.Name, Covers: []obscheck.Alert{of}, Enabled: p.Enabled}
		policy.Destinations = append(policy.Destinations, p.Mechanisms[cloudflare.MechanismEmail]...)
		for _, id := range p.Mechanisms[cloudflare.MechanismWebhooks] {
			if slices.ContainsFunc(hooks, func(h cloudflare.Webhook) bool { return h.ID == id }) { // one that is gone tells nobody
				policy.Destinations = append(policy.Destinations, "webhook")
			}
		}
		if len(p.Mechanisms[cloudflare.MechanismPagerDuty]) > 0 {
			policy.Destinations = append(policy.Destinations, "pagerduty")
		}
		i.policies = append(i.policies, policy)
		for n := range checks {
			if of == obscheck.HostDown && p.Enabled && narrowedTo(p, "health_check_id", func(id string) bool { return id == checks[n].ID }) {
				checks[n].Contacts = append(checks[n].Contacts, policy.Destinations...)
			}
		}
	}
	return true
}

// narrowedTo reports whether a policy lets something through by a filter: one
// that is not set lets everything through.
func narrowedTo(p cloudflare.AlertPolicy, filter string, fits func(value string) bool) bool {
	return len(p.Filters[filter]) == 0 || slices.ContainsFunc(p.Filters[filter], fits)
}
