package api

import (
	"encoding/json"
	"fmt"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
)

const (
	alertsPath = "/accounts/" + accountID + "/alerting/v3"
	healthPath = "/zones/" + zoneID + "/healthchecks"
)

type exchange func(method, path, body string) answer

// conformHealthChecks drives health checks through their life.
func conformHealthChecks(t *testing.T, do exchange) {
	t.Helper()
	var h healthCheck
	do("POST", healthPath, `{"name":"portal","address":"portal.acme.example","type":"HTTPS","check_regions":["WEU"],
		"http_config":{"path":"/healthz","expected_codes":["2xx"],"header":{"Host":["portal.acme.example"]}}}`).into(t, &h)
	do("POST", healthPath, `{"name":"tcp","address":"192.0.2.1","type":"TCP","tcp_config":{"port":22}}`)
	do("GET", healthPath+"?per_page=5", "")
	do("GET", healthPath+"/"+h.ID, "")
	do("PATCH", healthPath+"/"+h.ID, `{"name":"portal","address":"portal.acme.example","suspended":true}`)
	do("PUT", healthPath+"/"+h.ID, `{"name":"portal","address":"portal.acme.example","type":"HTTP"}`)
	do("DELETE", healthPath+"/"+h.ID, "")
	do("GET", healthPath+"/"+h.ID, "")
}

// conformAlerting drives destinations and policies through their life.
func conformAlerting(t *testing.T, do exchange) {
	t.Helper()
	receiver := httptest.NewServer(http.HandlerFunc(func(http.ResponseWriter, *http.Request) {}))
	defer receiver.Close()
	for _, what := range []string{"/available_alerts", "/destinations/eligible", "/destinations/pagerduty", "/history"} {
		do("GET", alertsPath+what, "")
	}
	var hook, policy struct{ ID string }
	do("POST", alertsPath+"/destinations/webhooks", fmt.Sprintf(`{"name":"hook","url":%q,"secret":"s"}`, receiver.URL)).into(t, &hook)
	at := alertsPath + "/destinations/webhooks/" + hook.ID
	do("PUT", at, fmt.Sprintf(`{"name":"hook","url":%q}`, receiver.URL))
	do("GET", at, "")
	do("GET", alertsPath+"/destinations/webhooks", "")
	body := fmt.Sprintf(`{"name":"p","alert_type":"universal_ssl_event_type","enabled":true,"mechanisms":{"email":[{"id":"a@b.example"}],"webhooks":[{"id":%q}]},"filters":{}}`, hook.ID)
	do("POST", alertsPath+"/policies", body).into(t, &policy)
	do("PUT", alertsPath+"/policies/"+policy.ID, body)
	do("GET", alertsPath+"/policies/"+policy.ID, "")
	do("GET", alertsPath+"/policies", "")
	do("DELETE", alertsPath+"/policies/"+policy.ID, "")
	do("DELETE", at, "")
	do("GET", at, "")
}

// Plans decide how many health checks there are, how often, and from where.
func TestHealthCheckLimits(t *testing.T) {
	t.Parallel()
	for plan, test := range map[string]struct {
		body string
		want int
	}{
		"free":       {`{"name":"a","address":"a.example"}`, 403},
		"pro":        {`{"name":"a","address":"a.example","interval":59}`, 400},
		"business":   {`{"name":"a","address":"a.example","interval":15,"check_regions":["ALL_REGIONS"]}`, 200},
		"enterprise": {`{"name":"a","address":"a.example","interval":10}`, 200},
	} {
		if got := newWorld(t, plan, nil).call("POST", healthPath, test.body); got.Status != test.want {
			t.Errorf("%s: %d %s", plan, got.Status, got.Body)
		}
	}
	w := newWorld(t, "pro", nil)
	for i := range 11 {
		got := w.call("POST", healthPath, fmt.Sprintf(`{"name":"h%d","address":"a.example"}`, i))
		if want := map[bool]int{true: 400, false: 200}[i == 10]; got.Status != want {
			t.Errorf("check %d: %d %s", i, got.Status, got.Body)
		}
	}
	for body, want := range map[string]string{
		`{"name":"two words","address":"a.example"}`:                                       "alphanumeric",
		`{"name":"a","address":"https://a.example"}`:                                       "address",
		`{"name":"a","address":"a.example","type":"UDP"}`:                                  "type",
		`{"name":"a","address":"a.example","check_regions":["ALL_REGIONS"]}`:               "ALL_REGIONS",
		`{"name":"a","address":"a.example","timeout":11}`:                                  "timeout",
		`{"name":"a","address":"a.example","http_config":{"method":"POST"}}`:               "method",
		`{"name":"a","address":"a.example","http_config":{"expected_codes":["ok"]}}`:       "expected_codes",
		`{"name":"a","address":"a.example","http_config":{"header":{"user-agent":["x"]}}}`: "User-Agent",
		`{"name":"a","address":"a.example","http_config":{"header":"x"}}`:                  "validation failed",
	} {
		if got := w.call("POST", healthPath, body); got.Status != 400 || !strings.Contains(string(got.Body), want) {
			t.Errorf("%s: %d %s", body, got.Status, got.Body)
		}
	}
}

// A webhook is tested before it is taken, and an alert goes where policies say.
func TestAlertsAreDelivered(t *testing.T) {
	t.Parallel()
	var got []map[string]any
	receiver := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		var message map[string]any
		if r.Header.Get("Cf-Webhook-Auth") != "right" || json.NewDecoder(r.Body).Decode(&message) != nil {
			w.WriteHeader(http.StatusUnauthorized)
			return
		}
		got = append(got, message)
	}))
	defer receiver.Close()
	w := newWorld(t, "pro", nil)
	hooks := alertsPath + "/destinations/webhooks"
	for body, want := range map[string]string{
		fmt.Sprintf(`{"name":"x","url":%q,"secret":"wrong"}`, receiver.URL): "status code 401",
		`{"name":"x","url":"http://127.0.0.1:1/"}`:                          "no answer",
		`{"name":"x","url":"https://hooks.acme.example:8443/"}`:             "ports 80 and 443",
		`{"name":"x","url":"ftp://a.example"}`:                              "not valid",
		`{"url":"https://hooks.acme.example/"}`:                             "name is required",
	} {
		if a := w.call("POST", hooks, body); a.Status != 400 || !strings.Contains(string(a.Body), want) {
			t.Errorf("%s: %d %s", body, a.Status, a.Body)
		}
	}
	var hook struct{ ID string }
	made := w.call("POST", hooks, fmt.Sprintf(`{"name":"x","url":%q,"secret":"right"}`, receiver.URL))
	if made.into(t, &hook); made.Status != 201 {
		t.Errorf("created with %d", made.Status)
	}
	if shown := w.call("GET", hooks+"/"+hook.ID, ""); strings.Contains(string(shown.Body), "right") {
		t.Errorf("the secret is shown: %s", shown.Body)
	}
	w.call("POST", alertsPath+"/policies", fmt.Sprintf(`{"name":"p","alert_type":"dos_attack_l7","enabled":true,"mechanisms":{"webhooks":[{"id":%q}],"email":[{"id":"a@b.example"}]}}`, hook.ID))
	if a := w.call("DELETE", hooks+"/"+hook.ID, ""); a.Status != 400 {
		t.Errorf("a webhook in use was deleted: %d", a.Status)
	}
	var mailed string
	if n := w.api.Notify("dos_attack_l7", "attack", nil, func(to, _, _ string) { mailed = to }); n != 2 || mailed != "a@b.example" {
		t.Errorf("told %d, %s", n, mailed)
	}
	if len(got) != 2 || got[1]["alert_type"] != "dos_attack_l7" || got[1]["alert_event"] != "ALERT_STATE_EVENT_START" {
		t.Errorf("received %v", got)
	}
	if a := w.call("GET", alertsPath+"/history", ""); !strings.Contains(string(a.Body), `"mechanism_type":"webhook"`) {
		t.Errorf("history: %s", a.Body)
	}
	for body, want := range map[string]string{
		`{"name":"p","alert_type":"http_alert_edge_error","enabled":true,"mechanisms":{"email":[{"id":"a@b.example"}]}}`:                                                   "not entitled",
		`{"name":"p","alert_type":"nothing","enabled":true,"mechanisms":{"email":[{"id":"a@b.example"}]}}`:                                                                 "not valid",
		`{"name":"p","alert_type":"health_check_status_notification","enabled":true,"mechanisms":{"email":[{"id":"a@b.example"}]}}`:                                        "health_check_id is required",
		`{"name":"p","alert_type":"health_check_status_notification","enabled":true,"mechanisms":{"email":[{"id":"a@b.example"}]},"filters":{"health_check_id":["none"]}}`: "not valid",
		`{"name":"p","alert_type":"dos_attack_l7","enabled":true,"mechanisms":{"email":[{"id":"nobody"}]}}`:                                                                "not an email address",
		`{"name":"p","alert_type":"dos_attack_l7","enabled":true,"mechanisms":{"webhooks":[{"id":"none"}]}}`:                                                               "does not exist",
		`{"name":"p","alert_type":"dos_attack_l7","enabled":true,"mechanisms":{"email":[]}}`:                                                                               "at least one mechanism",
		`{"name":"p","alert_type":"dos_attack_l7","mechanisms":{"email":[{"id":"a@b.example"}]}}`:                                                                          "required",
		`{"name":"p","alert_type":"dos_attack_l7","enabled":true,"mechanisms":{"email":[{"id":"a@b.example"}]},"filters":{"slo":["99.9"]}}`:                                "slo is not valid",
		`{"name":"p","alert_type":"dos_attack_l7","enabled":true,"mechanisms":{"email":[{"id":"a@b.example"}]},"filters":{"slo":"99.9"}}`:                                  "list of strings",
		`{"name":"p","alert_type":"dos_attack_l7","enabled":true,"alert_interval":"often","mechanisms":{"email":[{"id":"a@b.example"}]}}`:                                  "alert_interval",
	} {
		if a := w.call("POST", alertsPath+"/policies", body); a.Status < 400 || !strings.Contains(string(a.Body), want) {
			t.Errorf("%s: %d %s", body, a.Status, a.Body)
		}
	}
	if a := w.call("GET", "/accounts/"+otherID+"/alerting/v3/policies", ""); a.Status != 403 && a.Status != 404 {
		t.Errorf("another account: %d", a.Status)
	}
}
