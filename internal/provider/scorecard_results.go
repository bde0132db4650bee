package provider

import (
	"fmt"
	"strings"

	"github.com/hashicorp/terraform-plugin-framework/attr"
	"github.com/hashicorp/terraform-plugin-framework/diag"
	"github.com/hashicorp/terraform-plugin-framework/path"
	"github.com/hashicorp/terraform-plugin-framework/types"

	"github.com/launchready/terraform-provider-launchready/internal/readiness"
)

// readResults reads the argument checks: a map or an object of results by any
// name. Its type is dynamic, so that a result of another version of the provider,
// such as one from a remote state, is told as what it is and not by the field that
// it lacks. What is not known yet is skipped.
func readResults(checks types.Dynamic) ([]readiness.Result, diag.Diagnostics) {
	var diags diag.Diagnostics
	if checks.IsNull() || checks.IsUnknown() || checks.IsUnderlyingValueUnknown() || checks.IsUnderlyingValueNull() {
		return nil, diags
	}
	elements, ok := fields(checks.UnderlyingValue())
	if !ok {
		diags.AddAttributeError(path.Root("checks"), "Not a map of results",
			"checks must be a map of results by any name, such as { tls = data.launchready_tls_check.this.result }.")
		return nil, diags
	}
	var out []readiness.Result
	first := map[string]string{} // check and target -> the key that has them
	for _, key := range sortedKeys(elements) {
		// A step into a value of dynamic type cannot be part of a path.
		complain := func(summary, detail string) {
			diags.AddAttributeError(path.Root("checks"), summary, fmt.Sprintf("checks[%q] %s", key, detail))
		}
		result, known, err := readResult(elements[key])
		if err != nil {
			complain(err.summary, err.detail)
			continue
		}
		if !known {
			continue
		}
		same := result.Check + "\n" + result.Target
		if other, twice := first[same]; twice {
			complain("The same check twice", fmt.Sprintf("and checks[%q] are both results of the check %q of %q: its findings would count twice. "+
				"Take one of them out; if they test different things of one target, give the inputs of both to one data source.", other, result.Check, result.Target))
			continue
		}
		first[same] = key
		out = append(out, result)
	}
	return out, diags
}

// misfit is what is wrong with a value that should be a result; the detail goes on
// after the name of the element.
type misfit struct{ summary, detail string }

const takeResult = "It must be the attribute result of a check, such as data.launchready_tls_check.this.result."

// readResult reads one result; false: not all of it is known yet.
func readResult(v attr.Value) (readiness.Result, bool, *misfit) {
	var r readiness.Result
	if v == nil || v.IsNull() {
		return r, false, &misfit{"Not a result", "is null. " + takeResult}
	}
	if v.IsUnknown() {
		return r, false, nil
	}
	in, ok := fields(v)
	if !ok {
		return r, false, &misfit{"Not a result", "is not an object. " + takeResult}
	}
	if _, whole := in["result"]; whole {
		return r, false, &misfit{"Not a result", "is a whole data source: add .result to it. " + takeResult}
	}
	for _, part := range []string{"check", "target", "findings"} {
		if _, has := in[part]; !has {
			return r, false, &misfit{"Not a result", fmt.Sprintf("has no attribute %s: it is no result, or one of another version of the provider. %s", part, takeResult)}
		}
	}
	known, err := fittingVersion(in["version"])
	if err != nil || !known {
		return r, false, err
	}
	complete := true
	text := func(from map[string]attr.Value, name string) string {
		s, known, ok := asText(from[name])
		complete = complete && known
		if !ok {
			err = other(fmt.Sprintf("has no attribute %s that is a text", name))
		}
		return s
	}
	r.Check, r.Area, r.Target = text(in, "check"), readiness.Area(text(in, "area")), text(in, "target")
	list, known, ok := elementsOf(in["findings"])
	if !known || !complete {
		return r, false, err
	}
	if !ok {
		return r, false, other("has findings that are no list")
	}
	if err == nil && !r.Area.Valid() {
		err = unknownArea("has", r.Area)
	}
	for i, element := range list {
		if element != nil && element.IsUnknown() {
			return r, false, err
		}
		f, ok := fields(element)
		if !ok {
			return r, false, other(fmt.Sprintf("has findings[%d] that is no object", i))
		}
		finding := readiness.Finding{
			Rule: text(f, "rule"), Area: readiness.Area(text(f, "area")), Severity: readiness.Severity(text(f, "severity")),
			Subject: text(f, "subject"), Status: readiness.Status(text(f, "status")), Message: text(f, "message"),
			Remedy: text(f, "remedy"), Reference: text(f, "reference"), Waiver: text(f, "waiver"),
		}
		if err == nil && complete && !finding.Area.Valid() {
			err = unknownArea(fmt.Sprintf("has in findings[%d]", i), finding.Area)
		}
		r.Findings = append(r.Findings, finding)
	}
	return r, complete, err
}

// other is the misfit of a result whose form this version does not know.
func other(detail string) *misfit {
	return &misfit{"A result of another version of the provider", detail + ": another version of the provider has made it. " + makeAnew}
}

const makeAnew = "Let this version make it: run the check in this configuration, or apply the one that it comes from with this version of the provider, then plan again."

func unknownArea(where string, area readiness.Area) *misfit {
	var all []string
	for _, a := range readiness.Areas() {
		all = append(all, string(a))
	}
	return &misfit{"An unknown area", fmt.Sprintf("%s the area %q, which is none of %s. %s", where, area, strings.Join(all, ", "), makeAnew)}
}

// fittingVersion looks at the version of a result's form, and says which way to go
// where it is another than this one's; false: it is not known yet.
func fittingVersion(v attr.Value) (bool, *misfit) {
	const older, newer = "A result of an older version of the provider", "A result of a newer version of the provider"
	if v == nil || v.IsNull() {
		return true, &misfit{older, fmt.Sprintf("has no version: an older version of the provider has made it, and this one reads results of version %d. %s", resultVersion, makeAnew)}
	}
	if v.IsUnknown() {
		return false, nil
	}
	var n int64
	switch v := v.(type) {
	case types.Number:
		n, _ = v.ValueBigFloat().Int64()
	case types.Int64:
		n = v.ValueInt64()
	case types.String:
		_, _ = fmt.Sscan(v.ValueString(), &n) // 0 if it is none
	}
	switch {
	case n > resultVersion:
		return true, &misfit{newer, fmt.Sprintf("is a result of version %d, and this version of the provider reads %d. "+
			"Upgrade the provider here (terraform init -upgrade) to the version that made it.", n, resultVersion)}
	case n < resultVersion:
		return true, &misfit{older, fmt.Sprintf("is a result of version %d, and this version of the provider reads %d. %s", n, resultVersion, makeAnew)}
	}
	return true, nil
}

// fields returns the elements of an object or a map.
func fields(v attr.Value) (map[string]attr.Value, bool) {
	switch v := v.(type) {
	case types.Object:
		return v.Attributes(), !v.IsNull() && !v.IsUnknown()
	case types.Map:
		return v.Elements(), !v.IsNull() && !v.IsUnknown()
	case types.Dynamic:
		return fields(v.UnderlyingValue())
	}
	return nil, false
}

// elementsOf returns the elements of a list, a tuple or a set, whether they are
// known, and whether it is one of these.
func elementsOf(v attr.Value) (elements []attr.Value, known, ok bool) {
	if v == nil || v.IsNull() {
		return nil, true, false
	}
	if v.IsUnknown() {
		return nil, false, true
	}
	switch v := v.(type) {
	case types.List:
		return v.Elements(), true, true
	case types.Tuple:
		return v.Elements(), true, true
	case types.Set:
		return v.Elements(), true, true
	case types.Dynamic:
		return elementsOf(v.UnderlyingValue())
	}
	return nil, true, false
}

// asText reads a string, whether it is known, and whether it is one; null is empty.
func asText(v attr.Value) (text string, known, ok bool) {
	if v == nil {
		return "", true, false
	}
	if v.IsUnknown() {
		return "", false, true
	}
	switch v := v.(type) {
	case types.String:
		return v.ValueString(), true, true
	case types.Dynamic:
		if v.IsNull() {
			return "", true, true
		}
		return asText(v.UnderlyingValue())
	}
	return "", true, v.IsNull()
}
