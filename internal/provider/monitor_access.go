package provider

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/url"
	"strings"
	"sync"

	"github.com/hashicorp/terraform-plugin-framework/diag"
	"github.com/hashicorp/terraform-plugin-framework/path"
	"github.com/hashicorp/terraform-plugin-framework/types"

	"github.com/launchready/terraform-provider-launchready/internal/cloudflare"
	"github.com/launchready/terraform-provider-launchready/internal/monitor"
)

// monitorAccess is how a monitoring service is reached.
type monitorAccess struct{ token, baseURL string }

// monitors reads the block, from the environment if there is none.
func (r *reader) monitors(o types.Object) map[string]monitorAccess {
	out := map[string]monitorAccess{}
	if o.IsUnknown() {
		r.unknown = append(r.unknown, "monitors")
		return out
	}
	if o.IsNull() {
		r.monitorsOfEnvironment(out)
	}
	for name, secret := range map[string]string{monitor.BetterStackName: "api_token", monitor.UptimeRobotName: "api_key"} {
		at := path.Root("monitors").AtName(name)
		switch block, ok := o.Attributes()[name].(types.Object); {
		case !ok || block.IsNull():
		case block.IsUnknown():
			r.unknown = append(r.unknown, at.String())
		default:
			out[name] = monitorAccess{r.text(block, at, secret, ""), r.text(block, at, "base_url", "")}
		}
		if access := out[name]; access.baseURL != "" {
			if err := monitor.CheckBaseURL(access.baseURL); err != nil {
				r.diags.AddAttributeError(at.AtName("base_url"), "Not the address of an API", fmt.Sprintf("%s (or LAUNCHREADY_MONITORS): %s", at.AtName("base_url"), sentence(err)))
			}
		}
	}
	return out
}

func (r *reader) monitorsOfEnvironment(into map[string]monitorAccess) {
	text := r.env("LAUNCHREADY_MONITORS")
	if strings.TrimSpace(text) == "" {
		return
	}
	type access struct {
		Token   string `json:"api_token"`
		Key     string `json:"api_key"`
		BaseURL string `json:"base_url"`
	}
	services := map[string]access{}
	decoder := json.NewDecoder(strings.NewReader(text))
	decoder.DisallowUnknownFields() // a misspelt field would be a service without a token
	// The error is not shown: it could quote a credential.
	err := decoder.Decode(&services)
	for name, a := range services {
		switch {
		case name == monitor.BetterStackName && a.Key == "":
			into[name] = monitorAccess{a.Token, a.BaseURL}
		case name == monitor.UptimeRobotName && a.Token == "":
			into[name] = monitorAccess{a.Key, a.BaseURL}
		default:
			err = fmt.Errorf("unknown service or field")
		}
	}
	if err != nil {
		r.diags.AddError("Malformed LAUNCHREADY_MONITORS", `It must be a JSON object: {"betterstack":{"api_token":"..."},"uptimerobot":{"api_key":"..."}}, each with base_url if it is to go elsewhere.`)
	}
}

// monitorBackends are the services, each made on first use: they keep what they
// have read of an account.
type monitorBackends struct {
	mu     sync.Mutex
	byName map[string]monitor.Backend
}

// backendNames are those that a monitor can have.
func backendNames() []string {
	return []string{cloudflareBackend, monitor.BetterStackName, monitor.UptimeRobotName}
}

const cloudflareBackend = monitor.CloudflareName

// monitorsUnknown is the argument that a backend waits for, or empty.
func (s *shared) monitorsUnknown(name string) string {
	if name == cloudflareBackend {
		return s.waitsFor("cloudflare")
	}
	for _, block := range []string{"monitors", "monitors." + name} {
		for _, u := range s.settings.unknown {
			if u == block || strings.HasPrefix(u, "monitors."+name+".") {
				return u
			}
		}
	}
	return ""
}

// backend finds the service of a monitor. zone, by name or id, is only for
// Cloudflare's; empty means that of the URL.
func (s *shared) backend(ctx context.Context, name, zone, url string) (monitor.Backend, diag.Diagnostics) {
	var diags diag.Diagnostics
	if s == nil {
		diags.AddError("Provider is not configured", "The provider was not configured before it was used. This is a fault of the program that runs it.")
		return nil, diags
	}
	if name == cloudflareBackend {
		return s.cloudflareBackend(ctx, zone, url)
	}
	if arg := s.monitorsUnknown(name); arg != "" {
		diags.AddAttributeError(path.Root("backend"), "Access to the monitoring service is not known yet",
			fmt.Sprintf("The argument %s of provider \"launchready\" depends on a value that is known only after apply. Give it a value that is known, or apply what makes it first with -target.", arg))
		return nil, diags
	}
	access := s.settings.monitors[name]
	if access.token == "" {
		argument := map[string]string{monitor.BetterStackName: "api_token", monitor.UptimeRobotName: "api_key"}[name]
		diags.AddAttributeError(path.Root("backend"), "No access to the monitoring service",
			fmt.Sprintf("backend is %q, but provider \"launchready\" has no monitors.%s.%s: set it, or the environment variable LAUNCHREADY_MONITORS.", name, name, argument))
		return nil, diags
	}
	s.monitors.mu.Lock()
	defer s.monitors.mu.Unlock()
	if b := s.monitors.byName[name]; b != nil {
		return b, diags
	}
	to := monitor.Access{Token: access.token, BaseURL: access.baseURL, UserAgent: s.settings.probe.UserAgent, Log: logDebug}
	b := monitor.NewBetterStack(to)
	if name == monitor.UptimeRobotName {
		b = monitor.NewUptimeRobot(to)
	}
	if s.monitors.byName == nil {
		s.monitors.byName = map[string]monitor.Backend{}
	}
	s.monitors.byName[name] = b
	return b, diags
}

// addMonitorError reports what a service said, with the likely cause and the next step.
func addMonitorError(diags *diag.Diagnostics, doing string, err error) {
	detail, at := err.Error(), path.Empty()
	var api *cloudflare.Error
	if errors.As(err, &api) {
		addAPIError(diags, at, doing, api)
		return
	}
	if e, ok := monitorError(err); ok {
		if advice := e.Advice(); advice != "" {
			detail += "\n\n" + advice
		}
		if e.Field != "" {
			at = fieldPath(e.Field)
			detail += fmt.Sprintf("\n\nThe service refuses %s.", e.Field)
		}
	}
	if len(at.Steps()) == 0 {
		diags.AddError("Could not "+doing, detail)
		return
	}
	diags.AddAttributeError(at, "Could not "+doing, detail)
}

// fieldPath is the path of an argument such as expect.status.
func fieldPath(field string) path.Path {
	first, rest, _ := strings.Cut(field, ".")
	at := path.Root(first)
	if rest != "" {
		at = at.AtName(rest)
	}
	return at
}

// cloudflareBackend returns the health checks of a zone: one that is named, or
// that of an address.
func (s *shared) cloudflareBackend(ctx context.Context, zone, address string) (monitor.Backend, diag.Diagnostics) {
	client, diags := s.client()
	if diags.HasError() {
		return nil, diags
	}
	if zone != "" {
		found, err := client.Zone(ctx, zone)
		if err != nil {
			addAPIError(&diags, path.Root("zone"), "find zone "+zone, err)
			return nil, diags
		}
		return monitor.NewCloudflare(client, found), diags
	}
	u, err := url.Parse(address)
	if err != nil || u.Hostname() == "" {
		diags.AddAttributeError(path.Root("zone"), "Missing zone", "Which zone the health check belongs to cannot be told from the URL. Set zone.")
		return nil, diags
	}
	found, err := client.ZoneOf(ctx, u.Hostname())
	if err != nil {
		addAPIError(&diags, path.Root("url"), "find the zone of "+u.Hostname(), err)
		return nil, diags
	}
	return monitor.NewCloudflare(client, found), diags
}

// zoneOfBackend is the id of the zone that a backend's monitors belong to; empty
// for services that know no zones.
func zoneOfBackend(b monitor.Backend) string {
	if c, ok := b.(*monitor.Cloudflare); ok {
		return c.Zone().ID
	}
	return ""
}

func monitorError(err error) (*monitor.Error, bool) {
	var e *monitor.Error
	ok := errors.As(err, &e)
	return e, ok
}
