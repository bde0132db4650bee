package provider

import (
	"context"
	"fmt"
	"net/url"
	"strings"
	"time"

	"github.com/hashicorp/terraform-plugin-framework/schema/validator"
)

// isSpan accepts durations that are not negative.
type isSpan struct{}

func (isSpan) Description(context.Context) string               { return "a duration such as 0s or 24h" }
func (v isSpan) MarkdownDescription(ctx context.Context) string { return v.Description(ctx) }

func (v isSpan) ValidateString(ctx context.Context, req validator.StringRequest, resp *validator.StringResponse) {
	if req.ConfigValue.IsNull() || req.ConfigValue.IsUnknown() {
		return
	}
	if d, err := time.ParseDuration(req.ConfigValue.ValueString()); err != nil || d < 0 {
		resp.Diagnostics.AddAttributeError(req.Path, "Not a duration", fmt.Sprintf("%s is %q; write %s.", req.Path, req.ConfigValue.ValueString(), v.Description(ctx)))
	}
}

// isMonitoredHost accepts a host, or an address of one.
type isMonitoredHost struct{}

func (isMonitoredHost) Description(context.Context) string {
	return "a host such as portal.acme.example, or its address"
}
func (v isMonitoredHost) MarkdownDescription(ctx context.Context) string { return v.Description(ctx) }

func (v isMonitoredHost) ValidateString(ctx context.Context, req validator.StringRequest, resp *validator.StringResponse) {
	if req.ConfigValue.IsNull() || req.ConfigValue.IsUnknown() {
		return
	}
	text := req.ConfigValue.ValueString()
	u, err := url.Parse(text)
	if strings.Contains(text, "://") && err == nil && (u.Scheme == "https" || u.Scheme == "http") && u.Hostname() != "" {
		return
	}
	isHost{}.ValidateString(ctx, req, resp)
}
