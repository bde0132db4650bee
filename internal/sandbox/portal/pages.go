package portal

import (
	"bytes"
	"embed"
	"html/template"
	"net/http"
	"sync"
)

//go:embed pages/*.html
var pageFiles embed.FS

//go:embed static
var staticFS embed.FS

// templates are parsed at the first page, once a process. Each page is the
// layout with its own body.
var templates = sync.OnceValue(func() map[string]*template.Template {
	layout := template.Must(template.ParseFS(pageFiles, "pages/layout.html"))
	out := map[string]*template.Template{}
	for _, name := range []string{"home", "welcome", "pricing", "community", "login", "totp", "reset", "confirm", "gone", "account", "admin", "forbidden", "missing", "shell"} {
		out[name] = template.Must(template.Must(layout.Clone()).ParseFS(pageFiles, "pages/"+name+".html"))
	}
	return out
})

// view is what a template sees.
type view struct {
	Partner string // where mixed content comes from
	Domain  string
	Release string // that runs; empty = not told
	Faults  map[string]bool
	Data    map[string]any
}

// page serves a public page.
func (p *Portal) page(name string) http.HandlerFunc {
	return func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("Cache-Control", "public, max-age=300")
		var data map[string]any
		if claimed := r.Header.Get("X-Forwarded-Host"); claimed != "" && p.On(HostByHeader) {
			data = map[string]any{"Canonical": "https://" + claimed + r.URL.Path}
		}
		p.render(w, http.StatusOK, name, data)
	}
}

// accountPage is for members; it must not be kept by any shared cache.
func (p *Portal) accountPage(w http.ResponseWriter, r *http.Request) {
	if !p.On(AccountCacheable) {
		w.Header().Set("Cache-Control", "private, no-store")
	}
	u, ok := p.current(r)
	if !ok {
		http.Redirect(w, r, "/login", http.StatusSeeOther)
		return
	}
	p.render(w, http.StatusOK, "account", map[string]any{"Profile": p.profileOf(u), "User": u})
}

func (p *Portal) render(w http.ResponseWriter, status int, name string, data map[string]any) {
	v := view{Partner: partner, Domain: p.options.Domain, Release: w.Header().Get(releaseHeader), Faults: map[string]bool{}, Data: data}
	p.mu.RLock()
	for s, on := range p.switches {
		v.Faults[string(s)] = on
	}
	p.mu.RUnlock()
	var out bytes.Buffer
	if err := templates()[name].Execute(&out, v); err != nil {
		http.Error(w, http.StatusText(http.StatusInternalServerError), http.StatusInternalServerError)
		return
	}
	w.Header().Set("Content-Type", "text/html; charset=utf-8")
	w.WriteHeader(status)
	_, _ = w.Write(out.Bytes()) // the visitor has gone if this fails
}

// staticFiles serves scripts, styles and pictures, which any cache may keep.
func staticFiles() http.Handler {
	files := http.FileServerFS(staticFS)
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if _, err := staticFS.Open(r.URL.Path[1:]); err != nil || r.URL.Path[len(r.URL.Path)-1] == '/' {
			http.NotFound(w, r) // no listing of folders
			return
		}
		w.Header().Set("Cache-Control", "public, max-age=86400")
		files.ServeHTTP(w, r)
	})
}
