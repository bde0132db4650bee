package authzcheck

import (
	"encoding/json"
	"fmt"
	"maps"
	"net/http"
	"slices"
	"strings"

	"github.com/getkin/kin-openapi/openapi3"

	"github.com/launchready/terraform-provider-launchready/internal/probe"
)

// lookup is a param of a row whose value the first item of a list tells.
type lookup struct {
	param string
	list  string // path, which may hold params that come before
}

// bound is the row of an operation, with values for its params: those of the
// binding, else of the first item of the list that the owner reads, else the
// document's own examples. An example is anybody's, so that it comes last.
func (t *tester) bound(key string, op *operation, binding Route) *row {
	r := binding
	r.Name, r.Method, r.Path = key, op.method, op.path
	r.Params, r.Query = maps.Clone(binding.Params), maps.Clone(binding.Query)
	if r.Params == nil {
		r.Params = map[string]string{}
	}
	if r.Query == nil {
		r.Query = map[string]string{}
	}
	if r.Body == "" {
		r.Body = bodyExample(op.op)
	}
	out := t.newRow(r)
	for _, p := range parameters(op) {
		switch value := example(p); {
		case p.In == openapi3.ParameterInPath && r.Params[p.Name] == "":
			r.Params[p.Name] = value
			if list, ok := t.listOf(op, p.Name); ok {
				out.lookups = append(out.lookups, lookup{p.Name, list})
			} else if value == "" {
				out.problem = fmt.Sprintf("no value for {%s}: set params of the binding", p.Name)
			}
		case p.In == openapi3.ParameterInQuery && p.Required && r.Query[p.Name] == "" && !strings.Contains(r.Path, p.Name+"="):
			if r.Query[p.Name] = r.Params[p.Name]; r.Query[p.Name] != "" {
				r.Query[p.Name] = "{" + p.Name + "}"
			} else if r.Query[p.Name] = value; value == "" {
				out.problem = fmt.Sprintf("no value for the query's %s: set params of the binding", p.Name)
			}
		}
	}
	fresh := t.newRow(r)
	fresh.lookups, fresh.problem = out.lookups, out.problem
	return fresh
}

// listOf is the path before a param, if the document has a GET of it.
func (t *tester) listOf(op *operation, param string) (string, bool) {
	list, _, found := strings.Cut(op.path, "/{"+param+"}")
	return list, found && slices.ContainsFunc(t.document.all(), func(o *operation) bool {
		return o.method == http.MethodGet && shapeOfPath(o.path) == shapeOfPath(list)
	})
}

// parameters are those of an operation and of its path.
func parameters(op *operation) []*openapi3.Parameter {
	var out []*openapi3.Parameter
	for _, ref := range slices.Concat(op.op.Parameters, op.item.Parameters) {
		if ref != nil && ref.Value != nil && !slices.ContainsFunc(out, func(p *openapi3.Parameter) bool { return p.Name == ref.Value.Name && p.In == ref.Value.In }) {
			out = append(out, ref.Value)
		}
	}
	return out
}

// example is a value that the document gives for a param; empty if none.
func example(p *openapi3.Parameter) string {
	if v, ok := p.Extensions["x-launchready-example"]; ok {
		return scalar(v)
	}
	candidates := []any{p.Example}
	for _, name := range slices.Sorted(maps.Keys(p.Examples)) {
		if e := p.Examples[name]; e != nil && e.Value != nil {
			candidates = append(candidates, e.Value.Value)
		}
	}
	if p.Schema != nil && p.Schema.Value != nil {
		s := p.Schema.Value
		candidates = append(candidates, s.Example, s.Default)
		if len(s.Examples) > 0 {
			candidates = append(candidates, s.Examples[0])
		}
		if len(s.Enum) > 0 {
			candidates = append(candidates, s.Enum[0])
		}
	}
	for _, c := range candidates {
		if text := scalar(c); text != "" {
			return text
		}
	}
	return ""
}

// scalar is a text, number or boolean as it stands in a path.
func scalar(v any) string {
	switch v := v.(type) {
	case string:
		return v
	case float64, int, int64, uint64, bool, json.Number:
		b, _ := json.Marshal(v) // scalars marshal
		return strings.Trim(string(b), `"`)
	case json.RawMessage:
		return strings.Trim(string(v), `"`)
	}
	return ""
}

// bodyExample is the document's example of an operation's JSON body.
func bodyExample(op *openapi3.Operation) string {
	if op.RequestBody == nil || op.RequestBody.Value == nil {
		return ""
	}
	media := op.RequestBody.Value.Content.Get("application/json")
	if media == nil {
		return ""
	}
	v := media.Example
	for _, name := range slices.Sorted(maps.Keys(media.Examples)) {
		if e := media.Examples[name]; v == nil && e != nil && e.Value != nil {
			v = e.Value.Value
		}
	}
	if v == nil && media.Schema != nil && media.Schema.Value != nil {
		v = media.Schema.Value.Example
	}
	if v == nil {
		return ""
	}
	b, err := json.Marshal(v)
	if err != nil {
		return ""
	}
	return string(b)
}

// complete looks up params as the owners, and gives rows that lack one a reason.
func (t *tester) complete() {
	each(t.rows, func(r *row) {
		for _, l := range r.lookups {
			value := ""
			if r.owner.trouble() == "" {
				value = firstID(t.send(r.owner, Route{Path: l.list, Header: r.route.Header}.shot(r.params)), l.param)
			}
			if value != "" {
				r.params[l.param] = value
			}
			if r.params[l.param] == "" && r.problem == "" {
				r.problem = fmt.Sprintf("no value for {%s}: the list at %s shows the owner none; set params of the binding", l.param, Route{Path: l.list}.template())
			}
		}
	})
}

// firstID is the id of the first item of a list: under the param's own name, or
// as id, uuid or slug.
func firstID(x probe.Exchange, param string) string {
	var v any
	if !success(x) || json.Unmarshal(x.Body, &v) != nil {
		return ""
	}
	item := firstItem(v, 0)
	for _, name := range []string{param, "id", "uuid", "_id", "slug", "number"} {
		if text := scalar(item[name]); text != "" {
			return text
		}
	}
	return ""
}

// firstItem is the first object of the first list, however it is wrapped.
func firstItem(v any, depth int) map[string]any {
	switch node := v.(type) {
	case []any:
		for _, child := range node {
			if object, ok := child.(map[string]any); ok {
				return object
			}
		}
	case map[string]any:
		for _, name := range slices.Sorted(maps.Keys(node)) {
			if depth < 4 {
				if found := firstItem(node[name], depth+1); found != nil {
					return found
				}
			}
		}
	}
	return nil
}
