package provider

import (
	"context"
	"fmt"
	"strings"

	"github.com/hashicorp/terraform-plugin-framework/diag"
	"github.com/hashicorp/terraform-plugin-framework/path"
	"github.com/hashicorp/terraform-plugin-framework/resource"
	"github.com/hashicorp/terraform-plugin-framework/resource/schema"
	"github.com/hashicorp/terraform-plugin-framework/resource/schema/stringdefault"
	"github.com/hashicorp/terraform-plugin-framework/schema/validator"
	"github.com/hashicorp/terraform-plugin-framework/types"

	"github.com/launchready/terraform-provider-launchready/internal/cloudflare"
	"github.com/launchready/terraform-provider-launchready/internal/mail/bimi"
)

func newBIMIRecordResource() resource.Resource {
	return &recordResource[bimiRecordModel, *bimiRecordModel]{
		name: "bimi_record",
		description: "The BIMI record of a name: where mail services find the brand's logo, and the certificate that vouches for it. " +
			"They show it only under an enforced DMARC policy, most of them only with a mark certificate (VMC or CMC).\n\n" +
			"Import by `zone`, `zone/selector`, `zone/selector/name` or `zone/record id`.",
		attributes: func() map[string]schema.Attribute {
			return withMailFrame("The BIMI record.", map[string]schema.Attribute{
				"selector": schema.StringAttribute{
					Optional: true, Computed: true, Default: stringdefault.StaticString(bimi.DefaultSelector),
					MarkdownDescription: "Selector; messages name another than `default` in the header `BIMI-Selector`. Default: `default`.",
					Validators:          []validator.String{isSelector{}},
				},
				"location": schema.StringAttribute{
					Optional: true, MarkdownDescription: "Address of the logo, an SVG image of profile tiny-ps, by https. Without it the record says that the domain has no logo.",
				},
				"certificate": schema.StringAttribute{
					Optional: true, MarkdownDescription: "Address of the mark certificate's chain as PEM, by https.",
				},
			})
		},
		validate: validateBIMIRecord,
		forms:    "ZONE, ZONE/SELECTOR, such as acme.example/default, ZONE/SELECTOR/NAME or ZONE/RECORD_ID",
	}
}

type bimiRecordModel struct {
	mailFrame
	Selector    types.String `tfsdk:"selector"`
	Location    types.String `tfsdk:"location"`
	Certificate types.String `tfsdk:"certificate"`
}

func (m *bimiRecordModel) text() string {
	return bimi.Format(bimi.Record{Location: m.Location.ValueString(), Authority: m.Certificate.ValueString()})
}

func validateBIMIRecord(_ context.Context, m *bimiRecordModel, diags *diag.Diagnostics) {
	if anyUnknown(m.Location, m.Certificate) {
		return
	}
	for attribute, value := range map[string]types.String{"location": m.Location, "certificate": m.Certificate} {
		if text := value.ValueString(); text != "" && !strings.HasPrefix(text, "https://") || strings.ContainsAny(text, "; ,") {
			diags.AddAttributeError(path.Root(attribute), "Not an https address", fmt.Sprintf("%s is %q; write an address that begins with https://.", attribute, text))
		}
	}
	if diags.HasError() {
		return
	}
	if _, err := bimi.Parse(m.text()); err != nil {
		diags.AddAttributeError(path.Root("location"), "The BIMI record would be malformed", sentence(err))
	}
}

func (m *bimiRecordModel) prefix() string { return m.Selector.ValueString() + "." + bimi.Label }

func (m *bimiRecordModel) desired(zone string) (cloudflare.Record, bool, diag.Diagnostics) {
	var diags diag.Diagnostics
	if anyUnknown(m.Name, m.Selector, m.Location, m.Certificate) {
		return cloudflare.Record{Type: "TXT"}, false, diags
	}
	return txt(strings.ToLower(m.at(m.prefix(), zone, &diags)), m.text()), true, diags
}

func (m *bimiRecordModel) stored() cloudflare.Record { return txt("", m.Content.ValueString()) }

func (m *bimiRecordModel) observe(record cloudflare.Record, zone string) {
	m.settle(record)
	parsed, _ := bimi.Parse(textIn(record)) // of a spoilt record what can be read; content shows the rest
	m.Location, m.Certificate = textOf(parsed.Location), textOf(parsed.Authority)
	selector, _, _ := strings.Cut(record.Name, "."+bimi.Label+".")
	if !strings.EqualFold(selector, m.Selector.ValueString()) {
		m.Selector = types.StringValue(selector)
	}
	m.Name = types.StringValue(subject(record, selector+"."+bimi.Label, zone))
}

func (m *bimiRecordModel) rival(existing, desired cloudflare.Record) rivalry {
	return mailRival(existing, desired, func(text string) bool { return bimi.IsRecord(text) || bimi.Resembles(text) })
}

func (m *bimiRecordModel) once(desired cloudflare.Record) string { return "BIMI " + desired.Name }

func (m *bimiRecordModel) imports(record cloudflare.Record, rest, zone string) bool {
	selector, name, _ := strings.Cut(rest, "/")
	if selector == "" {
		selector = bimi.DefaultSelector
	}
	return importsMail(record, name, zone, strings.ToLower(selector)+"."+bimi.Label, bimi.IsRecord)
}
