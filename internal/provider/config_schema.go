package provider

import (
	"github.com/hashicorp/terraform-plugin-framework/path"
	"github.com/hashicorp/terraform-plugin-framework/provider/schema"
	"github.com/hashicorp/terraform-plugin-framework/schema/validator"
	"github.com/hashicorp/terraform-plugin-framework/types"

	"github.com/hashicorp/terraform-plugin-framework-validators/stringvalidator"
)

// configModel is the provider block. Nested values stay framework values, so
// that unknown is kept apart from missing.
type configModel struct {
	Cloudflare types.Object `tfsdk:"cloudflare"`
	Probe      types.Object `tfsdk:"probe"`
	Portal     types.Object `tfsdk:"portal"`
	Identities types.Map    `tfsdk:"identities"`
	Mailboxes  types.Map    `tfsdk:"mailboxes"`
	Override   types.Object `tfsdk:"override"`
	Monitors   types.Object `tfsdk:"monitors"`
	Sinks      types.Map    `tfsdk:"sinks"`
}

func configAttributes() map[string]schema.Attribute {
	return map[string]schema.Attribute{
		"cloudflare": schema.SingleNestedAttribute{
			Optional:            true,
			MarkdownDescription: "Access to Cloudflare's API. Without it only checks that need no API run.",
			Attributes: map[string]schema.Attribute{
				"api_token": text("API token, user-owned or account-owned; or the environment variable `CLOUDFLARE_API_TOKEN`. Needs Zone Read and, for what is used, DNS Write, Zone Settings Write, Zone WAF Write, HTTP DDoS Managed Ruleset Write, Cache Rules Write, Single Redirect Write, Transform Rules Write and Health Checks Write on the zone, and Notifications Write on the account.", sensitive),
				"base_url":  text("Address of the API; or `CLOUDFLARE_BASE_URL`. Default: `https://api.cloudflare.com/client/v4`."),
			},
		},
		"probe": schema.SingleNestedAttribute{
			Optional:            true,
			MarkdownDescription: "How checks reach their targets.",
			Attributes: map[string]schema.Attribute{
				"allowed_hosts": schema.ListAttribute{
					Optional: true, ElementType: types.StringType,
					MarkdownDescription: "Hosts that probes may go to, such as `acme.example` or `*.acme.example` (any depth below, not the apex); or `LAUNCHREADY_ALLOWED_HOSTS`, comma separated. If it is set, nothing outside it is probed. If it is not, only harmless single requests to the hosts that a check names are made.",
				},
				"resolvers": schema.ListAttribute{
					Optional: true, ElementType: types.StringType,
					MarkdownDescription: "DNS resolvers as `host:port`, asked in this order; or `LAUNCHREADY_RESOLVERS`, comma separated. Default: the system's.",
				},
				"connect_to": schema.MapAttribute{
					Optional: true, ElementType: types.StringType,
					MarkdownDescription: "Where to connect instead, as curl's `--connect-to`: `{ \"*:443\" = \"127.0.0.1:8443\" }`, by host or by IP address; the most specific entry wins. Or `LAUNCHREADY_CONNECT_TO` as `a=b,c=d`.",
				},
				"ca_bundle": text("Certificates to trust besides the system's: a path or PEM text; or `LAUNCHREADY_CA_BUNDLE`."),
				"timeout":   text("Longest wait for one answer, as a duration such as `10s`. Default: `10s`.", durationText),
			},
		},
		"portal": schema.SingleNestedAttribute{
			Optional:            true,
			MarkdownDescription: "How a person signs in to the portal; used by every check that needs a session.",
			Attributes: map[string]schema.Attribute{
				"base_url": text("Address of the portal, such as `https://portal.acme.example`."),
				"sign_in": schema.SingleNestedAttribute{
					Optional:            true,
					MarkdownDescription: "The sign-in request.",
					Attributes: map[string]schema.Attribute{
						"path":          text("Path, such as `/api/login`."),
						"format":        text("`json`, `form`, or `basic` for HTTP Basic authentication instead of a sign-in. Default: `json`.", oneOf("json", "form", "basic")),
						"fields":        schema.MapAttribute{Optional: true, ElementType: types.StringType, MarkdownDescription: "Fields to send; `{{username}}` and `{{password}}` stand for the identity's. Default: `email` and `password`."},
						"token_pointer": text("JSON pointer (RFC 6901) to a bearer token in the answer, such as `/token`. Without it the session is the cookie jar."),
						"csrf":          text("Name of the hidden CSRF field of the sign-in form."),
						"second_factor": schema.SingleNestedAttribute{
							Optional:            true,
							MarkdownDescription: "The request that follows the password, for identities with `totp_secret`. A sign-in that takes both at once needs none: write `{{totp}}` into one of its `fields`.",
							Attributes: map[string]schema.Attribute{
								"path":          text("Path, such as `/api/login/totp`."),
								"format":        text("`json` or `form`. Default: that of the sign-in.", oneOf("json", "form")),
								"fields":        schema.MapAttribute{Optional: true, ElementType: types.StringType, MarkdownDescription: "Fields to send: `{{totp}}` stands for the code of the moment (RFC 6238), `{{answer:/ticket}}` for a text of the answer to the password, by its JSON pointer. Default: `code`, the code."},
								"token_pointer": text("JSON pointer to the bearer token in this answer. Default: that of the sign-in."),
								"csrf":          text("Name of the hidden CSRF field of the page at `path`."),
							},
						},
					},
				},
				"sign_out": schema.SingleNestedAttribute{
					Optional:            true,
					MarkdownDescription: "The sign-out request.",
					Attributes: map[string]schema.Attribute{
						"method": text("Method. Default: `POST`."),
						"path":   text("Path, such as `/api/logout`."),
					},
				},
				"csrf": schema.SingleNestedAttribute{
					Optional:            true,
					MarkdownDescription: "Where the token comes from that the portal wants with requests of a cookie session that change something. One that is kept in a cookie, such as `XSRF-TOKEN` or `csrftoken`, is sent back without this.",
					Attributes: map[string]schema.Attribute{
						"path":   text("Path of a page or of a JSON answer that holds a fresh token, such as `/account`."),
						"field":  text("Name of its hidden field or meta element, or a JSON pointer such as `/token`. Default: the usual names."),
						"header": text("Header that it is sent back in. Default: `X-CSRF-Token` and `X-CSRFToken`."),
					},
				},
				"version": schema.SingleNestedAttribute{
					Optional:            true,
					MarkdownDescription: "Where a stranger reads which release the portal runs, which ends what `valid_for` of a check lets count. Default: the usual places, such as `/version`, `/healthz`, the header `X-Release` and `<meta name=\"release\">`.",
					Attributes: map[string]schema.Attribute{
						"path":    text("Path, such as `/version`. Default: `/version` with `pointer`, else `/`.", checked(isPortalPath{})),
						"header":  text("Name of a header of the answer, such as `X-Release`. It stands alone, as `pointer` and `meta` do.", checked(apartFrom("pointer", "meta"))),
						"pointer": text("JSON pointer (RFC 6901) into the answer, such as `/build/commit`.", checked(isJSONPointer(), apartFrom("meta"))),
						"meta":    text("Name of a meta tag of the page, such as `release`."),
					},
				},
				"whoami": schema.SingleNestedAttribute{
					Optional:            true,
					MarkdownDescription: "A request that succeeds only with a live session.",
					Attributes:          map[string]schema.Attribute{"path": text("Path, such as `/api/me`.")},
				},
			},
		},
		"identities": schema.MapNestedAttribute{
			Optional: true, Sensitive: true,
			MarkdownDescription: "Named test accounts; or `LAUNCHREADY_IDENTITIES` as JSON. They never reach state, plan, logs or findings.",
			NestedObject: schema.NestedAttributeObject{Attributes: map[string]schema.Attribute{
				"username":     text("User name or e-mail address."),
				"password":     text("Password.", sensitive),
				"role":         text("Role, such as `member` or `admin`."),
				"organization": text("Organisation that the identity belongs to."),
				"totp_secret":  text("Secret of the second factor (RFC 6238), base32.", sensitive),
				"bearer_token": text("Bearer token instead of signing in.", sensitive),
				"headers":      schema.MapAttribute{Optional: true, Sensitive: true, ElementType: types.StringType, MarkdownDescription: "Headers that authenticate, instead of signing in."},
			}},
		},
		"mailboxes": schema.MapNestedAttribute{
			Optional: true, Sensitive: true,
			MarkdownDescription: "Mail accounts that delivery checks use; or `LAUNCHREADY_MAILBOXES` as JSON. They never reach state, plan, logs or findings.",
			NestedObject: schema.NestedAttributeObject{Attributes: map[string]schema.Attribute{
				"imap":     text("IMAP server that the mailbox is read from, as `host:port`. It must speak TLS at once, as on port 993."),
				"smtp":     text("Submission server that messages are handed to, as `host:port`: TLS at once on port 465, STARTTLS on any other."),
				"username": text("User name."),
				"password": text("Password.", sensitive),
				"address":  text("Address whose mail arrives in the mailbox. Default: the user name."),
			}},
		},
		"override": schema.SingleNestedAttribute{
			Optional:            true,
			MarkdownDescription: "Break the glass: errors of checks and gate become warnings, and the scorecard says `overridden`, never `open`. Or `LAUNCHREADY_OVERRIDE=\"reason\"` for one run.",
			Attributes: map[string]schema.Attribute{
				"reason":  schema.StringAttribute{Required: true, MarkdownDescription: "Why.", Validators: []validator.String{notBlank()}},
				"owner":   schema.StringAttribute{Required: true, MarkdownDescription: "Who answers for it.", Validators: []validator.String{notBlank()}},
				"expires": schema.StringAttribute{Required: true, MarkdownDescription: "Last day on which it counts, such as `2026-12-31`.", Validators: []validator.String{isDate{}}},
			},
		},
		"sinks": sinksAttribute(),
		"monitors": schema.SingleNestedAttribute{
			Optional:            true,
			MarkdownDescription: "Access to uptime monitoring services; or `LAUNCHREADY_MONITORS` as JSON of the same form. It never reaches state, plan, logs or findings.",
			Attributes: map[string]schema.Attribute{
				"betterstack": schema.SingleNestedAttribute{
					Optional: true, MarkdownDescription: "Better Stack.",
					Attributes: map[string]schema.Attribute{
						"api_token": text("API token of the team.", sensitive),
						"base_url":  text("Address of the API. Default: `https://uptime.betterstack.com/api/v2`."),
					},
				},
				"uptimerobot": schema.SingleNestedAttribute{
					Optional: true, MarkdownDescription: "UptimeRobot.",
					Attributes: map[string]schema.Attribute{
						"api_key":  text("Main API key of the account: one that may only read cannot create monitors.", sensitive),
						"base_url": text("Address of the API. Default: `https://api.uptimerobot.com/v3`."),
					},
				},
			},
		},
	}
}

// text is an optional string argument of the provider block.
func text(description string, options ...func(*schema.StringAttribute)) schema.StringAttribute {
	a := schema.StringAttribute{Optional: true, MarkdownDescription: description}
	for _, option := range options {
		option(&a)
	}
	return a
}

func checked(by ...validator.String) func(*schema.StringAttribute) {
	return func(a *schema.StringAttribute) { a.Validators = append(a.Validators, by...) }
}

// apartFrom refuses an argument beside others of the same block.
func apartFrom(names ...string) validator.String {
	var others []path.Expression
	for _, name := range names {
		others = append(others, path.MatchRelative().AtParent().AtName(name))
	}
	return stringvalidator.ConflictsWith(others...)
}

func sensitive(a *schema.StringAttribute) { a.Sensitive = true }

func durationText(a *schema.StringAttribute) {
	a.Validators = append(a.Validators, isDuration{})
}

func oneOf(values ...string) func(*schema.StringAttribute) {
	return func(a *schema.StringAttribute) {
		a.Validators = append(a.Validators, stringvalidator.OneOf(values...))
	}
}
