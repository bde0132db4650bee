package api

import (
	"cmp"
	"encoding/json"
	"fmt"
	"maps"
	"math"
	"slices"
	"strconv"
	"strings"
)

// schema says what a value in a rule may be.
type schema struct {
	kind      string            // object, list, text, number, bool
	fields    map[string]schema // of an object
	required  []string
	rest      *schema  // of fields without a name here, or of the items of a list
	allowed   []string // texts
	least     float64  // of a number; of the length of a list or text, or of the fields of an object
	most      float64  // 0 = no end
	exclusive []string // fields of which exactly one is given
}

func object(fields map[string]schema, required ...string) schema {
	return schema{kind: "object", fields: fields, required: required}
}

func list(items schema) schema { return schema{kind: "list", rest: &items, least: 1} }

func oneOf(texts ...string) schema { return schema{kind: "text", allowed: texts} }

func whole(least, most float64) schema { return schema{kind: "number", least: least, most: most} }

// checkRaw is check for a value that is not decoded yet.
func (s schema) checkRaw(v json.RawMessage, at, name string) *Error {
	var value any
	if v != nil {
		if err := json.Unmarshal(v, &value); err != nil {
			panic(err) // it was decoded once already
		}
	}
	return s.check(value, at, name)
}

// check tells what is wrong with a value at a place of the body.
func (s schema) check(v any, at, name string) *Error {
	switch v := v.(type) {
	case map[string]any:
		if s.kind == "object" {
			return s.checkObject(v, at, name)
		}
	case []any:
		if s.kind == "list" {
			if float64(len(v)) < s.least || s.most > 0 && float64(len(v)) > s.most {
				return unfit(at, "", name, fmt.Sprintf("it has %d items", len(v)))
			}
			for i, item := range v {
				if err := s.rest.check(item, fmt.Sprintf("%s/%d", at, i), name); err != nil {
					return err
				}
			}
			return nil
		}
	case string:
		if s.kind == "text" {
			if len(s.allowed) > 0 && !slices.Contains(s.allowed, v) {
				return unfit(at, v, name, "it must be one of "+strings.Join(s.allowed, ", "))
			}
			if float64(len(v)) < s.least || s.most > 0 && float64(len(v)) > s.most {
				return unfit(at, shortened(v), name, fmt.Sprintf("its length is %d", len(v)))
			}
			return nil
		}
	case float64:
		if s.kind == "number" {
			if math.Abs(v) > 1e15 || v < s.least || s.most > 0 && v > s.most || v != math.Trunc(v) {
				return unfit(at, strconv.FormatFloat(v, 'f', -1, 64), name, "it is out of range")
			}
			return nil
		}
	case bool:
		if s.kind == "bool" {
			return nil
		}
	}
	if s.kind == "" {
		return nil
	}
	return unfit(at, shortened(string(raw(v))), name, "it is not of the type "+s.kind)
}

func (s schema) checkObject(v map[string]any, at, name string) *Error {
	for _, field := range s.required {
		if v[field] == nil {
			return unfit(at+"/"+field, "", field, "it is required")
		}
	}
	given := 0
	for _, field := range s.exclusive {
		if v[field] != nil {
			given++
		}
	}
	if len(s.exclusive) > 0 && given != 1 {
		return unfit(at, "", name, "exactly one of "+strings.Join(s.exclusive, ", ")+" must be given")
	}
	if float64(len(v)) < s.least {
		return unfit(at, "", name, "it must not be empty")
	}
	for _, field := range slices.Sorted(maps.Keys(v)) {
		inner, known := s.fields[field]
		if !known && s.rest == nil {
			return unfit(at+"/"+field, "", field, "it is not known here")
		}
		if !known {
			inner = *s.rest
		}
		if err := inner.check(v[field], at+"/"+escape(field), cmp.Or(field, name)); err != nil {
			return err
		}
	}
	return nil
}

// escape writes a name into a pointer (RFC 6901 3).
func escape(name string) string {
	return strings.NewReplacer("~", "~0", "/", "~1").Replace(name)
}

func shortened(v string) string {
	if len(v) > 80 {
		return v[:80] + "..."
	}
	return v
}
