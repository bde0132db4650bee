package provider

import (
	"github.com/hashicorp/terraform-plugin-framework-validators/int64validator"
	"github.com/hashicorp/terraform-plugin-framework-validators/listvalidator"
	"github.com/hashicorp/terraform-plugin-framework-validators/mapvalidator"
	"github.com/hashicorp/terraform-plugin-framework-validators/stringvalidator"
	"github.com/hashicorp/terraform-plugin-framework/datasource/schema"
	"github.com/hashicorp/terraform-plugin-framework/schema/validator"
	"github.com/hashicorp/terraform-plugin-framework/types"

	"github.com/launchready/terraform-provider-launchready/internal/check/ratecheck"
)

func rateLimitCheckAttributes() map[string]schema.Attribute {
	return map[string]schema.Attribute{
		"enabled": schema.BoolAttribute{
			Optional: true, MarkdownDescription: "Whether to send anything. While it is `false`, every rule is inconclusive: what is not tested is no pass. Default: `true`.",
		},
		"endpoints": schema.MapNestedAttribute{
			Required:            true,
			MarkdownDescription: "Endpoints that must be throttled, by a name of your choice. They are tested one after another, in the order of the names. Exactly one of `url` and `path` each.",
			Validators:          []validator.Map{mapvalidator.SizeAtLeast(1)},
			NestedObject: schema.NestedAttributeObject{
				Attributes: rateEndpointAttributes(),
				Validators: []validator.Object{exactlyOne{"url", "path"}},
			},
		},
		"maximum_lockout": schema.StringAttribute{
			Optional: true, MarkdownDescription: "How long a brake may hold, as a duration. The check waits that long for one that does not let go. Default: `15m`.",
			Validators: []validator.String{isDuration{}},
		},
		"whoami": schema.StringAttribute{
			Optional: true, MarkdownDescription: "Path on `portal.base_url` that `control` asks for if it names none. Default: `portal.whoami` of the provider block.",
			Validators: []validator.String{isPortalPath{}},
		},
	}
}

func rateEndpointAttributes() map[string]schema.Attribute {
	optional := func(description string, validators ...validator.String) schema.StringAttribute {
		return schema.StringAttribute{Optional: true, MarkdownDescription: description, Validators: validators}
	}
	onByDefault := func(description string) schema.BoolAttribute {
		return schema.BoolAttribute{Optional: true, MarkdownDescription: description + " Default: `true`."}
	}
	var kinds []string
	for _, k := range ratecheck.Kinds() {
		kinds = append(kinds, string(k))
	}
	return map[string]schema.Attribute{
		"method":          optional("Method. Default: `POST`.", stringvalidator.OneOf("GET", "POST", "PUT", "PATCH", "DELETE")),
		"url":             mailURLAttribute(),
		"path":            mailPathAttribute("/api/login"),
		"headers":         schema.MapAttribute{Optional: true, Sensitive: true, ElementType: types.StringType, MarkdownDescription: "Headers. They stand in the state, so that headers which authenticate are refused: use `identity`. Default: `Content-Type: application/json` with a body."},
		"body":            optional("Body, such as `jsonencode({ email = \"{{account}}\", password = \"{{password}}\" })`. `{{account}}` stands for an account's address, `{{password}}` for a password that is wrong. It stands in the state: no secrets."),
		"identity":        mailIdentityAttribute(),
		"scope":           optional("What the limit counts by: `ip`, and by account too where two are given, or `account` alone. Default: `ip`.", stringvalidator.OneOf(string(ratecheck.ByAddress), string(ratecheck.ByAccount))),
		"requests":        schema.Int64Attribute{Optional: true, MarkdownDescription: "Number of requests within which it must be throttled, 80 at most. Twice as many are sent if it is not. Default: `30`.", Validators: []validator.Int64{int64validator.Between(2, ratecheck.MaxRequests)}},
		"within":          optional("Time in which twice `requests` are sent, as a duration. Default: `10s`.", isDuration{}),
		"kind":            optional("What it is for: `login`, `reset`, `invite`, `code` or `api`. Default: told from the path.", stringvalidator.OneOf(kinds...)),
		"accounts":        schema.ListAttribute{Optional: true, ElementType: types.StringType, MarkdownDescription: "Two test accounts, identities of the provider block or addresses, which may be locked for a while. Wrong attempts go to the first one. With identities a right password is tried as well, where `{{password}}` stands.", Validators: []validator.List{listvalidator.SizeBetween(2, 2), listvalidator.ValueStringsAre(notBlank())}},
		"throttle_marker": optional("Text that an answer holds only when it is throttled, such as the name of a CAPTCHA's field.", notBlank()),
		"mailbox":         optional("Mailbox in which the messages are counted that the burst causes: a key of `mailboxes` in the provider block. Its address is that of the first account.", notBlank()),
		"control": schema.SingleNestedAttribute{
			Optional:            true,
			MarkdownDescription: "GET request that must go on working during the burst. Default of its address: `whoami`.",
			Attributes: map[string]schema.Attribute{
				"identity": mailIdentityAttribute(),
				"url":      mailURLAttribute(),
				"path":     mailPathAttribute("/api/me"),
			},
		},
		"spoof_headers": onByDefault("Whether to try headers that pretend another address."),
		"vary_path":     onByDefault("Whether to try other spellings of the path."),
		"vary_protocol": onByDefault("Whether to try another version of HTTP."),
	}
}
