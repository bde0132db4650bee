package provider

import (
	"context"
	"fmt"
	"slices"
	"strings"

	"github.com/hashicorp/terraform-plugin-framework/diag"
	"github.com/hashicorp/terraform-plugin-framework/path"
	"github.com/hashicorp/terraform-plugin-framework/resource"
	"github.com/hashicorp/terraform-plugin-framework/resource/schema"
	"github.com/hashicorp/terraform-plugin-framework/schema/validator"
	"github.com/hashicorp/terraform-plugin-framework/types"

	"github.com/launchready/terraform-provider-launchready/internal/cloudflare"
	"github.com/launchready/terraform-provider-launchready/internal/mail/dkim"
	"github.com/launchready/terraform-provider-launchready/internal/mail/senders"
)

func newDKIMRecordResource() resource.Resource {
	return &recordResource[dkimRecordModel, *dkimRecordModel]{
		name: "dkim_record",
		description: "A DKIM key (RFC 6376): the TXT record of a public key, or the CNAME that delegates it to a mail service. " +
			"Type and size of the key are judged in the plan.\n\nImport by `zone/selector`, `zone/selector/name` or `zone/record id`.",
		attributes: func() map[string]schema.Attribute {
			return withMailFrame("The key record, or the target of the CNAME.", map[string]schema.Attribute{
				"selector": schema.StringAttribute{
					Required: true, MarkdownDescription: "Selector, such as `google`; the record stands at `<selector>._domainkey.<name>`.",
					Validators: []validator.String{isSelector{}},
				},
				"public_key": schema.StringAttribute{
					Optional: true, MarkdownDescription: "Public key: PEM, the value of `p=`, or the whole record as the mail service shows it. Excludes `target`.",
				},
				"sender": schema.StringAttribute{
					Optional: true, MarkdownDescription: "Service that signs with the key, by catalogue name (see the data source `launchready_sender`). With it the plan tells a selector or a target that is not the service's.",
					Validators: []validator.String{isSender{}},
				},
				"target": schema.StringAttribute{
					Optional: true, MarkdownDescription: "Target of a CNAME, as the mail service shows it. Excludes `public_key`.",
					Validators: []validator.String{isHost{}},
				},
			})
		},
		validate: validateDKIMRecord,
		forms:    "ZONE/SELECTOR, such as acme.example/google, ZONE/SELECTOR/NAME or ZONE/RECORD_ID",
	}
}

type dkimRecordModel struct {
	mailFrame
	Selector  types.String `tfsdk:"selector"`
	PublicKey types.String `tfsdk:"public_key"`
	Target    types.String `tfsdk:"target"`
	Sender    types.String `tfsdk:"sender"`
}

// validateSender compares selector and target with what the catalogue knows of
// the service. A selector that accounts may choose is never wrong.
func validateSender(m *dkimRecordModel, diags *diag.Diagnostics) {
	sender, ok := senders.Lookup(m.Sender.ValueString())
	if !ok || anyUnknown(m.Selector, m.Target, m.PublicKey) || len(sender.Selectors) == 0 {
		return
	}
	name := strings.ToLower(m.Selector.ValueString())
	var names, suffixes []string
	for _, s := range sender.Selectors {
		suffixes = append(suffixes, s.Targets...)
	}
	if target := m.Target.ValueString(); target != "" && len(suffixes) > 0 && !slices.ContainsFunc(suffixes, func(suffix string) bool { return senders.Under(target, suffix) }) {
		slices.Sort(suffixes)
		diags.AddAttributeError(path.Root("target"), "Not a target of this sender",
			fmt.Sprintf("target is %q; those of %s are below %s. Copy the target that its console shows.", target, sender.Title, strings.Join(slices.Compact(suffixes), " or ")))
		return
	}
	for _, s := range sender.Selectors {
		names = append(names, s.Name)
		if s.Name != name {
			continue
		}
		if s.Form == senders.CNAME && s.Fixed && m.Target.IsNull() {
			diags.AddAttributeWarning(path.Root("public_key"), fmt.Sprintf("%s keeps the key of selector %s itself", sender.Title, s.Name),
				"It changes the key without notice, which a TXT record does not follow: set target in place of public_key, as its console shows it.")
		}
		return
	}
	diags.AddAttributeWarning(path.Root("selector"), fmt.Sprintf("%s is not known to sign with selector %s", sender.Title, name), "Known are "+strings.Join(names, ", ")+". An account may have others: then all is well.")
}

func validateDKIMRecord(_ context.Context, m *dkimRecordModel, diags *diag.Diagnostics) {
	validateSender(m, diags)
	if anyUnknown(m.PublicKey, m.Target) {
		return
	}
	if m.PublicKey.IsNull() == m.Target.IsNull() {
		diags.AddAttributeError(path.Root("selector"), "Key missing or given twice", "Set either public_key or target, and not both.")
		return
	}
	if m.PublicKey.IsNull() {
		return
	}
	record, err := dkim.Normalize(m.PublicKey.ValueString())
	if err != nil {
		diags.AddAttributeError(path.Root("public_key"), "Not a DKIM public key", err.Error())
		return
	}
	key, err := dkim.ParseKey(record)
	if err != nil {
		diags.AddAttributeError(path.Root("public_key"), "Not a DKIM public key", err.Error())
		return
	}
	for _, issue := range dkim.Lint(key) {
		switch issue.Kind {
		case dkim.WeakKey, dkim.Revoked, dkim.Restricted:
			diags.AddAttributeError(path.Root("public_key"), "Receivers would not accept this key", issue.Message)
		default:
			diags.AddAttributeWarning(path.Root("public_key"), fmt.Sprintf("DKIM key of selector %s: %s", m.Selector.ValueString(), issue.Message), issue.Message)
		}
	}
}

func (m *dkimRecordModel) prefix() string { return m.Selector.ValueString() + "._domainkey" }

func (m *dkimRecordModel) desired(zone string) (cloudflare.Record, bool, diag.Diagnostics) {
	var diags diag.Diagnostics
	if anyUnknown(m.Name, m.Selector, m.PublicKey, m.Target) {
		return cloudflare.Record{}, false, diags
	}
	name := strings.ToLower(m.at(m.prefix(), zone, &diags))
	if !m.Target.IsNull() {
		return cloudflare.Record{Type: "CNAME", Name: name, Content: strings.TrimSuffix(strings.ToLower(m.Target.ValueString()), ".")}, true, diags
	}
	text, err := dkim.Normalize(m.PublicKey.ValueString())
	if err != nil {
		diags.AddAttributeError(path.Root("public_key"), "Not a DKIM public key", err.Error())
	}
	return txt(name, text), true, diags
}

func (m *dkimRecordModel) stored() cloudflare.Record {
	if !m.Target.IsNull() {
		return cloudflare.Record{Type: "CNAME", Content: m.Content.ValueString()}
	}
	return txt("", m.Content.ValueString())
}

func (m *dkimRecordModel) observe(record cloudflare.Record, zone string) {
	m.settle(record)
	m.PublicKey, m.Target = types.StringNull(), types.StringNull()
	if record.Type == "CNAME" {
		m.Target = types.StringValue(record.Content)
	} else {
		m.PublicKey = types.StringValue(textIn(record))
	}
	if m.Selector.IsNull() || !strings.HasPrefix(record.Name, strings.ToLower(m.prefix())+".") {
		selector, _, _ := strings.Cut(record.Name, "._domainkey.")
		m.Selector = types.StringValue(selector)
	}
	m.Name = types.StringValue(subject(record, strings.ToLower(m.prefix()), zone))
}

// rival is a key already at the selector.
func (m *dkimRecordModel) rival(existing, desired cloudflare.Record) rivalry {
	return mailRival(existing, desired, func(string) bool { return true })
}

func (m *dkimRecordModel) once(desired cloudflare.Record) string { return "DKIM " + desired.Name }

func (m *dkimRecordModel) imports(record cloudflare.Record, rest, zone string) bool {
	selector, name, _ := strings.Cut(rest, "/")
	if name == "" {
		name = "@"
	}
	domain, err := cloudflare.NormalizeName(name, zone)
	return err == nil && selector != "" && (record.Type == "TXT" || record.Type == "CNAME") &&
		record.Name == strings.ToLower(selector)+"._domainkey."+domain
}
