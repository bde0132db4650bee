package runtask

import (
	"bytes"
	"context"
	"encoding/json"
	"net/http"
	"strings"
	"testing"
)

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
