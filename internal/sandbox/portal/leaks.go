package portal

import (
	"encoding/json"
	"io"
	"net/http"

	"github.com/launchready/terraform-provider-launchready/internal/sandbox/leaks"
)

// What the portal gives away.
const (
	BundleSecret      Switch = "bundle_secret"       // the script holds a payment key
	BundleServiceRole Switch = "bundle_service_role" // the script holds a token that goes past the rules of the database
	BundleUnknown     Switch = "bundle_unknown_key"  // the script holds a key of no known vendor
	InlineSecret      Switch = "inline_secret"       // a chunk that the script loads holds a key
	MapPublic         Switch = "map_public"          // the script's source map is served
	MapServer         Switch = "map_server"          // and holds source of the server
	MapSecret         Switch = "map_secret"          // and a key that the script does not
	EnvServed         Switch = "env_served"          // /.env
	GitServed         Switch = "git_served"          // /.git/
	BackupServed      Switch = "backup_served"       // /backup.sql
	ListingServed     Switch = "listing_served"      // the listing of /uploads/
	ProfilerServed    Switch = "profiler_served"     // /debug/pprof/
	DebugMode         Switch = "debug_mode"          // errors are shown by a debugger
)

// leaking serves the application's script, and before the portal's own paths
// what a release that nobody has looked at gives away.
func (p *Portal) leaking(next *http.ServeMux) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.Method != http.MethodGet && r.Method != http.MethodHead {
			next.ServeHTTP(w, r)
			return
		}
		if kind, body := p.given(r.URL.Path); body != "" {
			w.Header().Set("Content-Type", kind)
			w.Header().Set("Cache-Control", "no-cache")
			_, _ = io.WriteString(w, body) // the visitor has gone if this fails
			return
		}
		if p.On(DebugMode) && r.URL.Path != "/" && !known(next, r) {
			w.Header().Set("Content-Type", "text/html; charset=utf-8")
			w.WriteHeader(http.StatusNotFound)
			_, _ = io.WriteString(w, "<!DOCTYPE html><title>Page not found</title><h1>Page not found (404)</h1><p>You're seeing this error because you have <code>DEBUG = True</code> in your Django settings file.</p>")
			return
		}
		next.ServeHTTP(w, r)
	})
}

// known reports whether a path is one of the portal's.
func known(mux *http.ServeMux, r *http.Request) bool {
	_, pattern := mux.Handler(r)
	return pattern != "" && pattern != "/api/"
}

// given is the file at a path and its type; "" if there is none.
func (p *Portal) given(path string) (kind, body string) {
	const script, text, page = "text/javascript; charset=utf-8", "text/plain; charset=utf-8", "text/html; charset=utf-8"
	switch {
	case path == "/static/app.js":
		return script, p.bundle()
	case path == "/static/chunk-pay.js" && p.On(InlineSecret):
		return script, "export const hook=\"" + leaks.Webhook + "\";\n"
	case path == "/static/app.js.map" && p.anyMap():
		return "application/json", p.sourceMap()
	case path == "/.env" && p.On(EnvServed):
		return text, "NODE_ENV=production\nSTRIPE_SECRET_KEY=" + leaks.Stripe + "\n"
	case path == "/.git/HEAD" && p.On(GitServed):
		return text, "ref: refs/heads/main\n"
	case path == "/.git/config" && p.On(GitServed):
		return text, "[core]\n\trepositoryformatversion = 0\n"
	case path == "/backup.sql" && p.On(BackupServed):
		return "application/sql", "-- MySQL dump 10.13  Distrib 8.0.36\n\nCREATE TABLE `members` (\n"
	case path == "/uploads/" && p.On(ListingServed):
		return page, "<html><head><title>Index of /uploads/</title></head><body><h1>Index of /uploads/</h1><a href=\"../\">../</a></body></html>"
	case path == "/debug/pprof/" && p.On(ProfilerServed):
		return page, "<html><head><title>/debug/pprof/</title></head><body>/debug/pprof/<br>Types of profiles available:</body></html>"
	}
	return "", ""
}

// bundle is the application's script.
func (p *Portal) bundle() string {
	out := leaks.Bundle()
	if p.On(BundleSecret) {
		out += "const pay={key:\"" + leaks.Stripe + "\"};\n"
	}
	if p.On(BundleServiceRole) {
		out += "const admin={key:\"" + leaks.ServiceRole + "\"};\n"
	}
	if p.On(BundleUnknown) {
		out += "const sessionSecret=\"" + leaks.Unknown + "\";\n"
	}
	if p.On(InlineSecret) {
		out += "import(\"./chunk-pay.js\");\n"
	}
	if p.On(TestKeys) {
		out += "const pay=Stripe(\"pk_" + "test_51NcT4rBx7QwZ2mKv9LpJ3sYd8FhG6uEa\");\n"
	}
	if p.On(AssetsMixed) && p.turns.Add(1)%2 == 0 {
		out += "console.debug(2);\n"
	}
	if p.anyMap() {
		out += "//# sourceMappingURL=app.js.map\n"
	}
	return out
}

func (p *Portal) anyMap() bool { return p.On(MapPublic) || p.On(MapServer) || p.On(MapSecret) }

// sourceMap is the script's source map (ECMA-426).
func (p *Portal) sourceMap() string {
	sources, content := []string{"src/app.js", "node_modules/lib/index.js"}, []string{"console.debug(1);", "module.exports = 1;"}
	if p.On(MapServer) {
		sources, content = append(sources, "src/server/routes.js"), append(content, "export const routes = [];")
	}
	if p.On(MapSecret) {
		sources, content = append(sources, "src/keys.js"), append(content, "export const aws = \""+leaks.AWS+"\";")
	}
	out, err := json.Marshal(map[string]any{"version": 3, "sources": sources, "sourcesContent": content, "names": []string{}, "mappings": "AAAA"})
	if err != nil {
		panic(err) // texts always marshal
	}
	return string(out)
}
