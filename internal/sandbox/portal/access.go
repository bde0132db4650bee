package portal

import (
	"context"
	"net/http"
	"strings"
)

// access is who a route is for.
type access int

const (
	everyone access = iota
	members         // who is signed in, machines too
	admins
)

// guard lets those pass whom a route is for. The server decides by role, not
// the page.
func (p *Portal) guard(rt route) http.HandlerFunc {
	return func(w http.ResponseWriter, r *http.Request) {
		u, half, ok := p.credential(r)
		switch {
		case ok && !(half && !(rt.access == admins && p.On(AdminHalfway))):
		case rt.access == everyone, p.On(AnonymousObject) && rt.anonymousSlip:
			u = user{}
		default:
			w.Header().Set("WWW-Authenticate", `Bearer realm="portal"`)
			refuse(w, http.StatusUnauthorized)
			return
		}
		if rt.access == admins && u.Role != roleAdmin && !slipped(r) && !(rt.roleSlip != "" && p.On(rt.roleSlip)) {
			refuse(w, http.StatusForbidden)
			return
		}
		if rt.access != everyone && !p.mayWrite(r) {
			refuse(w, http.StatusForbidden)
			return
		}
		rt.handle(w, r, u)
	}
}

// slippedKey marks a request that was let past the list of administrators'
// addresses as something else.
type slippedKey struct{}

func slipped(r *http.Request) bool { return r.Context().Value(slippedKey{}) != nil }

// readdressed is the fault of a router that takes a request for another than
// the one which the list of administrators' addresses was asked about: in
// another spelling, or by a header. In a sound portal it changes nothing.
func (p *Portal) readdressed(r *http.Request) *http.Request {
	method, path := r.Method, r.URL.Path
	if p.On(PathCase) {
		path = strings.ToLower(path)
	}
	if p.On(PathSlash) && path != "/" {
		path = strings.TrimSuffix(path, "/")
	}
	if p.On(PathByHeader) {
		for _, name := range []string{"X-Original-Url", "X-Rewrite-Url"} {
			if named := r.Header.Get(name); strings.HasPrefix(named, "/") {
				path, _, _ = strings.Cut(named, "?")
			}
		}
	}
	if p.On(MethodOverride) {
		for _, named := range []string{r.Header.Get("X-HTTP-Method-Override"), r.Header.Get("X-Method-Override"), r.Header.Get("X-HTTP-Method"), r.URL.Query().Get("_method")} {
			if named != "" {
				method = strings.ToUpper(named)
			}
		}
	}
	if method == r.Method && path == r.URL.Path {
		return r
	}
	out := r.WithContext(context.WithValue(r.Context(), slippedKey{}, true))
	address := *r.URL
	address.Path, address.RawPath = path, ""
	out.Method, out.URL = method, &address
	return out
}
