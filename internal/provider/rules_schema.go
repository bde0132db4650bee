package provider

import (
	"context"
	"fmt"
	"regexp"
	"strings"
	"time"

	"github.com/hashicorp/terraform-plugin-framework-validators/int64validator"
	"github.com/hashicorp/terraform-plugin-framework-validators/listvalidator"
	"github.com/hashicorp/terraform-plugin-framework-validators/stringvalidator"
	"github.com/hashicorp/terraform-plugin-framework/resource/schema"
	"github.com/hashicorp/terraform-plugin-framework/schema/validator"
	"github.com/hashicorp/terraform-plugin-framework/types"

	"github.com/launchready/terraform-provider-launchready/internal/edgerules"
)

// texts is an optional list of texts.
func texts(description string, each ...validator.String) schema.ListAttribute {
	return schema.ListAttribute{
		Optional: true, ElementType: types.StringType, MarkdownDescription: description,
		Validators: []validator.List{listvalidator.SizeAtLeast(1), listvalidator.ValueStringsAre(append([]validator.String{notBlank()}, each...)...)},
	}
}

func optionalText(description string, validators ...validator.String) schema.StringAttribute {
	return schema.StringAttribute{Optional: true, MarkdownDescription: description, Validators: validators}
}

func optionalChoice(description string, values ...string) schema.StringAttribute {
	return optionalText(description, stringvalidator.OneOf(values...))
}

func optionalFlag(description string) schema.BoolAttribute {
	return schema.BoolAttribute{Optional: true, MarkdownDescription: description}
}

// refAttribute is the name of an element of a list.
func refAttribute() schema.StringAttribute {
	return schema.StringAttribute{
		Required: true, MarkdownDescription: "Name of the rule, by which it is known from one run to the next. A change makes a new rule.",
		Validators: []validator.String{stringvalidator.RegexMatches(regexp.MustCompile(`^[A-Za-z0-9][A-Za-z0-9_-]{0,59}$`), "write letters, digits, hyphens and underscores, 60 at most")},
	}
}

// responseModel is what a blocked visitor is answered.
type responseModel struct {
	Status      types.Int64  `tfsdk:"status"`
	ContentType types.String `tfsdk:"content_type"`
	Body        types.String `tfsdk:"body"`
}

func responseAttribute(status string) schema.Attribute {
	return schema.SingleNestedAttribute{
		Optional: true, MarkdownDescription: "What is answered to whom `block` stops (Pro and above). Default: Cloudflare's own page, with status " + status + ".",
		Attributes: map[string]schema.Attribute{
			"status":       schema.Int64Attribute{Optional: true, MarkdownDescription: "HTTP status, 400 to 499. Default: " + status + ".", Validators: []validator.Int64{int64validator.Between(400, 499)}},
			"content_type": optionalChoice("Type of the body. Default: `text/plain`.", "application/json", "text/html", "text/plain", "text/xml"),
			"body":         schema.StringAttribute{Required: true, MarkdownDescription: "Body, 30 kB at most.", Validators: []validator.String{stringvalidator.LengthBetween(1, 30<<10)}},
		},
	}
}

func (m *responseModel) response() *edgerules.Response {
	if m == nil {
		return nil
	}
	return &edgerules.Response{Status: m.Status.ValueInt64(), ContentType: m.ContentType.ValueString(), Body: m.Body.ValueString()}
}

func readResponse(r *edgerules.Response) *responseModel {
	if r == nil {
		return nil
	}
	return &responseModel{Status: numberOf(r.Status), ContentType: textOf(r.ContentType), Body: types.StringValue(r.Body)}
}

// numberOf makes a number; 0 is null.
func numberOf(n int64) types.Int64 {
	if n == 0 {
		return types.Int64Null()
	}
	return types.Int64Value(n)
}

// overrideModel changes one rule or category of a managed ruleset.
type overrideModel struct {
	Action      types.String `tfsdk:"action"`
	Enabled     types.Bool   `tfsdk:"enabled"`
	Sensitivity types.String `tfsdk:"sensitivity"`
}

func overridesAttribute(description string, actions []string) schema.Attribute {
	return schema.MapNestedAttribute{
		Optional: true, MarkdownDescription: description,
		NestedObject: schema.NestedAttributeObject{Attributes: map[string]schema.Attribute{
			"action":      optionalChoice("Action in the place of Cloudflare's.", actions...),
			"enabled":     optionalFlag("Whether it runs."),
			"sensitivity": optionalChoice("Sensitivity, of DDoS rules: `default`, `medium`, `low` or `eoff` (essentially off).", sensitivities()...),
		}},
	}
}

func sensitivities() []string { return []string{"default", "medium", "low", "eoff"} }

func toOverrides(m map[string]overrideModel) map[string]edgerules.Override {
	out := map[string]edgerules.Override{}
	for key, o := range m {
		out[key] = edgerules.Override{Action: o.Action.ValueString(), Enabled: o.Enabled.ValueBoolPointer(), Sensitivity: o.Sensitivity.ValueString()}
	}
	return out
}

// readOverrides is toOverrides the other way; none is null.
func readOverrides(m map[string]edgerules.Override) map[string]overrideModel {
	var out map[string]overrideModel
	for key, o := range m {
		if out == nil {
			out = map[string]overrideModel{}
		}
		out[key] = overrideModel{Action: textOf(o.Action), Enabled: types.BoolPointerValue(o.Enabled), Sensitivity: textOf(o.Sensitivity)}
	}
	return out
}

// falseOnly is a flag whose default is true: true is null.
func falseOnly(disabled bool) types.Bool {
	if disabled {
		return types.BoolValue(false)
	}
	return types.BoolNull()
}

// isFalse reports whether a flag whose default is true says false.
func isFalse(b types.Bool) bool { return !b.IsNull() && !b.ValueBool() }

// durationPointer is nil for a duration that is not set.
func durationPointer(s types.String) *time.Duration {
	if s.IsNull() {
		return nil
	}
	d, err := time.ParseDuration(s.ValueString())
	if err != nil {
		return nil // the validator has said so
	}
	return &d
}

// durationValue writes a duration as users do; nil is null.
func durationValue(d *time.Duration) types.String {
	if d == nil {
		return types.StringNull()
	}
	return types.StringValue(edgerules.Short(*d))
}

// wholeSeconds accepts Go durations of whole seconds, zero among them.
type wholeSeconds struct{}

func (wholeSeconds) Description(context.Context) string {
	return "a duration of whole seconds such as 10s, 2h or 0s"
}
func (v wholeSeconds) MarkdownDescription(ctx context.Context) string { return v.Description(ctx) }

func (v wholeSeconds) ValidateString(ctx context.Context, req validator.StringRequest, resp *validator.StringResponse) {
	if req.ConfigValue.IsNull() || req.ConfigValue.IsUnknown() {
		return
	}
	if d, err := time.ParseDuration(req.ConfigValue.ValueString()); err != nil || d < 0 || d%time.Second != 0 {
		resp.Diagnostics.AddAttributeError(req.Path, "Not a duration", fmt.Sprintf("%s is %q; write %s.", req.Path, req.ConfigValue.ValueString(), v.Description(ctx)))
	}
}

// isMethod accepts methods of HTTP in upper case.
type isMethod struct{}

func (isMethod) Description(context.Context) string {
	return "a method in upper case such as GET or POST"
}
func (v isMethod) MarkdownDescription(ctx context.Context) string { return v.Description(ctx) }

func (v isMethod) ValidateString(ctx context.Context, req validator.StringRequest, resp *validator.StringResponse) {
	if s := req.ConfigValue.ValueString(); !req.ConfigValue.IsNull() && !req.ConfigValue.IsUnknown() && (s == "" || strings.Trim(s, "ABCDEFGHIJKLMNOPQRSTUVWXYZ") != "") {
		resp.Diagnostics.AddAttributeError(req.Path, "Not a method", fmt.Sprintf("%s is %q; write %s.", req.Path, s, v.Description(ctx)))
	}
}
