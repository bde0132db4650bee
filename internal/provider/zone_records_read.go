package provider

import (
	"context"
	"fmt"
	"strings"
	"time"

	"github.com/hashicorp/terraform-plugin-framework/diag"
	"github.com/hashicorp/terraform-plugin-framework/path"
	"github.com/hashicorp/terraform-plugin-framework/resource"
	"github.com/hashicorp/terraform-plugin-framework/types"

	"github.com/launchready/terraform-provider-launchready/internal/cloudflare"
)

// Read tells what has become of the records. It costs one list call for the
// zone, shared with everything else that reads its records.
func (r *zoneRecordsResource) Read(ctx context.Context, req resource.ReadRequest, resp *resource.ReadResponse) {
	ctx = r.shared.logging(ctx)
	var state zoneRecordsModel
	resp.Diagnostics.Append(req.State.Get(ctx, &state)...)
	if resp.Diagnostics.HasError() {
		return
	}
	client := r.shared.refresher("the records are taken to be as they were", &resp.Diagnostics)
	if client == nil {
		return
	}
	zone, existing, err := zoneWithRecords(ctx, client, state.ZoneID.ValueString())
	if err != nil {
		addAPIError(&resp.Diagnostics, path.Root("zone"), "read the records of "+state.Zone.ValueString(), err)
		return
	}
	state.Plan = types.StringValue(zone.Plan)
	state.refresh(existing, zone)
	resp.Diagnostics.Append(resp.State.Set(ctx, &state)...)
}

func zoneWithRecords(ctx context.Context, client *cloudflare.Client, nameOrID string) (cloudflare.Zone, []cloudflare.Record, error) {
	zone, err := client.Zone(ctx, nameOrID)
	if err != nil {
		return zone, nil, err
	}
	existing, err := client.Records(ctx, zone.ID)
	return zone, existing, err
}

// holdings finds what is there of a set: by its id, or, where someone has
// deleted a record and made it again, by its value.
type holdings struct {
	byID   map[string]cloudflare.Record
	byName map[string][]cloudflare.Record
	taken  map[string]bool
}

func newHoldings(existing []cloudflare.Record, ids map[string]string) *holdings {
	h := &holdings{byID: map[string]cloudflare.Record{}, byName: map[string][]cloudflare.Record{}, taken: map[string]bool{}}
	for _, record := range existing {
		h.byID[record.ID] = record
		h.byName[record.Name] = append(h.byName[record.Name], record)
	}
	for _, id := range ids {
		h.taken[id] = true
	}
	return h
}

func (h *holdings) find(id string, wanted *cloudflare.Record) (cloudflare.Record, bool) {
	if record, ok := h.byID[id]; ok {
		return record, true
	}
	if wanted == nil {
		return cloudflare.Record{}, false
	}
	for _, record := range h.byName[wanted.Name] {
		if !h.taken[record.ID] && !record.KeptByCloudflare() && cloudflare.Identical(record, *wanted) {
			h.taken[record.ID] = true
			return record, true
		}
	}
	return cloudflare.Record{}, false
}

// refresh writes what is in the zone into the model, leaving the words of what
// is as declared.
func (m *zoneRecordsModel) refresh(existing []cloudflare.Record, zone cloudflare.Zone) {
	ids := m.ids()
	h := newHoldings(existing, ids)
	found := map[string]string{}
	if m.ZoneFile.IsNull() {
		m.refreshMap(h, ids, found, zone)
	} else {
		m.refreshFile(h, ids, found, zone)
	}
	if m.Unmanaged.ValueString() == unmanagedDelete {
		m.showUnmanaged(existing, found, zone)
	}
	m.RecordIDs = idMap(found)
}

func (m *zoneRecordsModel) refreshMap(h *holdings, ids, found map[string]string, zone cloudflare.Zone) {
	before := m.Records.Elements()
	after, same := make(map[string]zoneRecord, len(before)), true
	for key, v := range before {
		e, _, _ := readZoneRecord(v)
		wanted, err := e.record(zone.Name)
		record, there := h.find(ids[key], &wanted)
		switch {
		case !there && ids[key] == "" && err == nil && keptIn(h.byName[wanted.Name], wanted):
			after[key] = e // Cloudflare keeps it itself
		case !there:
			same = false
		case err == nil && cloudflare.AsWritten(record, wanted):
			after[key], found[key] = e, record.ID
		default:
			after[key], found[key], same = observed(record, e, zone.Name), record.ID, false
		}
	}
	for key, id := range ids { // what could not be deleted
		if record, there := h.find(id, nil); there && before[key] == nil {
			after[key], found[key], same = observed(record, nil, zone.Name), id, false
		}
	}
	if !same {
		m.Records = recordsOf(after)
	}
}

func keptIn(records []cloudflare.Record, wanted cloudflare.Record) bool {
	for _, r := range records {
		if r.KeptByCloudflare() && cloudflare.Identical(r, wanted) {
			return true
		}
	}
	return false
}

func (m *zoneRecordsModel) refreshFile(h *holdings, ids, found map[string]string, zone cloudflare.Zone) {
	text := m.ZoneFile.ValueString()
	d := fromZoneFile(text, zone.Name, &diag.Diagnostics{}) // it was judged when it was declared
	changed := map[int]*cloudflare.Record{}
	inFile := map[string]bool{}
	for i, entry := range d.file.Entries {
		key := keyOf(entry.Record)
		inFile[key] = true
		record, there := h.find(ids[key], &entry.Record)
		switch {
		case !there && ids[key] == "" && keptIn(h.byName[entry.Record.Name], entry.Record):
		case !there:
			changed[i] = nil
		case cloudflare.AsWritten(record, entry.Record):
			found[key] = record.ID
		default:
			changed[i] = &record
			found[keyOf(record)] = record.ID
		}
	}
	var more []cloudflare.Record
	for _, key := range sortedKeys(ids) {
		if record, there := h.find(ids[key], nil); there && !inFile[key] {
			more = append(more, record)
			found[keyOf(record)] = record.ID
		}
	}
	m.ZoneFile = types.StringValue(d.file.Rewrite(text, zone.Name, changed, more))
}

// showUnmanaged puts the records that are going to be deleted into the state, so
// that the plan shows them by name. They are nobody's until then: record_ids
// does not have them.
func (m *zoneRecordsModel) showUnmanaged(existing []cloudflare.Record, found map[string]string, zone cloudflare.Zone) {
	ours := map[string]bool{}
	for _, id := range found {
		ours[id] = true
	}
	keep := m.keeps(zone.Name)
	var extra []cloudflare.Record
	for _, record := range existing {
		if !ours[record.ID] && !record.KeptByCloudflare() && !keep(record) {
			extra = append(extra, record)
		}
	}
	if len(extra) == 0 {
		return
	}
	if !m.ZoneFile.IsNull() {
		text := m.ZoneFile.ValueString()
		d := fromZoneFile(text, zone.Name, &diag.Diagnostics{})
		m.ZoneFile = types.StringValue(d.file.Rewrite(text, zone.Name, nil, extra))
		return
	}
	elements := m.Records.Elements()
	all := make(map[string]zoneRecord, len(elements)+len(extra))
	for key, v := range elements {
		all[key], _, _ = readZoneRecord(v)
	}
	for key, record := range readableKeys(extra, zone.Name, elements) {
		all[key] = observed(record, nil, zone.Name)
	}
	m.Records = recordsOf(all)
}

// readableKeys gives records keys such as www_a, apex_mx_2: stable for a zone
// that does not change, good to read, and none that is taken.
func readableKeys[V any](records []cloudflare.Record, zone string, taken map[string]V) map[string]cloudflare.Record {
	sorted := sortedRecords(records)
	base := func(r cloudflare.Record) string {
		name := relative(r.Name, zone)
		name = strings.NewReplacer("@", "apex", "*", "any", ".", "_").Replace(name)
		name = strings.Map(func(c rune) rune {
			if c == '_' || c == '-' || c >= 'a' && c <= 'z' || c >= '0' && c <= '9' {
				return c
			}
			return '_'
		}, name)
		if name != "" && (name[0] >= '0' && name[0] <= '9' || name[0] == '-') {
			name = "n" + name
		}
		return name + "_" + strings.ToLower(r.Type)
	}
	count := map[string]int{}
	for _, r := range sorted {
		count[base(r)]++
	}
	out := map[string]cloudflare.Record{}
	next := map[string]int{}
	for _, r := range sorted {
		key := base(r)
		if count[key] > 1 {
			next[key]++
			key = fmt.Sprintf("%s_%d", key, next[key])
		}
		for n := 2; ; n++ {
			_, mine := out[key]
			if _, theirs := taken[key]; !mine && !theirs {
				break
			}
			key = fmt.Sprintf("%s_%d", base(r), n)
		}
		out[key] = r
	}
	return out
}

// ImportState takes the whole zone over: every record that Cloudflare does not
// keep itself, under a key that can be read.
func (r *zoneRecordsResource) ImportState(ctx context.Context, req resource.ImportStateRequest, resp *resource.ImportStateResponse) {
	ctx = r.shared.logging(ctx)
	client, diags := r.shared.client()
	resp.Diagnostics.Append(diags...)
	if resp.Diagnostics.HasError() {
		return
	}
	zone, existing, err := zoneWithRecords(ctx, client, req.ID)
	if err != nil {
		addAPIError(&resp.Diagnostics, path.Empty(), "import the records of "+req.ID, err)
		return
	}
	var ours []cloudflare.Record
	for _, record := range existing {
		if !record.KeptByCloudflare() && isRecordType(record.Type) {
			ours = append(ours, record)
		}
	}
	ids, elements := map[string]string{}, map[string]zoneRecord{}
	for key, record := range readableKeys(ours, zone.Name, map[string]bool{}) {
		ids[key], elements[key] = record.ID, observed(record, nil, zone.Name)
	}
	resp.Diagnostics.Append(resp.State.Set(ctx, &zoneRecordsModel{
		ID: types.StringValue(zone.ID), Zone: types.StringValue(req.ID), ZoneID: types.StringValue(zone.ID), Plan: types.StringValue(zone.Plan),
		Records: recordsOf(elements), Unmanaged: types.StringValue(unmanagedKeep), Ignore: types.ListNull(types.StringType),
		AllowMassDelete: types.BoolValue(false), RecordIDs: idMap(ids), Since: r.since(nil),
	})...)
}

// older are the records of a set that were in the zone before it.
func (m *zoneRecordsModel) older(existing []cloudflare.Record) []cloudflare.Record {
	since, err := time.Parse(time.RFC3339Nano, m.Since.ValueString())
	ours := map[string]bool{}
	for _, id := range m.ids() {
		ours[id] = true
	}
	var out []cloudflare.Record
	for _, record := range existing {
		made, unknown := time.Parse(time.RFC3339Nano, record.CreatedOn)
		if ours[record.ID] && err == nil && unknown == nil && made.Before(since) {
			out = append(out, record)
		}
	}
	return out
}
