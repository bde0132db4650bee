package envnames

import (
	"encoding/json"
	"slices"
	"strings"
)

// fromJSON reads what platforms export. Their forms have this in common: an
// object of names and values, or a list of objects that have a name, or of texts
// NAME=value, at the top or under a field.
func fromJSON(text []byte, target Target) ([]Name, error) {
	var document any
	if json.Unmarshal(text, &document) != nil {
		return nil, ErrJSON
	}
	found := read(document, target, 0)
	if len(found) == 0 && !empty(document) {
		return nil, ErrJSON
	}
	return found, nil
}

func empty(document any) bool {
	switch d := document.(type) {
	case []any:
		return len(d) == 0
	case map[string]any:
		return len(d) == 0
	}
	return false
}

// lists are the fields under which an object has variables; those of ECS have two.
var lists = []string{"envs", "env", "Env", "envVars", "secrets", "variables", "vars", "environment", "containerDefinitions", "Config", "result", "data", "config_vars", "items"}

const maxDepth = 6

func read(document any, target Target, depth int) []Name {
	if depth > maxDepth {
		return nil
	}
	var out []Name
	switch d := document.(type) {
	case []any:
		for _, element := range d {
			out = append(out, one(element, target, depth)...)
		}
	case map[string]any:
		nested := false
		for _, field := range lists {
			switch inner := d[field].(type) {
			case []any, map[string]any:
				nested = true
				out = append(out, read(inner, target, depth+1)...)
			}
		}
		if !nested {
			out = append(out, pairs(d)...)
		}
	}
	return out
}

// pairs are an object of names and values.
func pairs(object map[string]any) []Name {
	var out []Name
	for name, value := range object {
		switch v := value.(type) {
		case string:
			if assignable(name) {
				out = append(out, Name{name, strings.TrimSpace(v) == ""})
			}
		case nil:
			if assignable(name) {
				out = append(out, Name{name, true})
			}
		case float64, bool:
			if assignable(name) {
				out = append(out, Name{Name: name})
			}
		case map[string]any: // Wrangler and others: what is known of it, without its value
			if IsName(name) {
				out = append(out, Name{name, blankIn(v)})
			}
		}
	}
	return out
}

// one is an element of a list.
func one(element any, target Target, depth int) []Name {
	switch e := element.(type) {
	case string:
		name, value, assigned := strings.Cut(e, "=")
		if assigned && assignable(name) {
			return []Name{{name, isBlank(value)}}
		}
		if !assigned && IsName(e) && !encoded(e) {
			return []Name{{Name: e}}
		}
	case map[string]any:
		if inner, ok := e["envVar"].(map[string]any); ok { // Render
			return one(inner, target, depth+1)
		}
		for _, field := range []string{"key", "name", "Name", "Key", "NAME", "envName"} {
			name, ok := e[field].(string)
			if !ok || !assignable(name) {
				continue
			}
			if _, is := e["environment"].([]any); is { // a container of that name
				break
			}
			if !meant(e, target) {
				return nil
			}
			return []Name{{name, blankIn(e)}}
		}
		return read(e, target, depth+1)
	}
	return nil
}

// blankIn reports whether an entry says that its value is nothing. Most say no
// value at all.
func blankIn(entry map[string]any) bool {
	for _, field := range []string{"value", "Value"} {
		if v, ok := entry[field].(string); ok {
			return strings.TrimSpace(v) == "" && entry["type"] != "encrypted" && entry["type"] != "sensitive" && entry["type"] != "secret"
		}
	}
	return false
}

// contexts are what platforms call the environments.
var contexts = map[Target][]string{
	Production: {"production", "prod", "all"},
	Staging:    {"preview", "staging", "stage", "deploy-preview", "branch-deploy", "branch", "all"},
}

// meant reports whether an entry is of the environment that is asked for: by the
// field target of Vercel, a text or a list, or by the contexts of Netlify's values.
func meant(entry map[string]any, target Target) bool {
	if target == Any {
		return true
	}
	var of []string
	switch t := entry["target"].(type) {
	case string:
		of = append(of, t)
	case []any:
		for _, one := range t {
			if text, ok := one.(string); ok {
				of = append(of, text)
			}
		}
	}
	if custom, ok := entry["customEnvironmentIds"].([]any); ok && len(custom) > 0 && target == Staging {
		return true
	}
	if values, ok := entry["values"].([]any); ok {
		for _, v := range values {
			if object, ok := v.(map[string]any); ok {
				if text, ok := object["context"].(string); ok {
					of = append(of, text)
				}
			}
		}
	}
	if len(of) == 0 {
		return true
	}
	return slices.ContainsFunc(of, func(name string) bool { return slices.Contains(contexts[target], strings.ToLower(name)) })
}
