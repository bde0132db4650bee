package provider

import (
	"context"
	"errors"
	"fmt"
	"net/netip"
	"slices"
	"strings"

	"github.com/hashicorp/terraform-plugin-framework-validators/stringvalidator"
	"github.com/hashicorp/terraform-plugin-framework/diag"
	"github.com/hashicorp/terraform-plugin-framework/path"
	"github.com/hashicorp/terraform-plugin-framework/resource"
	"github.com/hashicorp/terraform-plugin-framework/resource/schema"
	"github.com/hashicorp/terraform-plugin-framework/resource/schema/booldefault"
	"github.com/hashicorp/terraform-plugin-framework/schema/validator"
	"github.com/hashicorp/terraform-plugin-framework/types"

	"github.com/launchready/terraform-provider-launchready/internal/cloudflare"
	"github.com/launchready/terraform-provider-launchready/internal/mail/dmarc"
	"github.com/launchready/terraform-provider-launchready/internal/mail/spf"
	"github.com/launchready/terraform-provider-launchready/internal/zonefile"
)

func newDNSRecordResource() resource.Resource {
	return &recordResource[dnsRecordModel, *dnsRecordModel]{
		name: "dns_record",
		description: "One DNS record of a zone. The value is `content`, or the typed object of the record's type. " +
			"Values are compared as Cloudflare stores them: case, trailing dots and the quoting of TXT make no difference.\n\n" +
			"A change of type happens in place, so the name is never empty. Writes of one zone that come at the same time travel in one call. " +
			"Import by `zone/name/type`, by `zone/name/type/content` where a name has several of a type, or by `zone/record id`.",
		attributes: dnsRecordAttributes,
		validate:   validateDNSRecord,
		forms:      "ZONE/NAME/TYPE, such as acme.example/www/CNAME, with /CONTENT behind it where a name has several of a type, or ZONE/RECORD_ID",
	}
}

// textTypes are the record types whose value is the content itself.
func textTypes() []string {
	return []string{"A", "AAAA", "CNAME", "NS", "PTR", "TXT", "OPENPGPKEY"}
}

func proxiableTypes() []string { return []string{"A", "AAAA", "CNAME"} }

type dnsRecordModel struct {
	recordFrame
	Name    types.String `tfsdk:"name"`
	Type    types.String `tfsdk:"type"`
	Content types.String `tfsdk:"content"`
	Proxied types.Bool   `tfsdk:"proxied"`
	Tags    types.List   `tfsdk:"tags"`
	MX      types.Object `tfsdk:"mx"`
	SRV     types.Object `tfsdk:"srv"`
	CAA     types.Object `tfsdk:"caa"`
	TLSA    types.Object `tfsdk:"tlsa"`
	SSHFP   types.Object `tfsdk:"sshfp"`
	SVCB    types.Object `tfsdk:"svcb"`
	URI     types.Object `tfsdk:"uri"`
	NAPTR   types.Object `tfsdk:"naptr"`
	DS      types.Object `tfsdk:"ds"`
	DNSKEY  types.Object `tfsdk:"dnskey"`
	CERT    types.Object `tfsdk:"cert"`
	LOC     types.Object `tfsdk:"loc"`
}

// objects are the typed objects by the name of their attribute.
func (m *dnsRecordModel) objects() map[string]*types.Object {
	return map[string]*types.Object{
		"mx": &m.MX, "srv": &m.SRV, "caa": &m.CAA, "tlsa": &m.TLSA, "sshfp": &m.SSHFP,
		"svcb": &m.SVCB, "uri": &m.URI, "naptr": &m.NAPTR, "ds": &m.DS, "dnskey": &m.DNSKEY, "cert": &m.CERT, "loc": &m.LOC,
	}
}

func dnsRecordAttributes() map[string]schema.Attribute {
	recordTypes := textTypes()
	out := map[string]schema.Attribute{}
	for _, s := range dataShapes() {
		recordTypes = append(recordTypes, s.types...)
		out[s.attribute] = s.schema()
	}
	out["name"] = schema.StringAttribute{
		Required: true, MarkdownDescription: "Name: relative to the zone (`www`), full (`www.acme.example`), or `@` for the zone itself.",
		Validators: []validator.String{notBlank()},
	}
	out["type"] = schema.StringAttribute{
		Required: true, MarkdownDescription: "Type: one of `" + strings.Join(recordTypes, "`, `") + "`.",
		Validators: []validator.String{stringvalidator.OneOf(recordTypes...)},
	}
	out["content"] = schema.StringAttribute{
		Optional: true, MarkdownDescription: "Value of a record of type `" + strings.Join(textTypes(), "`, `") + "`. TXT is written plainly, without quotes; it is quoted and split on the way.",
	}
	out["proxied"] = schema.BoolAttribute{
		Optional: true, Computed: true, Default: booldefault.StaticBool(false),
		MarkdownDescription: "Whether Cloudflare's edge stands before the name (A, AAAA and CNAME only). A proxied record's TTL is automatic. Default: `false`.",
	}
	out["tags"] = schema.ListAttribute{
		Optional: true, ElementType: types.StringType,
		MarkdownDescription: "Tags as `name:value`, on paid plans; their order makes no difference.",
	}
	return out
}

func validateDNSRecord(_ context.Context, m *dnsRecordModel, diags *diag.Diagnostics) {
	if m.Type.IsUnknown() || m.Type.IsNull() {
		return
	}
	recordType := m.Type.ValueString()
	shape, typed := shapeOf(recordType)
	given := !m.Content.IsNull()
	if typed && given {
		diags.AddAttributeError(path.Root("content"), "Wrong argument for the type",
			fmt.Sprintf("The value of a record of type %s is the object %s = { ... }, not content.", recordType, shape.attribute))
	}
	objects := m.objects()
	for _, name := range sortedKeys(objects) {
		if !objects[name].IsNull() && (!typed || name != shape.attribute) {
			diags.AddAttributeError(path.Root(name), "Wrong argument for the type",
				fmt.Sprintf("A record of type %s has no object %s; its value is %s.", recordType, name, valueArgument(recordType)))
		}
	}
	if (typed && objects[shape.attribute].IsNull()) || (!typed && !given) {
		diags.AddAttributeError(path.Root("type"), "Value missing",
			fmt.Sprintf("A record of type %s needs %s.", recordType, valueArgument(recordType)))
	}
	if m.Proxied.ValueBool() {
		if !slices.Contains(proxiableTypes(), recordType) {
			diags.AddAttributeError(path.Root("proxied"), "Type cannot be proxied",
				fmt.Sprintf("Records of type %s cannot be proxied; only %s can.", recordType, strings.Join(proxiableTypes(), ", ")))
		}
		if ttl := m.TTL; !ttl.IsNull() && !ttl.IsUnknown() && ttl.ValueInt64() != 1 {
			diags.AddAttributeError(path.Root("ttl"), "TTL of a proxied record",
				fmt.Sprintf("ttl is %d, but a proxied record's TTL is automatic: leave ttl out or set it to 1.", ttl.ValueInt64()))
		}
	}
	if target, ok := m.MX.Attributes()["target"].(types.String); ok && !m.MX.IsNull() {
		if _, err := netip.ParseAddr(target.ValueString()); err == nil {
			diags.AddAttributeError(path.Root("mx").AtName("target"), "Not a host name",
				fmt.Sprintf("mx.target is %q; a mail server is named by its host name (RFC 5321 section 5.1), never by its address.", target.ValueString()))
		}
	}
	m.checkContent(recordType, diags)
	if !diags.HasError() {
		m.checkSyntax(diags)
	}
}

// checkContent has better words than the grammar for what is often mistaken.
func (m *dnsRecordModel) checkContent(recordType string, diags *diag.Diagnostics) {
	if m.Content.IsNull() || m.Content.IsUnknown() {
		return
	}
	content := m.Content.ValueString()
	address, err := netip.ParseAddr(content)
	switch recordType {
	case "A":
		if err != nil || !address.Is4() {
			diags.AddAttributeError(path.Root("content"), "Not an IPv4 address", fmt.Sprintf("content is %q; a record of type A needs an IPv4 address such as 198.51.100.10.", content))
		}
	case "AAAA":
		if err != nil || !address.Is6() {
			diags.AddAttributeError(path.Root("content"), "Not an IPv6 address", fmt.Sprintf("content is %q; a record of type AAAA needs an IPv6 address such as 2001:db8::10.", content))
		}
	case "CNAME", "NS", "PTR":
		if err == nil || content == "" || strings.ContainsAny(content, " /:") {
			diags.AddAttributeError(path.Root("content"), "Not a host name", fmt.Sprintf("content is %q; a record of type %s needs a host name.", content, recordType))
		}
	case "TXT":
		if content == "" {
			diags.AddAttributeError(path.Root("content"), "Empty text", "Cloudflare refuses a TXT record without text.")
		}
	}
}

// checkSyntax holds the whole record against the grammar of its type, once all of
// it is known.
func (m *dnsRecordModel) checkSyntax(diags *diag.Diagnostics) {
	record := cloudflare.Record{Type: m.Type.ValueString(), TTL: 1, Proxied: m.Proxied.ValueBool(), Comment: m.Comment.ValueString()}
	var known bool
	record.Tags, known = stringsOf(m.Tags)
	if m.Content.IsUnknown() || m.Comment.IsUnknown() || !known || !m.value(&record) {
		return
	}
	if zone := m.Zone.ValueString(); !isZoneID(zone) && !m.Name.IsUnknown() {
		record.Name, _ = cloudflare.NormalizeName(m.Name.ValueString(), zone) // a bad name is told elsewhere
		if apex, err := cloudflare.CanonicalName(zone); err == nil && record.Type == "NS" && record.Name == apex {
			diags.AddAttributeError(path.Root("name"), "Name servers of the zone itself",
				"The zone's own name servers are set by Cloudflare; an NS record delegates a name below the zone.")
			return
		}
	}
	var p *zonefile.Problem
	if !errors.As(zonefile.Check(record), &p) {
		return
	}
	at := path.Root(p.Field)
	if shape, typed := shapeOf(record.Type); typed && p.Field == "content" {
		at = path.Root(shape.attribute)
	}
	diags.AddAttributeError(at, fmt.Sprintf("Not a record of type %s", record.Type), fmt.Sprintf("%s: %s.", at, p.Reason))
}

func valueArgument(recordType string) string {
	if shape, typed := shapeOf(recordType); typed {
		return shape.attribute + " = { ... }"
	}
	return `content = "..."`
}

func (m *dnsRecordModel) desired(zone string) (cloudflare.Record, bool, diag.Diagnostics) {
	var diags diag.Diagnostics
	record := cloudflare.Record{Type: m.Type.ValueString(), Proxied: m.Proxied.ValueBool()}
	tags, known := stringsOf(m.Tags)
	if m.Type.IsUnknown() || m.Name.IsUnknown() || m.Content.IsUnknown() || m.Proxied.IsUnknown() || !known {
		return record, false, diags
	}
	record.Tags = tags
	name, err := cloudflare.NormalizeName(m.Name.ValueString(), zone)
	if err != nil {
		diags.AddAttributeError(path.Root("name"), "Invalid name", err.Error())
		return record, false, diags
	}
	record.Name = name
	known = m.value(&record)
	if record.Content == "@" && slices.Contains([]string{"CNAME", "NS", "PTR", "MX"}, record.Type) {
		record.Content = zone
	}
	return record, known, diags
}

// value writes the content or the typed object into the record; false while a
// part of it is unknown.
func (m *dnsRecordModel) value(record *cloudflare.Record) bool {
	if shape, typed := shapeOf(record.Type); typed {
		return shape.write(*m.objects()[shape.attribute], record)
	}
	record.Content = m.Content.ValueString()
	if record.Type == "TXT" {
		record.Content = cloudflare.QuoteTXT(cloudflare.UnquoteTXT(record.Content))
	}
	return true
}

func (m *dnsRecordModel) stored() cloudflare.Record {
	record := cloudflare.Record{Type: m.Type.ValueString(), Proxied: m.Proxied.ValueBool()}
	record.Tags, _ = stringsOf(m.Tags)
	m.value(&record)
	return record
}

func (m *dnsRecordModel) observe(record cloudflare.Record, zone string) {
	if name, err := cloudflare.NormalizeName(m.Name.ValueString(), zone); err != nil || name != record.Name || m.Name.ValueString() == "" {
		m.Name = types.StringValue(record.Name)
	}
	m.Type = types.StringValue(record.Type)
	m.Proxied = types.BoolValue(record.Proxied)
	m.Tags = listOf(record.Tags)
	m.Content = types.StringNull()
	shape, typed := shapeOf(record.Type)
	for _, s := range dataShapes() {
		*m.objects()[s.attribute] = types.ObjectNull(s.attributeTypes())
	}
	switch {
	case typed:
		*m.objects()[shape.attribute] = shape.read(record)
	case record.Type == "TXT":
		m.Content = types.StringValue(zonefile.Value(record))
	default:
		m.Content = types.StringValue(record.Content)
	}
}

func (m *dnsRecordModel) settle(cloudflare.Record)   {}
func (m *dnsRecordModel) unsettle(cloudflare.Record) {}

// rival is an identical record, or a CNAME beside addresses. To adopt, another
// address of the name is in the way: two of them split the visitors, and which
// is meant only the user knows.
func (m *dnsRecordModel) rival(existing, desired cloudflare.Record) rivalry {
	if existing.Name != desired.Name {
		return noRival
	}
	address := func(t string) bool { return slices.Contains(proxiableTypes(), t) }
	switch {
	case cloudflare.Identical(existing, desired):
		return adoptable
	case !address(existing.Type) || !address(desired.Type):
		return noRival
	case existing.Type == "CNAME" || desired.Type == "CNAME":
		return adoptable
	case existing.Type == desired.Type && m.OnConflict.ValueString() == conflictAdopt:
		return inTheWay
	}
	return noRival
}

func (m *dnsRecordModel) once(desired cloudflare.Record) string { return onceKey(desired) }

// onceKey names what may be declared only once in a zone: a record of a value,
// and the one SPF or DMARC record of a name.
func onceKey(desired cloudflare.Record) string {
	if text := textIn(desired); desired.Type == "TXT" && spf.IsSPF(text) {
		return "SPF " + desired.Name
	} else if desired.Type == "TXT" && dmarc.IsDMARC(text) {
		return "DMARC " + desired.Name
	}
	value := desired.Content
	if len(desired.Data) > 0 {
		value = string(mustJSON(desired.Data))
	}
	return strings.ToLower(strings.Join([]string{desired.Type, desired.Name, value, fmt.Sprint(number(desired.Priority))}, " "))
}

// imports takes NAME/TYPE, NAME/TYPE/CONTENT and TYPE/NAME.
func (m *dnsRecordModel) imports(record cloudflare.Record, rest, zone string) bool {
	first, rest, ok := strings.Cut(rest, "/")
	second, content, exact := strings.Cut(rest, "/")
	if !ok {
		return false
	}
	named := func(name, recordType string) bool {
		full, err := cloudflare.NormalizeName(name, zone)
		return err == nil && strings.EqualFold(record.Type, recordType) && record.Name == full
	}
	if !exact {
		return named(first, second) || named(second, first)
	}
	wanted, err := zonefile.FromValue(second, content, zone)
	wanted.Name = record.Name
	return err == nil && named(first, second) && cloudflare.Identical(record, wanted)
}
