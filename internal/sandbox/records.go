package sandbox

import (
	"encoding/json"
	"fmt"
	"maps"
	"slices"
	"strings"
	"time"

	"github.com/launchready/terraform-provider-launchready/internal/sandbox/api"
	"github.com/launchready/terraform-provider-launchready/internal/sandbox/zone"
)

// record is a DNS record as a person types it into the dashboard.
type record struct {
	Type     string `json:"type"`
	Name     string `json:"name"` // FQDN
	Content  string `json:"content"`
	Proxied  bool   `json:"proxied"`
	Priority uint16 `json:"priority"` // MX
	TTL      int    `json:"ttl"`      // seconds; 0 and 1 = automatic
	// Meta is what Cloudflare itself says of a record, such as read_only.
	Meta map[string]any `json:"meta"`
}

// stored returns the record as the zone holds it. Content of a type that has
// data is in master-file form.
func (r record) stored() (zone.Record, error) {
	now := time.Now().UTC().Truncate(time.Microsecond)
	out := zone.Record{
		ID: api.NewID(), Name: canonical(r.Name), Type: strings.ToUpper(r.Type), Content: r.Content,
		TTL: max(r.TTL, 1), Proxied: r.Proxied, Tags: []string{}, Settings: map[string]any{}, Meta: map[string]any{},
		CreatedOn: now, ModifiedOn: now,
	}
	maps.Copy(out.Meta, r.Meta)
	switch out.Type {
	case "A", "AAAA", "CNAME":
		out.Proxiable = true
	case "MX":
		out.Priority = &r.Priority
	case "TXT":
		out.Content = quote(unquote(r.Content))
	}
	switch out.Type {
	case "CNAME", "MX", "NS", "PTR":
		out.Content = canonical(r.Content)
	}
	if r.Content == "" { // a deletion
		return out, nil
	}
	return out, api.Complete(&out)
}

func canonical(name string) string {
	if name == "." {
		return name
	}
	return strings.TrimSuffix(strings.ToLower(name), ".")
}

// quote writes a TXT value as the dashboard stores it: quoted strings.
func quote(value string) string { return zone.Quote(zone.Chunks(value)) }

// unquote is the logical value of a TXT content, whichever way it was stored;
// content that cannot be read stands for itself.
func unquote(content string) string {
	parts, err := zone.TextStrings(content)
	if err != nil {
		return content
	}
	return strings.Join(parts, "")
}

// matcher chooses records of a zone.
type matcher func(zone.Record) bool

// at chooses the records of a name and type.
func at(name, typ string) matcher {
	return func(r zone.Record) bool { return r.Name == canonical(name) && r.Type == typ }
}

// textAt chooses the TXT records of a name whose value begins so.
func textAt(name, prefix string) matcher {
	return func(r zone.Record) bool {
		return at(name, "TXT")(r) && strings.HasPrefix(unquote(r.Content), prefix)
	}
}

// exchange takes the chosen records out of the zone and puts others in their
// place, as someone at the dashboard would. The function returned puts back
// what was there, whatever has come to stand in its place since.
func exchange(z *zone.Zone, chosen matcher, with ...record) (restore func(), err error) {
	before := []zone.Record{}
	put := make([]zone.Record, 0, len(with))
	for _, r := range with {
		stored, err := r.stored()
		if err != nil {
			return nil, err
		}
		if !chosen(stored) {
			return nil, fmt.Errorf("%s %s would not be found again to be taken back", stored.Type, stored.Name)
		}
		put = append(put, stored)
	}
	swap := func(in []zone.Record) {
		_ = z.Update(func(records map[string]zone.Record) error {
			maps.DeleteFunc(records, func(_ string, r zone.Record) bool { return chosen(r) })
			for _, r := range in {
				records[r.ID] = r
			}
			return nil
		})
	}
	for _, r := range z.Records() {
		if chosen(r) {
			before = append(before, r)
		}
	}
	swap(put)
	return func() { swap(before) }, nil
}

// edit is what one save of the dashboard's form does: it gives the record of
// this name and type the new content, in place, so that its id stays, or
// creates it; a CAA record stands beside the others. With an empty content it deletes the records of name and type.
func edit(z *zone.Zone, r record) error {
	want, err := r.stored()
	if err != nil {
		return err
	}
	if want.Name != z.Name && !strings.HasSuffix(want.Name, "."+z.Name) {
		return fmt.Errorf("%s is not in the zone %s", want.Name, z.Name)
	}
	if want.Type == "" {
		return fmt.Errorf("a record needs a type")
	}
	same := at(want.Name, want.Type)
	switch {
	case r.Content == "":
	case want.Type == "TXT":
		same = textAt(want.Name, purpose(r.Content))
	case want.Type == "CAA": // each allows one more
		same = func(old zone.Record) bool { return at(want.Name, "CAA")(old) && old.Content == want.Content }
	}
	return z.Update(func(records map[string]zone.Record) error {
		for _, id := range slices.Sorted(maps.Keys(records)) {
			old := records[id]
			if !same(old) {
				continue
			}
			if r.Content == "" {
				delete(records, id)
				continue
			}
			old.Content, old.Data, old.Priority = want.Content, want.Data, want.Priority
			old.Proxied, old.TTL, old.Meta, old.ModifiedOn = want.Proxied, want.TTL, want.Meta, want.ModifiedOn
			records[id] = old
			return nil
		}
		if r.Content != "" {
			records[want.ID] = want
		}
		return nil
	})
}

// purpose is the beginning by which a TXT record is told from the others of
// its name: v=spf1, v=DMARC1, or the key of key=value. Text of no such form is
// known by the whole of it.
func purpose(content string) string {
	value := unquote(content)
	key, _, ok := strings.Cut(value, "=")
	switch {
	case !ok:
		return value
	case key == "v":
		end := strings.IndexAny(value, " ;")
		if end < 0 {
			end = len(value)
		}
		return value[:end]
	default:
		return key + "="
	}
}

// change writes a setting; the function returned puts back what was there.
func change(z *zone.Zone, id string, value any) (restore func(), err error) {
	raw, err := json.Marshal(value)
	if err != nil {
		return nil, err
	}
	before, had := z.Setting(id)
	next := before
	if !had {
		next = zone.Setting{ID: id, Editable: true}
	}
	now := time.Now().UTC()
	next.Value, next.ModifiedOn = raw, &now
	z.PutSetting(next)
	return func() {
		if !had {
			before = zone.Setting{ID: id, Value: defaultSetting(id), Editable: true}
		}
		z.PutSetting(before)
	}, nil
}

// defaultSetting is the value Cloudflare gives a setting of a new zone that
// nobody has touched.
func defaultSetting(id string) json.RawMessage {
	switch id {
	case "ssl":
		return json.RawMessage(`"full"`)
	case "min_tls_version":
		return json.RawMessage(`"1.0"`)
	case "tls_1_3", "automatic_https_rewrites":
		return json.RawMessage(`"on"`)
	case "security_header":
		return json.RawMessage(`{"strict_transport_security":{"enabled":false,"max_age":0,"include_subdomains":false,"preload":false,"nosniff":false}}`)
	case "origin_tls_client_auth":
		return json.RawMessage(`false`)
	default:
		return json.RawMessage(`"off"`)
	}
}
