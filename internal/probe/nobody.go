package probe

import (
	"bytes"
	"encoding/json"
	"slices"
	"strings"
)

// people are the names by which answers tell who is signed in.
var people = []string{"user", "currentuser", "me", "viewer", "account", "member", "session", "identity", "customer"}

// SaysNobody reports whether a JSON answer of 2xx says that nobody is signed in:
// null, an object without anything in it (NextAuth's session), or one whose user
// is null and that holds no other data, at the top or in GraphQL's data.
func (x Exchange) SaysNobody() bool {
	if x.Status < 200 || x.Status > 299 {
		return false
	}
	var said any
	if json.Unmarshal(bytes.TrimSpace(x.Body), &said) != nil {
		return false
	}
	switch node := said.(type) {
	case nil:
		return true
	case map[string]any:
		if data, ok := node["data"]; ok && len(node) == 1 {
			inner, isObject := data.(map[string]any)
			return data == nil || isObject && nobody(inner)
		}
		return nobody(node)
	}
	return false
}

func nobody(object map[string]any) bool {
	missing := false
	for name, value := range object {
		plain := strings.ToLower(strings.NewReplacer("_", "", "-", "").Replace(name))
		switch {
		case slices.Contains(people, plain):
			if !blank(value) {
				return false
			}
			missing = true
		case tellsMore(plain, value):
			return false
		}
	}
	return missing || len(object) == 0
}

// blank reports whether a value is nobody.
func blank(v any) bool {
	switch value := v.(type) {
	case nil:
		return true
	case bool:
		return !value
	case map[string]any:
		return len(value) == 0
	case string:
		return value == ""
	}
	return false
}

// beside are parts of the names that stand beside a user who is null.
var beside = []string{"csrf", "xsrf", "time", "now", "date", "version", "build", "request", "nonce", "status", "success", "ok", "message", "locale", "expires"}

// tellsMore reports whether a value says more than such names do: a document
// with an id or a name is somebody's, whatever else in it is null.
func tellsMore(name string, value any) bool {
	switch value := value.(type) {
	case nil, bool:
		return false
	case map[string]any:
		return len(value) > 0
	case []any:
		return len(value) > 0
	}
	return !slices.ContainsFunc(beside, func(part string) bool { return strings.Contains(name, part) })
}
