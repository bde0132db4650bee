package provider

import (
	"context"
	"time"

	"github.com/hashicorp/terraform-plugin-framework-validators/int64validator"
	"github.com/hashicorp/terraform-plugin-framework-validators/mapvalidator"
	"github.com/hashicorp/terraform-plugin-framework/resource"
	"github.com/hashicorp/terraform-plugin-framework/resource/schema"
	"github.com/hashicorp/terraform-plugin-framework/schema/validator"
	"github.com/hashicorp/terraform-plugin-framework/types"

	"github.com/launchready/terraform-provider-launchready/internal/edgerules"
	"github.com/launchready/terraform-provider-launchready/internal/ruleset"
)

type zoneRateLimitsModel struct {
	rulesFrame
	Rules map[string]rateLimitModel `tfsdk:"rules"`
}

type rateLimitModel struct {
	matchModel
	Description     types.String   `tfsdk:"description"`
	Requests        types.Int64    `tfsdk:"requests"`
	Period          types.String   `tfsdk:"period"`
	Action          types.String   `tfsdk:"action"`
	Timeout         types.String   `tfsdk:"timeout"`
	Characteristics types.List     `tfsdk:"characteristics"`
	Counting        types.String   `tfsdk:"counting_expression"`
	Response        *responseModel `tfsdk:"response"`
	Enabled         types.Bool     `tfsdk:"enabled"`
}

func newZoneRateLimitsResource() resource.Resource {
	return &rulesResource[zoneRateLimitsModel, *zoneRateLimitsModel]{kind: rulesKind{
		name: "rate_limits", phases: []ruleset.Phase{ruleset.PhaseRateLimit}, position: ruleset.First,
		doc: "Rate limits of a zone (phase `http_ratelimit`), owned rule by rule: those that others have made stay as they are.\n\n" +
			"What the zone's plan allows (number of rules, periods, what is counted by) is said in the plan, with the limit and the nearest thing that works; " +
			"the limits were last compared with Cloudflare's documentation in " + edgerules.LimitsChecked + ". Import by zone name, or by `zone/name`.",
		attributes: map[string]schema.Attribute{
			"rules": schema.MapNestedAttribute{
				Required: true, MarkdownDescription: "Limits by name; they run in the order of their names.",
				Validators:   []validator.Map{mapvalidator.SizeAtLeast(1), mapvalidator.KeysAre(refAttribute().Validators...)},
				NestedObject: schema.NestedAttributeObject{Attributes: rateLimitAttributes()},
			},
		},
	}}
}

func rateLimitAttributes() map[string]schema.Attribute {
	return matchAttributes(map[string]schema.Attribute{
		"description": optionalText("For the dashboard."),
		"requests":    schema.Int64Attribute{Required: true, MarkdownDescription: "Requests that pass in a period.", Validators: []validator.Int64{int64validator.AtLeast(1)}},
		"period":      optionalText("Length of a period, as a duration such as `10s`, `1m` or `1h`. Default: `10s`, which every plan has.", isDuration{}, wholeSeconds{}),
		"action": optionalChoice("What is done: `block`, `managed_challenge`, `js_challenge`, `challenge` or `log`. Default: `block`.",
			"block", "managed_challenge", "js_challenge", "challenge", "log"),
		"timeout":             optionalText("For how long it is done. Default: as long as the period, or as the plan allows.", wholeSeconds{}),
		"characteristics":     texts("What requests are counted by, such as `ip.src` or `http.request.headers[\"x-api-key\"]`; the data centre (`cf.colo.id`) is added. Default: `ip.src`."),
		"counting_expression": optionalText("Condition for what is counted, where that is not what is limited (Business and above). It stands alone: repeat the condition of the limit in it, else requests to other places count as well."),
		"response":            responseAttribute("429"),
		"enabled":             optionalFlag("Whether the limit works. Default: `true`."),
	})
}

func (m *zoneRateLimitsModel) limits() edgerules.RateLimits {
	var out edgerules.RateLimits
	for key, r := range m.Rules {
		l := edgerules.RateLimit{
			Key: key, Description: r.Description.ValueString(), Match: r.match(), Requests: r.Requests.ValueInt64(), Action: r.Action.ValueString(),
			Timeout: durationPointer(r.Timeout), Counting: r.Counting.ValueString(), Response: r.Response.response(), Disabled: isFalse(r.Enabled),
		}
		if p := durationPointer(r.Period); p != nil {
			l.Period = *p
		}
		l.Characteristics, _ = stringsOf(r.Characteristics)
		out = append(out, l)
	}
	return out
}

func (m *zoneRateLimitsModel) compile(plan string, owner ruleset.Owner) []edgerules.PhaseRules {
	return m.limits().Compile(plan, owner)
}

func (m *zoneRateLimitsModel) problems(plan string) []edgerules.Problem {
	return m.limits().Problems(plan, "rules")
}

func (m *zoneRateLimitsModel) read(_ context.Context, owner ruleset.Owner, rules map[ruleset.Phase][]ruleset.Rule) {
	m.Rules = map[string]rateLimitModel{}
	for _, l := range edgerules.ReadRateLimits(owner, rules) {
		var period *time.Duration
		if l.Period != 0 {
			period = &l.Period
		}
		m.Rules[l.Key] = rateLimitModel{
			matchModel: readMatch(l.Match), Description: textOf(l.Description), Requests: types.Int64Value(l.Requests), Period: durationValue(period),
			Action: textOf(l.Action), Timeout: durationValue(l.Timeout), Characteristics: listOf(l.Characteristics), Counting: textOf(l.Counting),
			Response: readResponse(l.Response), Enabled: falseOnly(l.Disabled),
		}
	}
}
