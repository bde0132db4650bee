package runtask

import (
	"bytes"
	"context"
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

func TestRun(t *testing.T) {
	for name, test := range map[string]struct {
		prepare  func(*hcp)
		request  map[string]any
		limit    int64
		status   string
		message  string
		outcomes int
	}{
		"open":                   {status: "passed", message: "gate open, score 100/100", outcomes: 1},
		"open, before the apply": {request: map[string]any{"stage": "pre_apply"}, status: "passed", message: "gate open", outcomes: 1},
		"blocked": {
			prepare: func(h *hcp) { h.plan = planHead + blocked + planTail },
			status:  "failed", message: "gate blocked, score 61/100, 1 violations, worst critical", outcomes: 2,
		},
		"of who takes no outcomes": {request: map[string]any{"capabilities": nil}, status: "passed", message: "gate open"},
		"the plan comes late":      {prepare: func(h *hcp) { h.refusals = 2 }, status: "passed", message: "gate open", outcomes: 1},
		"the plan never comes":     {prepare: func(h *hcp) { h.refusals = 1000 }, status: "failed", message: "could not be read"},
		"no plan":                  {prepare: func(h *hcp) { h.plan = "<html>" }, status: "failed", message: "could not be read"},
		"too long a plan":          {limit: 100, status: "failed", message: "longer than 100 bytes"},
		"a plan elsewhere":         {prepare: func(h *hcp) { h.redirect = "https://169.254.169.254/latest" }, status: "failed", message: "is not one of"},
		"a plan by http":           {prepare: func(h *hcp) { h.redirect = strings.Replace(h.store.URL, "https", "http", 1) }, status: "failed", message: "not an https address"},
		"redirects in a circle": {
			prepare: func(h *hcp) { h.redirect = h.api.URL + "/api/v2/plans/plan-1/json-output" }, status: "failed", message: "too many redirects",
		},
		"before the plan": {request: map[string]any{"stage": "pre_plan", "plan_json_api_url": nil}, status: "failed", message: "run this task after the plan"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			h := newHCP(t)
			if test.prepare != nil {
				test.prepare(h)
			}
			s, log := newServer(t, h, func(o *Options) { o.PlanLimit = test.limit })
			body := h.request(test.request)
			if code := post(s, body, sign(body, key)); code != http.StatusOK {
				t.Fatalf("status %d", code)
			}
			s.Close(context.Background())
			if len(h.results) != 1 {
				t.Fatalf("%d answers; log:\n%s", len(h.results), log)
			}
			text, _ := json.Marshal(h.results[0])
			var got struct {
				Data struct {
					Type       string
					Attributes struct{ Status, Message string }
					Relations  struct {
						Outcomes struct {
							Data []struct {
								Type       string
								Attributes struct {
									ID   string `json:"outcome-id"`
									Body string
									Tags map[string][]Tag
								}
							}
						}
					} `json:"relationships"`
				}
			}
			if err := json.Unmarshal(text, &got); err != nil {
				t.Fatal(err)
			}
			a, outcomes := got.Data.Attributes, got.Data.Relations.Outcomes.Data
			if got.Data.Type != "task-results" || a.Status != test.status || !strings.Contains(a.Message, test.message) || len(outcomes) != test.outcomes {
				t.Errorf("%s", text)
			}
			for _, o := range outcomes {
				if o.Type != "task-result-outcomes" || o.Attributes.ID == "" || len(o.Attributes.Tags["Status"]) != 1 || strings.Contains(o.Attributes.Body, "![](") {
					t.Errorf("%+v", o)
				}
			}
			for _, shown := range h.seen {
				if shown != "" {
					t.Errorf("the store was shown %q", shown)
				}
			}
			if strings.Contains(log.String()+string(text), token) || strings.Contains(log.String(), "/v1/object/signed") {
				t.Errorf("the token or a signed address is told:\n%s", log)
			}
		})
	}
}

// Nothing of a request that is refused is carried out.
func TestRefused(t *testing.T) {
	h := newHCP(t)
	s, log := newServer(t, h, nil)
	right := h.request(nil)
	internal := strings.Replace(h.api.URL, h.host(), "169.254.169.254", 1)
	for name, test := range map[string]struct {
		body      []byte
		signature string // right, if empty
		code      int
	}{
		"unsigned":              {body: right, signature: "-", code: http.StatusUnauthorized},
		"signed by another":     {body: right, signature: sign(right, "another key of sixteen bytes"), code: http.StatusUnauthorized},
		"signed, then changed":  {body: h.request(map[string]any{"run_id": "run-2"}), signature: sign(right, key), code: http.StatusUnauthorized},
		"half a signature":      {body: right, signature: sign(right, key)[:64], code: http.StatusUnauthorized},
		"too long":              {body: bytes.Repeat([]byte(" "), longestBody+1), code: http.StatusRequestEntityTooLarge},
		"no JSON":               {body: []byte("<xml>"), code: http.StatusUnprocessableEntity},
		"a version to come":     {body: h.request(map[string]any{"payload_version": 2}), code: http.StatusUnprocessableEntity},
		"without a token":       {body: h.request(map[string]any{"access_token": ""}), code: http.StatusUnprocessableEntity},
		"a callback elsewhere":  {body: h.request(map[string]any{"task_result_callback_url": internal + "/api/v2/task-results/1/callback"}), code: http.StatusUnprocessableEntity},
		"a callback by http":    {body: h.request(map[string]any{"task_result_callback_url": "http://" + h.host() + "/api/v2/task-results/1/callback"}), code: http.StatusUnprocessableEntity},
		"a callback of a user":  {body: h.request(map[string]any{"task_result_callback_url": "https://" + h.host() + "@evil.example/api/v2/task-results/1/callback"}), code: http.StatusUnprocessableEntity},
		"another route":         {body: h.request(map[string]any{"task_result_callback_url": h.api.URL + "/api/v2/task-results/../runs/callback"}), code: http.StatusUnprocessableEntity},
		"an encoded route":      {body: h.request(map[string]any{"task_result_callback_url": h.api.URL + "/api/v2/task-results/%2e%2e%2fruns/callback"}), code: http.StatusUnprocessableEntity},
		"a plan elsewhere":      {body: h.request(map[string]any{"plan_json_api_url": internal + "/api/v2/plans/plan-1/json-output"}), code: http.StatusUnprocessableEntity},
		"a plan with arguments": {body: h.request(map[string]any{"plan_json_api_url": h.api.URL + "/api/v2/plans/plan-1/json-output?x=1"}), code: http.StatusUnprocessableEntity},
	} {
		signature := test.signature
		switch signature {
		case "":
			signature = sign(test.body, key)
		case "-":
			signature = ""
		}
		if code := post(s, test.body, signature); code != test.code {
			t.Errorf("%s: status %d; %d was expected", name, code, test.code)
		}
	}
	// What HCP Terraform sends when a task is created: nothing follows.
	trial := h.request(map[string]any{"stage": "test", "access_token": "test-token", "task_result_callback_url": "https://example.invalid/"})
	if code := post(s, trial, sign(trial, key)); code != http.StatusOK {
		t.Errorf("trial: status %d", code)
	}
	s.Close(context.Background())
	if h.asked != 0 || len(h.results) != 0 {
		t.Errorf("%d plans were asked for, %d answers given", h.asked, len(h.results))
	}
	if strings.Contains(log.String(), token) {
		t.Errorf("the token is in the log:\n%s", log)
	}
	if code := post(s, right, sign(right, key)); code != http.StatusServiceUnavailable {
		t.Errorf("after the end: status %d", code)
	}
}

// Who sends more than can be judged is asked to come again; nothing is lost that was taken.
func TestBounded(t *testing.T) {
	h := newHCP(t)
	release := make(chan struct{})
	s, _ := newServer(t, h, func(o *Options) {
		o.Workers, o.Queue = 1, 2
		o.Transport = held{release, o.Transport}
	})
	body := h.request(nil)
	taken, turnedAway := 0, 0
	for range 10 {
		switch post(s, body, sign(body, key)) {
		case http.StatusOK:
			taken++
		case http.StatusServiceUnavailable:
			turnedAway++
		}
	}
	close(release)
	s.Close(context.Background())
	if taken < 2 || taken > 3 || taken+turnedAway != 10 || len(h.results) != taken {
		t.Errorf("%d taken, %d turned away, %d answered", taken, turnedAway, len(h.results))
	}
}

// held keeps requests back until it is released.
type held struct {
	release chan struct{}
	next    http.RoundTripper
}

func (h held) RoundTrip(r *http.Request) (*http.Response, error) {
	<-h.release
	return h.next.RoundTrip(r)
}

func TestShortKey(t *testing.T) {
	if _, err := New(Options{Key: []byte("short")}); err == nil {
		t.Error("a short key was taken")
	}
}

func FuzzParse(f *testing.F) {
	f.Add([]byte(`{"payload_version":1,"stage":"post_plan","access_token":"t","task_result_callback_url":"https://app.terraform.io/api/v2/task-results/1/callback","plan_json_api_url":"https://app.terraform.io/api/v2/plans/1/json-output"}`))
	f.Add([]byte(`{"payload_version":1,"stage":"test"}`))
	f.Fuzz(func(t *testing.T, body []byte) {
		r, err := parse(body, []string{"app.terraform.io"})
		if err != nil || r.Stage == stageTest {
			return
		}
		if !strings.HasPrefix(strings.ToLower(r.CallbackURL), "https://app.terraform.io/") && !strings.HasPrefix(strings.ToLower(r.CallbackURL), "https://app.terraform.io:443/") {
			t.Errorf("taken: %q", r.CallbackURL)
		}
	})
}
