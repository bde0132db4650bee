package envnames

import (
	"encoding/json"
	"slices"
	"strings"
)

// refusal reports whether a document is the answer of an API that refuses: what
// stands in it are no variables (Heroku, GitHub, GitLab, Vercel, Cloudflare).
func refusal(document any) bool {
	d, ok := document.(map[string]any)
	if !ok || len(d) > 6 {
		return false
	}
	for name := range d {
		if IsName(name) {
			return false
		}
	}
	text := func(field string) bool { v, ok := d[field].(string); return ok && strings.ContainsAny(v, " ") }
	if success, ok := d["success"].(bool); ok && !success {
		return true
	}
	switch d["error"].(type) {
	case map[string]any:
		return true
	case string:
		return len(d) <= 2
	}
	return text("message") || text("detail")
}

// fromJSON reads what platforms export. Their forms have this in common: an
// object of names and values, or a list of objects that have a name, or of texts
// NAME=value, at the top or under a field.
func fromJSON(text []byte, target Target) ([]Name, error) {
	var document any
	if json.Unmarshal(text, &document) != nil {
		return nil, ErrJSON
	}
	if refusal(document) {
		return nil, ErrRefusal
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
var lists = []string{
	"envs", "env", "Env", "envVars", "env_vars", "secrets", "variables", "Variables", "vars", "environment", "Environment", "environmentVariables", "containerDefinitions", "taskDefinition",
	"Config", "result", "data", "stringData", "binaryData", "config_vars", "items", "spec", "template", "containers", "app",
}

// described are fields of what holds variables and is none: of such a document
// nothing is taken for a name but what stands in the lists (Kubernetes, Docker, AWS).
var described = []string{"apiVersion", "metadata", "Env", "taskDefinitionArn", "FunctionName", "FunctionArn", "spec", "containerDefinitions", "containers", "deployment_configs", "Config", "appId"}

const maxDepth = 9

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
		if configs, ok := d["deployment_configs"].(map[string]any); ok { // Cloudflare Pages
			return ofPages(configs, target, depth)
		}
		nested := slices.ContainsFunc(described, func(field string) bool { _, ok := d[field]; return ok })
		for _, field := range lists {
			switch inner := d[field].(type) {
			case []any, map[string]any:
				if m, ok := inner.(map[string]any); ok && strings.HasPrefix(textOf(d["apiVersion"]), "v1") && strings.HasSuffix(strings.ToLower(field), "data") {
					nested = true
					out = append(out, keys(m)...)
					continue
				}
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

func textOf(value any) string {
	text, _ := value.(string)
	return text
}

// keys are those of a ConfigMap or a Secret that become variables: what is named
// as a file is mounted as one.
func keys(data map[string]any) []Name {
	var out []Name
	for _, n := range pairs(data) {
		if !strings.ContainsAny(n.Name, ".-") {
			out = append(out, n)
		}
	}
	return out
}

// ofPages are the variables of a project of Cloudflare Pages.
func ofPages(configs map[string]any, target Target, depth int) []Name {
	var out []Name
	for place, of := range map[string]Target{"production": Production, "preview": Staging} {
		if inner, ok := configs[place].(map[string]any); ok && (target == Any || target == of) {
			for _, field := range []string{"env_vars", "vars", "secrets"} {
				out = append(out, read(inner[field], target, depth+1)...)
			}
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
				out = append(out, Name{Name: name, Empty: strings.TrimSpace(v) == ""})
			}
		case nil:
			if assignable(name) {
				out = append(out, Name{Name: name, Empty: true})
			}
		case float64, bool:
			if assignable(name) {
				out = append(out, Name{Name: name})
			}
		case map[string]any: // Wrangler and others: what is known of it, without its value
			if IsName(name) {
				out = append(out, Name{Name: name, Empty: blankIn(v)})
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
			return []Name{{Name: name, Empty: isBlank(value)}}
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
			if holder(e) { // a container of that name
				break
			}
			if !meant(e, target) {
				return nil
			}
			return []Name{{Name: name, Empty: blankFor(e, target)}}
		}
		return read(e, target, depth+1)
	}
	return nil
}

// holder reports whether an object with a name is what has variables.
func holder(e map[string]any) bool {
	for _, field := range []string{"environment", "env", "envFrom", "secrets", "image", "Config", "environmentFiles", "data", "spec"} {
		if _, is := e[field]; is {
			return true
		}
	}
	return false
}

// blankFor is blankIn for an entry that has a value for each context (Netlify).
func blankFor(entry map[string]any, target Target) bool {
	values, ok := entry["values"].([]any)
	if !ok || len(values) == 0 {
		return blankIn(entry)
	}
	for _, v := range values {
		if object, ok := v.(map[string]any); ok && meant(map[string]any{"values": []any{v}}, target) && !blankIn(object) {
			return false
		}
	}
	return true
}

// blankIn reports whether an entry says that its value is nothing. Most say no
// value at all.
func blankIn(entry map[string]any) bool {
	for _, field := range []string{"value", "Value", "computed"} {
		if v, ok := entry[field].(string); ok {
			return strings.TrimSpace(v) == "" && entry["type"] != "encrypted" && entry["type"] != "sensitive" && entry["type"] != "secret" && entry["type"] != "secret_text"
		}
	}
	return false
}

// contexts are what platforms call the environments.
var contexts = map[Target][]string{
	Production: {"production", "prod", "all", "*"},
	Staging:    {"preview", "staging", "stage", "deploy-preview", "branch-deploy", "branch", "all", "*", "review"},
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
	if scope, ok := entry["environment_scope"].(string); ok { // GitLab; a pattern such as review/*
		of = append(of, strings.ToLower(strings.TrimSuffix(scope, "/*")))
	}
	if len(of) == 0 {
		return true
	}
	return slices.ContainsFunc(of, func(name string) bool { return slices.Contains(contexts[target], strings.ToLower(name)) })
}
