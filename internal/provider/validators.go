package provider

import (
	"context"
	"fmt"
	"net/netip"
	"strings"
	"time"

	"github.com/hashicorp/terraform-plugin-framework/schema/validator"

	"github.com/launchready/terraform-provider-launchready/internal/readiness"
)

// isDuration accepts positive Go durations, and "0s" where none will do as well.
type isDuration struct{ orNone bool }

func (v isDuration) Description(context.Context) string {
	if v.orNone {
		return "a duration such as \"720h\" (days are written as hours), or \"0s\" for none"
	}
	return "a positive duration such as 30s or 5m"
}
func (v isDuration) MarkdownDescription(ctx context.Context) string { return v.Description(ctx) }

func (v isDuration) ValidateString(ctx context.Context, req validator.StringRequest, resp *validator.StringResponse) {
	if req.ConfigValue.IsNull() || req.ConfigValue.IsUnknown() {
		return
	}
	if d, err := time.ParseDuration(req.ConfigValue.ValueString()); err != nil || d < 0 || d == 0 && !v.orNone {
		resp.Diagnostics.AddAttributeError(req.Path, "Not a duration",
			fmt.Sprintf("%s is %q; write %s.", req.Path, req.ConfigValue.ValueString(), v.Description(ctx)))
	}
}

// isDate accepts calendar days.
type isDate struct{}

func (isDate) Description(context.Context) string               { return "a date such as 2027-01-31" }
func (v isDate) MarkdownDescription(ctx context.Context) string { return v.Description(ctx) }

func (v isDate) ValidateString(ctx context.Context, req validator.StringRequest, resp *validator.StringResponse) {
	if req.ConfigValue.IsNull() || req.ConfigValue.IsUnknown() {
		return
	}
	if _, err := readiness.ParseDate(req.ConfigValue.ValueString()); err != nil {
		resp.Diagnostics.AddAttributeError(req.Path, "Not a date",
			fmt.Sprintf("%s is %q; write %s.", req.Path, req.ConfigValue.ValueString(), v.Description(ctx)))
	}
}

// blank refuses strings of blanks.
type blank struct{}

func notBlank() validator.String { return blank{} }

func (blank) Description(context.Context) string               { return "a text that is not empty" }
func (v blank) MarkdownDescription(ctx context.Context) string { return v.Description(ctx) }

func (v blank) ValidateString(ctx context.Context, req validator.StringRequest, resp *validator.StringResponse) {
	if req.ConfigValue.IsNull() || req.ConfigValue.IsUnknown() {
		return
	}
	if strings.TrimSpace(req.ConfigValue.ValueString()) == "" {
		resp.Diagnostics.AddAttributeError(req.Path, "Empty text", fmt.Sprintf("%s must not be empty.", req.Path))
	}
}

// isHost accepts a host name or IP address without scheme, port or path.
type isHost struct{}

func (isHost) Description(context.Context) string {
	return "a host name without scheme, port or path, such as portal.acme.example"
}
func (v isHost) MarkdownDescription(ctx context.Context) string { return v.Description(ctx) }

func (v isHost) ValidateString(ctx context.Context, req validator.StringRequest, resp *validator.StringResponse) {
	if req.ConfigValue.IsNull() || req.ConfigValue.IsUnknown() {
		return
	}
	s := req.ConfigValue.ValueString()
	if _, err := netip.ParseAddr(s); err == nil {
		return
	}
	if s == "" || strings.ContainsAny(s, "/:@ \t*?#") || strings.Contains(s, "..") || strings.HasPrefix(s, ".") || len(s) > 253 {
		resp.Diagnostics.AddAttributeError(req.Path, "Not a host name",
			fmt.Sprintf("%s is %q; write %s.", req.Path, s, v.Description(ctx)))
	}
}

// isTTL accepts what some plan of Cloudflare's takes.
type isTTL struct{}

func (isTTL) Description(context.Context) string {
	return "60 to 86400 seconds (from 30 on Enterprise), or 1 for automatic"
}
func (v isTTL) MarkdownDescription(ctx context.Context) string { return v.Description(ctx) }

func (v isTTL) ValidateInt64(ctx context.Context, req validator.Int64Request, resp *validator.Int64Response) {
	if req.ConfigValue.IsNull() || req.ConfigValue.IsUnknown() {
		return
	}
	if ttl := req.ConfigValue.ValueInt64(); ttl != 1 && (ttl < 30 || ttl > 86400) {
		resp.Diagnostics.AddAttributeError(req.Path, "Not a TTL", fmt.Sprintf("%s is %d; write %s.", req.Path, ttl, v.Description(ctx)))
	}
}

// exactlyOne wants one of some attributes of an object, and no more. Values that
// are not known yet are judged later.
type exactlyOne []string

func (v exactlyOne) Description(context.Context) string {
	return "exactly one of " + strings.Join(v, " and ")
}
func (v exactlyOne) MarkdownDescription(ctx context.Context) string { return v.Description(ctx) }

func (v exactlyOne) ValidateObject(ctx context.Context, req validator.ObjectRequest, resp *validator.ObjectResponse) {
	if req.ConfigValue.IsNull() || req.ConfigValue.IsUnknown() {
		return
	}
	var set []string
	for _, name := range v {
		switch value := req.ConfigValue.Attributes()[name]; {
		case value == nil || value.IsNull():
		case value.IsUnknown():
			return
		default:
			set = append(set, name)
		}
	}
	switch len(set) {
	case 1:
	case 0:
		resp.Diagnostics.AddAttributeError(req.Path, "Missing argument", fmt.Sprintf("%s needs %s; it has none of them.", req.Path, v.Description(ctx)))
	default:
		resp.Diagnostics.AddAttributeError(req.Path.AtName(set[1]), "Too many arguments", fmt.Sprintf("%s needs %s; it has %s.", req.Path, v.Description(ctx), strings.Join(set, " and ")))
	}
}

// isEmail accepts an e-mail address alone.
type isEmail struct{}

func (isEmail) Description(context.Context) string {
	return "an e-mail address such as ops@agency.example"
}
func (v isEmail) MarkdownDescription(ctx context.Context) string { return v.Description(ctx) }

func (v isEmail) ValidateString(ctx context.Context, req validator.StringRequest, resp *validator.StringResponse) {
	if req.ConfigValue.IsNull() || req.ConfigValue.IsUnknown() {
		return
	}
	s := req.ConfigValue.ValueString()
	name, domain, ok := strings.Cut(s, "@")
	if !ok || name == "" || !strings.Contains(domain, ".") || strings.ContainsAny(s, " <>,;:\t") || strings.Contains(domain, "@") {
		resp.Diagnostics.AddAttributeError(req.Path, "Not an e-mail address", fmt.Sprintf("%s is %q; write %s.", req.Path, s, v.Description(ctx)))
	}
}
