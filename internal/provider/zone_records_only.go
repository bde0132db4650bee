package provider

import (
	"fmt"
	"slices"
	"strings"

	"github.com/hashicorp/terraform-plugin-framework/diag"

	"github.com/launchready/terraform-provider-launchready/internal/cloudflare"
)

// compare finds what there is to do. The record that a wanted one follows, which
// another resource of this configuration gives up, is changed in place: of what
// there can be only one of there are then never two, nor none.
func (r *zoneRecordsResource) compare(m *zoneRecordsModel, existing []cloudflare.Record, declared declarations, state *zoneRecordsModel, zone string) cloudflare.Difference {
	owned, keep := state.ids(), m.keeps(zone)
	passing := r.passing(existing, declared, owned)
	for key, record := range passing {
		owned[key] = record.ID
	}
	d := cloudflare.Compare(existing, declared.wanted, owned, func(r cloudflare.Record) bool {
		return m.Unmanaged.ValueString() == unmanagedDelete && !keep(r)
	})
	for _, key := range sortedKeys(passing) {
		d.Adopted = append(d.Adopted, passing[key])
	}
	return d
}

// passing finds records that other resources give up and that wanted ones follow,
// by the key of the wanted one.
func (r *zoneRecordsResource) passing(existing []cloudflare.Record, declared declarations, owned map[string]string) map[string]cloudflare.Record {
	there, taken := map[string]bool{}, map[string]bool{}
	leaving := map[string][]cloudflare.Record{} // by name
	for _, record := range existing {
		there[record.ID] = true
		if r.shared.handover().leaves(record.ID) && !record.KeptByCloudflare() {
			leaving[record.Name] = append(leaving[record.Name], record)
		}
	}
	for _, id := range owned {
		taken[id] = true
	}
	out := map[string]cloudflare.Record{}
	for _, w := range declared.wanted {
		all := leaving[w.Record.Name]
		if there[owned[w.Key]] || slices.ContainsFunc(all, func(e cloudflare.Record) bool { return cloudflare.Identical(e, w.Record) }) {
			continue // it has a record already
		}
		for _, e := range all {
			if !taken[e.ID] && follows(w.Record, e) {
				out[w.Key], taken[e.ID] = e, true
				break
			}
		}
	}
	return out
}

// wantAll says which records this resource takes where others give them up.
func (r *zoneRecordsResource) wantAll(d cloudflare.Difference) {
	for _, record := range d.Adopted {
		if onlyKey(record) != "" {
			r.shared.handover().want(record.ID)
		}
	}
	for _, o := range d.Ops {
		key := onlyKey(o.Record)
		if o.Kind != cloudflare.OpPost || key == "" {
			continue
		}
		followed := slices.DeleteFunc(slices.Clone(d.Unmanaged), func(e cloudflare.Record) bool { return onlyKey(e) != key })
		if len(followed) == 1 {
			r.shared.handover().want(followed[0].ID)
		}
	}
}

// follows reports whether a record takes the place of another one: because there
// is only one of its kind, or because the two cannot stand beside each other.
func follows(wanted, existing cloudflare.Record) bool {
	key := onlyKey(wanted)
	return key != "" && key == onlyKey(existing) || cloudflare.Exclude(wanted, existing)
}

// onlyKey names what a name has one of: its SPF record, its DMARC record, or the
// key of its DKIM selector. It is empty for all others.
func onlyKey(r cloudflare.Record) string {
	key := onceKey(r)
	switch {
	case strings.HasPrefix(key, "SPF "), strings.HasPrefix(key, "DMARC "):
		return key
	case strings.Contains(r.Name, "._domainkey.") && (r.Type == "TXT" || r.Type == "CNAME"):
		return "DKIM " + r.Name
	}
	return ""
}

// mayLeave reports whether a record of the zone may be given up by another resource
// before this one writes: of those that are planned later nothing is known.
func (r *zoneRecordsResource) mayLeave(record cloudflare.Record) bool {
	return !r.shared.records.holder(record.ID)
}

// surplusRecord would be one too many of its kind.
type surplusRecord struct {
	op      cloudflare.Op
	what    string              // "SPF" or "DMARC"
	holders []string            // all of them, in words
	inZone  []cloudflare.Record // those of them that nobody declares here
}

// surplus finds the SPF and DMARC records about to be written that would not be the
// only one of their name (RFC 7208 section 4.5). A zone that has two already can
// still be taken over.
func surplus(declared declarations, d cloudflare.Difference) []surplusRecord {
	single := func(r cloudflare.Record) string {
		if key := onlyKey(r); !strings.HasPrefix(key, "DKIM ") { // two keys of a selector are a fault, but no danger to each other's mail
			return key
		}
		return ""
	}
	found := map[string]*surplusRecord{}
	for _, w := range declared.wanted {
		if key := single(w.Record); key != "" {
			if found[key] == nil {
				found[key] = &surplusRecord{what: strings.Fields(key)[0]}
			}
			found[key].holders = append(found[key].holders, declared.where(w.Key))
		}
	}
	for _, r := range d.Unmanaged {
		if s := found[single(r)]; s != nil {
			s.holders, s.inZone = append(s.holders, "record "+r.ID+" of the zone"), append(s.inZone, r)
		}
	}
	var out []surplusRecord
	for _, o := range d.Ops {
		key := single(o.Record)
		if s := found[key]; s != nil && o.Kind != cloudflare.OpDelete && len(s.holders) > 1 {
			s.op = o
			out = append(out, *s)
			delete(found, key)
		}
	}
	return out
}

// judgeOnly refuses a second SPF or DMARC record of a name. It only warns where the
// one that is there may have gone by the time that this one is written.
func judgeOnly(declared declarations, d cloudflare.Difference, mayLeave func(cloudflare.Record) bool, diags *diag.Diagnostics) {
	for _, s := range surplus(declared, d) {
		at := declared.at(s.op.Key)
		summary := fmt.Sprintf("%s would have more than one %s record", s.op.Record.Name, s.what)
		why := fmt.Sprintf("They are %s. Receivers then take none of them (RFC 7208 section 4.5, RFC 9989): join what they say in one, or delete the others.", strings.Join(s.holders, ", "))
		if len(s.holders) == len(s.inZone)+1 && !slices.ContainsFunc(s.inZone, func(r cloudflare.Record) bool { return !mayLeave(r) }) {
			diags.AddAttributeWarning(at, summary, why+" The apply will refuse it, unless another resource of this configuration gives the other up.")
			continue
		}
		diags.AddAttributeError(at, summary, why)
	}
}
