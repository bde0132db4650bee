package provider

import (
	"context"
	"fmt"
	"net/netip"
	"strings"

	"github.com/hashicorp/terraform-plugin-framework-validators/int64validator"
	"github.com/hashicorp/terraform-plugin-framework-validators/listvalidator"
	"github.com/hashicorp/terraform-plugin-framework-validators/stringvalidator"
	"github.com/hashicorp/terraform-plugin-framework/datasource/schema"
	"github.com/hashicorp/terraform-plugin-framework/diag"
	"github.com/hashicorp/terraform-plugin-framework/path"
	"github.com/hashicorp/terraform-plugin-framework/schema/validator"
	"github.com/hashicorp/terraform-plugin-framework/types"

	"github.com/launchready/terraform-provider-launchready/internal/check/dnscheck"
)

type dnsCheckModel struct {
	checkFrame
	Domain   types.String `tfsdk:"domain"`
	Expected types.Map    `tfsdk:"expected"`
	Records  types.List   `tfsdk:"records"`
	Hosts    types.List   `tfsdk:"hosts"`
	Require  types.List   `tfsdk:"require"`
}

type expectedRecordModel struct {
	Name    types.String `tfsdk:"name"`
	Type    types.String `tfsdk:"type"`
	Values  types.List   `tfsdk:"values"`
	Exact   types.Bool   `tfsdk:"exact"`
	Proxied types.Bool   `tfsdk:"proxied"`
}

type listedRecordModel struct {
	Name    types.String `tfsdk:"name"`
	Type    types.String `tfsdk:"type"`
	Content types.String `tfsdk:"content"`
	TTL     types.Int64  `tfsdk:"ttl"`
	Proxied types.Bool   `tfsdk:"proxied"`
}

func dnsCheck() registration {
	return register(checkSource[dnsCheckModel, *dnsCheckModel, dnscheck.Spec]{
		definition: dnscheck.Definition,
		attributes: dnsCheckAttributes,
		spec:       dnsCheckSpec,
		// Only hosts whose certificates are asked for are probed whatever is
		// found; DNS questions have no scope, and names that are found are left
		// out of what is fetched where they are out of it.
		hosts: func(m *dnsCheckModel) map[string]path.Path {
			out := map[string]path.Path{}
			for i, host := range knownStrings(m.Hosts) {
				out[host] = path.Root("hosts").AtListIndex(i)
			}
			return out
		},
	})
}

func dnsCheckAttributes() map[string]schema.Attribute {
	return map[string]schema.Attribute{
		"domain": schema.StringAttribute{
			Required: true, MarkdownDescription: "Domain to check, such as `acme.example`. A name that is no zone of its own is judged at the zone that it is in.",
			Validators: []validator.String{isHost{}, isDomain{}},
		},
		"expected": schema.MapNestedAttribute{
			Optional:            true,
			MarkdownDescription: "Records that every name server must serve, by names of your own.",
			NestedObject: schema.NestedAttributeObject{
				Validators: []validator.Object{expectsSomething{}},
				Attributes: map[string]schema.Attribute{
					"name": schema.StringAttribute{
						Required: true, MarkdownDescription: "Name of the record: `@` for the domain, relative to it, or full.", Validators: []validator.String{notBlank()},
					},
					"type": schema.StringAttribute{
						Optional: true, MarkdownDescription: "Type of the record: `" + strings.Join(dnscheck.Types(), "`, `") + "`. Default: `A`.",
						Validators: []validator.String{stringvalidator.OneOf(dnscheck.Types()...)},
					},
					"values": schema.ListAttribute{
						Optional: true, ElementType: types.StringType,
						MarkdownDescription: "Values as in a zone file, such as `10 mail.acme.example`; TXT as plain text. Compared by meaning: case and final dot of names, spelling of addresses and quotes do not matter.",
						Validators:          []validator.List{listvalidator.SizeAtLeast(1), listvalidator.ValueStringsAre(notBlank())},
					},
					"exact":   schema.BoolAttribute{Optional: true, MarkdownDescription: "Whether other values of the name and type are a violation. Default: `true`."},
					"proxied": schema.BoolAttribute{Optional: true, MarkdownDescription: "Whether Cloudflare's addresses are expected, in the place of `values`. Default: `false`."},
				},
			},
		},
		"records": schema.ListNestedAttribute{
			Optional:            true,
			MarkdownDescription: "The zone's records, as `data.launchready_dns_records.this.records` gives them: for targets and origins behind the proxy, dead names and duplicates. Without it, common names are tried.",
			NestedObject: schema.NestedAttributeObject{Attributes: map[string]schema.Attribute{
				"name":    schema.StringAttribute{Required: true, MarkdownDescription: "Full name of the record."},
				"type":    schema.StringAttribute{Required: true, MarkdownDescription: "Type of the record."},
				"content": schema.StringAttribute{Required: true, MarkdownDescription: "Value as in a zone file, such as `10 mail.acme.example`; TXT as plain text."},
				"ttl":     schema.Int64Attribute{Optional: true, MarkdownDescription: "TTL in seconds; 1 means automatic.", Validators: []validator.Int64{int64validator.AtLeast(0)}},
				"proxied": schema.BoolAttribute{Optional: true, MarkdownDescription: "Whether Cloudflare proxies the record. Default: `false`."},
			}},
		},
		"hosts": schema.ListAttribute{
			Optional: true, ElementType: types.StringType,
			MarkdownDescription: "Hosts whose certificates are held against the CAA records. Default: the domain and the web names of `records`, 10 at most.",
			Validators:          []validator.List{listvalidator.ValueStringsAre(isHost{})},
		},
		"require": schema.ListAttribute{
			Optional: true, ElementType: types.StringType,
			MarkdownDescription: "What must be there: `dnssec` and `caa` raise `dns.dnssec_missing` and `tls.caa_missing` to high.",
			Validators:          []validator.List{listvalidator.ValueStringsAre(stringvalidator.OneOf(dnscheck.RequireDNSSEC, dnscheck.RequireCAA))},
		},
	}
}

func dnsCheckSpec(ctx context.Context, m *dnsCheckModel) (dnscheck.Spec, diag.Diagnostics) {
	spec := dnscheck.Spec{Domain: m.Domain.ValueString(), Listed: !m.Records.IsNull()}
	spec.Hosts, _ = stringsOf(m.Hosts)
	spec.Requirements, _ = stringsOf(m.Require)
	var expected map[string]expectedRecordModel
	diags := m.Expected.ElementsAs(ctx, &expected, false)
	for _, key := range sortedKeys(expected) {
		e := expected[key]
		values, _ := stringsOf(e.Values)
		spec.Expected = append(spec.Expected, dnscheck.Expected{
			Name: dnscheck.Absolute(e.Name.ValueString(), spec.Domain), Type: e.Type.ValueString(), Values: values,
			AtLeast: !e.Exact.IsNull() && !e.Exact.ValueBool(), Proxied: e.Proxied.ValueBool(),
		})
	}
	var listed []listedRecordModel
	diags.Append(m.Records.ElementsAs(ctx, &listed, false)...)
	for _, r := range listed {
		spec.Records = append(spec.Records, dnscheck.Record{
			Name: r.Name.ValueString(), Type: r.Type.ValueString(), Content: r.Content.ValueString(), TTL: r.TTL.ValueInt64(), Proxied: r.Proxied.ValueBool(),
		})
	}
	return spec, diags
}

// isDomain refuses addresses where isHost takes them.
type isDomain struct{}

func (isDomain) Description(context.Context) string               { return "a domain, such as acme.example" }
func (v isDomain) MarkdownDescription(ctx context.Context) string { return v.Description(ctx) }

func (v isDomain) ValidateString(ctx context.Context, req validator.StringRequest, resp *validator.StringResponse) {
	if _, err := netip.ParseAddr(req.ConfigValue.ValueString()); err == nil {
		resp.Diagnostics.AddAttributeError(req.Path, "Not a domain", fmt.Sprintf("%s is an address; write %s.", req.Path, v.Description(ctx)))
	}
}

// expectsSomething refuses expected records without values, and with values
// that would not count.
type expectsSomething struct{}

func (expectsSomething) Description(context.Context) string {
	return "an expected record has values, or proxied = true"
}
func (v expectsSomething) MarkdownDescription(ctx context.Context) string { return v.Description(ctx) }

func (v expectsSomething) ValidateObject(ctx context.Context, req validator.ObjectRequest, resp *validator.ObjectResponse) {
	if req.ConfigValue.IsNull() || req.ConfigValue.IsUnknown() {
		return
	}
	values, _ := req.ConfigValue.Attributes()["values"].(types.List)
	proxied, _ := req.ConfigValue.Attributes()["proxied"].(types.Bool)
	typ, _ := req.ConfigValue.Attributes()["type"].(types.String)
	switch {
	case values.IsUnknown() || proxied.IsUnknown() || typ.IsUnknown():
	case proxied.ValueBool() && !values.IsNull():
		resp.Diagnostics.AddAttributeError(req.Path.AtName("values"), "Values that do not count",
			fmt.Sprintf("%s: visitors see Cloudflare's addresses in the place of values. Leave values out, or proxied.", req.Path))
	case !proxied.ValueBool() && values.IsNull():
		resp.Diagnostics.AddAttributeError(req.Path, "Nothing is expected", fmt.Sprintf("%s: %s.", req.Path, v.Description(ctx)))
	case proxied.ValueBool() && !typ.IsNull() && typ.ValueString() != "A" && typ.ValueString() != "AAAA" && typ.ValueString() != "CNAME":
		resp.Diagnostics.AddAttributeError(req.Path.AtName("type"), "Not a type that can be proxied",
			fmt.Sprintf("%s: only A, AAAA and CNAME records can be proxied.", req.Path))
	}
}
