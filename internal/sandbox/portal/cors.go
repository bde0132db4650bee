package portal

import (
	"net/http"
	"regexp"
	"strings"
)

// appOrigin is the one origin beside the portal's own whose pages use the API.
func (p *Portal) appOrigin() string { return "https://app." + p.options.Domain }

// cors sets the headers of the CORS protocol (Fetch standard section 3.3) on an
// answer of the API, and answers preflights itself. It reports whether it has.
func (p *Portal) cors(w http.ResponseWriter, r *http.Request) (answered bool) {
	h, origin := w.Header(), r.Header.Get("Origin")
	told := !(p.On(CORSVaryMissing) && r.URL.Path == "/api/posts")
	if told {
		h.Add("Vary", "Origin")
	}
	preflight := r.Method == http.MethodOptions && r.Header.Get("Access-Control-Request-Method") != ""
	switch {
	case p.On(CORSWildcardCredentials) && origin != p.appOrigin() && !preflight:
		h.Set("Access-Control-Allow-Origin", "*")
		h.Set("Access-Control-Allow-Credentials", "true")
	case p.On(CORSWildcardPrivate) && origin != p.appOrigin() && !preflight:
		h.Set("Access-Control-Allow-Origin", "*")
	case p.mayRead(origin), preflight && p.On(CORSPreflightBroad):
		h.Set("Access-Control-Allow-Origin", origin)
		h.Set("Access-Control-Allow-Credentials", "true")
	}
	if !preflight {
		return false
	}
	if h.Get("Access-Control-Allow-Origin") != "" {
		h.Set("Access-Control-Allow-Methods", "GET, POST, PATCH, DELETE")
		h.Set("Access-Control-Allow-Headers", "Authorization, Content-Type")
		h.Set("Access-Control-Max-Age", "600")
	}
	w.WriteHeader(http.StatusNoContent)
	return true
}

// mayRead reports whether pages of an origin may read the API: those of the
// application alone, and those that a fault lets in.
func (p *Portal) mayRead(origin string) bool {
	app, domain := p.appOrigin(), p.options.Domain
	if p.On(CORSTrustedBroken) {
		app = "https://former." + domain
	}
	https := strings.HasPrefix(origin, "https://")
	switch {
	case origin == "":
		return false
	case origin == app,
		p.On(CORSReflects),
		p.On(CORSNull) && origin == "null",
		p.On(CORSSuffix) && https && strings.HasSuffix(origin, domain),
		p.On(CORSPrefix) && strings.HasPrefix(origin, app),
		p.On(CORSContains) && matches("^"+app+"$", origin), // its dots stand for any letter
		p.On(CORSSubdomain) && https && strings.HasSuffix(origin, "."+domain),
		p.On(CORSHTTP) && origin == "http://app."+domain,
		p.On(CORSSpecial) && matches("^"+regexp.QuoteMeta(app)+"(_.*)?$", origin),
		p.On(CORSLocalhost) && origin == "http://localhost:3000":
		return true
	}
	return false
}

func matches(pattern, text string) bool {
	found, err := regexp.MatchString(pattern, text)
	return err == nil && found
}
