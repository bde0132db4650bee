package provider

import (
	"context"
	"fmt"
	"math"
	"strconv"

	"github.com/hashicorp/terraform-plugin-framework/schema/validator"
)

// isNumber accepts numbers from low to high; high may be infinite. Its message
// writes them as people do, and says what was given.
type isNumber struct{ low, high float64 }

func atLeast(low float64) validator.Float64       { return isNumber{low, math.Inf(1)} }
func between(low, high float64) validator.Float64 { return isNumber{low, high} }
func (isNumber) figure(x float64) string          { return strconv.FormatFloat(x, 'f', -1, 64) }
func (v isNumber) Description(context.Context) string {
	if math.IsInf(v.high, 1) {
		return "a number of " + v.figure(v.low) + " or more"
	}
	return "a number from " + v.figure(v.low) + " to " + v.figure(v.high)
}
func (v isNumber) MarkdownDescription(ctx context.Context) string { return v.Description(ctx) }

func (v isNumber) ValidateFloat64(ctx context.Context, req validator.Float64Request, resp *validator.Float64Response) {
	if req.ConfigValue.IsNull() || req.ConfigValue.IsUnknown() {
		return
	}
	if x := req.ConfigValue.ValueFloat64(); x < v.low || x > v.high {
		resp.Diagnostics.AddAttributeError(req.Path, "Number out of range", fmt.Sprintf("%s is %s; write %s.", req.Path, v.figure(x), v.Description(ctx)))
	}
}
