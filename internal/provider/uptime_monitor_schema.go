package provider

import (
	"context"
	"fmt"
	"net/http"
	"net/url"
	"strings"

	"github.com/hashicorp/terraform-plugin-framework-validators/int64validator"
	"github.com/hashicorp/terraform-plugin-framework-validators/setvalidator"
	"github.com/hashicorp/terraform-plugin-framework-validators/stringvalidator"
	"github.com/hashicorp/terraform-plugin-framework/resource"
	"github.com/hashicorp/terraform-plugin-framework/resource/schema"
	"github.com/hashicorp/terraform-plugin-framework/resource/schema/booldefault"
	"github.com/hashicorp/terraform-plugin-framework/resource/schema/planmodifier"
	"github.com/hashicorp/terraform-plugin-framework/resource/schema/stringdefault"
	"github.com/hashicorp/terraform-plugin-framework/resource/schema/stringplanmodifier"
	"github.com/hashicorp/terraform-plugin-framework/schema/validator"
	"github.com/hashicorp/terraform-plugin-framework/types"

	"github.com/launchready/terraform-provider-launchready/internal/monitor"
	"github.com/launchready/terraform-provider-launchready/internal/monitor/render"
)

func (r *uptimeMonitorResource) Schema(_ context.Context, _ resource.SchemaRequest, resp *resource.SchemaResponse) {
	computed := func(description string) schema.StringAttribute {
		return schema.StringAttribute{Computed: true, MarkdownDescription: description, PlanModifiers: []planmodifier.String{stringplanmodifier.UseStateForUnknown()}}
	}
	words := func(description string, validators ...validator.String) schema.SetAttribute {
		return schema.SetAttribute{
			Optional: true, ElementType: types.StringType, MarkdownDescription: description,
			Validators: []validator.Set{setvalidator.SizeAtLeast(1), setvalidator.ValueStringsAre(append(validators, notBlank())...)},
		}
	}
	span := func(description string) schema.StringAttribute {
		return schema.StringAttribute{Optional: true, Computed: true, MarkdownDescription: description, Validators: []validator.String{isDuration{}}}
	}
	flag := func(value bool, description string) schema.BoolAttribute {
		return schema.BoolAttribute{Optional: true, Computed: true, Default: booldefault.StaticBool(value), MarkdownDescription: fmt.Sprintf("%s Default: `%t`.", description, value)}
	}
	resp.Schema = schema.Schema{
		MarkdownDescription: "A monitor that asks for a page from outside, again and again, and alerts someone when the answer is not right: a Cloudflare health check, or a monitor of Better Stack or UptimeRobot. " +
			"What the service, or the plan there, does not allow is said at plan time. An argument that is left out is not managed, unless it has a default.\n\n" +
			"Cloudflare's health checks need a zone of plan Pro or above. They run from three data centres in each region, they do not send alerts themselves (see `launchready_alert_policy`, type `health_check_status_notification`), " +
			"and where they go through the edge, its own rules may stop them: watch the origin with `address`, or let the user agent `Cloudflare-Healthchecks` pass.\n\n" +
			"Access: at Cloudflare the token needs Health Checks Write on the zone; a token of Better Stack's team, or UptimeRobot's main key, stands in `monitors` of the provider.\n\n" +
			"Import by `cloudflare/<zone>/<name or id>`, `betterstack/<name or id>` or `uptimerobot/<name or id>`. After it the first plan may add `regions`, `contacts` or `headers` that are declared and there already: applying it changes nothing.",
		Attributes: map[string]schema.Attribute{
			"id":      computed("The service's id of the monitor."),
			"zone_id": computed("Id of the zone that a Cloudflare health check belongs to; empty for the others."),
			"backend": schema.StringAttribute{
				Optional: true, Computed: true, Default: stringdefault.StaticString(cloudflareBackend),
				MarkdownDescription: "Service that watches: `cloudflare`, `betterstack` or `uptimerobot`. Access to the latter two is `monitors` of the provider. A change replaces the monitor. Default: `cloudflare`.",
				Validators:          []validator.String{stringvalidator.OneOf(backendNames()...)},
				PlanModifiers:       []planmodifier.String{stringplanmodifier.RequiresReplace()},
			},
			"zone": schema.StringAttribute{
				Optional: true, Computed: true, MarkdownDescription: "Zone, by domain name or by id, that a Cloudflare health check belongs to. Default: the zone of the URL's host. Another zone replaces the monitor.",
				Validators: []validator.String{notBlank()},
			},
			"name": schema.StringAttribute{
				Required: true, MarkdownDescription: "Name, unique among the monitors of the zone or account. Cloudflare takes letters, digits, `-` and `_`.",
				Validators: []validator.String{notBlank(), stringvalidator.LengthAtMost(250)},
			},
			"url": schema.StringAttribute{
				Required: true, MarkdownDescription: "Address that is asked for, such as `https://portal.acme.example/healthz`.",
				Validators: []validator.String{isWebAddress{}},
			},
			"address": schema.StringAttribute{
				Optional: true, MarkdownDescription: "Host name or IP address to connect to instead of the URL's host, whose name is sent as `Host`: the origin behind the edge. Cloudflare only.",
				Validators: []validator.String{isHost{}},
			},
			"method": schema.StringAttribute{
				Optional: true, Computed: true, Default: stringdefault.StaticString("GET"), MarkdownDescription: "HTTP method. Default: `GET`.",
				Validators: []validator.String{stringvalidator.OneOf("GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS")},
			},
			"interval": span("Time between two checks, such as `60s`. Default: what each plan of the service allows: `1m` at Cloudflare, `3m` at Better Stack, `5m` at UptimeRobot."),
			"timeout":  span("Longest wait for an answer. Default: `5s` at Cloudflare, `15s` at Better Stack, `30s` at UptimeRobot."),
			"expect": schema.SingleNestedAttribute{
				Optional: true, MarkdownDescription: "When all is well.",
				Attributes: map[string]schema.Attribute{
					"status": words("Status codes such as `200`, or classes of them such as `2xx`. Better Stack takes codes, or `2xx` alone. Default: `2xx`.", isStatus{}),
					"body": schema.StringAttribute{
						Optional: true, MarkdownDescription: "Text that the answer's body holds. Better Stack judges the body or the status, not both.",
						Validators: []validator.String{notBlank()},
					},
					"certificate_days": schema.Int64Attribute{
						Optional: true, MarkdownDescription: "Alert so many days before the certificate expires. Better Stack takes 1, 2, 3, 7, 14, 30 or 60; Cloudflare does not watch it.",
						Validators: []validator.Int64{int64validator.Between(1, 365)},
					},
				},
			},
			"regions": words("Regions to watch from, in the service's words: `WEU`, `ENAM` and their like at Cloudflare (each means three requests an interval), `us`, `eu`, `as`, `au` at Better Stack, `na`, `eu`, `as`, `oc` at UptimeRobot. Default: the service's choice."),
			"headers": schema.MapAttribute{
				Optional: true, ElementType: types.StringType,
				MarkdownDescription: "Headers to send. They stand in the state, so none may hold a credential.",
			},
			"follow_redirects":   flag(true, "Whether redirects are followed, and the last answer is judged."),
			"verify_certificate": flag(true, "Whether a certificate that is not valid is a failure. An origin behind `address` often has one of a private authority."),
			"paused":             flag(false, "Whether nothing is checked for now."),
			"contacts":           words("Whom the service alerts: at UptimeRobot the addresses of e-mail contacts or the ids of others (default: each active contact), at Better Stack the id of one escalation policy (default: whoever is on call). Cloudflare alerts by `launchready_alert_policy`."),
		},
	}
}

// ValidateConfig says what is wrong whatever the service.
func (r *uptimeMonitorResource) ValidateConfig(ctx context.Context, req resource.ValidateConfigRequest, resp *resource.ValidateConfigResponse) {
	var m uptimeMonitorModel
	resp.Diagnostics.Append(req.Config.Get(ctx, &m)...)
	if resp.Diagnostics.HasError() {
		return
	}
	seen := map[string]string{}
	for _, name := range sortedKeys(m.Headers.Elements()) {
		at := fieldPath("headers").AtMapKey(name)
		canonical := http.CanonicalHeaderKey(name)
		switch {
		case strings.Trim(name, headerCharacters) != "" || name == "":
			resp.Diagnostics.AddAttributeError(at, "Not a header", fmt.Sprintf("headers has %q, which is no name of a header: letters, digits and hyphens.", name))
		case render.HoldsCredential(canonical):
			resp.Diagnostics.AddAttributeError(at, "A credential would stand in the state",
				fmt.Sprintf("headers has %s, whose value is a credential, and would be kept in the state as it is. Watch a path that needs none, such as a health endpoint.", name))
		case canonical == "Host":
			resp.Diagnostics.AddAttributeError(at, "Host is sent already", "The URL's host is sent as Host. Leave the header out; to connect elsewhere, set address.")
		case seen[canonical] != "":
			resp.Diagnostics.AddAttributeError(at, "Declared twice", fmt.Sprintf("headers has both %s and %s, which are one.", seen[canonical], name))
		}
		seen[canonical] = name
	}
}

const headerCharacters = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-_"

// isStatus accepts status codes and classes of them.
type isStatus struct{}

func (isStatus) Description(context.Context) string {
	return "a status code such as 200 or a class of them such as 2xx"
}
func (v isStatus) MarkdownDescription(ctx context.Context) string { return v.Description(ctx) }

func (v isStatus) ValidateString(_ context.Context, req validator.StringRequest, resp *validator.StringResponse) {
	if req.ConfigValue.IsNull() || req.ConfigValue.IsUnknown() {
		return
	}
	if reason := monitor.CheckStatus(req.ConfigValue.ValueString()); reason != "" {
		resp.Diagnostics.AddAttributeError(req.Path, "Not a status", fmt.Sprintf("%s: %s.", req.Path, reason))
	}
}

// isWebAddress accepts absolute http and https URLs without credentials.
type isWebAddress struct{}

func (isWebAddress) Description(context.Context) string {
	return "an absolute http or https URL without user or fragment, such as https://portal.acme.example/healthz"
}
func (v isWebAddress) MarkdownDescription(ctx context.Context) string { return v.Description(ctx) }

func (v isWebAddress) ValidateString(ctx context.Context, req validator.StringRequest, resp *validator.StringResponse) {
	if req.ConfigValue.IsNull() || req.ConfigValue.IsUnknown() {
		return
	}
	u, err := url.Parse(req.ConfigValue.ValueString())
	switch {
	case err == nil && u.User != nil:
		resp.Diagnostics.AddAttributeError(req.Path, "A credential in an address", fmt.Sprintf("%s has a user in it, which would stand in the state. Write %s.", req.Path, v.Description(ctx)))
	case err != nil || u.Scheme != "http" && u.Scheme != "https" || u.Hostname() == "" || u.Fragment != "" || strings.ContainsAny(req.ConfigValue.ValueString(), " \t\n"):
		resp.Diagnostics.AddAttributeError(req.Path, "Not a web address", fmt.Sprintf("%s is %q; write %s.", req.Path, req.ConfigValue.ValueString(), v.Description(ctx)))
	}
}
