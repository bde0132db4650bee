package runtask

import (
	"bytes"
	"crypto/hmac"
	"crypto/sha512"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"testing"
	"time"
)

const (
	key   = "a key of sixteen bytes or more"
	token = "run-token-that-nobody-else-may-see"

	// Of a plan, what is read of it.
	planHead = `{"format_version":"1.2","complete":true,"prior_state":{"values":{"root_module":{"resources":[{"address":"data.launchready_scorecard.this","mode":"data","type":"launchready_scorecard","values":`
	planTail = `}]}}}}`
	openCard = `{"gate":"open","score":100,"risk":"info","violations":[],"markdown":"# Report"}`
	blocked  = `{"gate":"blocked","score":61,"risk":"critical","markdown":"# Report","violations":[{"rule":"tls.mixed_active","severity":"critical","subject":"portal.acme.example/welcome","status":"fail","message":"script ![](http://cdn.example/x)","remedy":"Load it by https."}]}`
)

// hcp is a fake of HCP Terraform: its API and its store, and what it was told.
type hcp struct {
	api, store *httptest.Server
	plan       string
	refusals   int // of the next requests for a plan
	redirect   string

	mu       sync.Mutex
	results  []map[string]any
	answered chan struct{}
	seen     []string // tokens that the store was shown
	asked    int
}

func newHCP(t *testing.T) *hcp {
	t.Helper()
	h := &hcp{plan: planHead + openCard + planTail, answered: make(chan struct{}, 100)}
	h.store = httptest.NewTLSServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		h.mu.Lock()
		defer h.mu.Unlock()
		h.seen = append(h.seen, r.Header.Get("Authorization"))
		fmt.Fprint(w, h.plan)
	}))
	t.Cleanup(h.store.Close)
	h.redirect = h.store.URL + "/v1/object/signed"
	mux := http.NewServeMux()
	mux.HandleFunc("GET /api/v2/plans/{id}/json-output", func(w http.ResponseWriter, r *http.Request) {
		h.mu.Lock()
		defer h.mu.Unlock()
		h.asked++
		switch {
		case r.Header.Get("Authorization") != "Bearer "+token:
			w.WriteHeader(http.StatusUnauthorized)
		case h.refusals > 0:
			h.refusals--
			w.WriteHeader([]int{http.StatusNoContent, http.StatusBadGateway}[h.refusals%2])
		default:
			http.Redirect(w, r, h.redirect, http.StatusTemporaryRedirect)
		}
	})
	mux.HandleFunc("PATCH /api/v2/task-results/{id}/callback", func(w http.ResponseWriter, r *http.Request) {
		var body map[string]any
		if err := json.NewDecoder(r.Body).Decode(&body); err != nil || r.Header.Get("Authorization") != "Bearer "+token || r.Header.Get("Content-Type") != mediaType {
			w.WriteHeader(http.StatusUnauthorized)
			return
		}
		h.mu.Lock()
		h.results = append(h.results, body)
		h.mu.Unlock()
		h.answered <- struct{}{}
	})
	h.api = httptest.NewTLSServer(mux)
	t.Cleanup(h.api.Close)
	return h
}

func (h *hcp) host() string { return strings.TrimPrefix(h.api.URL, "https://") }

// request is as HCP Terraform sends it, with changes.
func (h *hcp) request(changes map[string]any) []byte {
	r := map[string]any{
		"payload_version": 1, "stage": "post_plan", "access_token": token, "capabilities": map[string]any{"outcomes": true},
		"is_speculative": false, "organization_name": "agency", "run_id": "run-i3Df5to9ELvibKpQ", "workspace_name": "acme",
		"plan_json_api_url":             h.api.URL + "/api/v2/plans/plan-6AFmRJW1PFJ7qbAh/json-output",
		"task_result_callback_url":      h.api.URL + "/api/v2/task-results/5ea8d46c-2ceb-42cd-83f2-82e54697bddd/callback",
		"task_result_enforcement_level": "mandatory", "task_result_id": "taskrs-2nH5dncYoXaMVQmJ", "vcs_branch": nil,
	}
	for k, v := range changes {
		r[k] = v
	}
	body, _ := json.Marshal(r)
	return body
}

func sign(body []byte, key string) string {
	mac := hmac.New(sha512.New, []byte(key))
	mac.Write(body)
	return hex.EncodeToString(mac.Sum(nil))
}

func newServer(t *testing.T, h *hcp, change func(*Options)) (*Server, *bytes.Buffer) {
	t.Helper()
	var log bytes.Buffer
	o := Options{
		Key: []byte(key), Hosts: []string{h.host()}, StoreHosts: []string{strings.TrimPrefix(h.store.URL, "https://")},
		Transport: h.api.Client().Transport, Pause: time.Millisecond, Log: slog.New(slog.NewTextHandler(&log, nil)),
	}
	if change != nil {
		change(&o)
	}
	s, err := New(o)
	if err != nil {
		t.Fatal(err)
	}
	return s, &log
}

func post(s http.Handler, body []byte, signature string) int {
	req := httptest.NewRequest(http.MethodPost, "/", bytes.NewReader(body))
	req.Header.Set(SignatureHeader, signature)
	w := httptest.NewRecorder()
	s.ServeHTTP(w, req)
	return w.Code
}
