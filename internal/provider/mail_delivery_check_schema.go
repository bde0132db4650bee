package provider

import (
	"context"
	"fmt"
	"net/mail"
	"strings"

	"github.com/hashicorp/terraform-plugin-framework-validators/listvalidator"
	"github.com/hashicorp/terraform-plugin-framework-validators/stringvalidator"
	"github.com/hashicorp/terraform-plugin-framework/datasource/schema"
	"github.com/hashicorp/terraform-plugin-framework/schema/validator"
	"github.com/hashicorp/terraform-plugin-framework/types"
)

func mailDeliveryCheckAttributes() map[string]schema.Attribute {
	list := func(description string, validators ...validator.String) schema.ListAttribute {
		return schema.ListAttribute{
			Optional: true, ElementType: types.StringType, MarkdownDescription: description,
			Validators: []validator.List{listvalidator.ValueStringsAre(append(validators, notBlank())...)},
		}
	}
	return map[string]schema.Attribute{
		"enabled": schema.BoolAttribute{
			Optional: true, MarkdownDescription: "Whether to send anything. While it is `false`, every rule is inconclusive: what is not tested is no pass. Default: `true`.",
		},
		"mailbox": schema.StringAttribute{
			Required: true, MarkdownDescription: "Mailbox that the message is sent to and read in: a key of `mailboxes` in the provider block.",
			Validators: []validator.String{notBlank()},
		},
		"trigger": mailTriggerAttribute(true, "What makes the product send the message: exactly one of `request` and `smtp`."),
		"within": schema.StringAttribute{
			Optional: true, MarkdownDescription: "How long the message may take, as a duration. Receivers that defer mail from unknown senders need `15m`. Default: `5m`.",
			Validators: []validator.String{isDuration{}},
		},
		"from_domain": schema.StringAttribute{
			Optional: true, MarkdownDescription: "Domain that the product writes from. Default: that of `trigger.smtp.from`, or the registrable domain of the request's host.",
			Validators: []validator.String{isHost{}},
		},
		"link_hosts":        list("Hosts that links may lead to; `*.acme.example` for all names below one. Default: the host of `trigger.request`.", isLinkHost{}),
		"dkim_selectors":    list("DKIM selectors in use. A valid signature with another one is shown.", isSelector{}),
		"trusted_receivers": list("Names under which the receiving system writes Authentication-Results, such as `mx.google.com`. Default: names of the organisation of the host that took the message in."),
		"bounce": schema.SingleNestedAttribute{
			Optional:            true,
			MarkdownDescription: "Provoke one bounce and see that it is taken, at exactly one of `mailbox` and `request`.",
			Validators:          []validator.Object{exactlyOne{"mailbox", "request"}},
			Attributes: map[string]schema.Attribute{
				"recipient": schema.StringAttribute{
					Required:            true,
					MarkdownDescription: "Address that bounces: a simulator's, such as `bounce@simulator.amazonses.com`, or an invented one of your own domain, such as `no-such-member-{{token}}@acme.example`, in which `{{token}}` stands for a random text.",
					Validators:          []validator.String{isBounceAddress{}},
				},
				"trigger": mailTriggerAttribute(false, "What sends the message that bounces; `{{recipient}}` stands for the address. Needed unless `trigger` is a submission: what the product sends to a member it need not send to a stranger."),
				"mailbox": schema.StringAttribute{
					Optional: true, MarkdownDescription: "Mailbox in which the delivery report arrives, that of the return path: a key of `mailboxes` in the provider block.",
					Validators: []validator.String{notBlank()},
				},
				"request": schema.SingleNestedAttribute{
					Optional:            true,
					MarkdownDescription: "GET request to the product that is repeated until its answer names the address: its list of bounces, or its state of one address. Exactly one of `url` and `path`.",
					Validators:          []validator.Object{exactlyOne{"url", "path"}},
					Attributes: map[string]schema.Attribute{
						"url":      mailURLAttribute(),
						"path":     mailPathAttribute("/api/mail/suppressions?address={{recipient}}"),
						"identity": mailIdentityAttribute(),
						"contains": schema.StringAttribute{Optional: true, MarkdownDescription: "Text that the answer must hold besides the address, such as `\"suppressed\":true`."},
					},
				},
				"within": schema.StringAttribute{
					Optional: true, MarkdownDescription: "How long the bounce may take. Default: as `within` of the check.",
					Validators: []validator.String{isDuration{}},
				},
			},
		},
	}
}

func mailTriggerAttribute(required bool, description string) schema.SingleNestedAttribute {
	return schema.SingleNestedAttribute{
		Required: required, Optional: !required, MarkdownDescription: description,
		Validators: []validator.Object{exactlyOne{"request", "smtp"}},
		Attributes: map[string]schema.Attribute{
			"request": schema.SingleNestedAttribute{
				Optional:            true,
				MarkdownDescription: "HTTP request to the product. `{{recipient}}` in address, headers and body stands for an address that is used once, `{{address}}` for the mailbox's plain one. Other addresses than the mailbox's and your own domain's are refused. An answer of 2xx counts as accepted, and so does a redirect to another page (302, 303), which is not followed; one that says that the request belongs elsewhere does not. Exactly one of `url` and `path`.",
				Validators:          []validator.Object{exactlyOne{"url", "path"}},
				Attributes: map[string]schema.Attribute{
					"method": schema.StringAttribute{Optional: true, MarkdownDescription: "Method. Default: `POST`.", Validators: []validator.String{stringvalidator.OneOf("GET", "POST", "PUT", "PATCH", "DELETE")}},
					"url":    mailURLAttribute(),
					"path":   mailPathAttribute("/api/password-reset"),
					"headers": schema.MapAttribute{
						Optional: true, Sensitive: true, ElementType: types.StringType,
						MarkdownDescription: "Headers. They stand in the state, so that headers which authenticate are refused: use `identity`.",
					},
					"body": schema.StringAttribute{
						Optional:            true,
						MarkdownDescription: "Body, such as `jsonencode({ email = \"{{recipient}}\" })`. Without a header `Content-Type` it is sent as JSON if it looks like it, else as a form. It stands in the state: no secrets.",
					},
					"identity": mailIdentityAttribute(),
				},
			},
			"smtp": schema.SingleNestedAttribute{
				Optional:            true,
				MarkdownDescription: "A message that the check writes and hands to a submission service. It shows what the service makes of mail, not what the product sends.",
				Attributes: map[string]schema.Attribute{
					"account": schema.StringAttribute{Required: true, MarkdownDescription: "Account to submit with: a key of `mailboxes` in the provider block that has `smtp`.", Validators: []validator.String{notBlank()}},
					"from":    schema.StringAttribute{Required: true, MarkdownDescription: "Address to write from.", Validators: []validator.String{notBlank()}},
					"subject": schema.StringAttribute{Optional: true, MarkdownDescription: "Subject. Default: `Delivery test`.", Validators: []validator.String{notBlank()}},
				},
			},
		},
	}
}

func mailURLAttribute() schema.StringAttribute {
	return schema.StringAttribute{
		Optional: true, MarkdownDescription: "Address, such as `https://portal.acme.example/api/password-reset`. Its host must be covered by `probe.allowed_hosts`.",
		Validators: []validator.String{notBlank()},
	}
}

func mailPathAttribute(example string) schema.StringAttribute {
	return schema.StringAttribute{
		Optional: true, MarkdownDescription: "Path on `portal.base_url` of the provider block instead of `url`, such as `" + example + "`.",
		Validators: []validator.String{isPortalPath{}},
	}
}

func mailIdentityAttribute() schema.StringAttribute {
	return schema.StringAttribute{
		Optional: true, MarkdownDescription: "Identity of the provider block as which the request is made: with its `bearer_token` or `headers`, else with the session that `portal.sign_in` gives.",
		Validators: []validator.String{notBlank()},
	}
}

// isPortalPath accepts a path, with or without a query.
type isPortalPath struct{}

func (isPortalPath) Description(context.Context) string {
	return "a path such as /api/password-reset"
}
func (v isPortalPath) MarkdownDescription(ctx context.Context) string { return v.Description(ctx) }

func (v isPortalPath) ValidateString(ctx context.Context, req validator.StringRequest, resp *validator.StringResponse) {
	if req.ConfigValue.IsNull() || req.ConfigValue.IsUnknown() {
		return
	}
	if s := req.ConfigValue.ValueString(); !strings.HasPrefix(s, "/") || strings.HasPrefix(s, "//") || strings.ContainsAny(s, " \t\r\n") {
		resp.Diagnostics.AddAttributeError(req.Path, "Not a path", fmt.Sprintf("%s is %q; write %s.", req.Path, s, v.Description(ctx)))
	}
}

// isLinkHost accepts a host, or "*." and a host.
type isLinkHost struct{}

func (isLinkHost) Description(context.Context) string {
	return "a host such as portal.acme.example, or *.acme.example"
}
func (v isLinkHost) MarkdownDescription(ctx context.Context) string { return v.Description(ctx) }

func (v isLinkHost) ValidateString(ctx context.Context, req validator.StringRequest, resp *validator.StringResponse) {
	if req.ConfigValue.IsNull() || req.ConfigValue.IsUnknown() {
		return
	}
	bare := req
	bare.ConfigValue = types.StringValue(strings.TrimPrefix(req.ConfigValue.ValueString(), "*."))
	isHost{}.ValidateString(ctx, bare, resp)
}

// isBounceAddress accepts an address, perhaps with {{token}} before the "@".
// Whose it may be depends on the domain, and is judged when that is known.
type isBounceAddress struct{}

func (isBounceAddress) Description(context.Context) string {
	return "an address such as no-such-member-{{token}}@acme.example or bounce@simulator.amazonses.com"
}
func (v isBounceAddress) MarkdownDescription(ctx context.Context) string { return v.Description(ctx) }

func (v isBounceAddress) ValidateString(ctx context.Context, req validator.StringRequest, resp *validator.StringResponse) {
	if req.ConfigValue.IsNull() || req.ConfigValue.IsUnknown() {
		return
	}
	s := req.ConfigValue.ValueString()
	_, domain, _ := strings.Cut(s, "@")
	if _, err := mail.ParseAddress(strings.ReplaceAll(s, "{{token}}", "x")); err != nil || strings.Contains(domain, "{{") {
		resp.Diagnostics.AddAttributeError(req.Path, "Not an address", fmt.Sprintf("%s is %q; write %s.", req.Path, s, v.Description(ctx)))
	}
}
