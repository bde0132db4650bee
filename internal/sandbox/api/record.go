package api

import (
	"cmp"
	"encoding/json"
	"maps"
	"slices"
	"strings"
	"time"

	"github.com/launchready/terraform-provider-launchready/internal/sandbox/zone"
)

// recordView is a record as the API shows it.
type recordView struct {
	ID                string          `json:"id"`
	Name              string          `json:"name"`
	Type              string          `json:"type"`
	Content           string          `json:"content"`
	Data              json.RawMessage `json:"data,omitempty"`
	Priority          *uint16         `json:"priority,omitempty"`
	Proxiable         bool            `json:"proxiable"`
	Proxied           bool            `json:"proxied"`
	TTL               int             `json:"ttl"`
	Settings          map[string]any  `json:"settings"`
	Meta              map[string]any  `json:"meta"`
	Comment           *string         `json:"comment"`
	Tags              []string        `json:"tags"`
	CreatedOn         time.Time       `json:"created_on"`
	ModifiedOn        time.Time       `json:"modified_on"`
	CommentModifiedOn *time.Time      `json:"comment_modified_on,omitempty"`
	TagsModifiedOn    *time.Time      `json:"tags_modified_on,omitempty"`
}

func viewOf(r zone.Record) recordView {
	v := recordView{
		ID: r.ID, Name: r.Name, Type: r.Type, Content: r.Content, Data: r.Data, Priority: r.Priority,
		Proxiable: r.Proxiable, Proxied: r.Proxied, TTL: r.TTL, Settings: r.Settings, Meta: r.Meta, Tags: r.Tags,
		CreatedOn: r.CreatedOn, ModifiedOn: r.ModifiedOn,
	}
	if r.Comment != "" {
		v.Comment, v.CommentModifiedOn = &r.Comment, &r.ModifiedOn
	}
	if len(r.Tags) > 0 {
		v.TagsModifiedOn = &r.ModifiedOn
	}
	if v.Tags == nil {
		v.Tags = []string{}
	}
	if v.Settings == nil {
		v.Settings = map[string]any{}
	}
	if v.Meta == nil {
		v.Meta = map[string]any{}
	}
	return v
}

// sorted orders records by a field of the query, then so that pages never
// overlap.
func sorted(records []zone.Record, field string, descending bool) []zone.Record {
	slices.SortFunc(records, func(a, b zone.Record) int {
		first := 0
		switch field {
		case "name":
			first = cmp.Compare(a.Name, b.Name)
		case "content":
			first = cmp.Compare(a.Content, b.Content)
		case "ttl":
			first = cmp.Compare(a.TTL, b.TTL)
		case "proxied":
			first = cmp.Compare(boolRank(a.Proxied), boolRank(b.Proxied))
		default:
			first = cmp.Compare(a.Type, b.Type)
		}
		if descending {
			first = -first
		}
		return cmp.Or(first, cmp.Compare(a.Name, b.Name), cmp.Compare(a.Type, b.Type), cmp.Compare(a.Content, b.Content), cmp.Compare(a.ID, b.ID))
	})
	return records
}

func boolRank(b bool) int {
	if b {
		return 1
	}
	return 0
}

// input is the body of a write: its fields as sent, so that one that is absent
// can be told from null.
type input map[string]json.RawMessage

// read decodes a field. Absent and null leave the value as it is; sent tells
// whether the field is there at all.
func (in input) read(name string, into any) (sent bool, err *Error) {
	raw, sent := in[name]
	if !sent || string(raw) == "null" {
		return sent, nil
	}
	if json.Unmarshal(raw, into) != nil {
		return true, invalid(codeBody, name, "Request body is invalid.")
	}
	return true, nil
}

// apply lays the fields that are sent over a record. What comes out is not yet
// in the form the zone stores.
func (in input) apply(r *zone.Record) *Error {
	before := *r
	var typ, name, content string
	var comment *string
	for field, into := range map[string]any{"type": &typ, "name": &name, "content": &content, "comment": &comment} {
		if _, err := in.read(field, into); err != nil {
			return err
		}
	}
	r.Type = strings.ToUpper(cmp.Or(typ, r.Type))
	r.Name = cmp.Or(name, r.Name)
	if r.Type != before.Type {
		// Another type: nothing of the old value means anything to it.
		r.Content, r.Data, r.Priority, r.Settings = "", nil, nil, map[string]any{}
		r.Proxied = r.Proxied && mayProxy(r.Type)
	}
	if _, sent := in["content"]; sent {
		r.Content = content
	}
	if _, sent := in["comment"]; sent {
		r.Comment = ""
		if comment != nil {
			r.Comment = *comment
		}
	}
	return in.applyRest(r)
}

func (in input) applyRest(r *zone.Record) *Error {
	r.Tags, r.Settings = slices.Clone(r.Tags), maps.Clone(r.Settings)
	ttl := float64(r.TTL)
	var priority *float64
	settings := map[string]any{}
	for field, into := range map[string]any{"ttl": &ttl, "proxied": &r.Proxied, "tags": &r.Tags, "settings": &settings, "priority": &priority, "data": &r.Data} {
		sent, err := in.read(field, into)
		if err != nil {
			return err
		}
		if field == "tags" && sent && string(in[field]) == "null" {
			r.Tags = []string{}
		}
	}
	r.TTL = int(ttl)
	if ttl != float64(r.TTL) {
		return invalid(codeTTL, "ttl", "TTL must be a whole number of seconds.")
	}
	if priority != nil {
		if *priority < 0 || *priority > 65535 || *priority != float64(uint16(*priority)) {
			return invalid(codeData, "priority", "priority must be a number from 0 to 65535.")
		}
		p := uint16(*priority)
		r.Priority = &p
	}
	if r.Settings == nil {
		r.Settings = map[string]any{}
	}
	maps.Copy(r.Settings, settings)
	if string(in["settings"]) == "null" {
		r.Settings = map[string]any{}
	}
	return nil
}

// blank is what a record is before its first write, and what a PUT starts from.
func blank() zone.Record {
	return zone.Record{TTL: 1, Tags: []string{}, Settings: map[string]any{}, Meta: map[string]any{}}
}
