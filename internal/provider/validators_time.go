package provider

import (
	"context"
	"fmt"
	"time"

	"github.com/hashicorp/terraform-plugin-framework/schema/validator"
)

// isTimestamp accepts a moment (RFC 3339).
type isTimestamp struct{}

func (isTimestamp) Description(context.Context) string {
	return "a moment such as 2026-12-01T10:00:00Z"
}
func (v isTimestamp) MarkdownDescription(ctx context.Context) string { return v.Description(ctx) }

func (v isTimestamp) ValidateString(ctx context.Context, req validator.StringRequest, resp *validator.StringResponse) {
	if req.ConfigValue.IsNull() || req.ConfigValue.IsUnknown() {
		return
	}
	if _, err := time.Parse(time.RFC3339, req.ConfigValue.ValueString()); err != nil {
		resp.Diagnostics.AddAttributeError(req.Path, "Invalid moment", fmt.Sprintf("%s is %q; want %s.", req.Path, req.ConfigValue.ValueString(), v.Description(ctx)))
	}
}
