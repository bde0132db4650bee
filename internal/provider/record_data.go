package provider

import (
	"encoding/json"
	"fmt"
	"math/big"
	"slices"
	"strings"

	"github.com/hashicorp/terraform-plugin-framework-validators/int64validator"
	"github.com/hashicorp/terraform-plugin-framework-validators/stringvalidator"
	"github.com/hashicorp/terraform-plugin-framework/attr"
	"github.com/hashicorp/terraform-plugin-framework/resource/schema"
	"github.com/hashicorp/terraform-plugin-framework/schema/validator"
	"github.com/hashicorp/terraform-plugin-framework/types"

	"github.com/launchready/terraform-provider-launchready/internal/cloudflare"
)

// dataShape is a typed object of a record: its fields, where Cloudflare keeps
// them, and the record types that it serves.
type dataShape struct {
	attribute string
	types     []string
	rfc       string
	fields    []dataField
}

// dataField is one field of a typed object.
type dataField struct {
	name        string // in the configuration
	key         string // in Cloudflare's data object; contentKey and priorityKey are fields of the record itself
	description string
	max         int64    // for whole numbers: the largest; 0 = the field is text
	decimal     bool     // a number with a fraction
	oneOf       []string // for text
	optional    bool     // empty text if left out
}

const (
	contentKey  = "content"
	priorityKey = "priority!" // top-level priority, not that of the data object
)

const (
	max8  = 1<<8 - 1
	max16 = 1<<16 - 1
	max32 = 1<<32 - 1
)

// dataShapes are the typed objects, after cloudflare.md's wire shapes of
// https://developers.cloudflare.com/api/resources/dns/subresources/records.
func dataShapes() []dataShape {
	return []dataShape{
		{"mx", []string{"MX"}, "RFC 5321", []dataField{
			{name: "priority", key: priorityKey, description: "Preference; lower is tried first.", max: max16},
			{name: "target", key: contentKey, description: "Mail server; `.` with priority 0 says that the name takes no mail (RFC 7505)."},
		}},
		{"srv", []string{"SRV"}, "RFC 2782", []dataField{
			{name: "priority", key: "priority", description: "Priority; lower is tried first.", max: max16},
			{name: "weight", key: "weight", description: "Weight among equal priorities.", max: max16},
			{name: "port", key: "port", description: "Port.", max: max16},
			{name: "target", key: "target", description: "Host, or `.` for none."},
		}},
		{"caa", []string{"CAA"}, "RFC 8659", []dataField{
			{name: "flags", key: "flags", description: "0, or 128 for critical.", max: max8},
			{name: "tag", key: "tag", description: "`issue`, `issuewild`, `iodef` or another property."},
			{name: "value", key: "value", description: "Value of the property."},
		}},
		{"tlsa", []string{"TLSA", "SMIMEA"}, "RFC 6698", []dataField{
			{name: "usage", key: "usage", description: "Certificate usage.", max: max8},
			{name: "selector", key: "selector", description: "Selector.", max: max8},
			{name: "matching_type", key: "matching_type", description: "Matching type.", max: max8},
			{name: "certificate", key: "certificate", description: "Association data, hexadecimal."},
		}},
		{"sshfp", []string{"SSHFP"}, "RFC 4255", []dataField{
			{name: "algorithm", key: "algorithm", description: "Key algorithm.", max: max8},
			{name: "type", key: "type", description: "Fingerprint type.", max: max8},
			{name: "fingerprint", key: "fingerprint", description: "Fingerprint, hexadecimal."},
		}},
		{"svcb", []string{"SVCB", "HTTPS"}, "RFC 9460", []dataField{
			{name: "priority", key: "priority", description: "Priority; 0 makes an alias.", max: max16},
			{name: "target", key: "target", description: "Target name, or `.` for the owner."},
			{name: "value", key: "value", description: "Service parameters, such as `alpn=\"h3,h2\"`.", optional: true},
		}},
		{"uri", []string{"URI"}, "RFC 7553", []dataField{
			{name: "priority", key: priorityKey, description: "Priority; lower is tried first.", max: max16},
			{name: "weight", key: "weight", description: "Weight among equal priorities.", max: max16},
			{name: "target", key: "target", description: "URI."},
		}},
		{"naptr", []string{"NAPTR"}, "RFC 3403", []dataField{
			{name: "order", key: "order", description: "Order.", max: max16},
			{name: "preference", key: "preference", description: "Preference.", max: max16},
			{name: "flags", key: "flags", description: "Flags.", optional: true},
			{name: "service", key: "service", description: "Service parameters.", optional: true},
			{name: "regex", key: "regex", description: "Substitution expression.", optional: true},
			{name: "replacement", key: "replacement", description: "Replacement name, or `.`.", optional: true},
		}},
		{"ds", []string{"DS"}, "RFC 4034", []dataField{
			{name: "key_tag", key: "key_tag", description: "Key tag.", max: max16},
			{name: "algorithm", key: "algorithm", description: "Algorithm.", max: max8},
			{name: "digest_type", key: "digest_type", description: "Digest type.", max: max8},
			{name: "digest", key: "digest", description: "Digest, hexadecimal."},
		}},
		{"dnskey", []string{"DNSKEY"}, "RFC 4034", []dataField{
			{name: "flags", key: "flags", description: "256 for a zone-signing key, 257 for a key-signing key.", max: max16},
			{name: "protocol", key: "protocol", description: "3.", max: max8},
			{name: "algorithm", key: "algorithm", description: "Algorithm.", max: max8},
			{name: "public_key", key: "public_key", description: "Public key, base64."},
		}},
		{"cert", []string{"CERT"}, "RFC 4398", []dataField{
			{name: "type", key: "type", description: "Certificate type.", max: max16},
			{name: "key_tag", key: "key_tag", description: "Key tag.", max: max16},
			{name: "algorithm", key: "algorithm", description: "Algorithm.", max: max8},
			{name: "certificate", key: "certificate", description: "Certificate or list, base64."},
		}},
		{"loc", []string{"LOC"}, "RFC 1876", []dataField{
			{name: "lat_degrees", key: "lat_degrees", description: "Degrees of latitude.", max: 90},
			{name: "lat_minutes", key: "lat_minutes", description: "Minutes of latitude.", max: 59},
			{name: "lat_seconds", key: "lat_seconds", description: "Seconds of latitude.", decimal: true},
			{name: "lat_direction", key: "lat_direction", description: "`N` or `S`.", oneOf: []string{"N", "S"}},
			{name: "long_degrees", key: "long_degrees", description: "Degrees of longitude.", max: 180},
			{name: "long_minutes", key: "long_minutes", description: "Minutes of longitude.", max: 59},
			{name: "long_seconds", key: "long_seconds", description: "Seconds of longitude.", decimal: true},
			{name: "long_direction", key: "long_direction", description: "`E` or `W`.", oneOf: []string{"E", "W"}},
			{name: "altitude", key: "altitude", description: "Altitude in metres.", decimal: true},
			{name: "size", key: "size", description: "Size in metres.", decimal: true},
			{name: "precision_horz", key: "precision_horz", description: "Horizontal precision in metres.", decimal: true},
			{name: "precision_vert", key: "precision_vert", description: "Vertical precision in metres.", decimal: true},
		}},
	}
}

// shapeOf finds the typed object of a record type; false for types whose
// content is text.
func shapeOf(recordType string) (dataShape, bool) {
	for _, s := range dataShapes() {
		if slices.Contains(s.types, recordType) {
			return s, true
		}
	}
	return dataShape{}, false
}

func (s dataShape) schema() schema.SingleNestedAttribute {
	fields := map[string]schema.Attribute{}
	for _, f := range s.fields {
		switch {
		case f.decimal:
			fields[f.name] = schema.Float64Attribute{Required: true, MarkdownDescription: f.description}
		case f.max > 0:
			fields[f.name] = schema.Int64Attribute{Required: true, MarkdownDescription: f.description, Validators: []validator.Int64{int64validator.Between(0, f.max)}}
		default:
			a := schema.StringAttribute{Required: !f.optional, Optional: f.optional, MarkdownDescription: f.description}
			if f.oneOf != nil {
				a.Validators = []validator.String{stringvalidator.OneOf(f.oneOf...)}
			}
			fields[f.name] = a
		}
	}
	return schema.SingleNestedAttribute{
		Optional:            true,
		MarkdownDescription: fmt.Sprintf("Value of a record of type %s (%s).", strings.Join(s.types, " or "), s.rfc),
		Attributes:          fields,
	}
}

func (s dataShape) attributeTypes() map[string]attr.Type {
	out := map[string]attr.Type{}
	for _, f := range s.fields {
		switch {
		case f.decimal:
			out[f.name] = types.Float64Type
		case f.max > 0:
			out[f.name] = types.Int64Type
		default:
			out[f.name] = types.StringType
		}
	}
	return out
}

// write puts a typed object into a record. It returns false while a field is unknown.
func (s dataShape) write(o types.Object, record *cloudflare.Record) bool {
	values := o.Attributes()
	for _, f := range s.fields {
		v := values[f.name]
		if v == nil || v.IsUnknown() {
			return false
		}
		switch v := v.(type) {
		case types.Int64:
			if f.key == priorityKey {
				n := v.ValueInt64()
				record.Priority = &n
				continue
			}
			setData(record, f.key, float64(v.ValueInt64()))
		case types.Float64:
			setData(record, f.key, v.ValueFloat64())
		case types.String:
			if f.key == contentKey {
				record.Content = v.ValueString()
				continue
			}
			setData(record, f.key, v.ValueString())
		}
	}
	return true
}

func setData(record *cloudflare.Record, key string, value any) {
	if record.Data == nil {
		record.Data = map[string]any{}
	}
	record.Data[key] = value
}

// read makes a typed object of what a record holds. Fields that the record
// lacks are zero.
func (s dataShape) read(record cloudflare.Record) types.Object {
	values := map[string]attr.Value{}
	for _, f := range s.fields {
		var v any
		switch f.key {
		case contentKey:
			v = record.Content
		case priorityKey:
			if record.Priority != nil {
				v = float64(*record.Priority)
			}
		default:
			v = record.Data[f.key]
		}
		switch {
		case f.decimal:
			values[f.name] = types.Float64Value(number(v))
		case f.max > 0:
			values[f.name] = types.Int64Value(int64(number(v)))
		default:
			text, _ := v.(string)
			if f.optional {
				values[f.name] = textOf(text)
			} else {
				values[f.name] = types.StringValue(text)
			}
		}
	}
	return types.ObjectValueMust(s.attributeTypes(), values)
}

// number reads a number of a decoded JSON document; anything else is zero.
func number(v any) float64 {
	switch v := v.(type) {
	case float64:
		return v
	case int64:
		return float64(v)
	case *int64:
		if v != nil {
			return float64(*v)
		}
	case json.Number:
		f, _, err := big.ParseFloat(v.String(), 10, 53, big.ToNearestEven)
		if err != nil {
			return 0
		}
		out, _ := f.Float64()
		return out
	}
	return 0
}
