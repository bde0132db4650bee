package provider

import (
	"context"
	"math/big"
	"strings"
	"testing"
	"time"

	"github.com/hashicorp/terraform-plugin-framework/attr"
	"github.com/hashicorp/terraform-plugin-framework/types"
	"github.com/hashicorp/terraform-plugin-framework/types/basetypes"

	"github.com/launchready/terraform-provider-launchready/internal/readiness"
	"github.com/launchready/terraform-provider-launchready/internal/report"
)

// Every rule has an estimate and belongs to one deliverable at most, and every
// pattern of the tables names a rule.
func TestTablesFitTheCatalogue(t *testing.T) {
	for _, problem := range catalogue().CheckTables() {
		t.Error(problem)
	}
}

// What this version writes can be a baseline.
func TestReportsAreBaselines(t *testing.T) {
	formats := readiness.ReportFormats()
	if last := formats[len(formats)-1]; last != report.FormatVersion {
		t.Errorf("reports have format_version %d, baselines up to %d", report.FormatVersion, last)
	}
	results, _ := readResults(types.DynamicValue(value(map[string]any{"a": with(nil)})))
	card := readiness.Decide(catalogue(), results, readiness.Policy{Require: readiness.Areas(), FailOn: readiness.High}, time.Now())
	text, err := report.JSON(card, report.Options{GeneratedAt: time.Now()})
	if err != nil {
		t.Fatal(err)
	}
	b, err := readiness.ParseBaseline(text)
	if err != nil || b.Gate != card.Gate || b.Catalogue != card.Catalogue || len(b.Findings) != len(card.Findings) || b.GeneratedAt == "" || !b.SameLaunch(card) {
		t.Errorf("%v: %+v", err, b)
	}
}

// value makes a Terraform value of Go's: objects, tuples, strings, numbers; nil is
// a null string, unknown{} an unknown one.
func value(v any) attr.Value {
	switch v := v.(type) {
	case map[string]any:
		kinds, values := map[string]attr.Type{}, map[string]attr.Value{}
		for name, element := range v {
			values[name] = value(element)
			kinds[name] = values[name].Type(context.Background())
		}
		return types.ObjectValueMust(kinds, values)
	case []any:
		var kinds []attr.Type
		var values []attr.Value
		for _, element := range v {
			values = append(values, value(element))
			kinds = append(kinds, values[len(values)-1].Type(context.Background()))
		}
		return types.TupleValueMust(kinds, values)
	case string:
		return types.StringValue(v)
	case int:
		return types.NumberValue(big.NewFloat(float64(v)))
	case unknown:
		return types.DynamicUnknown()
	}
	return types.StringNull()
}

type unknown struct{}

// with is a good result with some attributes changed and others taken out.
func with(changes map[string]any, out ...string) map[string]any {
	r := map[string]any{
		"version": resultVersion, "check": "tls", "area": "tls", "target": "acme.example", "status": "fail",
		"findings": []any{map[string]any{
			"rule": "tls.chain", "area": "tls", "severity": "critical", "subject": "acme.example", "status": "fail",
			"message": "broken", "remedy": "mend", "reference": "docs/rules/tls.chain.md", "waiver": "",
		}},
	}
	for name, v := range changes {
		r[name] = v
	}
	for _, name := range out {
		delete(r, name)
	}
	return r
}

func TestReadResults(t *testing.T) {
	finding := func(changes map[string]any) map[string]any {
		f := with(nil)["findings"].([]any)[0].(map[string]any)
		for name, v := range changes {
			f[name] = v
		}
		return with(map[string]any{"findings": []any{f}})
	}
	for name, test := range map[string]struct {
		checks any
		count  int
		fails  string // part of the only diagnostic
	}{
		"a result":                     {map[string]any{"a": with(nil)}, 1, ""},
		"none":                         {map[string]any{}, 0, ""},
		"unknown":                      {unknown{}, 0, ""},
		"an unknown result":            {map[string]any{"a": unknown{}, "b": with(nil)}, 1, ""},
		"partly unknown":               {map[string]any{"a": with(map[string]any{"findings": unknown{}})}, 0, ""},
		"an unknown text":              {map[string]any{"a": with(map[string]any{"target": unknown{}})}, 0, ""},
		"two of one check":             {map[string]any{"a": with(nil), "b": with(map[string]any{"target": "other.example"})}, 2, ""},
		"the same check twice":         {map[string]any{"a": with(nil), "b": with(nil)}, 1, `checks["b"] and checks["a"] are both results of the check "tls" of "acme.example"`},
		"a text":                       {"result", 0, "must be a map of results"},
		"null":                         {map[string]any{"a": nil}, 0, `checks["a"] is null`},
		"a number":                     {map[string]any{"a": 1}, 0, `checks["a"] is not an object`},
		"a whole data source":          {map[string]any{"a": map[string]any{"result": with(nil), "passed": "true"}}, 0, "add .result"},
		"another object":               {map[string]any{"a": map[string]any{"name": "x"}}, 0, "no result"},
		"an older version":             {map[string]any{"a": with(nil, "version")}, 0, "an older version of the provider has made it"},
		"an older number":              {map[string]any{"a": with(map[string]any{"version": 0})}, 0, "result of version 0"},
		"a newer version":              {map[string]any{"a": with(map[string]any{"version": 9})}, 0, "terraform init -upgrade"},
		"without an attribute":         {map[string]any{"a": with(nil, "area")}, 0, "has no attribute area that is a text: another version"},
		"findings that are a text":     {map[string]any{"a": with(map[string]any{"findings": "x"})}, 0, "findings that are no list"},
		"an unknown area":              {map[string]any{"a": with(map[string]any{"area": "mail"})}, 0, `the area "mail", which is none of authentication,`},
		"an unknown area of a finding": {map[string]any{"a": finding(map[string]any{"area": "mail"})}, 0, `in findings[0] the area "mail"`},
		"a status nobody knows":        {map[string]any{"a": finding(map[string]any{"status": "later"})}, 1, ""}, // it counts against the launch
		"a null text":                  {map[string]any{"a": finding(map[string]any{"waiver": nil})}, 1, ""},
	} {
		got, diags := readResults(types.DynamicValue(value(test.checks)))
		if len(got) != test.count {
			t.Errorf("%s: %d results, want %d", name, len(got), test.count)
		}
		switch {
		case test.fails == "" && diags.HasError():
			t.Errorf("%s: %v", name, diags)
		case test.fails != "" && (len(diags) != 1 || !strings.Contains(diags[0].Detail(), test.fails)):
			t.Errorf("%s: diagnostics %v, want one with %q", name, diags, test.fails)
		}
	}
	got, _ := readResults(types.DynamicValue(value(map[string]any{"a": with(nil)})))
	want := readiness.Finding{Rule: "tls.chain", Area: "tls", Severity: "critical", Subject: "acme.example", Status: "fail", Message: "broken", Remedy: "mend", Reference: "docs/rules/tls.chain.md"}
	if len(got) != 1 || len(got[0].Findings) != 1 || got[0].Findings[0] != want {
		t.Errorf("read: %+v", got)
	}
	if _, diags := readResults(basetypes.NewDynamicNull()); diags.HasError() {
		t.Error(diags)
	}
}
