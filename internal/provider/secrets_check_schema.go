package provider

import (
	"context"
	"fmt"
	"regexp"
	"strings"

	"github.com/hashicorp/terraform-plugin-framework-validators/listvalidator"
	"github.com/hashicorp/terraform-plugin-framework/datasource/schema"
	"github.com/hashicorp/terraform-plugin-framework/schema/validator"
	"github.com/hashicorp/terraform-plugin-framework/types"

	"github.com/launchready/terraform-provider-launchready/internal/secretscan"
)

func secretsCheckAttributes() map[string]schema.Attribute {
	optional := func(description string, validators ...validator.String) schema.StringAttribute {
		return schema.StringAttribute{Optional: true, MarkdownDescription: description, Validators: append(validators, notBlank())}
	}
	list := func(description string, validators ...validator.String) schema.ListAttribute {
		return schema.ListAttribute{
			Optional: true, ElementType: types.StringType, MarkdownDescription: description,
			Validators: []validator.List{listvalidator.ValueStringsAre(append(validators, notBlank())...)},
		}
	}
	return map[string]schema.Attribute{
		"repository":  optional("Path of a Git repository, such as `${path.module}/../portal`. All of the repository that the folder is in is read."),
		"history":     schema.BoolAttribute{Optional: true, MarkdownDescription: "Whether to read what commits hold, too. Default: `true`."},
		"paths":       list("Files and folders of what is shipped: build output, files of variables, archives (`.tar`, `.tar.gz`) of images."),
		"logs":        list("Files and folders of logs."),
		"pages":       list("Pages of the live site: paths on `portal.base_url` of the provider block, such as `/`, or addresses. What they load is read with them.", isPageAddress{}),
		"identity":    optional("Identity of the provider block as which `pages` are asked for, too. Their hosts must then be covered by `probe.allowed_hosts`."),
		"asset_hosts": list("Hosts of other sites whose scripts are yours, such as that of a CDN. Scripts of further sites are not read.", isHost{}),
		"hosts":       list("Hosts that are asked for well-known leaks, such as `/.env`. They must be covered by `probe.allowed_hosts`. Default: the hosts of `pages`; an empty list turns the test off.", isHost{}),
		"config":      optional("Configuration of gitleaks as text or as the path of a file (TOML). It is added to the default rules. Default: `.gitleaks.toml` of the repository.", isGitleaksConfig{}),
		"ignore_file": optional("Path of a file in the form of `.gitleaksignore`, whose lines may also be fingerprints as findings show them. That of the repository counts besides."),
		"public_keys": schema.ListNestedAttribute{
			Optional:            true,
			MarkdownDescription: "Keys that are meant for everybody and are not known as such. Exactly one of `fingerprint` and `pattern` each.",
			NestedObject: schema.NestedAttributeObject{
				Validators: []validator.Object{exactlyOne{"fingerprint", "pattern"}},
				Attributes: map[string]schema.Attribute{
					"fingerprint": optional("Fingerprint, as a finding shows it: `fp:` and 16 hexadecimal digits.", isFingerprint{}),
					"pattern":     optional("Regular expression (RE2) that the whole key fits.", isPattern{}),
					"reason":      schema.StringAttribute{Required: true, MarkdownDescription: "Why it may be public.", Validators: []validator.String{notBlank()}},
				},
			},
		},
		"rotation": schema.SingleNestedAttribute{
			Optional:            true,
			MarkdownDescription: "How it is known that secrets are rotated: a document, or all of `statement`, `owner`, `date` and `evidence`.",
			Validators:          []validator.Object{isRotation{}},
			Attributes: map[string]schema.Attribute{
				"document":  optional("Path of a Markdown or CSV file with a table, or of a YAML file with a list, with the columns secret, owner and date."),
				"statement": optional("What is true, in a sentence."),
				"owner":     optional("Who answers for it."),
				"date":      optional("Day of the statement, such as `2026-11-02`, not more than 180 days ago.", isDate{}),
				"evidence":  optional("Where it can be seen: an address."),
			},
		},
		"cache":   schema.BoolAttribute{Optional: true, MarkdownDescription: "Whether to keep findings, without secrets, in the user's cache folder, so that the next plan reads what is new alone. Default: `true`."},
		"timeout": optional("Longest time that the scan may take, as a duration. What was not read by then is inconclusive. Default: `20m`.", isDuration{}),
	}
}

// stringCheck is a validator of texts that is one function.
func stringCheck(req validator.StringRequest, resp *validator.StringResponse, summary string, wrong func(string) string) {
	if req.ConfigValue.IsNull() || req.ConfigValue.IsUnknown() {
		return
	}
	if reason := wrong(req.ConfigValue.ValueString()); reason != "" {
		resp.Diagnostics.AddAttributeError(req.Path, summary, fmt.Sprintf("%s: %s.", req.Path, reason))
	}
}

// isPageAddress accepts a path or an address.
type isPageAddress struct{}

func (isPageAddress) Description(context.Context) string {
	return "a path such as / or an address such as https://portal.acme.example/"
}
func (v isPageAddress) MarkdownDescription(ctx context.Context) string { return v.Description(ctx) }
func (v isPageAddress) ValidateString(ctx context.Context, req validator.StringRequest, resp *validator.StringResponse) {
	stringCheck(req, resp, "Not a page", func(s string) string {
		if strings.HasPrefix(s, "/") && !strings.HasPrefix(s, "//") || strings.HasPrefix(s, "https://") || strings.HasPrefix(s, "http://") {
			return ""
		}
		return fmt.Sprintf("%q is no page; write %s", s, v.Description(ctx))
	})
}

// isGitleaksConfig accepts a configuration of gitleaks, or the path of one.
type isGitleaksConfig struct{}

func (isGitleaksConfig) Description(context.Context) string {
	return "a configuration of gitleaks (TOML), or the path of one"
}
func (v isGitleaksConfig) MarkdownDescription(ctx context.Context) string { return v.Description(ctx) }
func (v isGitleaksConfig) ValidateString(_ context.Context, req validator.StringRequest, resp *validator.StringResponse) {
	stringCheck(req, resp, "Not a configuration of gitleaks", func(s string) string {
		if !isTOML(s) {
			return ""
		}
		if err := secretscan.CheckConfig(s); err != nil {
			return err.Error()
		}
		return ""
	})
}

// isTOML tells the text of a configuration from the path of one.
func isTOML(s string) bool { return strings.ContainsAny(s, "\n=[") }

// isFingerprint accepts what a finding shows.
type isFingerprint struct{}

func (isFingerprint) Description(context.Context) string {
	return "a fingerprint such as fp:0123456789abcdef"
}
func (v isFingerprint) MarkdownDescription(ctx context.Context) string { return v.Description(ctx) }
func (v isFingerprint) ValidateString(ctx context.Context, req validator.StringRequest, resp *validator.StringResponse) {
	stringCheck(req, resp, "Not a fingerprint", func(s string) string {
		digits, ok := strings.CutPrefix(s, secretscan.FingerprintPrefix)
		if ok && len(digits) == 16 && strings.Trim(digits, "0123456789abcdef") == "" {
			return ""
		}
		return "write " + v.Description(ctx) + ", as a finding shows it, and never the key itself" // what was written may be one
	})
}

// isPattern accepts a regular expression.
type isPattern struct{}

func (isPattern) Description(context.Context) string               { return "a regular expression (RE2)" }
func (v isPattern) MarkdownDescription(ctx context.Context) string { return v.Description(ctx) }
func (v isPattern) ValidateString(ctx context.Context, req validator.StringRequest, resp *validator.StringResponse) {
	stringCheck(req, resp, "Not a regular expression", func(s string) string {
		if _, err := regexp.Compile(s); err != nil {
			return "write " + v.Description(ctx)
		}
		return ""
	})
}

// isRotation accepts a document or a whole statement.
type isRotation struct{}

func (isRotation) Description(context.Context) string {
	return "document alone, or statement, owner, date and evidence"
}
func (v isRotation) MarkdownDescription(ctx context.Context) string { return v.Description(ctx) }
func (v isRotation) ValidateObject(ctx context.Context, req validator.ObjectRequest, resp *validator.ObjectResponse) {
	if req.ConfigValue.IsNull() || req.ConfigValue.IsUnknown() {
		return
	}
	set := 0
	for _, name := range []string{"statement", "owner", "date", "evidence"} {
		if !req.ConfigValue.Attributes()[name].IsNull() {
			set++
		}
	}
	document := !req.ConfigValue.Attributes()["document"].IsNull()
	if document && set > 0 || !document && set < 4 {
		resp.Diagnostics.AddAttributeError(req.Path, "Not a rotation plan", fmt.Sprintf("%s needs %s.", req.Path, v.Description(ctx)))
	}
}
