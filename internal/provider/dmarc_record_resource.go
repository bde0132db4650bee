package provider

import (
	"context"
	"fmt"
	"strings"

	"github.com/hashicorp/terraform-plugin-framework-validators/stringvalidator"
	"github.com/hashicorp/terraform-plugin-framework/diag"
	"github.com/hashicorp/terraform-plugin-framework/path"
	"github.com/hashicorp/terraform-plugin-framework/resource"
	"github.com/hashicorp/terraform-plugin-framework/resource/schema"
	"github.com/hashicorp/terraform-plugin-framework/schema/validator"
	"github.com/hashicorp/terraform-plugin-framework/types"

	"github.com/launchready/terraform-provider-launchready/internal/cloudflare"
	"github.com/launchready/terraform-provider-launchready/internal/mail/dmarc"
	"github.com/launchready/terraform-provider-launchready/internal/probe"
)

// dmarcPrefix is where the record stands below the name (RFC 9989 section 4.6).
const dmarcPrefix = "_dmarc"

func newDMARCRecordResource() resource.Resource {
	return &recordResource[dmarcRecordModel, *dmarcRecordModel]{
		name: "dmarc_record",
		description: "The DMARC record of a name (RFC 9989): what receivers do with mail that neither SPF nor DKIM vouches for, and where they report. " +
			"A name has one DMARC record; a second one is refused, or adopted with `on_conflict = \"adopt\"`. " +
			"Report addresses in other domains are verified in the plan.\n\n" +
			"Import by zone, for the zone itself, or by `zone/name` or `zone/record id`.",
		attributes: dmarcRecordAttributes,
		validate:   validateDMARCRecord,
		verify:     verifyReportAddresses,
		forms:      "ZONE, ZONE/NAME, such as acme.example/mail, or ZONE/RECORD_ID",
	}
}

type dmarcRecordModel struct {
	mailFrame
	Policy      types.String `tfsdk:"policy"`
	Subdomain   types.String `tfsdk:"subdomain_policy"`
	Nonexistent types.String `tfsdk:"nonexistent_subdomain_policy"`
	RUA         types.List   `tfsdk:"rua"`
	RUF         types.List   `tfsdk:"ruf"`
	ADKIM       types.String `tfsdk:"adkim"`
	ASPF        types.String `tfsdk:"aspf"`
	FO          types.String `tfsdk:"fo"`
	Testing     types.Bool   `tfsdk:"testing"`
}

func dmarcRecordAttributes() map[string]schema.Attribute {
	policies := func() []validator.String {
		return []validator.String{stringvalidator.OneOf("none", "quarantine", "reject")}
	}
	list := func(description string) schema.ListAttribute {
		return schema.ListAttribute{Optional: true, ElementType: types.StringType, MarkdownDescription: description}
	}
	alignment := func(tag string) schema.StringAttribute {
		return schema.StringAttribute{
			Optional: true, MarkdownDescription: "Alignment of " + tag + ": `r` (relaxed: the same organizational domain) or `s` (strict: the same name). Receivers take `r` if it is left out.",
			Validators: []validator.String{stringvalidator.OneOf("r", "s")},
		}
	}
	return withMailFrame("The DMARC record.", map[string]schema.Attribute{
		"policy":                       schema.StringAttribute{Required: true, MarkdownDescription: "What to do with mail that fails: `none`, `quarantine` or `reject`.", Validators: policies()},
		"subdomain_policy":             schema.StringAttribute{Optional: true, MarkdownDescription: "The same for names below. Receivers take `policy` if it is left out.", Validators: policies()},
		"nonexistent_subdomain_policy": schema.StringAttribute{Optional: true, MarkdownDescription: "The same for names below that do not exist. Receivers take `subdomain_policy` if it is left out.", Validators: policies()},
		"rua":                          list("Where aggregate reports go, such as `mailto:dmarc@acme.example`."),
		"ruf":                          list("Where failure reports go."),
		"adkim":                        alignment("DKIM"),
		"aspf":                         alignment("SPF"),
		"fo":                           schema.StringAttribute{Optional: true, MarkdownDescription: "When failure reports are wanted: `0`, `1`, `d`, `s`, joined by colons."},
		"testing":                      schema.BoolAttribute{Optional: true, MarkdownDescription: "Test mode (`t=y`): receivers act one step below the policy. It is no enforcement."},
	})
}

// tags are the record's tags in the order of the standard.
func (m *dmarcRecordModel) tags() ([]dmarc.Tag, bool) {
	rua, knownRUA := stringsOf(m.RUA)
	ruf, knownRUF := stringsOf(m.RUF)
	if !knownRUA || !knownRUF || anyUnknown(m.Name, m.Policy, m.Subdomain, m.Nonexistent, m.ADKIM, m.ASPF, m.FO, m.Testing) {
		return nil, false
	}
	out := []dmarc.Tag{{Name: "v", Value: dmarc.Version}}
	add := func(name, value string) {
		if value != "" {
			out = append(out, dmarc.Tag{Name: name, Value: value})
		}
	}
	add("p", m.Policy.ValueString())
	add("sp", m.Subdomain.ValueString())
	add("np", m.Nonexistent.ValueString())
	add("adkim", m.ADKIM.ValueString())
	add("aspf", m.ASPF.ValueString())
	add("rua", strings.Join(rua, ","))
	add("ruf", strings.Join(ruf, ","))
	add("fo", m.FO.ValueString())
	if m.Testing.ValueBool() {
		add("t", "y")
	}
	return out, true
}

func validateDMARCRecord(_ context.Context, m *dmarcRecordModel, diags *diag.Diagnostics) {
	tags, known := m.tags()
	if !known {
		return
	}
	// A report address is one URI: a comma would make two of it.
	for attribute, list := range map[string]types.List{"rua": m.RUA, "ruf": m.RUF} {
		for i, uri := range knownStrings(list) {
			if !strings.Contains(uri, ":") || strings.ContainsAny(uri, ", \t;!") {
				diags.AddAttributeError(path.Root(attribute).AtListIndex(i), "Not a report address",
					fmt.Sprintf("%s[%d] is %q; write a URI such as mailto:dmarc@acme.example, with commas, semicolons and exclamation marks percent-coded.", attribute, i, uri))
			}
		}
	}
	for i, uri := range knownStrings(m.RUA) {
		if strings.HasPrefix(strings.ToLower(uri), "https:") {
			diags.AddAttributeWarning(path.Root("rua").AtListIndex(i), "Receivers report by mail", fmt.Sprintf("rua[%d] is %q; receivers send reports to mailto: addresses alone.", i, uri))
		}
	}
	if diags.HasError() {
		return
	}
	if _, err := dmarc.Parse(dmarc.Format(tags)); err != nil {
		diags.AddError("The DMARC record would be malformed", fmt.Sprintf("  %s\n\n%s", dmarc.Format(tags), err))
	}
}

func (m *dmarcRecordModel) desired(zone string) (cloudflare.Record, bool, diag.Diagnostics) {
	var diags diag.Diagnostics
	tags, known := m.tags()
	if !known {
		return cloudflare.Record{Type: "TXT"}, false, diags
	}
	return txt(m.at(dmarcPrefix, zone, &diags), dmarc.Format(tags)), true, diags
}

func (m *dmarcRecordModel) stored() cloudflare.Record { return txt("", m.Content.ValueString()) }

func (m *dmarcRecordModel) observe(record cloudflare.Record, zone string) {
	m.Name = types.StringValue(subject(record, dmarcPrefix, zone))
	m.settle(record)
	parsed, err := dmarc.Parse(textIn(record))
	if err != nil || parsed == nil {
		return // the difference in content is enough for the plan to mend it
	}
	tag := func(name string) types.String {
		v, _ := parsed.Tag(name)
		return textOf(v)
	}
	uris := func(name string) types.List {
		v, _ := parsed.Tag(name)
		return listOf(splitList(v))
	}
	m.Policy, m.Subdomain, m.Nonexistent = tag("p"), tag("sp"), tag("np")
	m.RUA, m.RUF = uris("rua"), uris("ruf")
	m.ADKIM, m.ASPF, m.FO = tag("adkim"), tag("aspf"), tag("fo")
	m.Testing = types.BoolNull()
	if parsed.Testing {
		m.Testing = types.BoolValue(true)
	}
}

// rival is any DMARC record at the name: of two, receivers heed none.
func (m *dmarcRecordModel) rival(existing, desired cloudflare.Record) rivalry {
	return mailRival(existing, desired, func(text string) bool { return dmarc.IsDMARC(text) || dmarc.Resembles(text) })
}

func (m *dmarcRecordModel) once(desired cloudflare.Record) string { return "DMARC " + desired.Name }

func (m *dmarcRecordModel) imports(record cloudflare.Record, rest, zone string) bool {
	if rest == "" {
		rest = "@"
	}
	name, err := cloudflare.NormalizeName(rest, zone)
	return err == nil && record.Type == "TXT" && record.Name == dmarcPrefix+"."+name && dmarc.IsDMARC(textIn(record))
}

// adopting warns of what the record that is taken over says in terms that the
// standard has dropped, and that this resource does not write.
func (m *dmarcRecordModel) adopting(existing, wanted cloudflare.Record, diags *diag.Diagnostics) cloudflare.Record {
	parsed, _ := dmarc.Parse(textIn(existing)) // of a spoilt record what can be read
	effects := map[string]string{
		"pct": "Older receivers applied the policy to that share of the mail; from now on all of them apply it to all. If that is too early, set a weaker policy.",
		"rf":  "It had no effect.", "ri": "It had next to no effect: reports come once a day.",
	}
	for _, name := range []string{"pct", "rf", "ri"} {
		if value, ok := parsed.Tag(name); ok {
			diags.AddAttributeWarning(path.Root("policy"), fmt.Sprintf("DMARC of %s: %s=%s is dropped", wanted.Name, name, value),
				"The tag was removed from the standard (RFC 9989 appendix C.5.2). "+effects[name])
		}
	}
	return wanted
}

// verifyReportAddresses warns of report addresses in other domains that have
// not agreed to take the reports: they would be dropped silently. It is no
// error, because the remedy lies with the other domain.
func verifyReportAddresses(ctx context.Context, s *shared, m *dmarcRecordModel, record cloudflare.Record, _ cloudflare.Zone, diags *diag.Diagnostics) {
	prober, waiting := s.ready()
	if waiting.HasError() {
		return
	}
	domain := strings.TrimPrefix(record.Name, dmarcPrefix+".")
	for attribute, list := range map[string]types.List{"rua": m.RUA, "ruf": m.RUF} {
		for i, uri := range knownStrings(list) {
			host := reportHost(uri)
			name, needed := dmarc.ReportAuthorization(domain, host)
			if host == "" || !needed {
				continue
			}
			answer := prober.Lookup(ctx, name, probe.TypeTXT)
			var values []string
			for _, r := range answer.Records {
				values = append(values, r.Value)
			}
			if answer.Status.Decided() && !dmarc.Authorizes(values) {
				diags.AddAttributeWarning(path.Root(attribute).AtListIndex(i), fmt.Sprintf("%s has not agreed to take reports about %s", host, domain),
					fmt.Sprintf("Receivers drop reports to a foreign domain that does not publish this record (RFC 9990):\n\n  %s TXT \"v=DMARC1\"", name))
			}
		}
	}
}

// reportHost is the domain of a mailto: address; empty for other schemes.
func reportHost(uri string) string {
	address, isMail := strings.CutPrefix(strings.ToLower(uri), "mailto:")
	_, host, found := strings.Cut(address, "@")
	if !isMail || !found {
		return ""
	}
	host, _, _ = strings.Cut(host, "?")
	return host
}
