package provider

import (
	"github.com/hashicorp/terraform-plugin-framework-validators/int64validator"
	"github.com/hashicorp/terraform-plugin-framework-validators/listvalidator"
	"github.com/hashicorp/terraform-plugin-framework-validators/mapvalidator"
	"github.com/hashicorp/terraform-plugin-framework-validators/stringvalidator"
	"github.com/hashicorp/terraform-plugin-framework/datasource/schema"
	"github.com/hashicorp/terraform-plugin-framework/schema/validator"
	"github.com/hashicorp/terraform-plugin-framework/types"

	"github.com/launchready/terraform-provider-launchready/internal/check/latencycheck"
)

func latencyCheckAttributes() map[string]schema.Attribute {
	duration := func(description string) schema.StringAttribute {
		return schema.StringAttribute{Optional: true, MarkdownDescription: description, Validators: []validator.String{isDuration{}}}
	}
	return map[string]schema.Attribute{
		"enabled": schema.BoolAttribute{
			Optional: true, MarkdownDescription: "Whether to send anything. While it is `false`, every rule is inconclusive: what is not tested is no pass. Default: `true`.",
		},
		"actions": schema.MapNestedAttribute{
			Required:            true,
			MarkdownDescription: "What members do, as requests, by a name of your choice. They are measured side by side. Exactly one of `url` and `path` each.",
			Validators:          []validator.Map{mapvalidator.SizeAtLeast(1)},
			NestedObject: schema.NestedAttributeObject{
				Attributes: latencyActionAttributes(),
				Validators: []validator.Object{exactlyOne{"url", "path"}},
			},
		},
		"p95": duration("What 95 % of the answers must not take longer than, as a duration. Default: `500ms`."),
		"rate": schema.Float64Attribute{
			Optional: true, MarkdownDescription: "Requests a second for each action, `1` to `20`. Default: `5`.",
			Validators: []validator.Float64{between(1, latencycheck.MaximumRate)},
		},
		"duration": duration("How long the check may take at most, as a duration. A site that is clearly fast or clearly slow is decided within a third of it. Default: `2m`."),
		"maximum_requests": schema.Int64Attribute{
			Optional: true, MarkdownDescription: "How many requests the check may send at most. Actions that are decided leave theirs to the others. Default: `1000`.",
			Validators: []validator.Int64{int64validator.Between(1, 100000)},
		},
		"baseline": schema.StringAttribute{
			Optional: true, MarkdownDescription: "Path on `portal.base_url`, or address, of what costs the site nothing, such as a static file at the edge. Where it is slow itself, or changes, slow answers are inconclusive. Default: `/cdn-cgi/trace` behind Cloudflare, else the time to connect.",
			Validators: []validator.String{notBlank()},
		},
		"maximum_baseline": duration("Median that the baseline may have, as a duration. Default: `200ms`."),
	}
}

func latencyActionAttributes() map[string]schema.Attribute {
	optional := func(description string, validators ...validator.String) schema.StringAttribute {
		return schema.StringAttribute{Optional: true, MarkdownDescription: description, Validators: validators}
	}
	var kinds []string
	for _, k := range latencycheck.Kinds() {
		kinds = append(kinds, string(k))
	}
	return map[string]schema.Attribute{
		"method":   optional("Method: `GET` or `HEAD`. Default: `GET`.", stringvalidator.OneOf("GET", "HEAD")),
		"url":      mailURLAttribute(),
		"path":     mailPathAttribute("/api/profile"),
		"headers":  schema.MapAttribute{Optional: true, Sensitive: true, ElementType: types.StringType, MarkdownDescription: "Headers. They stand in the state, so that headers which authenticate are refused: use `identity`."},
		"identity": mailIdentityAttribute(),
		"kind":     optional("What it is for: `login_state`, `profile`, `membership`, `content` or `other`. A portal is judged as a whole when each of the first four is measured. Default: told from the name and the path.", stringvalidator.OneOf(kinds...)),
		"status": schema.ListAttribute{
			Optional: true, ElementType: types.Int64Type, MarkdownDescription: "Status codes of success. Any other answer is an error. Default: any `2xx`.",
			Validators: []validator.List{listvalidator.SizeAtLeast(1), listvalidator.ValueInt64sAre(int64validator.Between(100, 599))},
		},
		"contains": optional("Text that only the right answer holds, where an error looks like a success.", notBlank()),
		"p95":      optional("Limit for this action, as a duration. Default: `p95` of the check.", isDuration{}),
	}
}
