package cloudflare

import (
	"cmp"
	"context"
	"fmt"
	"slices"
	"strings"
)

// Wanted is a record of a set that is declared as a whole.
type Wanted struct {
	Key    string // the caller's name for it
	Record Record // without an ID
}

// Difference is what lies between a zone and a declared set of its records.
type Difference struct {
	Ops []Op // deletions, patches and creations, each by key; a deletion of what nobody declared has none
	// Standing are the records that are there, by the key of the wanted one:
	// as they are now, whether or not a patch changes them.
	Standing map[string]Record
	Adopted  []Record // of those, the ones that were not owned before
	// Kept are records that Cloudflare keeps itself and that equal a wanted one:
	// they are left alone.
	Kept map[string]Record
	// Unmanaged are the records that nobody declared and that stay.
	Unmanaged []Record
	Blocked   []Blocked
}

// Blocked is a wanted record that another one stands in the way of.
type Blocked struct {
	Wanted Wanted
	By     Record
}

// KeptByCloudflare reports whether Cloudflare keeps a record itself: it is not to be
// adopted, changed or deleted.
func (r Record) KeptByCloudflare() bool { return r.ReadOnly || r.Managed }

// Compare finds what makes a zone hold a set. owned are the ids of the records
// that were written for the set before, by key. What is neither wanted nor owned
// stays, or goes where unmanaged says so.
//
// A wanted record is first the one that is there with the same name, type and
// value; then the one of its name that was written for its key, which is changed
// in place; then an owned one of its name and type that nobody wants any more;
// else it is new.
func Compare(existing []Record, wanted []Wanted, owned map[string]string, unmanaged func(Record) bool) Difference {
	d := Difference{Standing: map[string]Record{}, Kept: map[string]Record{}}
	byName, byID := map[string][]Record{}, map[string]Record{}
	for _, r := range existing {
		byName[r.Name] = append(byName[r.Name], r)
		byID[r.ID] = r
	}
	taken := map[string]bool{} // ids
	ours := map[string]bool{}
	for _, id := range owned {
		ours[id] = true
	}
	stand := func(w Wanted, r Record) {
		taken[r.ID] = true
		d.Standing[w.Key] = r
		if !ours[r.ID] {
			d.Adopted = append(d.Adopted, r)
		}
		record := normal(w.Record)
		record.ID = r.ID
		if !AsWritten(r, record) {
			d.Ops = append(d.Ops, Op{Kind: OpPatch, Record: record, Before: &r, Key: w.Key})
		}
	}
	var left []Wanted
	for _, w := range wanted {
		best := -1
		candidates := byName[w.Record.Name]
		for i, r := range candidates {
			if !taken[r.ID] && Identical(r, w.Record) && (best < 0 || r.ID == owned[w.Key]) {
				best = i
			}
		}
		switch {
		case best < 0:
			left = append(left, w)
		case candidates[best].KeptByCloudflare():
			d.Kept[w.Key] = candidates[best]
			taken[candidates[best].ID] = true
		default:
			stand(w, candidates[best])
		}
	}
	left = slices.DeleteFunc(left, func(w Wanted) bool {
		r, there := byID[owned[w.Key]]
		if !there || taken[r.ID] || r.KeptByCloudflare() || r.Name != w.Record.Name {
			return false
		}
		stand(w, r)
		return true
	})
	left = slices.DeleteFunc(left, func(w Wanted) bool {
		for _, r := range byName[w.Record.Name] {
			if ours[r.ID] && !taken[r.ID] && r.Type == w.Record.Type && !r.KeptByCloudflare() {
				stand(w, r)
				return true
			}
		}
		return false
	})
	for _, r := range existing {
		switch {
		case taken[r.ID]:
		case r.KeptByCloudflare(), !ours[r.ID] && !unmanaged(r):
			d.Unmanaged = append(d.Unmanaged, r)
		default:
			taken[r.ID] = true
			d.Ops = append(d.Ops, Op{Kind: OpDelete, Record: r})
		}
	}
	staying := map[string][]Record{}
	for _, r := range d.Unmanaged {
		staying[r.Name] = append(staying[r.Name], r)
	}
	block := func(w Wanted) bool {
		for _, r := range staying[w.Record.Name] {
			if Exclude(r, w.Record) {
				d.Blocked = append(d.Blocked, Blocked{w, r})
				return true
			}
		}
		return false
	}
	for _, w := range left {
		if !block(w) {
			d.Ops = append(d.Ops, Op{Kind: OpPost, Record: normal(w.Record), Key: w.Key})
		}
	}
	for _, w := range wanted {
		if r, ok := d.Standing[w.Key]; ok && r.Type != w.Record.Type {
			block(w)
		}
	}
	slices.SortFunc(d.Adopted, func(a, b Record) int { return strings.Compare(a.ID, b.ID) })
	slices.SortFunc(d.Unmanaged, CompareRecords)
	d.Ops = sortedOps(d.Ops)
	return d
}

// CompareRecords orders records by name, type, value and id.
func CompareRecords(a, b Record) int {
	return cmp.Or(cmp.Compare(a.Name, b.Name), cmp.Compare(a.Type, b.Type), cmp.Compare(a.Content, b.Content), cmp.Compare(a.ID, b.ID))
}

// Exclude reports whether Cloudflare refuses two different records beside each
// other: a CNAME beside an address or another CNAME of its name.
func Exclude(a, b Record) bool {
	return a.Name == b.Name && (a.Type == "CNAME" || b.Type == "CNAME") && proxiableType(a.Type) && proxiableType(b.Type)
}

// Deletions counts the operations that take a record away.
func (d Difference) Deletions() int {
	n := 0
	for _, o := range d.Ops {
		if o.Kind == OpDelete {
			n++
		}
	}
	return n
}

// Growth is how many records the operations add to the zone.
func Growth(ops []Op) int {
	n := 0
	for _, o := range ops {
		switch o.Kind {
		case OpPost:
			n++
		case OpDelete:
			n--
		}
	}
	return n
}

// Refusal is a transaction that was refused, with the operation that it was
// refused for where that can be told.
type Refusal struct {
	Op  *Op
	Err error
}

func (e *Refusal) Error() string {
	if e.Op == nil {
		return e.Err.Error()
	}
	return e.Op.Title() + ": " + e.Err.Error()
}

func (e *Refusal) Unwrap() error { return e.Err }

// Write carries out operations in as few transactions of at most limit
// operations as it takes. All that is done to one name is in one transaction, so
// that no name is empty in between; those that make room come first. After each
// transaction done is told of its operations and the records that came of them.
// A transaction that is refused changes nothing and ends the writing: the error
// is then a *Refusal.
func (c *Client) Write(ctx context.Context, zoneID string, ops []Op, limit int, done func([]Op, []Record)) error {
	for _, chunk := range chunks(ops, limit) {
		written, err := c.transact(ctx, zoneID, chunk)
		if err != nil {
			refusal := &Refusal{Err: err}
			if e, ok := asError(err); ok && ofOneRecord(err) && !e.planForbids() {
				if i := c.culprit(ctx, zoneID, chunk, e); i >= 0 {
					refusal.Op = &chunk[i]
				}
			}
			return refusal
		}
		done(chunk, written)
		for i, o := range chunk {
			if o.Kind == OpDelete {
				continue
			}
			if _, err := c.accepted(ctx, zoneID, o, written[i]); err != nil {
				return &Refusal{&chunk[i], err}
			}
		}
	}
	return nil
}

// chunks parts operations by name into transactions.
func chunks(ops []Op, limit int) [][]Op {
	byName := map[string][]Op{}
	var names []string
	for _, o := range ops {
		if byName[o.Record.Name] == nil {
			names = append(names, o.Record.Name)
		}
		byName[o.Record.Name] = append(byName[o.Record.Name], o)
	}
	slices.SortStableFunc(names, func(a, b string) int {
		return cmp.Or(cmp.Compare(min(Growth(byName[a]), 0), min(Growth(byName[b]), 0)), cmp.Compare(a, b))
	})
	var out [][]Op
	var current []Op
	flush := func() {
		if len(current) > 0 {
			out = append(out, sortedOps(current))
		}
		current = nil
	}
	for _, name := range names {
		group := sortedOps(byName[name])
		if len(current)+len(group) > limit {
			flush()
		}
		for len(group) > limit { // more of one name than a transaction takes
			current, group = group[:limit], group[limit:]
			flush()
		}
		current = append(current, group...)
	}
	flush()
	return out
}

// Clash is two wanted records that cannot both be.
type Clash struct {
	A, B   Wanted
	Reason string
}

// Clashes finds wanted records that say the same, or exclude each other.
func Clashes(wanted []Wanted) []Clash {
	byName := map[string][]Wanted{}
	var out []Clash
	for _, w := range wanted {
		for _, other := range byName[w.Record.Name] {
			switch {
			case Identical(other.Record, w.Record):
				out = append(out, Clash{other, w, fmt.Sprintf("both are %s %s with the same value", w.Record.Type, w.Record.Name)})
			case Exclude(other.Record, w.Record):
				out = append(out, Clash{other, w, fmt.Sprintf("%s has a CNAME, which stands alone (RFC 1034 section 3.6.2), and %s", w.Record.Name, beside(other.Record, w.Record))})
			}
		}
		byName[w.Record.Name] = append(byName[w.Record.Name], w)
	}
	return out
}

func beside(a, b Record) string {
	if a.Type == "CNAME" && b.Type == "CNAME" {
		return "another CNAME"
	}
	if a.Type == "CNAME" {
		a = b
	}
	return "a record of type " + a.Type
}
