package provider

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"strings"
	"time"

	"github.com/hashicorp/terraform-plugin-framework/diag"
	"github.com/hashicorp/terraform-plugin-framework/path"
	"github.com/hashicorp/terraform-plugin-framework/types"
	"github.com/hashicorp/terraform-plugin-framework/types/basetypes"

	"github.com/launchready/terraform-provider-launchready/internal/readiness"
)

type attestationModel struct {
	Rule      types.String `tfsdk:"rule"`
	Statement types.String `tfsdk:"statement"`
	Owner     types.String `tfsdk:"owner"`
	Evidence  types.String `tfsdk:"evidence"`
	Expires   types.String `tfsdk:"expires"`
}

type effortModel struct {
	Low  types.Float64 `tfsdk:"low"`
	High types.Float64 `tfsdk:"high"`
}

// expiryWarning is how long before its end a waiver or an attestation is said to
// run out, unless the configuration says otherwise: 30 days.
const expiryWarning = 720 * time.Hour

// maxHours bounds an estimate: a year of one person's work.
const maxHours = 2000

func readAttestations(ctx context.Context, list types.List) ([]readiness.Attestation, diag.Diagnostics) {
	var diags diag.Diagnostics
	var out []readiness.Attestation
	for i, element := range list.Elements() {
		o, ok := element.(types.Object)
		if !ok || o.IsNull() || o.IsUnknown() {
			continue
		}
		var m attestationModel
		diags.Append(o.As(ctx, &m, basetypes.ObjectAsOptions{})...)
		if m.Rule.IsUnknown() {
			continue
		}
		a := readiness.Attestation{Rule: m.Rule.ValueString(), Statement: m.Statement.ValueString(), Owner: m.Owner.ValueString(), Evidence: m.Evidence.ValueString()}
		at := path.Root("attestations").AtListIndex(i)
		if err := a.CheckRule(catalogue()); err != nil {
			diags.AddAttributeError(at.AtName("rule"), "Invalid attestation", fmt.Sprintf("attestations[%d].rule: %s", i, sentence(err)))
			continue
		}
		if m.Expires.IsUnknown() {
			continue
		}
		date, err := readiness.ParseDate(m.Expires.ValueString())
		if err != nil {
			continue // the attribute's validator has pointed at it
		}
		a.Expires = date
		out = append(out, a)
	}
	return out, diags
}

// readEfforts reads the user's own estimates by rule or pattern.
func readEfforts(ctx context.Context, efforts types.Map) (map[string]readiness.Range, diag.Diagnostics) {
	var diags diag.Diagnostics
	out := map[string]readiness.Range{}
	elements := efforts.Elements()
	for _, pattern := range sortedKeys(elements) {
		at := path.Root("effort_overrides").AtMapKey(pattern)
		complain := func(format string, args ...any) {
			diags.AddAttributeError(at, "Invalid estimate", fmt.Sprintf("effort_overrides[%q]: ", pattern)+fmt.Sprintf(format, args...))
		}
		if err := catalogue().CheckPattern(pattern); err != nil {
			complain("%s", sentence(err))
			continue
		}
		o, ok := elements[pattern].(types.Object)
		if !ok || o.IsNull() || o.IsUnknown() {
			continue
		}
		var m effortModel
		diags.Append(o.As(ctx, &m, basetypes.ObjectAsOptions{})...)
		if m.Low.IsUnknown() || m.High.IsUnknown() {
			continue
		}
		r := readiness.Range{Low: m.Low.ValueFloat64(), High: m.High.ValueFloat64()}
		if m.High.IsNull() {
			r.High = r.Low
		}
		if r.Low < 0 || r.High < r.Low || r.High > maxHours {
			complain("low is %g and high %g hours; want 0 <= low <= high <= %d.", r.Low, r.High, maxHours)
			continue
		}
		out[pattern] = r
	}
	return out, diags
}

// expiryWarningOf reads expiry_warning; its validator has seen it before.
func expiryWarningOf(v types.String) time.Duration {
	if v.IsNull() || v.IsUnknown() {
		return expiryWarning
	}
	d, err := time.ParseDuration(v.ValueString())
	if err != nil {
		return expiryWarning
	}
	return d
}

// readBaseline reads an earlier JSON report: the text itself, or a file of that
// name. It is nil without one, or where it cannot be used: a comparison decides
// nothing, and so keeps nothing from being decided.
func readBaseline(v types.String) (*readiness.Baseline, diag.Diagnostics) {
	var diags diag.Diagnostics
	if v.IsNull() || v.IsUnknown() {
		return nil, diags
	}
	name, text := "baseline", []byte(v.ValueString())
	if !isBaselineText(v.ValueString()) {
		var err error
		name = fmt.Sprintf("baseline is the file %q", v.ValueString())
		if text, err = readBounded(v.ValueString(), readiness.MaxBaseline+1); err != nil {
			diags.AddAttributeError(path.Root("baseline"), "Could not read the baseline",
				fmt.Sprintf("%s: %s. Name a JSON report that this data source has written (report_files), or leave baseline out while there is none: "+
					"baseline = fileexists(...) ? ... : null.", name, plainFileError(err)))
			return nil, diags
		}
	}
	b, err := readiness.ParseBaseline(text)
	if err != nil {
		diags.AddAttributeError(path.Root("baseline"), "Not a baseline",
			fmt.Sprintf("%s: %s. It must be a JSON report that this data source has written (report_files, or its output json).", name, err))
		return nil, diags
	}
	return &b, diags
}

// isBaselineText tells the text of a report from the name of a file.
func isBaselineText(s string) bool { return strings.HasPrefix(strings.TrimSpace(s), "{") }

// readBounded reads a file up to a size.
func readBounded(name string, most int64) ([]byte, error) {
	f, err := os.Open(name)
	if err != nil {
		return nil, err
	}
	defer f.Close()
	if info, err := f.Stat(); err == nil && info.IsDir() {
		return nil, errors.New("it is a folder")
	}
	return io.ReadAll(io.LimitReader(f, most))
}

// plainFileError words why a file cannot be used without repeating its name.
func plainFileError(err error) string {
	var at *os.PathError
	switch {
	case os.IsNotExist(err):
		return "there is no such file or folder"
	case os.IsPermission(err):
		return "this user may not"
	case errors.As(err, &at):
		return at.Err.Error()
	}
	return err.Error()
}
