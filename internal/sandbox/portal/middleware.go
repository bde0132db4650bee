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
	protection := http.NewCrossOriginProtection()
	_ = protection.AddTrustedOrigin(p.appOrigin()) // fails only for what is no origin
	guarded := protection.Handler(next)
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
		r = p.readdressed(r)
		h := w.Header()
		p.securityHeaders(h, r.URL.Path)
		if strings.HasPrefix(r.URL.Path, "/api/") {
			h.Set("Cache-Control", "private, no-store")
			h.Set("Vary", "Authorization, Cookie")
			if p.On(CORSVaryMissing) && r.URL.Path == "/api/posts" {
				h.Set("Cache-Control", "public, max-age=60")
			}
			if p.cors(w, r) {
				return
			}
		}
		if p.shutOut(r) {
			refuse(w, http.StatusTooManyRequests)
			return
		}
		r.Body = http.MaxBytesReader(w, r.Body, maxBody)
		if p.On(CSRFOpen) {
			if strings.HasPrefix(r.Header.Get("Content-Type"), "text/plain") { // which a form of any site can send
				r.Header.Set("Content-Type", "application/json")
			}
			next.ServeHTTP(w, r)
			return
		}
		guarded.ServeHTTP(w, r)
	})
}

// securityHeaders sets what every answer has.
func (p *Portal) securityHeaders(h http.Header, path string) {
	for _, header := range []struct {
		missing     Switch
		name, value string
	}{
		{PolicyMissing, "Content-Security-Policy", p.policy(path)},
		{NosniffMissing, "X-Content-Type-Options", "nosniff"},
		{FrameMissing, "X-Frame-Options", "DENY"},
		{ReferrerMissing, "Referrer-Policy", "strict-origin-when-cross-origin"},
	} {
		if !p.On(header.missing) {
			h.Set(header.name, header.value)
		}
	}
	h.Set("Cross-Origin-Opener-Policy", "same-origin")
	if p.On(VersionTold) {
		h.Set("X-Powered-By", "PHP/8.1.2")
	}
}

// policy is the content security policy. A release that adds a resource of a
// partner adds the partner to the policy too, else nobody would have shipped it.
func (p *Portal) policy(path string) string {
	extra := func(s Switch, base string) string {
		if path == "/welcome" && p.On(s) {
			return base + " " + partner
		}
		if s == MixedScript && strings.HasPrefix(path, "/reset/") && p.On(ResetPageThirdParty) {
			return base + " https://cdn.partner.example"
		}
		return base
	}
	scripts := extra(MixedScript, "script-src 'self'")
	if p.On(PolicyInline) {
		scripts += " 'unsafe-inline'"
	}
	directives := []string{
		"default-src 'self'", "base-uri 'none'", "object-src 'none'",
		scripts, extra(MixedStylesheet, "style-src 'self'"),
		extra(MixedImage, "img-src 'self'"), extra(MixedForm, "form-action 'self'"),
		extra(MixedFrame, "frame-src 'self'"),
	}
	if !p.On(FrameMissing) {
		directives = append(directives, "frame-ancestors 'none'")
	}
	return strings.Join(directives, "; ")
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
