package deploycheck

import (
	"bytes"
	"cmp"
	"net/http"
	"regexp"
	"slices"
	"strings"
	"sync"

	"github.com/launchready/terraform-provider-launchready/internal/check"
	"github.com/launchready/terraform-provider-launchready/internal/probe"
	"github.com/launchready/terraform-provider-launchready/internal/readiness"
)

// tools are what developers have at known paths.
var tools = sync.OnceValue(func() []struct {
	path string
	sign
} {
	type tool = struct {
		path string
		sign
	}
	t := func(path, what, pattern string, severity readiness.Severity) tool {
		return tool{path, sign{what, regexp.MustCompile(pattern), severity}}
	}
	const swagger, redoc, graphiql = `(?i)swagger-ui(?:-bundle|\.css|["'])|SwaggerUIBundle|<title>[^<]*Swagger UI`, `(?i)<redoc\b|redoc\.standalone|<title>[^<]*ReDoc`, `(?i)graphiql(?:\.min)?\.(?:js|css)|<title>[^<]*(?:GraphiQL|GraphQL Playground|Apollo Sandbox)|embeddable-sandbox|EmbeddedSandbox|(?:"|%22)isProd(?:"|%22)(?::|%3A)false|id=["']graphiql`
	return []tool{
		t("/console", "the console of Werkzeug", `(?i)<title>Console // Werkzeug Debugger|__debugger__`, readiness.Critical),
		t("/graphiql", "GraphiQL", graphiql, ""),
		t("/graphql", "GraphiQL", graphiql, ""),
		t("/api/graphql", "GraphiQL", graphiql, ""),
		t("/playground", "GraphQL Playground", graphiql, ""),
		t("/swagger-ui/index.html", "Swagger UI", swagger, readiness.Medium),
		t("/swagger-ui/", "Swagger UI", swagger, readiness.Medium),
		t("/swagger", "Swagger UI", swagger, readiness.Medium),
		t("/swagger/index.html", "Swagger UI", swagger, readiness.Medium),
		t("/docs", "Swagger UI", swagger, readiness.Medium),
		t("/api/docs", "Swagger UI", swagger, readiness.Medium),
		t("/api-docs", "Swagger UI", swagger, readiness.Medium),
		t("/redoc", "ReDoc", redoc, readiness.Medium),
		t("/telescope/requests", "Laravel Telescope", `(?i)<title>[^<]*Telescope`, ""),
		t("/horizon/dashboard", "Laravel Horizon", `(?i)<title>[^<]*Horizon`, ""),
		t("/_profiler/latest", "the profiler of Symfony", `(?i)Symfony Profiler|sf-profiler`, ""),
		t("/rails/info/properties", "the properties of Rails", `(?i)Rails version|Rack version`, ""),
		t("/_ignition/health-check", "Ignition", `"can_execute_commands"\s*:`, ""),
		t("/dev/dashboard", "the dashboard of Phoenix", `(?i)<title>[^<]*Phoenix LiveDashboard`, ""),
	}
})

// tools looks for what is not meant to be there. A site that answers every path
// with one page has none of it.
func (d *debugger) tools() {
	missing := d.stranger(d.at, nowhere)
	all := tools()
	answers := make([]probe.Exchange, len(all))
	check.Beside(len(all), atOnce, func(i int) {
		if r := (probe.Request{URL: d.at.URL + all[i].path, Retry: true, Reuse: true, MaxBody: 64 << 10}); !slices.Contains(d.at.Documents, all[i].path) {
			r.Header = map[string][]string{"Accept": {"text/html"}}
			answers[i] = d.prober.Fetch(d.ctx, r)
		}
	})
	for i, t := range all {
		if !slices.Contains(d.at.Documents, t.path) {
			d.tool(t.path, t.sign, answers[i], missing)
		}
	}
}

// tool looks for one thing in the answer of its path.
func (d *debugger) tool(path string, s sign, x, missing probe.Exchange) {
	if x.Status == 0 || x.Throttled() || x.Status == http.StatusServiceUnavailable {
		d.missed = d.at.at(path) + ": " + cmp.Or(unseen(x), "the portal answers 503")
		return
	}
	if x.Status < 200 || x.Status > 299 || bytes.Equal(x.Body, missing.Body) {
		return
	}
	if s.pattern.Match(x.Body) && !s.pattern.Match(missing.Body) {
		d.fail(d.at.at(strings.TrimSuffix(path, "/")), s.what, s.severity)
	}
}
