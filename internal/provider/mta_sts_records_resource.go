package provider

import (
	"context"
	"fmt"
	"slices"
	"strings"

	"github.com/hashicorp/terraform-plugin-framework-validators/int64validator"
	"github.com/hashicorp/terraform-plugin-framework-validators/stringvalidator"
	"github.com/hashicorp/terraform-plugin-framework/diag"
	"github.com/hashicorp/terraform-plugin-framework/path"
	"github.com/hashicorp/terraform-plugin-framework/resource"
	"github.com/hashicorp/terraform-plugin-framework/resource/schema"
	"github.com/hashicorp/terraform-plugin-framework/resource/schema/int64default"
	"github.com/hashicorp/terraform-plugin-framework/resource/schema/stringdefault"
	"github.com/hashicorp/terraform-plugin-framework/schema/validator"
	"github.com/hashicorp/terraform-plugin-framework/types"

	"github.com/launchready/terraform-provider-launchready/internal/cloudflare"
	"github.com/launchready/terraform-provider-launchready/internal/mail/mtasts"
	"github.com/launchready/terraform-provider-launchready/internal/probe"
)

func newMTASTSRecordsResource() resource.Resource {
	return &recordResource[mtaSTSRecordsModel, *mtaSTSRecordsModel]{
		name: "mta_sts_records",
		description: "MTA-STS of a name (RFC 8461): the TXT record that says that a policy exists, whose id follows the policy, and the policy's text to serve at `policy_url`. " +
			"The host `mta-sts` itself is a record like any other: see `launchready_dns_record`. " +
			"Serve a new policy before the record changes, and name a new MX in the policy before it is in the DNS. " +
			"To end MTA-STS set `mode = \"none\"`, wait for the old `max_age`, and then destroy the resource: senders go on enforcing the policy that they remember.\n\n" +
			"Import by zone, for the zone itself, or by `zone/name` or `zone/record id`: the policy is not in the DNS, and is set by the next apply.",
		attributes: mtaSTSRecordsAttributes,
		validate:   validateMTASTSRecords,
		verify:     verifyMTASTSHosts,
		forms:      "ZONE, ZONE/NAME, such as acme.example/mail, or ZONE/RECORD_ID",
	}
}

type mtaSTSRecordsModel struct {
	mailFrame
	Mode      types.String `tfsdk:"mode"`
	MX        types.List   `tfsdk:"mx"`
	MaxAge    types.Int64  `tfsdk:"max_age"`
	Policy    types.String `tfsdk:"policy"`
	PolicyID  types.String `tfsdk:"policy_id"`
	PolicyURL types.String `tfsdk:"policy_url"`
}

func mtaSTSRecordsAttributes() map[string]schema.Attribute {
	var modes []string
	for _, m := range mtasts.Modes() {
		modes = append(modes, string(m))
	}
	computed := func(description string) schema.StringAttribute {
		return schema.StringAttribute{Computed: true, MarkdownDescription: description}
	}
	return withMailFrame("The MTA-STS record.", map[string]schema.Attribute{
		"mode": schema.StringAttribute{
			Optional: true, Computed: true, Default: stringdefault.StaticString(string(mtasts.Testing)),
			MarkdownDescription: "What senders do where an MX host does not match or its TLS fails: `enforce` (they do not deliver), `testing` (they deliver and report), `none` (MTA-STS is being retired). Default: `testing`.",
			Validators:          []validator.String{stringvalidator.OneOf(modes...)},
		},
		"mx": schema.ListAttribute{
			Optional: true, ElementType: types.StringType,
			MarkdownDescription: "MX hosts that mail may be delivered to, such as `smtp.google.com`; `*.` and a domain for all hosts one label below it. Required unless the mode is `none`.",
		},
		"max_age": schema.Int64Attribute{
			Optional: true, Computed: true, Default: int64default.StaticInt64(7 * mtasts.ShortAge),
			MarkdownDescription: "How long senders remember the policy, in seconds, up to 31557600 (a year). Default: 604800 (a week).",
			Validators:          []validator.Int64{int64validator.Between(0, mtasts.MaximumAge)},
		},
		"policy":     computed("Text to serve, as `text/plain` and with status 200, at `policy_url`."),
		"policy_id":  computed("Id of the policy: a digest of its text."),
		"policy_url": computed("Where senders fetch the policy."),
	})
}

func (m *mtaSTSRecordsModel) built() (mtasts.Policy, bool) {
	hosts, known := stringsOf(m.MX)
	if !known || anyUnknown(m.Mode, m.MaxAge) {
		return mtasts.Policy{}, false
	}
	p := mtasts.Policy{Mode: mtasts.Mode(m.Mode.ValueString()), MaxAge: int(m.MaxAge.ValueInt64())}
	for _, host := range hosts {
		p.MX = append(p.MX, strings.ToLower(strings.TrimSuffix(host, ".")))
	}
	return p, true
}

func validateMTASTSRecords(_ context.Context, m *mtaSTSRecordsModel, diags *diag.Diagnostics) {
	for i, host := range knownStrings(m.MX) {
		probe := mtasts.Policy{Mode: mtasts.Enforce, MaxAge: 1, MX: []string{host}}
		if _, err := mtasts.ParsePolicy([]byte(probe.Format())); err != nil || strings.ContainsAny(host, "\r\n:") {
			diags.AddAttributeError(path.Root("mx").AtListIndex(i), "Not an MX host",
				fmt.Sprintf("mx[%d] is %q; name an MX host such as smtp.google.com, or *. and its domain, which stands for one label.", i, host))
		}
	}
	if m.Mode.ValueString() != string(mtasts.None) && !m.Mode.IsUnknown() && !m.MX.IsUnknown() && len(m.MX.Elements()) == 0 {
		diags.AddAttributeError(path.Root("mx"), "MX hosts missing", "A policy of this mode names every MX host: set mx, or mode = \"none\" to retire MTA-STS.")
	}
}

func (m *mtaSTSRecordsModel) desired(zone string) (cloudflare.Record, bool, diag.Diagnostics) {
	var diags diag.Diagnostics
	policy, known := m.built()
	if !known || m.Name.IsUnknown() {
		return cloudflare.Record{Type: "TXT"}, false, diags
	}
	return txt(m.at(mtasts.Label, zone, &diags), mtasts.FormatRecord(policy.ID())), true, diags
}

func (m *mtaSTSRecordsModel) stored() cloudflare.Record { return txt("", m.Content.ValueString()) }

// settle writes the outputs. They follow the arguments, and after an import, when
// these are not known, the record alone.
func (m *mtaSTSRecordsModel) settle(record cloudflare.Record) {
	m.mailFrame.settle(record)
	id, _ := mtasts.ParseRecord(textIn(record)) // what cannot be read shows in content
	m.PolicyID, m.Policy = textOf(id), types.StringValue("")
	if policy, known := m.built(); known && m.Mode.ValueString() != "" {
		m.Policy = types.StringValue(policy.Format())
	}
	m.PolicyURL = types.StringValue("https://" + mtasts.HostLabel + strings.TrimPrefix(record.Name, mtasts.Label) + mtasts.Path)
}

func (m *mtaSTSRecordsModel) unsettle(record cloudflare.Record) { m.settle(record) }

// observe reads a record back. Its id does not tell the policy: if it is another
// than that of the arguments, these are taken to be unset, so that the plan shows
// what it will set.
func (m *mtaSTSRecordsModel) observe(record cloudflare.Record, zone string) {
	m.Name = types.StringValue(subject(record, mtasts.Label, zone))
	policy, known := m.built()
	if id, err := mtasts.ParseRecord(textIn(record)); err != nil || !known || id != policy.ID() {
		m.Mode, m.MX, m.MaxAge = types.StringNull(), types.ListNull(types.StringType), types.Int64Null()
	}
	m.settle(record)
}

func (m *mtaSTSRecordsModel) rival(existing, desired cloudflare.Record) rivalry {
	return mailRival(existing, desired, func(text string) bool { return mtasts.IsRecord(text) || mtasts.Resembles(text) })
}

func (m *mtaSTSRecordsModel) once(desired cloudflare.Record) string { return "MTA-STS " + desired.Name }

func (m *mtaSTSRecordsModel) imports(record cloudflare.Record, rest, zone string) bool {
	return importsMail(record, rest, zone, mtasts.Label, mtasts.IsRecord)
}

// importsMail reports whether a record is the one that a name stands for on import.
func importsMail(record cloudflare.Record, rest, zone, prefix string, is func(text string) bool) bool {
	if rest == "" {
		rest = "@"
	}
	name, err := cloudflare.NormalizeName(rest, zone)
	return err == nil && record.Type == "TXT" && record.Name == prefix+"."+name && is(textIn(record))
}

// verifyMTASTSHosts warns of MX hosts that the policy does not name: senders
// would not deliver there. It is no error, because the records may be about to
// change in the same apply.
func verifyMTASTSHosts(ctx context.Context, s *shared, m *mtaSTSRecordsModel, record cloudflare.Record, _ cloudflare.Zone, diags *diag.Diagnostics) {
	prober, waiting := s.ready()
	policy, known := m.built()
	if waiting.HasError() || !known || policy.Mode == mtasts.None {
		return
	}
	domain := strings.TrimPrefix(record.Name, mtasts.Label+".")
	var unnamed []string
	for _, mx := range prober.Lookup(ctx, domain, probe.TypeMX).Records {
		if mx.Host != "." && !policy.Covers(mx.Host) && !slices.Contains(unnamed, mx.Host) {
			unnamed = append(unnamed, mx.Host)
		}
	}
	if len(unnamed) > 0 {
		diags.AddAttributeWarning(path.Root("mx"), fmt.Sprintf("The MTA-STS policy of %s does not name %s", domain, strings.Join(unnamed, ", ")),
			"The DNS names it as MX. Under mode = \"enforce\" senders do not deliver to a host that the policy leaves out (RFC 8461 section 4.1): add it to mx, unless this apply takes the MX away.")
	}
}
