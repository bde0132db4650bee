package provider

import (
	"context"
	"fmt"
	"strings"

	"github.com/hashicorp/terraform-plugin-framework-validators/listvalidator"
	"github.com/hashicorp/terraform-plugin-framework/diag"
	"github.com/hashicorp/terraform-plugin-framework/path"
	"github.com/hashicorp/terraform-plugin-framework/resource"
	"github.com/hashicorp/terraform-plugin-framework/resource/schema"
	"github.com/hashicorp/terraform-plugin-framework/schema/validator"
	"github.com/hashicorp/terraform-plugin-framework/types"

	"github.com/launchready/terraform-provider-launchready/internal/cloudflare"
	"github.com/launchready/terraform-provider-launchready/internal/mail/tlsrpt"
)

func newTLSRPTRecordResource() resource.Resource {
	return &recordResource[tlsRPTRecordModel, *tlsRPTRecordModel]{
		name: "tls_rpt_record",
		description: "The TLS-RPT record of a name (RFC 8460): where senders report mail that failed for want of TLS. " +
			"A name has one; a second one is refused, or adopted with `on_conflict = \"adopt\"`.\n\n" +
			"Import by zone, for the zone itself, or by `zone/name` or `zone/record id`.",
		attributes: func() map[string]schema.Attribute {
			return withMailFrame("The TLS-RPT record.", map[string]schema.Attribute{
				"rua": schema.ListAttribute{
					Required: true, ElementType: types.StringType,
					MarkdownDescription: "Where reports go: `mailto:` or `https:` addresses, such as `mailto:tls-reports@acme.example`.",
					Validators:          []validator.List{listvalidator.SizeAtLeast(1)},
				},
			})
		},
		validate: validateTLSRPTRecord,
		forms:    "ZONE, ZONE/NAME, such as acme.example/mail, or ZONE/RECORD_ID",
	}
}

type tlsRPTRecordModel struct {
	mailFrame
	RUA types.List `tfsdk:"rua"`
}

func validateTLSRPTRecord(_ context.Context, m *tlsRPTRecordModel, diags *diag.Diagnostics) {
	for i, uri := range knownStrings(m.RUA) {
		if _, err := tlsrpt.Parse(tlsrpt.Format(uri)); err != nil || strings.ContainsAny(uri, ",; \t") {
			diags.AddAttributeError(path.Root("rua").AtListIndex(i), "Not a report address",
				fmt.Sprintf("rua[%d] is %q; write mailto: and an address, or an https: address, with commas, semicolons and exclamation marks percent-coded.", i, uri))
		}
	}
}

func (m *tlsRPTRecordModel) desired(zone string) (cloudflare.Record, bool, diag.Diagnostics) {
	var diags diag.Diagnostics
	rua, known := stringsOf(m.RUA)
	if !known || m.Name.IsUnknown() {
		return cloudflare.Record{Type: "TXT"}, false, diags
	}
	return txt(m.at(tlsrpt.Prefix, zone, &diags), tlsrpt.Format(rua...)), true, diags
}

func (m *tlsRPTRecordModel) stored() cloudflare.Record { return txt("", m.Content.ValueString()) }

func (m *tlsRPTRecordModel) observe(record cloudflare.Record, zone string) {
	m.Name = types.StringValue(subject(record, tlsrpt.Prefix, zone))
	m.settle(record)
	var rua []string
	uris, _ := tlsrpt.Parse(textIn(record)) // of a spoilt record what can be read; content shows the rest
	for _, u := range uris {
		rua = append(rua, u.Text)
	}
	m.RUA = listOf(rua)
}

func (m *tlsRPTRecordModel) rival(existing, desired cloudflare.Record) rivalry {
	return mailRival(existing, desired, func(text string) bool { return tlsrpt.IsRecord(text) || tlsrpt.Resembles(text) })
}

func (m *tlsRPTRecordModel) once(desired cloudflare.Record) string { return "TLS-RPT " + desired.Name }

func (m *tlsRPTRecordModel) imports(record cloudflare.Record, rest, zone string) bool {
	return importsMail(record, rest, zone, tlsrpt.Prefix, tlsrpt.IsRecord)
}
