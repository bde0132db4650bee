package portal

import (
	"net/http"
	"strings"
)

// maxBody is the longest request body taken, in bytes.
const maxBody = 64 << 10

// middleware is what every request passes: the redirects that faults cause,
// refusal of cross-site writes, a bound on bodies, and the security headers.
func (p *Portal) middleware(next http.Handler) http.Handler {
	// Refuses writes that a browser makes on behalf of another site, by
	// Sec-Fetch-Site and Origin; clients that are no browsers pass.
	guarded := http.NewCrossOriginProtection().Handler(next)
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if target := p.faultyRedirect(r); target != "" {
			http.Redirect(w, r, target, http.StatusFound)
			return
		}
		if p.On(CaseInsensitive) {
			r.URL.Path, r.URL.RawPath = strings.ToLower(r.URL.Path), ""
		}
		if p.On(AccountBelow) && strings.HasPrefix(r.URL.Path, "/account/") {
			r.URL.Path, r.URL.RawPath = "/account", ""
		}
		h := w.Header()
		h.Set("Content-Security-Policy", p.policy(r.URL.Path))
		h.Set("X-Content-Type-Options", "nosniff")
		h.Set("X-Frame-Options", "DENY")
		h.Set("Referrer-Policy", "strict-origin-when-cross-origin")
		h.Set("Cross-Origin-Opener-Policy", "same-origin")
		if strings.HasPrefix(r.URL.Path, "/api/") {
			h.Set("Cache-Control", "private, no-store")
			h.Set("Vary", "Authorization, Cookie")
		}
		r.Body = http.MaxBytesReader(w, r.Body, maxBody)
		guarded.ServeHTTP(w, r)
	})
}

// policy is the content security policy. A release that adds a resource of a
// partner adds the partner to the policy too, else nobody would have shipped it.
func (p *Portal) policy(path string) string {
	extra := func(s Switch, base string) string {
		if path == "/welcome" && p.On(s) {
			return base + " " + partner
		}
		return base
	}
	return strings.Join([]string{
		"default-src 'self'", "base-uri 'none'", "frame-ancestors 'none'", "object-src 'none'",
		extra(MixedScript, "script-src 'self'"), extra(MixedStylesheet, "style-src 'self'"),
		extra(MixedImage, "img-src 'self'"), extra(MixedForm, "form-action 'self'"),
		extra(MixedFrame, "frame-src 'self'"),
	}, "; ")
}

// faultyRedirect returns where a redirect fault sends this request, or nothing.
func (p *Portal) faultyRedirect(r *http.Request) string {
	uri := r.URL.RequestURI()
	switch {
	case p.On(ForceBySocket) && r.TLS == nil:
		return "https://" + r.Host + uri
	case p.On(RedirectElsewhere) && scheme(r) == "http":
		host := "www." + p.options.Domain
		if hostOnly(r.Host) == host {
			host = p.options.Domain
		}
		return "https://" + host + uri
	case p.On(RedirectToHTTPS) && scheme(r) == "http":
		return "https://" + r.Host + uri
	case p.On(DowngradeHop) && scheme(r) == "https" && r.URL.Path == "/":
		return "http://" + r.Host + "/welcome"
	}
	return ""
}

func hostOnly(host string) string {
	name, _, _ := strings.Cut(strings.ToLower(host), ":")
	return name
}
