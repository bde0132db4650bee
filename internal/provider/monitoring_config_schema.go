package provider

import (
	"regexp"
	"strings"

	"github.com/hashicorp/terraform-plugin-framework-validators/int64validator"
	"github.com/hashicorp/terraform-plugin-framework-validators/listvalidator"
	"github.com/hashicorp/terraform-plugin-framework-validators/stringvalidator"
	"github.com/hashicorp/terraform-plugin-framework/datasource/schema"
	"github.com/hashicorp/terraform-plugin-framework/schema/validator"
	"github.com/hashicorp/terraform-plugin-framework/types"

	"github.com/launchready/terraform-provider-launchready/internal/monitor/render"
)

func monitoringConfigAttributes() map[string]schema.Attribute {
	computed := func(description string) schema.StringAttribute {
		return schema.StringAttribute{Computed: true, MarkdownDescription: description}
	}
	return map[string]schema.Attribute{
		"name": optionalAttribute("Name of what is watched: it tells the rules and series from another portal's in the same Prometheus. Default: `portal`."),
		"monitors": schema.MapNestedAttribute{
			Optional: true, MarkdownDescription: "What is asked again and again, by a name of your choice. The names of a monitor's module in blackbox_exporter and of its endpoint in Gatus.",
			NestedObject: schema.NestedAttributeObject{Attributes: renderMonitorAttributes()},
		},
		"exporters": schema.MapAttribute{
			Optional: true, ElementType: types.StringType,
			MarkdownDescription: "blackbox_exporters by region, `host:port`. A host counts as down where two regions say so. Default: one, named `default`, at `" + render.DefaultExporter + "`.",
		},
		"applications": schema.MapNestedAttribute{
			Optional: true, MarkdownDescription: "Services that show metrics in Prometheus' text format, by the name of their job.",
			NestedObject: schema.NestedAttributeObject{Attributes: map[string]schema.Attribute{
				"targets":           schema.ListAttribute{Required: true, ElementType: types.StringType, MarkdownDescription: "Where they are shown, `host:port`.", Validators: []validator.List{listvalidator.SizeAtLeast(1), listvalidator.ValueStringsAre(notBlank())}},
				"scheme":            optionalAttribute("`http` or `https`. Default: `http`.", stringvalidator.OneOf("http", "https")),
				"path":              optionalAttribute("Path. Default: `/metrics`.", isPortalPath{}),
				"interval":          optionalAttribute("Time between two readings, as a duration. Default: `15s`.", isDuration{}),
				"bearer_token_file": optionalAttribute("File on the host of Prometheus that holds a bearer token."),
			}},
		},
		"ca_file":      optionalAttribute("File on the hosts of the exporters with roots to trust instead of the system's."),
		"gatus_alerts": schema.ListAttribute{Optional: true, ElementType: types.StringType, MarkdownDescription: "Types of alerts that Gatus sends, such as `email`. How each is sent is configured in another file of Gatus' folder. Default: none.", Validators: []validator.List{listvalidator.ValueStringsAre(notBlank())}},
		"alerts": schema.SingleNestedAttribute{
			Optional: true, MarkdownDescription: "What the alerting rules of Prometheus tell of. Every rule has the label `launchready_alert` with its kind.",
			Attributes: renderAlertsAttributes(),
		},
		"prometheus": computed("`scrape_configs` for Prometheus: a whole configuration, or a file of `scrape_config_files`."),
		"blackbox":   computed("Modules for blackbox_exporter."),
		"gatus":      computed("Endpoints for Gatus 5."),
		"rules":      computed("Recording and alerting rules: a file of `rule_files` of Prometheus."),
		"covered":    schema.ListAttribute{Computed: true, ElementType: types.StringType, MarkdownDescription: "Kinds of alerts that the rules have."},
	}
}

func optionalAttribute(description string, validators ...validator.String) schema.StringAttribute {
	return schema.StringAttribute{Optional: true, MarkdownDescription: description, Validators: append(validators, notBlank())}
}

func renderMonitorAttributes() map[string]schema.Attribute {
	return map[string]schema.Attribute{
		"url":    schema.StringAttribute{Required: true, MarkdownDescription: "Address, such as `https://portal.acme.example/healthz`.", Validators: []validator.String{notBlank()}},
		"method": optionalAttribute("Method. Default: `GET`.", stringvalidator.OneOf("GET", "HEAD", "POST", "OPTIONS")),
		"status": schema.ListAttribute{Optional: true, ElementType: types.StringType, MarkdownDescription: "Status codes or classes that are expected, such as `200` or `2xx`. With one of redirects they are not followed. Default: `2xx`."},
		"body":   optionalAttribute("Text that the answer holds. Default: any."),
		"headers": schema.MapAttribute{
			Optional: true, ElementType: types.StringType, MarkdownDescription: "Headers of the request. They stand in the state and in the texts, so that headers which authenticate are refused: use `bearer_token`.",
		},
		"bearer_token": schema.SingleNestedAttribute{
			Optional: true, MarkdownDescription: "Where the tools find a bearer token by themselves.",
			Attributes: map[string]schema.Attribute{
				"file":        optionalAttribute("File on the hosts of the exporters."),
				"environment": optionalAttribute("Environment variable of Gatus.", stringvalidator.RegexMatches(regexp.MustCompile(`^[A-Za-z_][A-Za-z0-9_]*$`), "must be a name of letters, digits and underscores")),
			},
		},
		"certificate_days": schema.Int64Attribute{Optional: true, MarkdownDescription: "Days that the certificate must have left. Default: not asked.", Validators: []validator.Int64{int64validator.Between(1, 365)}},
		"interval":         optionalAttribute("Time between two requests, as a duration. Default: `60s`.", isDuration{}),
		"timeout":          optionalAttribute("Longest time for an answer, as a duration, no longer than `interval`. Default: `10s`.", isDuration{}),
		"maximum_time":     optionalAttribute("What an answer must not take longer than, as a duration; Gatus alone judges it. Default: any.", isDuration{}),
		"failures":         schema.Int64Attribute{Optional: true, MarkdownDescription: "Failures in a row before anyone is told. It takes that many times `interval` to tell. Default: `2`.", Validators: []validator.Int64{int64validator.Between(1, 10)}},
		"regions":          schema.ListAttribute{Optional: true, ElementType: types.StringType, MarkdownDescription: "Keys of `exporters` that watch it. Default: all."},
		"paused":           schema.BoolAttribute{Optional: true, MarkdownDescription: "Whether it is left out. Default: `false`."},
	}
}

func renderAlertsAttributes() map[string]schema.Attribute {
	var kinds []string
	for _, k := range render.Kinds() {
		kinds = append(kinds, string(k))
	}
	texts := func(description string) schema.MapAttribute {
		return schema.MapAttribute{Optional: true, ElementType: types.StringType, MarkdownDescription: description}
	}
	return map[string]schema.Attribute{
		"only":            schema.ListAttribute{Optional: true, ElementType: types.StringType, MarkdownDescription: "Kinds to tell of: `" + strings.Join(kinds, "`, `") + "`. Default: all.", Validators: []validator.List{listvalidator.ValueStringsAre(stringvalidator.OneOf(kinds...))}},
		"requests_metric": optionalAttribute("Counter of answers. Default: `http_requests_total`."),
		"status_label":    optionalAttribute("Label of it with the status code. Default: `code`."),
		"latency_metric":  optionalAttribute("Histogram of how long answers take, in seconds, without `_bucket`. p95 is exact where a bucket ends at the limit. Default: `http_request_duration_seconds`."),
		"bounces_metric":  optionalAttribute("Counter of messages that bounced. Default: `mail_bounced_total`."),
		"selector":        texts("Labels that the series of these metrics have, such as `{ job = \"portal\" }`."),
		"window":          optionalAttribute("Time in which events are counted, as a duration. Default: `5m`.", isDuration{}),
		"factor":          schema.Float64Attribute{Optional: true, MarkdownDescription: "How many times what it was in the hour before a count must be, to be a spike. Default: `3`.", Validators: []validator.Float64{atLeast(1)}},
		"thresholds":      schema.MapAttribute{Optional: true, ElementType: types.Float64Type, MarkdownDescription: "Least count in the window by kind; for `latency` the requests that p95 is judged from. Default: `401_spike` and `403_spike` 20, `5xx_spike` 10, `bounces` 5, `latency` 20."},
		"p95":             optionalAttribute("Limit of `latency`, as a duration. Default: `500ms`.", isDuration{}),
		"labels":          texts("Labels of every alert, such as those that Alertmanager routes by. `severity` may be replaced."),
		"runbook_url":     optionalAttribute("Address that every alert names in `runbook_url`."),
	}
}
