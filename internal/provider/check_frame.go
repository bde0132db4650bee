package provider

import (
	"context"
	"fmt"
	"maps"
	"time"

	"github.com/hashicorp/terraform-plugin-framework-validators/stringvalidator"
	"github.com/hashicorp/terraform-plugin-framework/datasource/schema"
	"github.com/hashicorp/terraform-plugin-framework/diag"
	"github.com/hashicorp/terraform-plugin-framework/path"
	"github.com/hashicorp/terraform-plugin-framework/schema/validator"
	"github.com/hashicorp/terraform-plugin-framework/types"
	"github.com/hashicorp/terraform-plugin-framework/types/basetypes"

	"github.com/launchready/terraform-provider-launchready/internal/readiness"
)

// Enforcement says what a violation does to the plan.
const (
	enforceFail   = "fail"
	enforceWarn   = "warn"
	enforceReport = "report"
)

// commonFrame is what every check has around its own inputs.
type commonFrame struct {
	Enforcement types.String `tfsdk:"enforcement"`
	FailOn      types.String `tfsdk:"fail_on"`
	Waivers     types.List   `tfsdk:"waivers"`

	Status   types.String   `tfsdk:"status"`
	Passed   types.Bool     `tfsdk:"passed"`
	Findings []findingModel `tfsdk:"findings"`
	Result   *resultModel   `tfsdk:"result"`
	Observed types.Map      `tfsdk:"observed"`
}

func (f *commonFrame) frame() *commonFrame { return f }

// onceFrame is the frame of a check that acts on the world (check.Info.Once): it
// is not repeated until it passes, and a good outcome of it may count for a while.
type onceFrame struct {
	commonFrame
	Enabled  types.Bool   `tfsdk:"enabled"`
	ValidFor types.String `tfsdk:"valid_for"`
}

func (f *onceFrame) wait() (timeout, interval time.Duration) { return 0, 0 }

func (f *onceFrame) waitsForChanges() bool { return false }

func (f *onceFrame) validFor() time.Duration {
	if isFalse(f.Enabled) { // it acts in no run, and says so in each
		return 0
	}
	return durationOf(f.ValidFor)
}

// checkFrame is the frame of a check that may be repeated until it passes. The
// model of any other check embeds it.
type checkFrame struct {
	commonFrame
	WaitFor types.Object `tfsdk:"wait_for"`
}

func (f *checkFrame) validFor() time.Duration { return 0 }

type waiverModel struct {
	Rule    types.String `tfsdk:"rule"`
	Subject types.String `tfsdk:"subject"`
	Reason  types.String `tfsdk:"reason"`
	Owner   types.String `tfsdk:"owner"`
	Expires types.String `tfsdk:"expires"`
}

func enforcementAttribute() schema.StringAttribute {
	return schema.StringAttribute{
		Optional:            true,
		MarkdownDescription: "What a violation does: `fail` (an error), `warn` (a warning) or `report` (silent; the result still flows to the scorecard). Default: `fail`.",
		Validators:          []validator.String{stringvalidator.OneOf(enforceFail, enforceWarn, enforceReport)},
	}
}

func failOnAttribute() schema.StringAttribute {
	var names []string
	for _, s := range readiness.Severities() {
		names = append(names, string(s))
	}
	return schema.StringAttribute{
		Optional:            true,
		MarkdownDescription: "The lowest severity that fails, violated or not testable: `critical`, `high`, `medium`, `low` or `info`. What lies below is shown as a warning. Default: `high`.",
		Validators:          []validator.String{stringvalidator.OneOf(names...)},
	}
}

func waiversAttribute() schema.ListNestedAttribute {
	required := func(description string, validators ...validator.String) schema.StringAttribute {
		return schema.StringAttribute{Required: true, MarkdownDescription: description, Validators: append(validators, notBlank())}
	}
	return schema.ListNestedAttribute{
		Optional:            true,
		MarkdownDescription: "Violations that are accepted for a time. A waiver that has expired is itself a violation.",
		NestedObject: schema.NestedAttributeObject{Attributes: map[string]schema.Attribute{
			"rule":    required("Id of the rule."),
			"subject": schema.StringAttribute{Optional: true, MarkdownDescription: "Pattern of the subjects: `*` stands for any run of characters. Default: `*`."},
			"reason":  required("Why the violation is accepted."),
			"owner":   required("Who answers for it."),
			"expires": required("Last day on which it counts, such as `2027-01-31`.", isDate{}),
		}},
	}
}

func checkFrameAttributes() map[string]schema.Attribute {
	return map[string]schema.Attribute{
		"enforcement": enforcementAttribute(),
		"fail_on":     failOnAttribute(),
		"waivers":     waiversAttribute(),
		"wait_for": schema.SingleNestedAttribute{
			Optional:            true,
			MarkdownDescription: "Repeat the check until it passes or the time is over: changes of DNS and edge take time to spread.",
			Attributes: map[string]schema.Attribute{
				"timeout":  schema.StringAttribute{Required: true, MarkdownDescription: "Longest wait, as a duration such as `60s`.", Validators: []validator.String{isDuration{}}},
				"interval": schema.StringAttribute{Optional: true, MarkdownDescription: "Pause between two attempts. Default: `5s`.", Validators: []validator.String{isDuration{}}},
				"after_changes": schema.BoolAttribute{
					Optional:            true,
					MarkdownDescription: "Wait so long only where a resource under this provider block has changed something, in this run or in the last ten minutes; else look twice. Default: `false`.",
				},
			},
		},
		"status":   schema.StringAttribute{Computed: true, MarkdownDescription: "`pass`, `fail` or `inconclusive`, at the threshold `fail_on`."},
		"passed":   schema.BoolAttribute{Computed: true, MarkdownDescription: "Whether nothing stands against a launch at the threshold `fail_on`."},
		"findings": findingsAttribute("All findings, sorted by rule and subject."),
		"result":   resultAttribute(),
		"observed": schema.MapAttribute{
			Computed: true, ElementType: types.StringType,
			MarkdownDescription: "What was seen, for people: records, trees, dates. It may vary from run to run.",
		},
	}
}

// withFrame adds the frame's attributes to a check's own.
func withFrame(own map[string]schema.Attribute, once bool) map[string]schema.Attribute {
	all := checkFrameAttributes()
	if once {
		delete(all, "wait_for")
		all["valid_for"] = validForAttribute()
	}
	maps.Copy(all, own)
	return all
}

func validForAttribute() schema.StringAttribute {
	return schema.StringAttribute{
		Optional: true,
		MarkdownDescription: "How long an earlier good outcome counts, as a duration such as `24h`: for that long the target is left alone, unless an argument of this check, what the provider " +
			"block says of the target, or the rules of the check change, or a waiver expires. A resource that changes something of the client's domains ends it too, of whichever provider block and state, if the same user applied it with the same cache folder; what comes within a minute of a change " +
			"does not count yet. And it ends with the release, where the portal of the provider block says which one it runs, at the usual places or where `portal.version` says: there each deploy has to have another name, such as its commit. " +
			"Where none is told, choose less than what lies between two releases. Outcomes are kept in the user's cache folder; `observed` says when one was made, or why none counts. Default: `0s`, each plan acts.",
		Validators: []validator.String{isSpan{}},
	}
}

func (f *commonFrame) enforcement() string {
	if f.Enforcement.IsNull() {
		return enforceFail
	}
	return f.Enforcement.ValueString()
}

func failOn(v types.String) readiness.Severity {
	if v.IsNull() {
		return readiness.High
	}
	return readiness.Severity(v.ValueString())
}

// wait returns how long to go on and how long to pause; zero means one attempt.
func (f *checkFrame) wait() (timeout, interval time.Duration) {
	if f.WaitFor.IsNull() || f.WaitFor.IsUnknown() {
		return 0, 0
	}
	read := func(name string, otherwise time.Duration) time.Duration {
		if v, ok := f.WaitFor.Attributes()[name].(types.String); ok && !v.IsNull() && !v.IsUnknown() {
			if d, err := time.ParseDuration(v.ValueString()); err == nil {
				return d
			}
		}
		return otherwise
	}
	return read("timeout", 0), read("interval", 5*time.Second)
}

func (f *checkFrame) waitsForChanges() bool {
	v, _ := f.WaitFor.Attributes()["after_changes"].(types.Bool)
	return v.ValueBool()
}

// waivers reads a list of waivers and points at each one's mistakes. Unknown
// parts are skipped: at validation they are judged later.
func readWaivers(ctx context.Context, list types.List, at path.Path) ([]readiness.Waiver, diag.Diagnostics) {
	var diags diag.Diagnostics
	var out []readiness.Waiver
	if list.IsNull() || list.IsUnknown() {
		return nil, diags
	}
	for i, element := range list.Elements() {
		o, ok := element.(types.Object)
		if !ok || o.IsUnknown() || o.IsNull() {
			continue
		}
		var m waiverModel
		diags.Append(o.As(ctx, &m, basetypes.ObjectAsOptions{})...)
		w := readiness.Waiver{Rule: m.Rule.ValueString(), Subject: m.Subject.ValueString(), Reason: m.Reason.ValueString(), Owner: m.Owner.ValueString()}
		if m.Subject.IsNull() {
			w.Subject = "*"
		}
		here := at.AtListIndex(i)
		if !m.Rule.IsUnknown() {
			if err := w.CheckRule(catalogue()); err != nil {
				diags.AddAttributeError(here.AtName("rule"), "Invalid waiver", fmt.Sprintf("%s: %s", here.AtName("rule"), sentence(err)))
				continue
			}
		}
		if m.Expires.IsUnknown() {
			continue
		}
		date, err := readiness.ParseDate(m.Expires.ValueString())
		if err != nil {
			continue // the attribute's validator has pointed at it
		}
		w.Expires = date
		out = append(out, w)
	}
	return out, diags
}
