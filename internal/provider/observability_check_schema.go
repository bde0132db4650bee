package provider

import (
	"github.com/hashicorp/terraform-plugin-framework-validators/int64validator"
	"github.com/hashicorp/terraform-plugin-framework-validators/listvalidator"
	"github.com/hashicorp/terraform-plugin-framework-validators/mapvalidator"
	"github.com/hashicorp/terraform-plugin-framework-validators/stringvalidator"
	"github.com/hashicorp/terraform-plugin-framework/datasource/schema"
	"github.com/hashicorp/terraform-plugin-framework/schema/validator"
	"github.com/hashicorp/terraform-plugin-framework/types"

	"github.com/launchready/terraform-provider-launchready/internal/check/obscheck"
)

func observabilityCheckAttributes() map[string]schema.Attribute {
	var alerts []string
	for _, a := range obscheck.Alerts() {
		alerts = append(alerts, string(a))
	}
	words := func(description string, each ...validator.String) schema.ListAttribute {
		return schema.ListAttribute{
			Optional: true, ElementType: types.StringType, MarkdownDescription: description,
			Validators: []validator.List{listvalidator.ValueStringsAre(append(each, notBlank())...)},
		}
	}
	return map[string]schema.Attribute{
		"enabled": schema.BoolAttribute{
			Optional: true, MarkdownDescription: "Whether to cause anything. While it is `false`, every rule is inconclusive: what is not tested is no pass. Default: `true`.",
		},
		"drills": schema.MapNestedAttribute{
			Optional:            true,
			MarkdownDescription: "Failures that are caused, by a name of your choice, one after another in the order of the names.",
			Validators:          []validator.Map{mapvalidator.SizeAtLeast(1)},
			NestedObject:        schema.NestedAttributeObject{Attributes: drillAttributes()},
		},
		"required_alerts": words("What somebody must be told of, each one of `401_spike`, `403_spike`, `5xx_spike`, `latency`, `bounces`, `certificate`, `host_down` and `deploy`. A drill that was told of shows the first three and bounces; else a rule of a sink of type `prometheus`, a notification policy of Cloudflare's, or a monitor must be about it.",
			stringvalidator.OneOf(alerts...)),
		"alert_names": schema.MapAttribute{
			Optional: true, ElementType: types.ListType{ElemType: types.StringType},
			MarkdownDescription: "Names of alerting rules by one of `required_alerts`, where neither the expression nor the name of a rule tells what it is about.",
			Validators:          []validator.Map{mapvalidator.KeysAre(stringvalidator.OneOf(alerts...))},
		},
		"on_call":         words("Who counts as a person: addresses of mail, or kinds of integration such as `pagerduty`. Default: every destination does."),
		"monitored_hosts": words("Hosts that must have an uptime monitor, such as `portal.acme.example`.", isMonitoredHost{}),
		"rule_sinks":      words("Sinks of type `prometheus` and `alertmanager` whose rules, routes and silences are read. Default: all of the provider block."),
	}
}

func drillAttributes() map[string]schema.Attribute {
	optional := func(description string, validators ...validator.String) schema.StringAttribute {
		return schema.StringAttribute{Optional: true, MarkdownDescription: description, Validators: validators}
	}
	var kinds []string
	for _, k := range obscheck.Kinds() {
		kinds = append(kinds, string(k))
	}
	return map[string]schema.Attribute{
		"kind": optional("What it is about: `sign_in` (failed sign-ins), `denied` (refusals to who is signed in), `error` (a request that fails on purpose), `bounce` (mail that bounces) or `other`. Default: told from the path and the expected status.", stringvalidator.OneOf(kinds...)),
		"request": schema.SingleNestedAttribute{
			Required:            true,
			MarkdownDescription: "Request that causes the failure. Exactly one of `url` and `path`.",
			Validators:          []validator.Object{exactlyOne{"url", "path"}},
			Attributes: map[string]schema.Attribute{
				"method":   optional("Method. Default: `POST` with a body, else `GET`.", stringvalidator.OneOf("GET", "HEAD", "POST", "PUT", "PATCH", "DELETE")),
				"url":      mailURLAttribute(),
				"path":     mailPathAttribute("/api/login"),
				"headers":  schema.MapAttribute{Optional: true, Sensitive: true, ElementType: types.StringType, MarkdownDescription: "Headers. They stand in the state, so that headers which authenticate are refused: use `identity`. `X-Request-ID` and the user agent hold the mark unless they are named."},
				"body":     optional("Body, such as `jsonencode({ email = \"{{mark}}@acme.example\", password = \"{{password}}\" })`. It stands in the state: no secrets."),
				"identity": mailIdentityAttribute(),
				"repeat":   schema.Int64Attribute{Optional: true, MarkdownDescription: "How often it is made, 20 times at most. Stay below what locks an account. Default: `1`.", Validators: []validator.Int64{int64validator.Between(1, obscheck.MaxRepeat)}},
				"expect_status": schema.ListAttribute{
					Optional: true, ElementType: types.Int64Type,
					MarkdownDescription: "Statuses that show that the failure happened, never 404. Default: what fits the kind: a refusal, or for `error` any of 500 and above.",
					Validators:          []validator.List{listvalidator.SizeAtLeast(1), listvalidator.ValueInt64sAre(int64validator.Between(200, 599), int64validator.NoneOf(404))},
				},
			},
		},
		"signals": schema.MapNestedAttribute{
			Required:            true,
			MarkdownDescription: "Where the failure must show, by a name of your choice. Exactly one of `sink` and `mailbox` each.",
			Validators:          []validator.Map{mapvalidator.SizeAtLeast(1)},
			NestedObject: schema.NestedAttributeObject{
				Validators: []validator.Object{exactlyOne{"sink", "mailbox"}},
				Attributes: map[string]schema.Attribute{
					"sink":            optional("Sink: a key of `sinks` in the provider block.", notBlank()),
					"mailbox":         optional("Mailbox where an alert must arrive: a key of `mailboxes` in the provider block.", notBlank()),
					"query":           optional("What is asked: PromQL that gives a number (`prometheus`), a metric with labels such as `http_requests_total{code=\"401\"}` (`metrics`), a LogQL selector (`loki`), a matcher (`alertmanager`), a search (`sentry`), a JSON pointer to the list of events (`json`, `webhook`). `{{mark}}` stands for the mark.", notBlank()),
					"contains":        optional("Text that a new entry must hold. Default: the mark. Where alerts are made from numbers and no mark reaches them, the name of the alert.", notBlank()),
					"increase":        schema.Float64Attribute{Optional: true, MarkdownDescription: "By how much a number must rise. Default: by one for each request.", Validators: []validator.Float64{atLeast(0.000001)}},
					"resolved_within": optional("How long after the alert a message must say that it is over, as a duration. Default: not tested.", isDuration{}),
				},
			},
		},
		"within":        optional("How long its signals may take, as a duration, 30 minutes at most. Default: `5m`.", isDuration{}),
		"log_injection": schema.BoolAttribute{Optional: true, MarkdownDescription: "With `sign_in`: whether to sign in once more with a line break in the name. Default: `true`."},
	}
}
