package provider

import (
	"github.com/hashicorp/terraform-plugin-framework-validators/listvalidator"
	"github.com/hashicorp/terraform-plugin-framework-validators/mapvalidator"
	"github.com/hashicorp/terraform-plugin-framework-validators/stringvalidator"
	"github.com/hashicorp/terraform-plugin-framework/datasource/schema"
	"github.com/hashicorp/terraform-plugin-framework/schema/validator"
	"github.com/hashicorp/terraform-plugin-framework/types"
)

func authenticationCheckAttributes() map[string]schema.Attribute {
	return map[string]schema.Attribute{
		"enabled":         authFlag("Whether to send anything. While it is `false`, every rule is inconclusive: what is not tested is no pass. Default: `true`."),
		"identity":        schema.StringAttribute{Required: true, MarkdownDescription: "Identity of the provider block whose sessions are tested.", Validators: []validator.String{notBlank()}},
		"marker":          authText("Text that only the identity's answers hold, that of `portal.whoami` among them. Default: its user name, where it is shown.", notBlank()),
		"protected_paths": authPaths("Paths that answer the identity's GET and nobody else's, besides `portal.whoami`."),
		"admin":           authText("Identity of an administrator. Default: the first by name whose role is one of `mfa_roles`.", notBlank()),
		"admin_paths":     authPaths("Paths that answer an administrator's GET. Default: `portal.whoami`."),
		"mfa_roles": schema.ListAttribute{
			Optional: true, ElementType: types.StringType, MarkdownDescription: "Roles that must have a second factor. Default: `[\"admin\"]`.",
			Validators: []validator.List{listvalidator.ValueStringsAre(notBlank())},
		},
		"mutable": authText("Identity that may be changed: its password and address are, and put back; wrong passwords may lock it for a while.", notBlank()),
		"sensitive_changes": schema.MapNestedAttribute{
			Optional:            true,
			MarkdownDescription: "How `mutable` changes what needs the password again: `password` and `email`. `{{current_password}}`, `{{password}}` (the new one) and `{{address}}` (the new one) are filled in.",
			Validators:          []validator.Map{mapvalidator.KeysAre(stringvalidator.OneOf("password", "email"))},
			NestedObject:        schema.NestedAttributeObject{Attributes: authRequest("/api/password")},
		},
		"recovery": schema.SingleNestedAttribute{
			Optional:            true,
			MarkdownDescription: "How a forgotten password is replaced.",
			Attributes: map[string]schema.Attribute{
				"mailbox": authText("Mailbox that letters are read in: a key of `mailboxes` in the provider block. An account that nobody uses has its address. Without it a few letters go to `mutable`, or `identity`, to see whether known addresses are told from unknown ones, and nothing else is tested.", notBlank()),
				"request": schema.SingleNestedAttribute{Required: true, MarkdownDescription: "Request for a letter; `{{address}}` is filled in.", Attributes: authRequest("/api/password-reset")},
				"confirm": schema.SingleNestedAttribute{Optional: true, MarkdownDescription: "Request that sets a new password; `{{token}}`, `{{password}}` and `{{address}}` are filled in. It changes the password of the mailbox's account.", Attributes: authRequest("/api/password-reset/confirm")},
				"hosts": schema.ListAttribute{
					Optional: true, ElementType: types.StringType, MarkdownDescription: "Hosts that the letter's link may lead to besides the portal's; `*.acme.example` for all names below one.",
					Validators: []validator.List{listvalidator.ValueStringsAre(notBlank(), isLinkHost{})},
				},
				"plain_address": authFlag("Whether letters are asked for by the mailbox's plain address alone, because sub-addresses (`inbox+...@`) reach no account. They are tried first otherwise. Default: `false`."),
				"within":        authText("How long a letter may take, as a duration. Default: `1m`.", isDuration{}),
			},
		},
		"sign_up": schema.SingleNestedAttribute{
			Optional: true, MarkdownDescription: "How anybody makes an account; `{{address}}`, `{{password}}` and `{{name}}` are filled in. It leaves three accounts that wait for their confirmation.",
			Attributes: authRequest("/api/signup"),
		},
		"token_sign_in":    authTokenSignIn(),
		"maximum_idle":     authText("How long a session may live unused, as a duration. Default: `24h`.", isDuration{}),
		"maximum_absolute": authText("How long a session may live at most, as a duration. Default: `720h`.", isDuration{}),
		"short_session": schema.SingleNestedAttribute{
			Optional:            true,
			MarkdownDescription: "What the target offers for tests: headers of the sign-in by which its session ends early.",
			Attributes: map[string]schema.Attribute{
				"headers":  schema.MapAttribute{Required: true, ElementType: types.StringType, MarkdownDescription: "Headers. They stand in the state: no secrets."},
				"idle":     authText("How long such a session lives unused, as a duration of 5 minutes at most. Without it that limit is not tested.", isDuration{}),
				"absolute": authText("How long such a session lives at most, as a duration of 5 minutes at most. Without it that limit is not tested.", isDuration{}),
			},
		},
		"membership_is_sensitive": authFlag("Whether it is a secret that somebody is a member. What tells members from strangers is then of high severity. Default: `false`."),
		"default_credentials":     authFlag("Whether well-known user names and passwords are tried. Default: `true`. While it is `false`, `authn.default_credentials` is inconclusive, which blocks the launch unless it is waived."),
		"replication":             authText("How long a session may outlive its sign-out, where servers have to tell one another, as a duration. Default: `30s`.", isDuration{}),
	}
}

// authTokenSignIn is the way by which programs sign in.
func authTokenSignIn() schema.SingleNestedAttribute {
	return schema.SingleNestedAttribute{
		Optional:            true,
		MarkdownDescription: "Another way to sign in, by which programs get tokens. Its sessions are tested too.",
		Attributes: map[string]schema.Attribute{
			"path":            schema.StringAttribute{Required: true, MarkdownDescription: "Path, such as `/api/token`.", Validators: []validator.String{isPortalPath{}}},
			"format":          authText("`json` or `form`. Default: `json`.", stringvalidator.OneOf("json", "form")),
			"fields":          schema.MapAttribute{Optional: true, ElementType: types.StringType, MarkdownDescription: "Fields to send; `{{username}}`, `{{password}}` and `{{totp}}` are filled in. Default: `email` and `password`."},
			"token_pointer":   authText("JSON pointer to the access token. Default: the usual names."),
			"refresh_pointer": authText("JSON pointer to the refresh token. Default: the usual names."),
			"refresh":         schema.SingleNestedAttribute{Optional: true, MarkdownDescription: "Request for another access token; `{{refresh_token}}` is filled in.", Attributes: authRequest("/api/token/refresh")},
			"sign_out": schema.SingleNestedAttribute{
				Optional: true, MarkdownDescription: "The sign-out request, with the access token as bearer. Default: `portal.sign_out`.",
				Attributes: map[string]schema.Attribute{
					"method": authText("Method. Default: `POST`."),
					"path":   schema.StringAttribute{Required: true, MarkdownDescription: "Path, such as `/api/logout`.", Validators: []validator.String{isPortalPath{}}},
				},
			},
		},
	}
}

func authRequest(example string) map[string]schema.Attribute {
	return map[string]schema.Attribute{
		"method": authText("Method. Default: `POST`.", stringvalidator.OneOf("GET", "POST", "PUT", "PATCH", "DELETE")),
		"path":   schema.StringAttribute{Required: true, MarkdownDescription: "Path on `portal.base_url`, such as `" + example + "`.", Validators: []validator.String{isPortalPath{}}},
		"body":   authText("Body, such as `jsonencode({ ... })`. It is sent as JSON if it looks like it, else as a form. It stands in the state: no secrets."),
		"page":   authText("Path of the page with the form, where the body is a form: its hidden fields, such as a CSRF token, are sent along. Default: `path`.", isPortalPath{}),
	}
}

func authText(description string, validators ...validator.String) schema.StringAttribute {
	return schema.StringAttribute{Optional: true, MarkdownDescription: description, Validators: validators}
}

func authFlag(description string) schema.BoolAttribute {
	return schema.BoolAttribute{Optional: true, MarkdownDescription: description}
}

func authPaths(description string) schema.ListAttribute {
	return schema.ListAttribute{
		Optional: true, ElementType: types.StringType, MarkdownDescription: description,
		Validators: []validator.List{listvalidator.ValueStringsAre(isPortalPath{})},
	}
}
