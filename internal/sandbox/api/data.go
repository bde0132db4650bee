package api

import (
	"encoding/base64"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"strconv"
	"strings"

	"github.com/launchready/terraform-provider-launchready/internal/sandbox/zone"
)

// kind is what a field of a record's data holds.
type kind int

const (
	octet       kind = iota // 0 to 255
	number                  // 0 to 65535
	decimal                 // within least and most
	host                    // a host, or "." for none
	text                    // anything
	word                    // letters and digits, in lower case
	hexadecimal             // in lower case
	encoded                 // base64
	direction               // one letter of choices
	svcParams               // RFC 9460 2.1
)

// field is one field of a record's data.
type field struct {
	name        string
	kind        kind
	least, most float64 // decimal
	choices     string  // direction
	fallback    any     // where it may be absent
	quoted      bool    // in content
}

// shape is how a record type with data is read and shown: content repeats the
// fields in the order of RFC 1035's presentation form.
type shape struct {
	fields []field
	// The priority stands at the top as well (SRV) or there alone (URI).
	repeatPriority, ownPriority bool
	show                        func(data map[string]any) string // nil: the fields with blanks between
}

// shapeOf returns the shape of a type, if it has data.
func shapeOf(typ string) (shape, bool) {
	switch typ {
	case "SRV":
		return shape{repeatPriority: true, fields: []field{
			{name: "priority", kind: number}, {name: "weight", kind: number}, {name: "port", kind: number}, {name: "target", kind: host},
		}}, true
	case "CAA":
		return shape{fields: []field{{name: "flags", kind: octet}, {name: "tag", kind: word}, {name: "value", kind: text, quoted: true}}}, true
	case "TLSA", "SMIMEA":
		return shape{fields: []field{
			{name: "usage", kind: octet}, {name: "selector", kind: octet}, {name: "matching_type", kind: octet}, {name: "certificate", kind: hexadecimal},
		}}, true
	case "SSHFP":
		return shape{fields: []field{{name: "algorithm", kind: octet}, {name: "type", kind: octet}, {name: "fingerprint", kind: hexadecimal}}}, true
	case "HTTPS", "SVCB":
		return shape{fields: []field{{name: "priority", kind: number}, {name: "target", kind: host}, {name: "value", kind: svcParams, fallback: ""}}}, true
	case "URI":
		return shape{ownPriority: true, fields: []field{{name: "weight", kind: number}, {name: "target", kind: text, quoted: true}}}, true
	case "NAPTR":
		return shape{fields: []field{
			{name: "order", kind: number}, {name: "preference", kind: number},
			{name: "flags", kind: text, quoted: true}, {name: "service", kind: text, quoted: true}, {name: "regex", kind: text, quoted: true, fallback: ""},
			{name: "replacement", kind: host},
		}}, true
	case "DS":
		return shape{fields: []field{
			{name: "key_tag", kind: number}, {name: "algorithm", kind: octet}, {name: "digest_type", kind: octet}, {name: "digest", kind: hexadecimal},
		}}, true
	case "CERT":
		return shape{fields: []field{
			{name: "type", kind: number}, {name: "key_tag", kind: number}, {name: "algorithm", kind: octet}, {name: "certificate", kind: encoded},
		}}, true
	case "DNSKEY":
		return shape{fields: []field{
			{name: "flags", kind: number}, {name: "protocol", kind: octet}, {name: "algorithm", kind: octet}, {name: "public_key", kind: encoded},
		}}, true
	case "LOC":
		return locShape(), true
	default:
		return shape{}, false
	}
}

// locShape is LOC (RFC 1876); size and precision in metres.
func locShape() shape {
	return shape{
		fields: []field{
			{name: "lat_degrees", kind: decimal, most: 90}, {name: "lat_minutes", kind: decimal, most: 59, fallback: 0.0},
			{name: "lat_seconds", kind: decimal, most: 59.999, fallback: 0.0}, {name: "lat_direction", kind: direction, choices: "NS"},
			{name: "long_degrees", kind: decimal, most: 180}, {name: "long_minutes", kind: decimal, most: 59, fallback: 0.0},
			{name: "long_seconds", kind: decimal, most: 59.999, fallback: 0.0}, {name: "long_direction", kind: direction, choices: "EW"},
			{name: "altitude", kind: decimal, least: -100000, most: 42849672.95, fallback: 0.0}, {name: "size", kind: decimal, most: 9e7, fallback: 1.0},
			{name: "precision_horz", kind: decimal, most: 9e7, fallback: 10000.0}, {name: "precision_vert", kind: decimal, most: 9e7, fallback: 10.0},
		},
		show: func(d map[string]any) string {
			plain := func(name string) string { return strconv.FormatFloat(d[name].(float64), 'f', -1, 64) }
			return fmt.Sprintf("%s %s %.3f %s %s %s %.3f %s %.2fm %.2fm %.2fm %.2fm",
				plain("lat_degrees"), plain("lat_minutes"), d["lat_seconds"], d["lat_direction"],
				plain("long_degrees"), plain("long_minutes"), d["long_seconds"], d["long_direction"],
				d["altitude"], d["size"], d["precision_horz"], d["precision_vert"])
		},
	}
}

// normalise reads the data of a record and fills in its content.
func (s shape) normalise(r *zone.Record) *Error {
	in := map[string]any{}
	if len(r.Data) == 0 {
		return invalid(codeData, "data", "data is a required field for %s records.", r.Type)
	}
	if json.Unmarshal(r.Data, &in) != nil {
		return invalid(codeBody, "data", "Request body is invalid.")
	}
	out := map[string]any{}
	parts := []string{}
	for _, f := range s.fields {
		value, sent := in[f.name]
		if !sent || value == nil {
			if f.fallback == nil {
				return invalid(codeData, "data/"+f.name, "%s is a required data field.", f.name)
			}
			value = f.fallback
		}
		canonical, ok := f.read(value)
		if !ok {
			return invalid(codeData, "data/"+f.name, "%s is not a valid value for data field %s.", raw(value), f.name)
		}
		out[f.name] = canonical
		if shown := f.show(canonical); shown != "" {
			parts = append(parts, shown)
		}
	}
	// Legacy fields of SRV that name the service again.
	for _, name := range []string{"service", "proto", "name"} {
		if v, ok := in[name].(string); ok && r.Type == "SRV" {
			out[name] = v
		}
	}
	r.Content = strings.Join(parts, " ")
	if s.show != nil {
		r.Content = s.show(out)
	}
	r.Data = raw(out)
	switch {
	case s.repeatPriority:
		p := uint16(out["priority"].(float64))
		r.Priority = &p
	case !s.ownPriority:
		r.Priority = nil
	case r.Priority == nil:
		return invalid(codeData, "priority", "priority is a required field for %s records.", r.Type)
	}
	if v, isHTTPS := out["value"].(string); isHTTPS && s.fields[0].name == "priority" && out["priority"] == 0.0 && v != "" {
		return invalid(codeData, "data/value", "A record with priority 0 cannot have parameters.")
	}
	return nil
}

// read checks a value as JSON decodes it and brings it into canonical form.
func (f field) read(v any) (any, bool) {
	switch f.kind {
	case octet, number, decimal:
		n, ok := v.(float64)
		least, most, whole := 0.0, 65535.0, n == float64(int64(n))
		if f.kind == octet {
			most = 255
		}
		if f.kind == decimal {
			least, most, whole = f.least, f.most, true
		}
		return n, ok && whole && n >= least && n <= most
	}
	t, ok := v.(string)
	if !ok {
		return nil, false
	}
	switch f.kind {
	case host:
		return okPair(canonicalTarget(t, true))
	case word:
		t = strings.ToLower(t)
		return t, t != "" && strings.Trim(t, "abcdefghijklmnopqrstuvwxyz0123456789") == ""
	case hexadecimal:
		t = strings.ToLower(strings.Join(strings.Fields(t), ""))
		_, err := hex.DecodeString(t)
		return t, err == nil && t != ""
	case encoded:
		t = strings.Join(strings.Fields(t), "")
		return t, isBase64(t)
	case direction:
		return t, len(t) == 1 && strings.Contains(f.choices, t)
	case svcParams:
		return okPair(canonicalParams(t))
	default:
		return t, !strings.ContainsAny(t, "\r\n\x00")
	}
}

func okPair(s string, ok bool) (any, bool) { return s, ok }

// show writes a value as content has it.
func (f field) show(v any) string {
	if n, ok := v.(float64); ok {
		return strconv.FormatFloat(n, 'f', -1, 64)
	}
	if f.quoted {
		return zone.Quote([]string{v.(string)})
	}
	return v.(string)
}

func isBase64(t string) bool {
	_, err := base64.StdEncoding.DecodeString(t)
	return err == nil && t != ""
}
