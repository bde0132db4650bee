package provider

import (
	"context"
	"strings"
	"testing"

	"github.com/hashicorp/terraform-plugin-framework/path"
	"github.com/hashicorp/terraform-plugin-framework/schema/validator"
	"github.com/hashicorp/terraform-plugin-framework/types"
)

func TestNumbersAreWrittenPlainly(t *testing.T) {
	for _, test := range []struct {
		validator validator.Float64
		value     float64
		want      string // empty: it is accepted
	}{
		{atLeast(0), 0, ""}, {atLeast(0), 95.5, ""},
		{atLeast(0), -5, "hourly_rate is -5; write a number of 0 or more."},
		{between(0, 2000), 2000.5, "hourly_rate is 2000.5; write a number from 0 to 2000."},
		{atLeast(0.000001), 0, "hourly_rate is 0; write a number of 0.000001 or more."},
	} {
		var resp validator.Float64Response
		test.validator.ValidateFloat64(context.Background(), validator.Float64Request{Path: path.Root("hourly_rate"), ConfigValue: types.Float64Value(test.value)}, &resp)
		got := ""
		for _, d := range resp.Diagnostics {
			got += d.Detail()
		}
		if got != test.want {
			t.Errorf("%g: %q, want %q", test.value, got, test.want)
		}
	}
}

// What warns ahead of time may be told not to: by no time at all.
func TestDurationOrNone(t *testing.T) {
	for value, accepted := range map[string]bool{"720h": true, "0s": true, "0": true, "-1h": false, "30d": false, "": false} {
		var resp validator.StringResponse
		isDuration{orNone: true}.ValidateString(context.Background(), validator.StringRequest{Path: path.Root("expiry_warning"), ConfigValue: types.StringValue(value)}, &resp)
		if resp.Diagnostics.HasError() == accepted {
			t.Errorf("%q: %v", value, resp.Diagnostics)
		}
		for _, d := range resp.Diagnostics {
			if !strings.Contains(d.Detail(), `"0s"`) {
				t.Errorf("%q: %s", value, d.Detail())
			}
		}
	}
	if d := expiryWarningOf(types.StringValue("0s")); d != 0 {
		t.Errorf("0s warns for %s", d)
	}
	if d := expiryWarningOf(types.StringNull()); d != expiryWarning {
		t.Errorf("the default is %s", d)
	}
}
