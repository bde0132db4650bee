package authcheck

import (
	"encoding/json"
	"maps"
	"slices"
	"strings"

	"github.com/launchready/terraform-provider-launchready/internal/probe"
)

// sameShape reports whether two answers are data of one kind: JSON objects of the
// same names, with something wherever the other has something. Whose data it is
// does not matter: it is somebody's. An empty list is nobody's, as is
// {"user": null, "authenticated": false}.
func sameShape(owner, x probe.Exchange) bool {
	var a, b any
	if json.Unmarshal(owner.Body, &a) != nil || json.Unmarshal(x.Body, &b) != nil {
		return false
	}
	if object, ok := a.(map[string]any); !ok || len(object) < 2 {
		return false
	}
	return shape(a, 0) == shape(b, 0)
}

const maxShape = 16 // levels of a document that are compared

// shape writes a document without its texts and numbers.
func shape(v any, depth int) string {
	if depth > maxShape {
		return "..."
	}
	switch node := v.(type) {
	case map[string]any:
		var b strings.Builder
		for _, name := range slices.Sorted(maps.Keys(node)) {
			b.WriteString(name + ":" + shape(node[name], depth+1) + ",")
		}
		return "{" + b.String() + "}"
	case []any:
		if len(node) == 0 {
			return "[]"
		}
		return "[" + shape(node[0], depth+1) + "]"
	case string:
		return map[bool]string{true: "text", false: "empty"}[strings.TrimSpace(node) != ""]
	case float64:
		return map[bool]string{true: "number", false: "0"}[node != 0]
	case bool:
		return map[bool]string{true: "true", false: "false"}[node]
	}
	return "null"
}
