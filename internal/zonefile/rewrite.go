package zonefile

import (
	"maps"
	"slices"
	"strings"

	"github.com/launchready/terraform-provider-launchready/internal/cloudflare"
)

// Rewrite returns a zone file's text with other records in the place of some of
// its entries: by entry, the record that stands there now, or nil for none. more
// are added at the end. What is not named stays as it is written, so that two
// texts differ in nothing but what differs; only where a line leans on one that
// changed, for its name or TTL, all lines are written anew.
func (f File) Rewrite(text, zone string, changed map[int]*cloudflare.Record, more []cloudflare.Record) string {
	if len(changed) == 0 && len(more) == 0 {
		return text
	}
	lines := strings.Split(unix(text), "\n")
	if changed = maps.Clone(changed); changed == nil {
		changed = map[int]*cloudflare.Record{}
	}
	for i, entry := range f.Entries { // whose name is that of a line that changes
		if _, ok := changed[i]; ok || i == 0 {
			continue
		}
		if _, before := changed[i-1]; before && strings.TrimLeft(lines[entry.First-1], " \t") != lines[entry.First-1] {
			changed[i] = &f.Entries[i].Record
		}
	}
	for _, at := range slices.Backward(slices.Sorted(maps.Keys(changed))) {
		entry := f.Entries[at]
		var with []string
		if record := changed[at]; record != nil {
			with = []string{Line(*record)}
		}
		lines = slices.Replace(lines, entry.First-1, min(entry.Last, len(lines)), with...)
	}
	out := strings.Join(lines, "\n")
	for _, record := range more {
		if out != "" && !strings.HasSuffix(out, "\n") {
			out += "\n"
		}
		out += Line(record) + "\n"
	}
	var wanted []cloudflare.Record
	for i, entry := range f.Entries {
		record, ok := changed[i]
		switch {
		case !ok:
			wanted = append(wanted, entry.Record)
		case record != nil:
			wanted = append(wanted, *record)
		}
	}
	wanted = append(wanted, more...)
	if says(out, zone, wanted) {
		return out
	}
	lines = lines[:0]
	for _, record := range wanted {
		lines = append(lines, Line(record))
	}
	return strings.Join(append(lines, ""), "\n")
}

// says reports whether a text holds these records in this order.
func says(text, zone string, wanted []cloudflare.Record) bool {
	file, err := Parse(text, zone)
	return err == nil && slices.EqualFunc(file.Entries, wanted, func(e Entry, r cloudflare.Record) bool {
		return cloudflare.AsWritten(e.Record, r)
	})
}
