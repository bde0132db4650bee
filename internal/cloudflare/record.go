package cloudflare

import (
	"encoding/json"
	"slices"
	"strconv"
	"strings"
)

// Record is a DNS record. Those that Records returns are shared: their maps and
// lists must not be changed.
type Record struct {
	ID   string
	Name string // full, lower case, A-labels, no trailing dot
	Type string // upper case; unknown types are kept as they come
	// Content is the value of types that have no Data. Of types that have, it is
	// what the server shows, and its form is not fixed: never parse it.
	Content string
	// Data holds the fields of SRV, CAA, TLSA, SMIMEA, SSHFP, HTTPS, SVCB, URI,
	// LOC, NAPTR, DS, DNSKEY, CERT and unknown types; nil for the others. Numbers
	// read from the API are float64; whole numbers and json.Number can be sent too.
	Data       map[string]any
	Priority   *int64 // of MX and URI only; the other types have theirs in Data
	TTL        int64  // seconds; 1 = automatic, which every proxied record has
	Proxied    bool
	Proxiable  bool // read only
	Comment    string
	Tags       []string       // name:value
	Settings   map[string]any // such as flatten_cname; sent only if not empty
	Meta       map[string]any // read only
	ReadOnly   bool           // a system record, such as Email Routing's: not to be adopted or deleted
	Managed    bool           // read only: another Cloudflare product (an app, a tunnel) keeps it
	CreatedOn  string         // RFC 3339; read only
	ModifiedOn string         // RFC 3339; read only
	Warnings   []string       // what Cloudflare remarked on a successful write; read only
}

// contentTypes are those whose value is Content, with a priority for MX. Some
// answers repeat it in data.
func contentType(recordType string) bool {
	return slices.Contains([]string{"A", "AAAA", "CNAME", "NS", "PTR", "MX", "TXT", "OPENPGPKEY"}, recordType)
}

func proxiableType(recordType string) bool {
	return slices.Contains([]string{"A", "AAAA", "CNAME"}, recordType)
}

func hasPriority(recordType string) bool { return recordType == "MX" || recordType == "URI" }

// decodeRecord reads a record leniently: a field of an unexpected type is left
// zero, so that one odd record does not hide the other 5,000.
func decodeRecord(raw json.RawMessage) (Record, bool) {
	var m map[string]any
	if json.Unmarshal(raw, &m) != nil {
		return Record{}, false
	}
	r := Record{
		ID: textAt(m, "id"), Type: strings.ToUpper(textAt(m, "type")), Content: textAt(m, "content"), Comment: textAt(m, "comment"),
		CreatedOn: textAt(m, "created_on"), ModifiedOn: textAt(m, "modified_on"),
	}
	switch r.Type { // in old answers
	case "SPF":
		r.Type = "TXT"
	case "ALIAS":
		r.Type = "CNAME"
	}
	r.Name = canonicalHost(textAt(m, "name"))
	ttl, _ := numberOf(m["ttl"])
	r.TTL = int64(ttl)
	r.Proxied, _ = m["proxied"].(bool)
	r.Proxiable, _ = m["proxiable"].(bool)
	r.Settings, _ = m["settings"].(map[string]any)
	r.Meta, _ = m["meta"].(map[string]any)
	if !contentType(r.Type) {
		r.Data, _ = m["data"].(map[string]any)
	}
	if p, ok := numberOf(m["priority"]); ok && hasPriority(r.Type) {
		n := int64(p)
		r.Priority = &n
	}
	tags, _ := m["tags"].([]any)
	for _, tag := range tags {
		if s, ok := tag.(string); ok {
			r.Tags = append(r.Tags, s)
		}
	}
	r.ReadOnly, _ = r.Meta["read_only"].(bool)
	for _, key := range []string{"managed_by_apps", "managed_by_argo_tunnel"} {
		if managed, _ := r.Meta[key].(bool); managed {
			r.Managed = true
		}
	}
	return r, r.ID != "" && r.Type != ""
}

func textAt(m map[string]any, key string) string {
	s, _ := m[key].(string)
	return s
}

// numberOf reads a number in any form that JSON and callers give it.
func numberOf(v any) (float64, bool) {
	switch v := v.(type) {
	case float64:
		return v, true
	case int:
		return float64(v), true
	case int64:
		return float64(v), true
	case json.Number:
		f, err := v.Float64()
		return f, err == nil
	case string:
		f, err := strconv.ParseFloat(v, 64)
		return f, err == nil
	}
	return 0, false
}

// body is what a write sends. before is the record as it was, nil for a new one
// and when it is not known. Comment and tags are sent empty only where there is
// something to empty: Free zones may refuse the mention of tags.
func (r Record) body(before *Record, create bool) map[string]any {
	out := map[string]any{"type": r.Type, "name": r.Name, "ttl": max(1, r.TTL)}
	if len(r.Data) > 0 {
		out["data"] = r.Data
	} else {
		out["content"] = r.Content
	}
	if r.Priority != nil && hasPriority(r.Type) {
		out["priority"] = *r.Priority
	}
	switch {
	case proxiableType(r.Type):
		out["proxied"] = r.Proxied
		if r.Proxied {
			out["ttl"] = 1
		}
	case before != nil && before.Proxied:
		out["proxied"] = false // the new type cannot be
	}
	if r.Comment != "" || !create && (before == nil || before.Comment != "") {
		out["comment"] = r.Comment
	}
	if len(r.Tags) > 0 {
		out["tags"] = r.Tags
	} else if !create && (before == nil || len(before.Tags) > 0) {
		out["tags"] = []string{}
	}
	if len(r.Settings) > 0 {
		out["settings"] = r.Settings
	}
	return out
}

// Identical reports whether two records are one in the eyes of Cloudflare: same
// name, type and value.
func Identical(a, b Record) bool {
	if a.Name != b.Name || a.Type != b.Type || (hasPriority(a.Type) && !samePriority(a.Priority, b.Priority)) {
		return false
	}
	if len(a.Data) > 0 || len(b.Data) > 0 {
		return EquivalentData(a.Type, a.Data, b.Data)
	}
	return EquivalentContent(a.Type, a.Content, b.Content)
}

func samePriority(a, b *int64) bool {
	return (a == nil && b == nil) || (a != nil && b != nil && *a == *b)
}

// AsWritten reports whether a record is what a write asked for. Settings that it
// does not mention are not compared.
func AsWritten(now, wanted Record) bool {
	for name, value := range wanted.Settings {
		on, _ := now.Settings[name].(bool) // absent is off
		if want, isBool := value.(bool); isBool && want != on {
			return false
		}
	}
	return Identical(now, wanted) && now.Proxied == wanted.Proxied && now.Comment == wanted.Comment &&
		(now.Proxied || now.TTL == max(1, wanted.TTL)) && SameTags(now.Tags, wanted.Tags)
}

// SameTags compares tags as a set, their names without case.
func SameTags(a, b []string) bool {
	fold := func(tags []string) []string {
		out := make([]string, len(tags))
		for i, tag := range tags {
			name, value, _ := strings.Cut(tag, ":")
			out[i] = strings.ToLower(name) + ":" + value
		}
		slices.Sort(out)
		return slices.Compact(out)
	}
	return slices.Equal(fold(a), fold(b))
}
