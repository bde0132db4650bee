package provider

import (
	"context"
	"fmt"
	"net/netip"
	"strings"

	"github.com/hashicorp/terraform-plugin-framework-validators/listvalidator"
	"github.com/hashicorp/terraform-plugin-framework-validators/stringvalidator"
	"github.com/hashicorp/terraform-plugin-framework/datasource/schema"
	"github.com/hashicorp/terraform-plugin-framework/diag"
	"github.com/hashicorp/terraform-plugin-framework/path"
	"github.com/hashicorp/terraform-plugin-framework/schema/validator"
	"github.com/hashicorp/terraform-plugin-framework/types"

	"github.com/launchready/terraform-provider-launchready/internal/check/emailauth"
	"github.com/launchready/terraform-provider-launchready/internal/mail/dkim"
	"github.com/launchready/terraform-provider-launchready/internal/mail/dmarc"
	"github.com/launchready/terraform-provider-launchready/internal/mail/senders"
)

type emailAuthCheckModel struct {
	checkFrame
	Domain            types.String `tfsdk:"domain"`
	Senders           types.List   `tfsdk:"senders"`
	DKIMSelectors     types.List   `tfsdk:"dkim_selectors"`
	MinimumPolicy     types.String `tfsdk:"minimum_policy"`
	SendingSubdomains types.List   `tfsdk:"sending_subdomains"`
	ReturnPath        types.String `tfsdk:"return_path"`
	ReturnPaths       types.List   `tfsdk:"return_paths"`
	Parked            types.List   `tfsdk:"parked"`
	Addresses         types.List   `tfsdk:"addresses"`
	Require           types.List   `tfsdk:"require"`
}

func emailAuthCheck() registration {
	return register(checkSource[emailAuthCheckModel, *emailAuthCheckModel, emailauth.Spec]{
		definition: emailauth.Definition,
		attributes: emailAuthCheckAttributes,
		spec:       emailAuthCheckSpec,
		// DNS questions are no probes of a host: there is no scope to check.
		hosts: func(*emailAuthCheckModel) map[string]path.Path { return nil },
	})
}

func emailAuthCheckAttributes() map[string]schema.Attribute {
	list := func(description string, validators ...validator.String) schema.ListAttribute {
		return schema.ListAttribute{
			Optional: true, ElementType: types.StringType, MarkdownDescription: description,
			Validators: []validator.List{listvalidator.ValueStringsAre(append(validators, notBlank())...)},
		}
	}
	var policies []string
	for _, p := range dmarc.Policies() {
		policies = append(policies, string(p))
	}
	return map[string]schema.Attribute{
		"domain": schema.StringAttribute{
			Required: true, MarkdownDescription: "Domain of the From address.",
			Validators: []validator.String{isHost{}},
		},
		"senders":        list("Services that send mail for the domain, by catalogue name: `"+strings.Join(senders.Keys(), "`, `")+"`.", isSender{}),
		"dkim_selectors": list("DKIM selectors in use, such as `google`. Without any, those that the senders fix are tested, and well-known names are tried.", isSelector{}),
		"minimum_policy": schema.StringAttribute{
			Optional: true, MarkdownDescription: "Weakest DMARC policy that passes: `none`, `quarantine` or `reject`. Default: `quarantine`.",
			Validators: []validator.String{stringvalidator.OneOf(policies...)},
		},
		"sending_subdomains": list("Further names that mail is sent from, relative to the domain or full."),
		"return_path": schema.StringAttribute{
			Optional:            true,
			MarkdownDescription: "Domain of the envelope sender, where bounces go, such as `pm-bounces` or `pm-bounces.acme.example`: a name with a dot is a full one. Those that `senders` have by default are tested if they are there.",
			Validators:          []validator.String{notBlank()},
		},
		"return_paths": list("Further ones, where several senders have their own."),
		"parked":       list("Names that neither send nor receive mail, such as `www` or the portal's host, relative to the domain or full. They must say so: `v=spf1 -all` and a null MX."),
		"addresses":    list("Addresses of own mail servers, whose reverse DNS must lead back to them.", isAddress{}),
		"require":      list("Protections that must be there: `"+strings.Join(emailauth.Requirements(), "`, `")+"`. One that is there is judged in any case.", stringvalidator.OneOf(emailauth.Requirements()...)),
	}
}

func emailAuthCheckSpec(_ context.Context, m *emailAuthCheckModel) (emailauth.Spec, diag.Diagnostics) {
	spec := emailauth.Spec{Domain: m.Domain.ValueString(), MinimumPolicy: dmarc.Policy(m.MinimumPolicy.ValueString())}
	spec.Senders, _ = stringsOf(m.Senders)
	spec.DKIMSelectors, _ = stringsOf(m.DKIMSelectors)
	spec.SendingSubdomains, _ = stringsOf(m.SendingSubdomains)
	spec.ReturnPaths, _ = stringsOf(m.ReturnPaths)
	if path := m.ReturnPath.ValueString(); path != "" {
		spec.ReturnPaths = append([]string{path}, spec.ReturnPaths...)
	}
	spec.Parked, _ = stringsOf(m.Parked)
	spec.Require, _ = stringsOf(m.Require)
	addresses, _ := stringsOf(m.Addresses)
	for _, text := range addresses {
		if address, err := netip.ParseAddr(text); err == nil { // its validator has judged it
			spec.Addresses = append(spec.Addresses, address)
		}
	}
	return spec, nil
}

// isSelector accepts DKIM selectors.
type isSelector struct{}

func (isSelector) Description(context.Context) string               { return "a DKIM selector such as google" }
func (v isSelector) MarkdownDescription(ctx context.Context) string { return v.Description(ctx) }

func (isSelector) ValidateString(_ context.Context, req validator.StringRequest, resp *validator.StringResponse) {
	if req.ConfigValue.IsNull() || req.ConfigValue.IsUnknown() {
		return
	}
	if err := dkim.ValidSelector(req.ConfigValue.ValueString()); err != nil {
		resp.Diagnostics.AddAttributeError(req.Path, "Not a DKIM selector", fmt.Sprintf("%s: %s", req.Path, sentence(err)))
	}
}

// isAddress accepts IPv4 and IPv6 addresses.
type isAddress struct{}

func (isAddress) Description(context.Context) string               { return "an IPv4 or IPv6 address" }
func (v isAddress) MarkdownDescription(ctx context.Context) string { return v.Description(ctx) }

func (isAddress) ValidateString(_ context.Context, req validator.StringRequest, resp *validator.StringResponse) {
	if req.ConfigValue.IsNull() || req.ConfigValue.IsUnknown() {
		return
	}
	if address, err := netip.ParseAddr(req.ConfigValue.ValueString()); err != nil || address.Zone() != "" {
		resp.Diagnostics.AddAttributeError(req.Path, "Not an address", fmt.Sprintf("%s is %q; write an address such as 198.51.100.25 or 2001:db8::25.", req.Path, req.ConfigValue.ValueString()))
	}
}

// isSender accepts the names of the catalogue of senders.
type isSender struct{}

func (isSender) Description(context.Context) string               { return "a sender of the catalogue" }
func (v isSender) MarkdownDescription(ctx context.Context) string { return v.Description(ctx) }

func (isSender) ValidateString(_ context.Context, req validator.StringRequest, resp *validator.StringResponse) {
	if req.ConfigValue.IsNull() || req.ConfigValue.IsUnknown() {
		return
	}
	if _, ok := senders.Lookup(req.ConfigValue.ValueString()); !ok {
		addUnknownSender(&resp.Diagnostics, req.Path, req.ConfigValue.ValueString())
	}
}
