package portal

import (
	"encoding/json"
	"net/http"
	"slices"
)

// dependencies are what the portal cannot work without.
var dependencies = []string{"database", "mail", "queue"}

// health says that the process lives, and nothing of what it depends on.
func (p *Portal) health(w http.ResponseWriter, _ *http.Request) {
	w.Header().Set("Cache-Control", "no-store")
	out := fields{"status": "ok"}
	if p.On(HealthTells) {
		out["env"] = fields{"DATABASE_URL": "postgres://portal:" + "s3cr3t-of-the-sandbox" + "@10.0.0.5:5432/portal", "NODE_ENV": "production"}
	}
	answer(w, http.StatusOK, out)
}

// readiness says whether the portal can do its work now.
func (p *Portal) readiness(w http.ResponseWriter, _ *http.Request) {
	w.Header().Set("Cache-Control", "no-store")
	status, word, checks := http.StatusOK, "ready", map[string]string{}
	p.mu.RLock()
	for _, name := range dependencies {
		checks[name] = "up"
		if p.down[name] && !p.switches[HealthShallow] {
			status, word, checks[name] = http.StatusServiceUnavailable, "unavailable", "down"
		}
	}
	p.mu.RUnlock()
	migrations := fields{"pending": 0}
	if p.On(MigrationsOpen) {
		migrations["pending"] = 2
	}
	answer(w, status, fields{"status": word, "checks": checks, "migrations": migrations})
}

// setDependency lets one fail, or mends it: on staging alone, and for machines and
// administrators alone.
func (p *Portal) setDependency(w http.ResponseWriter, r *http.Request) {
	if !p.options.Staging || p.On(DrillIgnored) {
		refuse(w, http.StatusNotFound)
		return
	}
	u, ok := p.current(r)
	if !ok {
		refuse(w, http.StatusUnauthorized)
		return
	}
	if u.Role != roleAPI && u.Role != roleAdmin {
		refuse(w, http.StatusForbidden)
		return
	}
	var in struct{ State string }
	name := r.PathValue("name")
	if err := json.NewDecoder(r.Body).Decode(&in); err != nil || in.State != "up" && in.State != "down" || !slices.Contains(dependencies, name) {
		refuse(w, http.StatusUnprocessableEntity)
		return
	}
	p.mu.Lock()
	p.down[name] = in.State == "down"
	p.mu.Unlock()
	w.WriteHeader(http.StatusNoContent)
}
