package portal

import (
	"cmp"
	"fmt"
	"net/http"
	"time"
)

// releaseBefore is the one that came before that of Options.
const releaseBefore = "1.4.1"

// before is the release that came before the one that runs.
func (p *Portal) before() string {
	if p.Release() == releaseBefore {
		return "1.4.0"
	}
	return releaseBefore
}

// AccessToken is what a machine shows to come through the wall before staging
// (Cf-Access-Client-Secret).
const AccessToken = "sandbox-staging-access"

// SetRelease changes the release that runs.
func (p *Portal) SetRelease(name string) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.released = name
}

// Release is the one that runs.
func (p *Portal) Release() string {
	p.mu.RLock()
	defer p.mu.RUnlock()
	return cmp.Or(p.released, p.options.Version)
}

// release is the one that answers a request; "" if nothing says so.
func (p *Portal) release() string {
	switch {
	case p.On(ReleaseUntold):
		return ""
	case p.On(SplitDeploy) && p.turns.Add(1)%2 == 0:
		return releaseBefore
	}
	return p.Release()
}

// version says which release runs, which was there before, and whether going
// back to it was tried.
func (p *Portal) version(w http.ResponseWriter, _ *http.Request) {
	w.Header().Set("Cache-Control", "no-store")
	release := w.Header().Get(releaseHeader)
	if release == "" {
		refuse(w, http.StatusNotFound)
		return
	}
	out := fields{"version": release, "released_at": p.daysAgo(2)}
	if !p.On(PreviousGone) {
		out["previous"] = fields{"version": p.before(), "released_at": p.daysAgo(16)}
	}
	switch {
	case p.On(RollbackUndone):
	case p.On(RollbackStale):
		out["rollback"] = fields{"drilled_at": p.daysAgo(400), "restored_in": "4m"}
	default:
		out["rollback"] = fields{"drilled_at": p.daysAgo(15), "restored_in": "4m"}
	}
	answer(w, http.StatusOK, out)
}

func (p *Portal) daysAgo(n int) string {
	return p.options.Now().AddDate(0, 0, -n).UTC().Format(time.RFC3339)
}

const releaseHeader = "X-Release"

// deployed is what every answer passes first: the wall before staging, the
// maintenance mode, and the header that tells the release.
func (p *Portal) deployed(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if p.options.Staging && !p.On(Indexable) {
			w.Header().Set("X-Robots-Tag", "noindex, nofollow")
		}
		if p.walled(w, r) {
			return
		}
		if release := p.release(); release != "" {
			w.Header().Set(releaseHeader, release)
		}
		path := r.URL.Path
		switch {
		case p.On(MaintenanceOn) && path == "/pricing":
			w.Header().Set("Retry-After", "600")
			w.Header().Set("Content-Type", "text/html; charset=utf-8")
			w.WriteHeader(http.StatusServiceUnavailable)
			_, _ = fmt.Fprint(w, "<!DOCTYPE html><title>Be right back</title><h1>We'll be right back</h1><p>The portal is down for maintenance.</p>")
		case p.On(RouteMissing) && path == "/pricing":
			http.NotFound(w, r)
		case p.tool(w, path):
		default:
			next.ServeHTTP(w, r)
		}
	})
}

// walled answers those who may not see staging.
func (p *Portal) walled(w http.ResponseWriter, r *http.Request) bool {
	if !p.On(AccessWall) && !p.On(LoginWall) || r.Header.Get("Cf-Access-Client-Secret") == AccessToken {
		return false
	}
	if p.On(AccessWall) {
		http.Redirect(w, r, "https://acme.cloudflareaccess.com/cdn-cgi/access/login/"+r.Host+"?redirect_url="+r.URL.Path, http.StatusFound)
		return true
	}
	w.Header().Set("Content-Type", "text/html; charset=utf-8")
	_, _ = fmt.Fprint(w, `<!DOCTYPE html><title>Staging</title><h1>Staging</h1><form method="post"><label>Password <input type="password" name="p"></label><button>Enter</button></form>`)
	return true
}

// tool serves what is for developers, where it was left.
func (p *Portal) tool(w http.ResponseWriter, path string) bool {
	switch {
	case path == "/swagger-ui/index.html" && p.On(ToolsServed):
		w.Header().Set("Content-Type", "text/html; charset=utf-8")
		_, _ = fmt.Fprint(w, `<!DOCTYPE html><html><head><title>Swagger UI</title><link rel="stylesheet" href="./swagger-ui.css"></head><body><div id="swagger-ui"></div><script src="./swagger-ui-bundle.js"></script></body></html>`)
	case path == "/drill/fail": // fails on purpose
		text := "Internal Server Error\n"
		if p.On(StackTraces) {
			text = "Traceback (most recent call last):\n  File \"/srv/portal/app/views.py\", line 41, in drill\n    raise RuntimeError(\"drill\")\nRuntimeError: drill\n"
		}
		http.Error(w, text, http.StatusInternalServerError)
	default:
		return false
	}
	return true
}
