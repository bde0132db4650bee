package portal

import (
	"net/http"
	"strings"
)

// openAPI describes the API (OpenAPI 3.1), with examples that are member_a's.
func (p *Portal) openAPI(w http.ResponseWriter, _ *http.Request) {
	paths := map[string]map[string]any{}
	for _, rt := range p.apiRoutes() {
		if rt.fault != "" && !p.On(rt.fault) {
			continue
		}
		if paths[rt.path] == nil {
			paths[rt.path] = map[string]any{}
		}
		paths[rt.path][strings.ToLower(rt.method)] = rt.operation(p.options.Domain)
	}
	answer(w, http.StatusOK, fields{
		"openapi": "3.1.0",
		"info":    fields{"title": "Acme members", "version": p.options.Version},
		"servers": []fields{{"url": p.origin()}},
		"paths":   paths,
		"components": fields{"securitySchemes": fields{
			"bearer": fields{"type": "http", "scheme": "bearer"},
			"cookie": fields{"type": "apiKey", "in": "cookie", "name": p.sessionCookieName()},
		}},
	})
}

// operation describes a route.
func (rt route) operation(domain string) fields {
	out := fields{
		"summary":     rt.summary,
		"operationId": strings.ToLower(rt.method) + strings.NewReplacer("/", "_", "{", "", "}", "", "-", "_", ".", "_").Replace(strings.TrimPrefix(rt.path, "/api")),
		"responses":   fields{"2XX": fields{"description": "Done"}, "default": fields{"description": "Refused (RFC 9457)"}},
	}
	if rt.access == everyone {
		out["security"] = []fields{}
	} else {
		out["security"] = []fields{{"bearer": []string{}}, {"cookie": []string{}}}
	}
	if rt.access == admins {
		out["x-roles"] = []string{roleAdmin}
	}
	parameter := func(name, in, example string) {
		out["parameters"] = []fields{{"name": name, "in": in, "required": true, "schema": fields{"type": "string"}, "example": example}}
	}
	switch {
	case strings.Contains(rt.path, "{id}"):
		parameter("id", "path", rt.id)
	case rt.id != "":
		parameter("id", "query", rt.id)
	case rt.path == "/api/mail/suppressions":
		parameter("address", "query", "someone@"+domain)
	}
	if body, ok := rt.body.(fields); ok {
		properties := fields{}
		for name := range body {
			properties[name] = fields{"type": "string"}
		}
		out["requestBody"] = fields{"required": true, "content": fields{"application/json": fields{
			"schema": fields{"type": "object", "properties": properties}, "example": body,
		}}}
	}
	return out
}
