package provider

import (
	"fmt"
	"strings"

	"github.com/hashicorp/terraform-plugin-framework/attr"
	"github.com/hashicorp/terraform-plugin-framework/diag"
	"github.com/hashicorp/terraform-plugin-framework/path"
	"github.com/hashicorp/terraform-plugin-framework/resource/schema"
	"github.com/hashicorp/terraform-plugin-framework/resource/schema/stringdefault"
	"github.com/hashicorp/terraform-plugin-framework/types"

	"github.com/launchready/terraform-provider-launchready/internal/cloudflare"
)

// mailFrame is what the resources of mail records share besides recordFrame:
// the name that the record is about, and its text.
type mailFrame struct {
	recordFrame
	Name    types.String `tfsdk:"name"`
	Content types.String `tfsdk:"content"`
}

// withMailFrame adds the shared attributes. The record stands at prefix below
// the name.
func withMailFrame(what string, own map[string]schema.Attribute) map[string]schema.Attribute {
	own["name"] = schema.StringAttribute{
		Optional: true, Computed: true, Default: stringdefault.StaticString("@"),
		MarkdownDescription: "Name that the record is about: `@` for the zone itself, or a name within it such as `mail`. Default: `@`.",
	}
	own["content"] = schema.StringAttribute{Computed: true, MarkdownDescription: what}
	return own
}

// at is the full name of the record: prefix below the name.
func (m *mailFrame) at(prefix, zone string, diags *diag.Diagnostics) string {
	name, err := cloudflare.NormalizeName(m.Name.ValueString(), zone)
	if err != nil {
		diags.AddAttributeError(path.Root("name"), "Invalid name", err.Error())
	}
	if prefix != "" {
		// The record's own label is not for the user to write.
		if label, _, _ := strings.Cut(prefix[strings.LastIndex(prefix, "._")+1:], "."); strings.HasPrefix(name, label+".") || strings.HasPrefix(name, prefix+".") {
			diags.AddAttributeError(path.Root("name"), "Prefix written twice",
				fmt.Sprintf("name is %q; the record stands at %s below the name by itself: write the name that it is about, such as @.", m.Name.ValueString(), prefix))
		}
		name = prefix + "." + name
	}
	return name
}

// subject is the name that a record at prefix is about, as the user would write it.
func subject(record cloudflare.Record, prefix, zone string) string {
	name := record.Name
	if prefix != "" {
		name = strings.TrimPrefix(name, prefix+".")
	}
	if name == zone {
		return "@"
	}
	return strings.TrimSuffix(name, "."+zone)
}

func txt(name, value string) cloudflare.Record {
	return cloudflare.Record{Type: "TXT", Name: name, Content: cloudflare.QuoteTXT(value)}
}

// textIn is the text of a record: the joined value of TXT, else the content.
func textIn(record cloudflare.Record) string {
	if record.Type == "TXT" {
		return cloudflare.UnquoteTXT(record.Content)
	}
	return record.Content
}

func (m *mailFrame) settle(record cloudflare.Record) { m.Content = types.StringValue(textIn(record)) }

func (m *mailFrame) unsettle(record cloudflare.Record) { m.settle(record) }

// mailRival is a TXT record at the name that speaks of the same, or a CNAME,
// which excludes all others.
func mailRival(existing, desired cloudflare.Record, same func(text string) bool) rivalry {
	if existing.Name != desired.Name {
		return noRival
	}
	if existing.Type == "CNAME" || (existing.Type == "TXT" && (desired.Type == "CNAME" || same(textIn(existing)))) {
		return adoptable
	}
	return noRival
}

// anyUnknown reports whether one of the values is unknown.
func anyUnknown(values ...attr.Value) bool {
	for _, v := range values {
		if v.IsUnknown() {
			return true
		}
	}
	return false
}
