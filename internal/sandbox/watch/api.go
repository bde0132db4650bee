package watch

import (
	"encoding/json"
	"fmt"
	"net/http"
	"slices"
	"strconv"
	"strings"
	"time"
)

// Tenant is what readers of the log have to name.
const Tenant = "acme"

// Handler is everything that is read of the operation. It has no authentication
// but for the tracker, which wants the token; it is served on loopback only.
func (w *Watch) Handler(token string) http.Handler {
	mux := http.NewServeMux()
	mux.HandleFunc("GET /metrics", func(rw http.ResponseWriter, _ *http.Request) {
		rw.Header().Set("Content-Type", "text/plain; version=0.0.4; charset=utf-8")
		_, _ = rw.Write([]byte(w.options.Metrics())) // who scrapes has gone if this fails
	})
	mux.HandleFunc("GET /events", w.listEvents)
	mux.HandleFunc("POST /hook", w.receive)
	mux.HandleFunc("GET /hook", func(rw http.ResponseWriter, _ *http.Request) {
		w.mu.Lock()
		defer w.mu.Unlock()
		raw := make([]json.RawMessage, len(w.inbox))
		for i, text := range w.inbox {
			raw[i] = json.RawMessage(text)
		}
		reply(rw, raw)
	})
	mux.HandleFunc("GET /loki/api/v1/query_range", w.queryLog)
	mux.HandleFunc("GET /api/0/projects/acme/portal/issues/", bearer(token, w.listIssues))
	mux.HandleFunc("GET /api/0/issues/{id}/events/latest/", bearer(token, w.latestEvent))
	mux.HandleFunc("GET /api/v1/query", w.query)
	mux.HandleFunc("GET /api/v1/rules", w.listRules)
	mux.HandleFunc("GET /api/v1/alertmanagers", func(rw http.ResponseWriter, r *http.Request) {
		success(rw, map[string]any{"activeAlertmanagers": []any{map[string]string{"url": "http://" + r.Host + "/api/v2/alerts"}}, "droppedAlertmanagers": []any{}})
	})
	mux.HandleFunc("GET /api/v2/alerts", w.listAlerts)
	mux.HandleFunc("GET /api/v2/status", w.status)
	mux.HandleFunc("GET /api/v2/silences", w.silences)
	return mux
}

// bearer wants a token.
func bearer(token string, next http.HandlerFunc) http.HandlerFunc {
	return func(w http.ResponseWriter, r *http.Request) {
		if r.Header.Get("Authorization") != "Bearer "+token {
			http.Error(w, `{"detail":"Invalid token"}`, http.StatusUnauthorized)
			return
		}
		next(w, r)
	}
}

func reply(w http.ResponseWriter, body any) {
	w.Header().Set("Content-Type", "application/json")
	_ = json.NewEncoder(w).Encode(body) // the asker has gone if this fails
}

// success is the envelope of Prometheus's API.
func success(w http.ResponseWriter, data any) {
	reply(w, map[string]any{"status": "success", "data": data})
}

func (w *Watch) listEvents(rw http.ResponseWriter, _ *http.Request) {
	w.mu.Lock()
	defer w.mu.Unlock()
	raw := make([]json.RawMessage, 0, len(w.events))
	for _, e := range w.events {
		raw = append(raw, json.RawMessage(e.Raw))
	}
	reply(rw, map[string]any{"events": raw})
}

// listRules shows the rules as Prometheus does.
func (w *Watch) listRules(rw http.ResponseWriter, _ *http.Request) {
	w.mu.Lock()
	defer w.mu.Unlock()
	out := []any{}
	add := func(name, query, state, severity string) {
		out = append(out, map[string]any{
			"name": name, "query": query, "duration": 0, "labels": map[string]string{"severity": severity}, "annotations": map[string]string{},
			"alerts": []any{}, "health": "ok", "state": state, "type": "alerting",
		})
	}
	for _, r := range rules() {
		if r.name == Rule401 && w.faults[Rule401Missing] {
			continue
		}
		state := "inactive"
		if w.firing[r.name] != nil {
			state = "firing"
		}
		add(r.name, r.query, state, "page")
	}
	if !w.faults[WatchdogMissing] {
		add(RuleWatchdog, "vector(1)", "firing", "none")
	}
	success(rw, map[string]any{"groups": []any{map[string]any{"name": "portal", "file": "portal.yml", "rules": out}}})
}

// listAlerts shows what fires as Alertmanager does.
func (w *Watch) listAlerts(rw http.ResponseWriter, _ *http.Request) {
	w.mu.Lock()
	defer w.mu.Unlock()
	out := []any{}
	for _, r := range rules() {
		if a := w.firing[r.name]; a != nil {
			state := "active"
			if w.faults[Silenced] {
				state = "suppressed"
			}
			out = append(out, map[string]any{
				"labels": map[string]string{"alertname": a.rule, "severity": "page"}, "startsAt": a.since,
				"annotations": map[string]string{"description": strings.Join(distinct(a.allOfIt), "; ")},
				"status":      map[string]any{"state": state, "silencedBy": []string{}, "inhibitedBy": []string{}}, "fingerprint": a.rule,
			})
		}
	}
	reply(rw, out)
}

// status shows the configuration as Alertmanager does, addresses of webhooks masked.
func (w *Watch) status(rw http.ResponseWriter, _ *http.Request) {
	reply(rw, map[string]any{"config": map[string]string{"original": fmt.Sprintf(`route:
  receiver: operators
  group_by: [alertname]
  routes:
  - receiver: deadman
    matchers: [alertname="%s"]
receivers:
- name: operators
  email_configs:
  - to: %s
  webhook_configs:
  - url: <secret>
- name: deadman
  webhook_configs:
  - url: <secret>
`, RuleWatchdog, w.to())}})
}

func (w *Watch) silences(rw http.ResponseWriter, _ *http.Request) {
	out := []any{}
	if w.on(Silenced) {
		out = append(out, map[string]any{
			"id": "7d1f", "status": map[string]string{"state": "active"}, "startsAt": w.started, "endsAt": w.options.Now().Add(24 * time.Hour),
			"comment": "While we move", "createdBy": "someone", "matchers": []any{map[string]any{"name": "severity", "value": "page", "isRegex": false, "isEqual": true}},
		})
	}
	reply(rw, out)
}

// queryLog is Loki's search for lines: one stream, {app="portal"}, and filters |= "text".
func (w *Watch) queryLog(rw http.ResponseWriter, r *http.Request) {
	if r.Header.Get("X-Scope-OrgID") != Tenant {
		http.Error(rw, "no org id", http.StatusUnauthorized)
		return
	}
	selector, filters, _ := strings.Cut(r.FormValue("query"), "}")
	from, err1 := strconv.ParseInt(r.FormValue("start"), 10, 64)
	to, err2 := strconv.ParseInt(r.FormValue("end"), 10, 64)
	limit, err3 := strconv.Atoi(r.FormValue("limit"))
	if !strings.HasPrefix(selector, "{") || err1 != nil || err2 != nil || err3 != nil {
		http.Error(rw, "parse error at line 1, col 1: syntax error", http.StatusBadRequest)
		return
	}
	values := [][2]string{}
	if strings.Contains(selector, `app="portal"`) || strings.Contains(selector, `job=~".+"`) {
		wanted := quotedTexts(filters)
		w.mu.Lock()
		for _, l := range slices.Backward(w.lines) {
			at := l.at.UnixNano()
			missing := slices.ContainsFunc(wanted, func(text string) bool { return !strings.Contains(l.text, text) })
			if at >= from && at < to && !missing && len(values) < limit {
				values = append(values, [2]string{strconv.FormatInt(at, 10), l.text})
			}
		}
		w.mu.Unlock()
	}
	result := []any{}
	if len(values) > 0 {
		result = append(result, map[string]any{"stream": map[string]string{"app": "portal", "job": "portal"}, "values": values})
	}
	success(rw, map[string]any{"resultType": "streams", "result": result})
}

// quotedTexts are the texts of filters |= "text".
func quotedTexts(filters string) []string {
	var out []string
	for part := range strings.SplitSeq(filters, "|=") {
		if text, err := strconv.Unquote(strings.TrimSpace(part)); err == nil {
			out = append(out, text)
		}
	}
	return out
}

// listIssues is the tracker's search: all errors of the drill route are one
// issue, whose title says nothing of a single event.
func (w *Watch) listIssues(rw http.ResponseWriter, r *http.Request) {
	w.mu.Lock()
	defer w.mu.Unlock()
	out := []any{}
	for _, e := range w.issues {
		if strings.Contains(e.Raw, r.FormValue("query")) {
			out = append(out, map[string]any{"id": "1001", "title": "Internal Server Error", "culprit": "POST /api/drill/error", "count": strconv.Itoa(len(w.issues))})
			break
		}
	}
	reply(rw, out)
}

func (w *Watch) latestEvent(rw http.ResponseWriter, r *http.Request) {
	w.mu.Lock()
	defer w.mu.Unlock()
	if r.PathValue("id") != "1001" || len(w.issues) == 0 {
		http.Error(rw, `{"detail":"The requested resource does not exist"}`, http.StatusNotFound)
		return
	}
	reply(rw, map[string]any{"eventID": "e1", "context": json.RawMessage(w.issues[len(w.issues)-1].Raw)})
}
