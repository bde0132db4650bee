package provider

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"

	"github.com/hashicorp/terraform-plugin-framework-validators/listvalidator"
	"github.com/hashicorp/terraform-plugin-framework-validators/stringvalidator"
	"github.com/hashicorp/terraform-plugin-framework/attr"
	"github.com/hashicorp/terraform-plugin-framework/diag"
	"github.com/hashicorp/terraform-plugin-framework/path"
	"github.com/hashicorp/terraform-plugin-framework/resource"
	"github.com/hashicorp/terraform-plugin-framework/resource/schema"
	"github.com/hashicorp/terraform-plugin-framework/resource/schema/booldefault"
	"github.com/hashicorp/terraform-plugin-framework/resource/schema/listplanmodifier"
	"github.com/hashicorp/terraform-plugin-framework/resource/schema/planmodifier"
	"github.com/hashicorp/terraform-plugin-framework/schema/validator"
	"github.com/hashicorp/terraform-plugin-framework/types"

	"github.com/launchready/terraform-provider-launchready/internal/cloudflare"
	"github.com/launchready/terraform-provider-launchready/internal/mail/senders"
	"github.com/launchready/terraform-provider-launchready/internal/mail/spf"
)

func newSPFRecordResource() resource.Resource {
	return &recordResource[spfRecordModel, *spfRecordModel]{
		name: "spf_record",
		description: "The SPF record of a name (RFC 7208): who may send mail in its name. " +
			"The plan evaluates the whole tree of look-ups and fails over the limit of ten. " +
			"A name has at most one SPF record; a second one is refused, or adopted with `on_conflict = \"adopt\"`.\n\n" +
			"Import by zone, for the zone itself, or by `zone/name` or `zone/record id`.",
		attributes: spfRecordAttributes,
		validate:   validateSPFRecord,
		verify:     verifySPFBudget,
		forms:      "ZONE, ZONE/NAME, such as acme.example/mail, or ZONE/RECORD_ID",
	}
}

type spfRecordModel struct {
	mailFrame
	Senders  types.List   `tfsdk:"senders"`
	Include  types.List   `tfsdk:"include"`
	IP4      types.List   `tfsdk:"ip4"`
	IP6      types.List   `tfsdk:"ip6"`
	A        types.List   `tfsdk:"a"`
	MX       types.List   `tfsdk:"mx"`
	Redirect types.String `tfsdk:"redirect"`
	All      types.String `tfsdk:"all"`
	Merge    types.Bool   `tfsdk:"merge"`
	Merged   types.List   `tfsdk:"merged_terms"`
}

func spfRecordAttributes() map[string]schema.Attribute {
	list := func(description string) schema.ListAttribute {
		return schema.ListAttribute{Optional: true, ElementType: types.StringType, MarkdownDescription: description}
	}
	return withMailFrame("The SPF record.", map[string]schema.Attribute{
		"senders": schema.ListAttribute{
			Optional: true, ElementType: types.StringType,
			MarkdownDescription: "Services that send for the name, by catalogue name: `" + strings.Join(senders.Keys(), "`, `") + "`. A service that uses a return path of its own adds nothing to the record.",
			Validators:          []validator.List{listvalidator.ValueStringsAre(isSender{})},
		},
		"include": list("Domains whose SPF records are asked (`include:`)."),
		"ip4":     list("IPv4 addresses or networks, such as `192.0.2.10` or `192.0.2.0/24`."),
		"ip6":     list("IPv6 addresses or networks."),
		"a":       list("Names whose addresses may send (`a:`); `@` for the name itself."),
		"mx":      list("Names whose mail servers may send (`mx:`); `@` for the name itself."),
		"redirect": schema.StringAttribute{
			Optional: true, MarkdownDescription: "Domain whose SPF record takes the place of this one's end (`redirect=`). Excludes `all`.",
		},
		"merge": schema.BoolAttribute{
			Optional: true, Computed: true, Default: booldefault.StaticBool(true),
			MarkdownDescription: "Whether the terms of a record that is taken over are kept beside those declared here, so that no sender is cut off: of one that was there before (`on_conflict = \"adopt\"`), and of one that another resource of this configuration gives up. Set it to `false` once all that is wanted is declared: `merged_terms` are then dropped. Default: true.",
		},
		"merged_terms": schema.ListAttribute{
			Computed: true, ElementType: types.StringType, PlanModifiers: []planmodifier.List{listplanmodifier.UseStateForUnknown()},
			MarkdownDescription: "Terms that were kept of the record that was taken over. Declare those that are wanted.",
		},
		"all": schema.StringAttribute{
			Optional: true, MarkdownDescription: "What becomes of other senders: `-all` (fail), `~all` (softfail) or `?all` (neutral). Default: `-all`, unless `redirect` is set.",
			Validators: []validator.String{stringvalidator.OneOf("-all", "~all", "?all")},
		},
	})
}

// knownStrings returns the elements of a list by position; unknown ones are "".
func knownStrings(l types.List) map[int]string {
	out := map[int]string{}
	for i, e := range l.Elements() {
		if s, ok := e.(types.String); ok && !s.IsUnknown() && !s.IsNull() {
			out[i] = s.ValueString()
		}
	}
	return out
}

func (m *spfRecordModel) desired(zone string) (cloudflare.Record, bool, diag.Diagnostics) {
	var diags diag.Diagnostics
	if anyUnknown(m.Name, m.Redirect, m.All) {
		return cloudflare.Record{Type: "TXT"}, false, diags
	}
	var lists [6][]string
	for i, l := range []types.List{m.IP4, m.IP6, m.A, m.MX, m.Senders, m.Include} {
		values, known := stringsOf(l)
		if !known {
			return cloudflare.Record{Type: "TXT"}, false, diags
		}
		lists[i] = values
	}
	terms := []string{spf.Version}
	add := func(term string) {
		if !slices.Contains(terms, term) {
			terms = append(terms, term)
		}
	}
	for i, mechanism := range []string{"ip4", "ip6", "a", "mx"} {
		for _, value := range lists[i] {
			switch {
			case value == "@" && i >= 2:
				add(mechanism)
			case i >= 2 && !strings.ContainsAny(value, ".%/"):
				add(mechanism + ":" + value + "." + zone)
			default:
				add(mechanism + ":" + value)
			}
		}
	}
	for _, name := range lists[4] {
		if include := senderInclude(name, m.Name.ValueString()); include != "" {
			add("include:" + include)
		}
	}
	for _, include := range lists[5] {
		add("include:" + include)
	}
	if m.Merge.ValueBool() {
		merged, _ := stringsOf(m.Merged)
		for _, term := range merged {
			add(term)
		}
	}
	switch {
	case !m.Redirect.IsNull():
		add("redirect=" + m.Redirect.ValueString())
	case m.All.IsNull():
		add("-all")
	default:
		add(m.All.ValueString())
	}
	text := strings.Join(terms, " ")
	parsed, err := spf.Parse(text)
	if err != nil {
		diags.AddError("The SPF record would be malformed", fmt.Sprintf("  %s\n\n%s", text, err))
		return cloudflare.Record{Type: "TXT"}, false, diags
	}
	text = spf.Format(parsed) // one form, however it was written
	if len(text) > maximumTXT {
		diags.AddError("The SPF record would be too long", fmt.Sprintf("It takes %d characters, and Cloudflare stores %d. Join addresses to networks, or move senders to a subdomain.", len(text), maximumTXT))
	}
	for _, issue := range spf.Lint(parsed) {
		if issue.Kind == spf.Permissive {
			diags.AddError("The SPF record would let everybody send", sentence(errors.New(issue.Message)))
		}
	}
	return txt(m.at("", zone, &diags), text), true, diags
}

func (m *spfRecordModel) stored() cloudflare.Record { return txt("", m.Content.ValueString()) }

// maximumTXT is how many characters Cloudflare stores of a TXT record.
const maximumTXT = 2048

// senderInclude is what a sender needs in the record of a name; empty for those
// that use a return path of their own.
func senderInclude(key, name string) string {
	sender, ok := senders.Lookup(key)
	if !ok || len(sender.Includes) == 0 || sender.PerAccount {
		return ""
	}
	if sender.Apex == senders.ApexNeeded || (sender.SPFAt != "" && sender.SPFAt == name) {
		return sender.Includes[0]
	}
	return ""
}

// settle writes the record, and that nothing was merged where that is known by now.
func (m *spfRecordModel) settle(record cloudflare.Record) {
	m.mailFrame.settle(record)
	if !m.Merge.ValueBool() || m.Merged.IsUnknown() || m.Merged.IsNull() {
		m.Merged = types.ListValueMust(types.StringType, []attr.Value{})
	}
}

func (m *spfRecordModel) unsettle(record cloudflare.Record) {
	if m.Merged.IsUnknown() && m.Merge.ValueBool() {
		m.mailFrame.settle(record)
		return
	}
	m.settle(record)
}

// adopting keeps the terms of a record that is taken over: its senders may still
// be in use. How the record ends is as declared.
func (m *spfRecordModel) adopting(existing, wanted cloudflare.Record, diags *diag.Diagnostics) cloudflare.Record {
	if !m.Merge.ValueBool() || !m.Merged.IsUnknown() {
		return wanted
	}
	declared, err := spf.Parse(textIn(wanted))
	if err != nil {
		return wanted
	}
	merged, dropped := spf.Merge(textIn(existing), declared)
	m.Merged, _ = types.ListValueFrom(context.Background(), types.StringType, some(merged))
	if len(dropped) > 0 {
		diags.AddAttributeWarning(path.Root("merge"), fmt.Sprintf("SPF of %s: terms of the record that is there are dropped", wanted.Name),
			fmt.Sprintf("  %s\n\nThey break the grammar, so that receivers gave up at them (RFC 7208 section 4.6). Declare what they were meant to say.", strings.Join(dropped, "\n  ")))
	}
	if len(merged) == 0 {
		return wanted
	}
	diags.AddAttributeWarning(path.Root("merge"), fmt.Sprintf("SPF of %s: terms of the record that is there are kept", wanted.Name),
		fmt.Sprintf("  %s\n\nDeclare those that are wanted, in senders, include, ip4, ip6, a or mx; then set merge = false to drop the others.", strings.Join(merged, "\n  ")))
	whole, _, more := m.desired(strings.TrimSuffix(wanted.Name, "."))
	diags.Append(more...) // with what is kept the record may be too long, or let everybody send
	wanted.Content = whole.Content
	return wanted
}

// observe reads a record back. Senders stay as they are if the record has what
// they stand for; any other term goes to its own argument.
func (m *spfRecordModel) observe(record cloudflare.Record, zone string) {
	m.Name = types.StringValue(subject(record, "", zone))
	m.settle(record)
	parsed, err := spf.Parse(textIn(record))
	if err != nil {
		return // the difference in content is enough for the plan to mend it
	}
	var include, ip4, ip6, a, mx, merged []string
	before, _ := stringsOf(m.Merged)
	m.Redirect, m.All = types.StringNull(), types.StringNull()
	for _, term := range parsed.Terms {
		if slices.Contains(before, term.String()) {
			merged = append(merged, term.String())
			continue
		}
		_, value, _ := strings.Cut(term.Text, ":")
		if value == "" {
			value = "@"
		}
		switch term.Mechanism {
		case spf.Include:
			include = append(include, value)
		case spf.IP4:
			ip4 = append(ip4, value)
		case spf.IP6:
			ip6 = append(ip6, value)
		case spf.A:
			a = append(a, value)
		case spf.MX:
			mx = append(mx, value)
		case spf.All:
			m.All = types.StringValue(term.Text)
		}
		if term.Modifier == spf.Redirect && term.Domain != nil {
			m.Redirect = types.StringValue(term.Domain.String())
		}
	}
	var kept []string
	declared, _ := stringsOf(m.Senders)
	for _, name := range declared {
		wanted := senderInclude(name, m.Name.ValueString())
		if wanted != "" && !slices.Contains(include, wanted) {
			continue
		}
		kept = append(kept, name)
		include = slices.DeleteFunc(include, func(s string) bool { return s == wanted })
	}
	m.Merged, _ = types.ListValueFrom(context.Background(), types.StringType, some(merged))
	if m.Merge.IsNull() {
		m.Merge = types.BoolValue(true)
	}
	m.Senders, m.Include, m.IP4, m.IP6, m.A, m.MX = listOf(kept), listOf(include), listOf(ip4), listOf(ip6), listOf(a), listOf(mx)
}

// rival is any SPF record at the name: two of them are none (RFC 7208 section 4.5).
func (m *spfRecordModel) rival(existing, desired cloudflare.Record) rivalry {
	return mailRival(existing, desired, spf.IsSPF)
}

func (m *spfRecordModel) once(desired cloudflare.Record) string { return "SPF " + desired.Name }

func (m *spfRecordModel) imports(record cloudflare.Record, rest, zone string) bool {
	if rest == "" {
		rest = "@"
	}
	name, err := cloudflare.NormalizeName(rest, zone)
	return err == nil && record.Type == "TXT" && record.Name == name && spf.IsSPF(textIn(record))
}
