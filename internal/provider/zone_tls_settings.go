package provider

import (
	"encoding/json"
	"fmt"
	"slices"

	"github.com/hashicorp/terraform-plugin-framework-validators/int64validator"
	"github.com/hashicorp/terraform-plugin-framework-validators/listvalidator"
	"github.com/hashicorp/terraform-plugin-framework-validators/stringvalidator"
	"github.com/hashicorp/terraform-plugin-framework/attr"
	"github.com/hashicorp/terraform-plugin-framework/resource/schema"
	"github.com/hashicorp/terraform-plugin-framework/resource/schema/booldefault"
	"github.com/hashicorp/terraform-plugin-framework/resource/schema/int64default"
	"github.com/hashicorp/terraform-plugin-framework/schema/validator"
	"github.com/hashicorp/terraform-plugin-framework/types"
	"github.com/hashicorp/terraform-plugin-framework/types/basetypes"
)

// zoneSetting ties an argument to a setting of the zone
// (https://developers.cloudflare.com/api/resources/zones/subresources/settings).
type zoneSetting struct {
	attribute string
	id        string // of the setting
	schema    schema.Attribute
	// encode gives the value to send; decode the argument's value of what the
	// API holds, or an error for what it cannot express.
	encode func(attr.Value) any
	decode func(json.RawMessage) (attr.Value, error)
	null   attr.Value
}

// zoneTLSSettings lists what launchready_zone_tls can own, in the order in
// which it is written: HTTPS must work before it is forced.
func zoneTLSSettings() []zoneSetting {
	return []zoneSetting{
		enumSetting("mode", "ssl", "How the edge reaches the origin: `off`, `flexible` (clear text), `full` (certificate not verified) or `strict`.", "off", "flexible", "full", "strict"),
		enumSetting("minimum_version", "min_tls_version", "Lowest TLS version that visitors may use: `1.0`, `1.1`, `1.2` or `1.3`.", "1.0", "1.1", "1.2", "1.3"),
		switchSetting("tls_1_3", "tls_1_3", "TLS 1.3.", "zrt"),
		switchSetting("automatic_https_rewrites", "automatic_https_rewrites", "Rewrite `http:` addresses of the zone's hosts in pages."),
		switchSetting("opportunistic_encryption", "opportunistic_encryption", "Advertise HTTPS to visitors of `http:` addresses."),
		switchSetting("authenticated_origin_pulls", "tls_client_auth", "Show the origin Cloudflare's shared client certificate (global Authenticated Origin Pulls). It protects only if the origin verifies it."),
		ciphersSetting(),
		switchSetting("always_use_https", "always_use_https", "Redirect every request by `http:` to `https:` on the same host."),
		hstsSetting(),
	}
}

func enumSetting(attribute, id, description string, values ...string) zoneSetting {
	return zoneSetting{
		attribute: attribute, id: id, null: types.StringNull(),
		schema: schema.StringAttribute{
			Optional: true, Computed: true, MarkdownDescription: description,
			Validators: []validator.String{stringvalidator.OneOf(values...)},
		},
		encode: func(v attr.Value) any {
			s, _ := v.(types.String)
			return s.ValueString()
		},
		decode: func(raw json.RawMessage) (attr.Value, error) {
			var s string
			err := json.Unmarshal(raw, &s)
			return types.StringValue(s), err
		},
	}
}

// switchSetting is a setting of "on" and "off". A value in alsoOn counts as on.
func switchSetting(attribute, id, description string, alsoOn ...string) zoneSetting {
	return zoneSetting{
		attribute: attribute, id: id, null: types.BoolNull(),
		schema: schema.BoolAttribute{Optional: true, Computed: true, MarkdownDescription: description},
		encode: func(v attr.Value) any {
			if b, _ := v.(types.Bool); b.ValueBool() {
				return "on"
			}
			return "off"
		},
		decode: func(raw json.RawMessage) (attr.Value, error) {
			var s string
			if err := json.Unmarshal(raw, &s); err != nil {
				return nil, err
			}
			switch {
			case s == "on" || slices.Contains(alsoOn, s):
				return types.BoolValue(true), nil
			case s == "off":
				return types.BoolValue(false), nil
			}
			return nil, fmt.Errorf("setting %s is %q, which is neither on nor off", id, s)
		},
	}
}

// ciphersSetting is the list of cipher suites of TLS 1.2 and older that the edge
// takes, in no order of weight.
func ciphersSetting() zoneSetting {
	return zoneSetting{
		attribute: "ciphers", id: "ciphers", null: types.ListNull(types.StringType),
		schema: schema.ListAttribute{
			Optional: true, Computed: true, ElementType: types.StringType,
			MarkdownDescription: "Cipher suites of TLS 1.2 and older, by their names in OpenSSL, such as `ECDHE-ECDSA-AES128-GCM-SHA256`; `[]` for Cloudflare's own choice. It needs Advanced Certificate Manager.",
			Validators:          []validator.List{listvalidator.UniqueValues(), listvalidator.ValueStringsAre(notBlank())},
		},
		encode: func(v attr.Value) any {
			l, _ := v.(types.List)
			names, _ := stringsOf(l)
			return append([]string{}, names...)
		},
		decode: func(raw json.RawMessage) (attr.Value, error) {
			var names []string
			if err := json.Unmarshal(raw, &names); err != nil {
				return nil, err
			}
			values := make([]attr.Value, len(names))
			for i, n := range names {
				values[i] = types.StringValue(n)
			}
			out, diags := types.ListValue(types.StringType, values)
			if diags.HasError() {
				return nil, fmt.Errorf("setting ciphers has an unexpected form")
			}
			return out, nil
		},
	}
}

// strictTransportSecurity is the value of the setting security_header.
type strictTransportSecurity struct {
	Enabled           bool  `json:"enabled"`
	MaxAge            int64 `json:"max_age"`
	IncludeSubdomains bool  `json:"include_subdomains"`
	Preload           bool  `json:"preload"`
	Nosniff           bool  `json:"nosniff"`
}

type securityHeader struct {
	STS strictTransportSecurity `json:"strict_transport_security"`
}

func hstsTypes() map[string]attr.Type {
	return map[string]attr.Type{
		"enabled": types.BoolType, "max_age": types.Int64Type, "include_subdomains": types.BoolType,
		"preload": types.BoolType, "nosniff": types.BoolType,
	}
}

func hstsSetting() zoneSetting {
	flag := func(description string, otherwise bool) schema.BoolAttribute {
		return schema.BoolAttribute{Optional: true, Computed: true, Default: booldefault.StaticBool(otherwise), MarkdownDescription: description}
	}
	return zoneSetting{
		attribute: "hsts", id: "security_header", null: types.ObjectNull(hstsTypes()),
		schema: schema.SingleNestedAttribute{
			Optional: true, Computed: true,
			MarkdownDescription: "HTTP Strict Transport Security (RFC 6797): browsers use `https:` alone for this long.",
			Attributes: map[string]schema.Attribute{
				"enabled": flag("Whether the header is sent. Default: `true`.", true),
				"max_age": schema.Int64Attribute{
					Optional: true, Computed: true, Default: int64default.StaticInt64(31536000),
					MarkdownDescription: "Seconds for which browsers remember it. Default: 31536000 (a year).",
					Validators:          []validator.Int64{int64validator.AtLeast(0)},
				},
				"include_subdomains": flag("Whether it holds for all names below. Every one of them must speak HTTPS. Default: `false`.", false),
				"preload":            flag("Whether browsers may build it in; hard to undo. Default: `false`.", false),
				"nosniff":            flag("Send `X-Content-Type-Options: nosniff` as well. Default: `true`.", true),
			},
		},
		encode: func(v attr.Value) any {
			o, _ := v.(types.Object)
			a := o.Attributes()
			is := func(name string) bool { b, _ := a[name].(types.Bool); return b.ValueBool() }
			age, _ := a["max_age"].(types.Int64)
			return securityHeader{STS: strictTransportSecurity{
				Enabled: is("enabled"), MaxAge: age.ValueInt64(), IncludeSubdomains: is("include_subdomains"),
				Preload: is("preload"), Nosniff: is("nosniff"),
			}}
		},
		decode: func(raw json.RawMessage) (attr.Value, error) {
			var h securityHeader
			if err := json.Unmarshal(raw, &h); err != nil {
				return nil, err
			}
			o, diags := types.ObjectValue(hstsTypes(), map[string]attr.Value{
				"enabled": types.BoolValue(h.STS.Enabled), "max_age": types.Int64Value(h.STS.MaxAge),
				"include_subdomains": types.BoolValue(h.STS.IncludeSubdomains), "preload": types.BoolValue(h.STS.Preload),
				"nosniff": types.BoolValue(h.STS.Nosniff),
			})
			if diags.HasError() {
				return nil, fmt.Errorf("setting security_header has an unexpected form")
			}
			return o, nil
		},
	}
}

// known reports whether a value and all its parts are known and not null.
func known(v attr.Value) bool {
	if v == nil || v.IsNull() || v.IsUnknown() {
		return false
	}
	if o, ok := v.(basetypes.ObjectValue); ok {
		for _, part := range o.Attributes() {
			if part.IsUnknown() {
				return false
			}
		}
	}
	return true
}
