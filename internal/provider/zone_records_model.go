package provider

import (
	"context"
	"encoding/hex"
	"errors"
	"fmt"
	"hash/fnv"
	"math/big"
	"slices"
	"strconv"
	"strings"

	"github.com/hashicorp/terraform-plugin-framework/attr"
	"github.com/hashicorp/terraform-plugin-framework/diag"
	"github.com/hashicorp/terraform-plugin-framework/path"
	"github.com/hashicorp/terraform-plugin-framework/types"

	"github.com/launchready/terraform-provider-launchready/internal/cloudflare"
	"github.com/launchready/terraform-provider-launchready/internal/zonefile"
)

type zoneRecordsModel struct {
	ID              types.String  `tfsdk:"id"`
	Zone            types.String  `tfsdk:"zone"`
	ZoneID          types.String  `tfsdk:"zone_id"`
	Plan            types.String  `tfsdk:"plan"`
	Records         types.Dynamic `tfsdk:"records"`
	ZoneFile        types.String  `tfsdk:"zone_file"`
	Unmanaged       types.String  `tfsdk:"unmanaged"`
	Ignore          types.List    `tfsdk:"ignore"`
	AllowMassDelete types.Bool    `tfsdk:"allow_mass_delete"`
	RecordIDs       types.Map     `tfsdk:"record_ids"`
	Adopted         types.List    `tfsdk:"adopted"`
}

// elements are the records of the map by key. known is false while the map as a
// whole is unknown. Its type is dynamic, because a typed map of 5,000 elements
// takes Terraform itself over ten seconds a plan: see the changelog of the schema
// in docs/guides.
func (m *zoneRecordsModel) elements() (elements map[string]attr.Value, known bool, err error) {
	if m.Records.IsNull() || m.Records.IsUnderlyingValueNull() {
		return nil, true, nil
	}
	if m.Records.IsUnknown() || m.Records.IsUnderlyingValueUnknown() {
		return nil, false, nil
	}
	switch v := m.Records.UnderlyingValue().(type) {
	case types.Object:
		return v.Attributes(), true, nil
	case types.Map:
		return v.Elements(), true, nil
	}
	return nil, true, errors.New("it is a map of records by key, such as { www = { name = \"www\", type = \"A\", content = \"198.51.100.10\" } }")
}

// recordsOf makes the value of records.
func recordsOf(elements map[string]zoneRecord) types.Dynamic {
	values, kinds := make(map[string]attr.Value, len(elements)), make(map[string]attr.Type, len(elements))
	for key, e := range elements {
		o := e.object()
		values[key], kinds[key] = o, o.Type(context.Background())
	}
	return types.DynamicValue(types.ObjectValueMust(kinds, values))
}

// zoneRecord is one element of records; what is nil is left out.
type zoneRecord struct {
	name, kind, content string
	ttl                 *int64
	proxied             *bool
	comment             *string
	tags                []string
}

// zoneRecordFields are the names that an element may have.
func zoneRecordFields() []string {
	return []string{"name", "type", "content", "ttl", "proxied", "comment", "tags"}
}

// readZoneRecord takes an element apart; known is false while a part of it is
// unknown. The error is a *zonefile.Problem.
func readZoneRecord(v attr.Value) (e zoneRecord, known bool, err error) {
	if v.IsUnknown() {
		return e, false, nil
	}
	var fields map[string]attr.Value
	switch v := v.(type) {
	case types.Object:
		fields = v.Attributes()
	case types.Map:
		fields = v.Elements()
	case types.Dynamic:
		return readZoneRecord(v.UnderlyingValue())
	default:
		return e, true, &zonefile.Problem{Reason: "it is no record; write { name = ..., type = ..., content = ... }"}
	}
	known = true
	for _, name := range sortedKeys(fields) {
		value := fields[name]
		switch {
		case !slices.Contains(zoneRecordFields(), name):
			return e, true, &zonefile.Problem{Field: name, Reason: fmt.Sprintf("a record has no argument %q; it has %s", name, strings.Join(zoneRecordFields(), ", "))}
		case value.IsUnknown():
			known = false
		case !value.IsNull():
			if err := e.set(name, value); err != nil {
				return e, true, err
			}
		}
	}
	for _, required := range zoneRecordFields()[:3] {
		if value, ok := fields[required]; !ok || value.IsNull() {
			return e, true, &zonefile.Problem{Field: required, Reason: "it is missing"}
		}
	}
	return e, known, nil
}

// set writes one argument. Numbers and bools may be texts, as in a map of strings.
func (e *zoneRecord) set(name string, value attr.Value) error {
	wrong := func(want string) error {
		return &zonefile.Problem{Field: name, Reason: "it must be " + want}
	}
	if name == "tags" {
		var elements []attr.Value
		switch v := value.(type) {
		case types.List:
			elements = v.Elements()
		case types.Tuple:
			elements = v.Elements()
		case types.Set:
			elements = v.Elements()
		default:
			return wrong("a list of texts")
		}
		for _, element := range elements {
			s, ok := element.(types.String)
			if !ok {
				return wrong("a list of texts")
			}
			e.tags = append(e.tags, s.ValueString())
		}
		return nil
	}
	text, isText := value.(types.String)
	switch name {
	case "ttl":
		n, ok := new(big.Float), false
		if number, isNumber := value.(types.Number); isNumber {
			n, ok = number.ValueBigFloat(), true
		} else if isText {
			n, ok = n.SetString(text.ValueString())
		}
		whole, accuracy := int64(0), big.Exact
		if ok {
			whole, accuracy = n.Int64()
		}
		if !ok || accuracy != big.Exact {
			return wrong("a whole number of seconds")
		}
		e.ttl = &whole
		return nil
	case "proxied":
		on, ok := value.(types.Bool)
		b := on.ValueBool()
		if isText {
			var err error
			b, err = strconv.ParseBool(text.ValueString())
			ok = err == nil
		}
		if !ok {
			return wrong("true or false")
		}
		e.proxied = &b
		return nil
	}
	if !isText {
		return wrong("a text")
	}
	s := text.ValueString()
	switch name {
	case "name":
		e.name = s
	case "type":
		e.kind = s
	case "content":
		e.content = s
	case "comment":
		e.comment = &s
	}
	return nil
}

func (e zoneRecord) object() types.Object {
	values := map[string]attr.Value{"name": types.StringValue(e.name), "type": types.StringValue(e.kind), "content": types.StringValue(e.content)}
	if e.ttl != nil {
		values["ttl"] = types.NumberValue(new(big.Float).SetInt64(*e.ttl))
	}
	if e.proxied != nil {
		values["proxied"] = types.BoolValue(*e.proxied)
	}
	if e.comment != nil {
		values["comment"] = types.StringValue(*e.comment)
	}
	if len(e.tags) > 0 {
		tags, kinds := make([]attr.Value, len(e.tags)), make([]attr.Type, len(e.tags))
		for i, tag := range e.tags {
			tags[i], kinds[i] = types.StringValue(tag), types.StringType
		}
		values["tags"] = types.TupleValueMust(kinds, tags)
	}
	kinds := make(map[string]attr.Type, len(values))
	for name, v := range values {
		kinds[name] = v.Type(context.Background())
	}
	return types.ObjectValueMust(kinds, values)
}

// record is what an element asks for. The error is a *zonefile.Problem.
func (e zoneRecord) record(zone string) (cloudflare.Record, error) {
	record, err := zonefile.FromValue(e.kind, e.content, zone)
	if err != nil {
		field := "content"
		if !isRecordType(e.kind) {
			field = "type"
		}
		return record, &zonefile.Problem{Field: field, Reason: err.Error()}
	}
	if record.Name, err = cloudflare.NormalizeName(e.name, zone); err != nil {
		return record, &zonefile.Problem{Field: "name", Reason: err.Error()}
	}
	record.TTL, record.Tags = 1, e.tags
	if e.ttl != nil {
		record.TTL = *e.ttl
	}
	if e.proxied != nil {
		record.Proxied = *e.proxied
	}
	if e.comment != nil {
		record.Comment = *e.comment
	}
	return record, zonefile.Check(record)
}

// observed is an element for what is in the zone, in the words of the one before
// where these say the same.
func observed(record cloudflare.Record, before zoneRecord, zone string) zoneRecord {
	e := before
	if name, err := cloudflare.NormalizeName(before.name, zone); err != nil || name != record.Name || before.name == "" {
		e.name = relative(record.Name, zone)
	}
	was, err := zonefile.FromValue(before.kind, before.content, zone)
	was.Name = record.Name
	if err != nil || !cloudflare.Identical(was, record) {
		e.kind, e.content = record.Type, zonefile.Value(record)
	}
	if record.TTL != 1 && !record.Proxied || before.ttl != nil {
		e.ttl = &record.TTL
	}
	if record.Proxied || before.proxied != nil {
		e.proxied = &record.Proxied
	}
	if record.Comment != "" || before.comment != nil {
		e.comment = &record.Comment
	}
	if !cloudflare.SameTags(before.tags, record.Tags) {
		e.tags = record.Tags
	}
	return e
}

// relative is a name as people write it in the zone.
func relative(name, zone string) string {
	if name == zone {
		return "@"
	}
	short := strings.TrimSuffix(name, "."+zone)
	if full, err := cloudflare.NormalizeName(short, zone); err == nil && full == name {
		return short
	}
	return name
}

// declaration of a record set: the wanted records and where each is written.
type declarations struct {
	wanted []cloudflare.Wanted
	file   zonefile.File
	lines  map[string]int // by key, of a zone file
}

// at is the path of the argument that declares a record.
func (d declarations) at(key, field string) path.Path {
	if d.lines != nil {
		return path.Root("zone_file")
	}
	if field == "" {
		return path.Root("records").AtMapKey(key)
	}
	return path.Root("records").AtMapKey(key).AtName(field)
}

// where says in words which one is meant.
func (d declarations) where(key string) string {
	if line, ok := d.lines[key]; ok {
		return fmt.Sprintf("line %d of zone_file", line)
	}
	return fmt.Sprintf("records[%q]", key)
}

// declared reads the record set. known is false while a part of it is unknown;
// what is known is judged all the same.
func (m *zoneRecordsModel) declared(zone string) (d declarations, known bool, diags diag.Diagnostics) {
	elements, known, err := m.elements()
	switch {
	case err != nil:
		diags.AddAttributeError(path.Root("records"), "Not a map of records", "records: "+err.Error()+".")
		return d, known, diags
	case !known || m.ZoneFile.IsUnknown():
		return d, false, diags
	case !m.ZoneFile.IsNull():
		d = fromZoneFile(m.ZoneFile.ValueString(), zone, &diags)
	}
	for _, key := range sortedKeys(elements) {
		var record cloudflare.Record
		e, whole, err := readZoneRecord(elements[key])
		if err == nil && !whole {
			known = false
			continue
		}
		if err == nil {
			record, err = e.record(zone)
		}
		if err != nil {
			addProblem(&diags, d, key, err)
			continue
		}
		d.wanted = append(d.wanted, cloudflare.Wanted{Key: key, Record: record})
	}
	for _, clash := range cloudflare.Clashes(d.wanted) {
		diags.AddAttributeError(d.at(clash.B.Key, ""), fmt.Sprintf("%s and %s cannot both be", d.where(clash.A.Key), d.where(clash.B.Key)),
			clash.Reason+". Remove one of them.")
	}
	return d, known, diags
}

func addProblem(diags *diag.Diagnostics, d declarations, key string, err error) {
	field := ""
	var p *zonefile.Problem
	if errors.As(err, &p) {
		field = p.Field
	}
	diags.AddAttributeError(d.at(key, field), fmt.Sprintf("%s cannot be in the zone", d.where(key)), err.Error()+".")
}

func fromZoneFile(text, zone string, diags *diag.Diagnostics) declarations {
	d := declarations{lines: map[string]int{}}
	file, err := zonefile.Parse(text, zone)
	d.file = file
	if err != nil {
		for _, one := range flattened(err) {
			diags.AddAttributeError(path.Root("zone_file"), "Zone file cannot be read: "+place(one), one.Error()+".")
		}
	}
	for _, entry := range file.Entries {
		key := keyOf(entry.Record)
		if first, twice := d.lines[key]; twice {
			diags.AddAttributeError(path.Root("zone_file"), fmt.Sprintf("Line %d of zone_file repeats line %d", entry.First, first),
				fmt.Sprintf("Both declare %s %s with the same value. Remove one of them.", entry.Record.Type, entry.Record.Name))
			continue
		}
		d.lines[key] = entry.First
		if err := zonefile.Check(entry.Record); err != nil {
			addProblem(diags, d, key, err)
			continue
		}
		d.wanted = append(d.wanted, cloudflare.Wanted{Key: key, Record: entry.Record})
	}
	return d
}

// flattened takes joined errors apart.
func flattened(err error) []error {
	if many, ok := err.(interface{ Unwrap() []error }); ok {
		return many.Unwrap()
	}
	return []error{err}
}

func place(err error) string {
	var at *zonefile.Error
	if !errors.As(err, &at) {
		return "the zone is no domain name"
	}
	if at.Column == 0 {
		return fmt.Sprintf("line %d", at.Line)
	}
	return fmt.Sprintf("line %d, column %d", at.Line, at.Column)
}

// keyOf names a record of a zone file by what it says, briefly.
func keyOf(r cloudflare.Record) string {
	const longest = 60
	value := zonefile.Value(r)
	if r.Type != "TXT" {
		value = strings.ToLower(value)
	}
	if len(value) > longest {
		sum := fnv.New64a()
		sum.Write([]byte(value))
		value = strings.ToValidUTF8(value[:longest-20], "") + "..." + hex.EncodeToString(sum.Sum(nil))
	}
	return r.Type + " " + r.Name + " " + value
}

func isRecordType(t string) bool {
	for _, known := range zonefile.Types() {
		if strings.EqualFold(t, known) {
			return true
		}
	}
	return false
}

func isZoneID(s string) bool {
	return len(s) == 32 && strings.Trim(strings.ToLower(s), "0123456789abcdef") == ""
}

// ids are the record ids of the state by key.
func (m *zoneRecordsModel) ids() map[string]string {
	out := map[string]string{}
	for key, v := range m.RecordIDs.Elements() {
		if id, ok := v.(types.String); ok && !id.IsUnknown() {
			out[key] = id.ValueString()
		}
	}
	return out
}

func idMap(ids map[string]string) types.Map {
	elements := make(map[string]attr.Value, len(ids))
	for key, id := range ids {
		elements[key] = types.StringValue(id)
	}
	return types.MapValueMust(types.StringType, elements)
}

// idList makes a list that is never null.
func idList(ids []string) types.List {
	elements := make([]attr.Value, len(ids))
	for i, id := range ids {
		elements[i] = types.StringValue(id)
	}
	return types.ListValueMust(types.StringType, elements)
}

func joinCode(words []string) string { return strings.Join(words, "`, `") }
