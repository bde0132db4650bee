package authzcheck

import (
	"bytes"
	"encoding/json"
	"errors"
	"maps"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"unicode"

	"golang.org/x/net/html"

	"github.com/launchready/terraform-provider-launchready/internal/probe"
)

const (
	canaryMark = "{{canary}}"
	formType   = "application/x-www-form-urlencoded"
)

// decodeObject reads a JSON object; numbers keep their text.
func decodeObject(body []byte) (map[string]any, bool) {
	decoder := json.NewDecoder(bytes.NewReader(body))
	decoder.UseNumber()
	var v map[string]any
	return v, decoder.Decode(&v) == nil && v != nil
}

// fieldOf is the field of a body that is written: the named one, or the only text.
func (r Route) fieldOf() (string, error) {
	if r.Field != "" {
		return r.Field, nil
	}
	var texts []string
	if mediaType(r.Header) == formType {
		values, _ := url.ParseQuery(r.Body) // what is no form has no field
		for _, name := range slices.Sorted(maps.Keys(values)) {
			if text := values.Get(name); text == canaryMark || !strings.HasPrefix(text, "{") {
				texts = append(texts, name)
			}
		}
	} else if object, ok := decodeObject([]byte(r.Body)); ok {
		for _, name := range slices.Sorted(maps.Keys(object)) {
			if text, ok := object[name].(string); ok && (text == canaryMark || !strings.HasPrefix(text, "{")) {
				texts = append(texts, name)
			}
		}
	}
	if len(texts) != 1 {
		return "", errors.New("set field to the field of body that may be changed and put back")
	}
	return texts[0], nil
}

// setField returns a request whose body has other values of some fields. A
// name that begins with / is a JSON pointer (RFC 6901).
func setField(s shot, fields map[string]any) (shot, error) {
	if mediaType(s.header) == formType {
		values, err := url.ParseQuery(string(s.body))
		if err != nil {
			return s, errors.New("body is no form")
		}
		for name, value := range fields {
			values.Set(name, textOf(value))
		}
		s.body = []byte(values.Encode())
		return s, nil
	}
	object, ok := decodeObject(s.body)
	if !ok && len(bytes.TrimSpace(s.body)) > 0 {
		return s, errors.New("body is neither a JSON object nor a form")
	}
	if object == nil {
		object = map[string]any{}
	}
	for name, value := range fields {
		setAt(object, strings.Split(strings.TrimPrefix(name, "/"), "/"), value)
	}
	s.body, _ = json.Marshal(object) // what was decoded marshals
	if s.header.Get("Content-Type") == "" {
		s = s.with("Content-Type", "application/json")
	}
	return s, nil
}

func setAt(object map[string]any, path []string, value any) {
	if len(path) == 1 {
		object[path[0]] = value
		return
	}
	child, ok := object[path[0]].(map[string]any)
	if !ok {
		child = map[string]any{}
		object[path[0]] = child
	}
	setAt(child, path[1:], value)
}

func textOf(value any) string {
	switch v := value.(type) {
	case string:
		return v
	case json.Number:
		return v.String()
	case bool:
		return strconv.FormatBool(v)
	case nil:
		return ""
	}
	b, _ := json.Marshal(value) // what was decoded marshals
	return string(b)
}

// readField finds a field in an answer: by its pointer, or by its name where it
// stands least deep; in a page by the name of the form's field.
func readField(x probe.Exchange, field string) (any, bool) {
	if !success(x) {
		return nil, false
	}
	decoder := json.NewDecoder(bytes.NewReader(x.Body))
	decoder.UseNumber()
	var v any
	if decoder.Decode(&v) != nil {
		return formField(x.Body, field)
	}
	if strings.HasPrefix(field, "/") {
		parts := strings.Split(strings.TrimPrefix(field, "/"), "/")
		if found, ok := at(v, parts); ok {
			return found, true
		}
		field = parts[len(parts)-1]
	}
	level := []any{v}
	for depth := 0; depth < maxDepth && len(level) > 0; depth++ {
		var next []any
		for _, node := range level {
			switch n := node.(type) {
			case map[string]any:
				if found, ok := n[field]; ok {
					return found, true
				}
				for _, name := range slices.Sorted(maps.Keys(n)) {
					next = append(next, n[name])
				}
			case []any:
				next = append(next, n...)
			}
		}
		level = next
	}
	return nil, false
}

func at(v any, path []string) (any, bool) {
	for _, name := range path {
		name = strings.NewReplacer("~1", "/", "~0", "~").Replace(name)
		switch node := v.(type) {
		case map[string]any:
			child, ok := node[name]
			if !ok {
				return nil, false
			}
			v = child
		case []any:
			i, err := strconv.Atoi(name)
			if err != nil || i < 0 || i >= len(node) {
				return nil, false
			}
			v = node[i]
		default:
			return nil, false
		}
	}
	return v, true
}

// formField is the value of an input, textarea or meta element of a page.
func formField(page []byte, name string) (any, bool) {
	z := html.NewTokenizer(bytes.NewReader(page))
	for {
		switch z.Next() {
		case html.ErrorToken:
			return nil, false
		case html.StartTagToken, html.SelfClosingTagToken:
			t := z.Token()
			if attribute(t, "name") != name {
				continue
			}
			switch t.Data {
			case "input":
				return attribute(t, "value"), true
			case "meta":
				return attribute(t, "content"), true
			case "textarea":
				z.Next()
				return strings.TrimSpace(string(z.Text())), true
			}
		}
	}
}

// labelled is what a page shows of a field in words: the text after its name, as in
// "Role: member" or in a table, where that stands once.
func labelled(x probe.Exchange, name string) (any, bool) {
	if !success(x) || !isPage(x) {
		return nil, false
	}
	plain := func(s string) string {
		return strings.ToLower(strings.TrimSpace(strings.TrimRight(strings.NewReplacer("_", " ", "-", " ").Replace(strings.TrimSpace(s)), ":")))
	}
	label, leaves := plain(strings.Trim(name, "/")), leavesOf(x)
	var found []string
	for i, l := range leaves {
		head, rest, ok := strings.Cut(l.value, ":")
		switch {
		case plain(l.value) == label && i+1 < len(leaves):
			found = append(found, leaves[i+1].value)
		case ok && plain(head) == label && strings.TrimSpace(rest) != "":
			found = append(found, strings.TrimSpace(rest))
		}
	}
	if len(found) != 1 {
		return nil, false
	}
	return found[0], true
}

// canary is a harmless value that differs from the present one, and from every
// other canary. A text of digits, such as a phone number, keeps its form.
func canary(present any) any {
	switch v := present.(type) {
	case bool:
		return !v
	case json.Number:
		if n, err := v.Int64(); err == nil {
			return json.Number(strconv.FormatInt(n+1+below(900), 10))
		}
	case string:
		digits := 0
		for _, c := range v {
			if unicode.IsDigit(c) {
				digits++
			}
		}
		if digits < 6 || strings.ContainsFunc(v, unicode.IsLetter) {
			break
		}
		out, left := []byte(v), digits
		for i, c := range out {
			if c >= '0' && c <= '9' {
				if left--; left < 5 { // what comes before is a prefix of a country or network
					out[i] = byte('0' + below(10))
				}
			}
		}
		if string(out) != v {
			return string(out)
		}
		return canary(present)
	}
	return "lr-canary-" + drawn()
}

func same(a, b any) bool { return textOf(a) == textOf(b) }
