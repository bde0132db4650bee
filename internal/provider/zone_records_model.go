package provider

import (
	"encoding/hex"
	"errors"
	"fmt"
	"hash/fnv"
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
	ID              types.String `tfsdk:"id"`
	Zone            types.String `tfsdk:"zone"`
	ZoneID          types.String `tfsdk:"zone_id"`
	Plan            types.String `tfsdk:"plan"`
	Records         types.Map    `tfsdk:"records"`
	ZoneFile        types.String `tfsdk:"zone_file"`
	Unmanaged       types.String `tfsdk:"unmanaged"`
	Ignore          types.List   `tfsdk:"ignore"`
	AllowMassDelete types.Bool   `tfsdk:"allow_mass_delete"`
	RecordIDs       types.Map    `tfsdk:"record_ids"`
	Since           types.String `tfsdk:"since"`
}

// recordsType is a map of maps of texts, to which Terraform converts numbers and
// bools as they are written. Of the same 5,000 records a plan without a change
// took 8 s where they were typed objects, 5 s where their type was dynamic and
// 4 s as texts, of which half a second is the provider's (two busy cores; 3 s on
// quiet ones).
func recordsType() types.MapType {
	return types.MapType{ElemType: types.MapType{ElemType: types.StringType}}
}

// recordsOf makes the value of records.
func recordsOf(elements map[string]zoneRecord) types.Map {
	values := make(map[string]attr.Value, len(elements))
	for key, e := range elements {
		values[key] = e.value()
	}
	return types.MapValueMust(recordsType().ElemType, values)
}

// zoneRecord is one element of records: its arguments by name, those of
// zoneRecordFields; what is not given is not there.
type zoneRecord map[string]string

// zoneRecordFields are the names that an element may have; the first three must
// be there.
func zoneRecordFields() []string {
	return []string{"name", "type", "content", "ttl", "proxied", "comment", "tags"}
}

// readZoneRecord takes an element apart; known is false while a part of it is
// unknown. The error is a *zonefile.Problem.
func readZoneRecord(v attr.Value) (e zoneRecord, known bool, err error) {
	m, ok := v.(types.Map)
	if !ok || m.IsUnknown() {
		return nil, false, nil
	}
	e, known = zoneRecord{}, true
	for name, value := range m.Elements() {
		text, _ := value.(types.String)
		switch {
		case !slices.Contains(zoneRecordFields(), name):
			return e, true, &zonefile.Problem{Field: name, Reason: "a record has no such argument; it has " + strings.Join(zoneRecordFields(), ", ")}
		case text.IsUnknown():
			known = false
			e[name] = "" // it is there
		case !text.IsNull():
			e[name] = text.ValueString()
		}
	}
	for _, required := range zoneRecordFields()[:3] {
		if _, ok := e[required]; !ok {
			return e, true, &zonefile.Problem{Field: required, Reason: "it is missing; a record needs " + strings.Join(zoneRecordFields()[:3], ", ")}
		}
	}
	return e, known, nil
}

func (e zoneRecord) value() types.Map {
	values := make(map[string]attr.Value, len(e))
	for name, text := range e {
		values[name] = types.StringValue(text)
	}
	return types.MapValueMust(types.StringType, values)
}

// record is what an element asks for. The error is a *zonefile.Problem.
func (e zoneRecord) record(zone string) (cloudflare.Record, error) {
	if !isRecordType(e["type"]) {
		return cloudflare.Record{}, &zonefile.Problem{Field: "type", Reason: fmt.Sprintf("%q is not served by Cloudflare; it is one of %s", e["type"], strings.Join(zonefile.Types(), ", "))}
	}
	record, err := zonefile.FromValue(e["type"], e["content"], zone)
	if err != nil {
		return record, &zonefile.Problem{Field: "content", Reason: err.Error()}
	}
	if strings.TrimSpace(e["name"]) == "" {
		return record, &zonefile.Problem{Field: "name", Reason: `it is empty; the zone itself is "@"`}
	}
	if record.Name, err = cloudflare.NormalizeName(e["name"], zone); err != nil {
		return record, &zonefile.Problem{Field: "name", Reason: err.Error()}
	}
	if record.Type == "NS" && record.Name == zone {
		return record, &zonefile.Problem{Field: "name", Reason: "the zone's own name servers are set by Cloudflare; an NS record delegates a name below the zone"}
	}
	record.TTL, record.Comment = 1, e["comment"]
	if text, ok := e["ttl"]; ok {
		if record.TTL, err = strconv.ParseInt(text, 10, 32); err != nil {
			return record, &zonefile.Problem{Field: "ttl", Reason: fmt.Sprintf("%q is no whole number of seconds", text)}
		}
	}
	if text, ok := e["proxied"]; ok {
		if record.Proxied, err = strconv.ParseBool(text); err != nil {
			return record, &zonefile.Problem{Field: "proxied", Reason: fmt.Sprintf("%q is neither true nor false", text)}
		}
	}
	record.Tags = splitTags(e["tags"])
	return record, zonefile.Check(record)
}

// observed is an element for what is in the zone, in the words of the one before
// where these say the same.
func observed(record cloudflare.Record, before zoneRecord, zone string) zoneRecord {
	e := zoneRecord{"name": relative(record.Name, zone), "type": record.Type, "content": zonefile.Value(record)}
	if name, err := cloudflare.NormalizeName(before["name"], zone); err == nil && name == record.Name && before["name"] != "" {
		e["name"] = before["name"]
	}
	if was, err := zonefile.FromValue(before["type"], before["content"], zone); err == nil {
		if was.Name = record.Name; cloudflare.Identical(was, record) {
			e["type"], e["content"] = before["type"], before["content"]
		}
	}
	say := func(name, value string, otherwise bool) {
		if _, said := before[name]; said || otherwise {
			e[name] = value
		}
	}
	say("ttl", strconv.FormatInt(record.TTL, 10), record.TTL != 1 && !record.Proxied)
	say("proxied", strconv.FormatBool(record.Proxied), record.Proxied)
	say("comment", record.Comment, record.Comment != "")
	say("tags", joinTags(record.Tags), len(record.Tags) > 0)
	return e
}

// splitTags takes tags apart at commas; a comma within a tag has a backslash
// before it.
func splitTags(text string) []string {
	var out []string
	for _, tag := range strings.Split(strings.ReplaceAll(text, `\,`, "\x00"), ",") {
		if tag = strings.TrimSpace(strings.ReplaceAll(tag, "\x00", ",")); tag != "" {
			out = append(out, tag)
		}
	}
	return out
}

func joinTags(tags []string) string {
	escaped := make([]string, len(tags))
	for i, tag := range tags {
		escaped[i] = strings.ReplaceAll(tag, ",", `\,`)
	}
	return strings.Join(escaped, ",")
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
func (d declarations) at(key string) path.Path {
	if d.lines != nil {
		return path.Root("zone_file")
	}
	return path.Root("records").AtMapKey(key) // its line is the record's; the words say which field
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
	if m.Records.IsUnknown() || m.ZoneFile.IsUnknown() {
		return d, false, diags
	}
	known = true
	if !m.ZoneFile.IsNull() {
		d = fromZoneFile(m.ZoneFile.ValueString(), zone, &diags)
	}
	elements := m.Records.Elements()
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
		diags.AddAttributeError(d.at(clash.B.Key), fmt.Sprintf("%s and %s cannot both be", d.where(clash.A.Key), d.where(clash.B.Key)),
			clash.Reason+". Remove one of them.")
	}
	return d, known, diags
}

func addProblem(diags *diag.Diagnostics, d declarations, key string, err error) {
	diags.AddAttributeError(d.at(key), fmt.Sprintf("%s cannot be in the zone", d.where(key)), err.Error()+".")
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
