package api

import (
	"encoding/json"
	"errors"
	"io"
	"net/http"
	"strings"
	"testing"
)

func TestSettings(t *testing.T) {
	t.Parallel()
	w := newWorld(t, "free", nil)
	get := func(id string) settingView {
		t.Helper()
		var v settingView
		w.call("GET", settings+"/"+id, "").into(t, &v)
		return v
	}
	for id, want := range map[string]string{
		"ssl_automatic_mode": `"auto"`, "ssl": `"full"`, "min_tls_version": `"1.0"`, "tls_1_3": `"on"`, "0rtt": `"off"`,
		"always_use_https": `"off"`, "automatic_https_rewrites": `"on"`, "browser_cache_ttl": `14400`,
		"security_header": `{"strict_transport_security":{"enabled":false,"max_age":0,"include_subdomains":false,"preload":false,"nosniff":false}}`,
	} {
		if v := get(id); string(v.Value) != want || !v.Editable || v.ModifiedOn != nil {
			t.Errorf("%s: %s editable %v", id, v.Value, v.Editable)
		}
	}
	for _, tc := range []struct {
		id, body     string
		status, code int
		want         string // afterwards
	}{
		{"ssl", `{"value":"strict"}`, 200, 0, `"strict"`},
		{"ssl", `{"value":"paranoid"}`, 400, 1007, `"strict"`},
		{"ssl", `{}`, 400, 1007, `"strict"`},
		{"ssl", `{"value":null}`, 400, 1007, `"strict"`},
		{"min_tls_version", `{"value":1.2}`, 400, 1007, `"1.0"`},
		{"min_tls_version", `{"value":"1.2"}`, 200, 0, `"1.2"`},
		{"browser_cache_ttl", `{"value":0}`, 200, 0, `0`},
		{"browser_cache_ttl", `{"value":7}`, 400, 1007, `0`},
		{"tls_1_3", `{"value":"zrt"}`, 200, 0, `"zrt"`},
		{"0rtt", `{"value":"off"}`, 200, 0, `"off"`},
		{"tls_1_3", `{"value":"on"}`, 200, 0, `"on"`},
		{"0rtt", `{"value":"on"}`, 200, 0, `"on"`},
		{"security_header", `{"value":{"strict_transport_security":{"enabled":true,"max_age":31536000,"nosniff":true}}}`, 200, 0,
			`{"strict_transport_security":{"enabled":true,"max_age":31536000,"include_subdomains":false,"preload":false,"nosniff":true}}`},
		{"security_header", `{"value":{"strict_transport_security":{"enabled":false}}}`, 200, 0,
			`{"strict_transport_security":{"enabled":false,"max_age":0,"include_subdomains":false,"preload":false,"nosniff":false}}`},
		{"security_header", `{"value":{"strict_transport_security":{"max_age":"1"}}}`, 400, 1007,
			`{"strict_transport_security":{"enabled":false,"max_age":0,"include_subdomains":false,"preload":false,"nosniff":false}}`},
		{"polish", `{"value":"lossy"}`, 400, codeSettingReadOnly, `"off"`},
	} {
		if got := w.call("PATCH", settings+"/"+tc.id, tc.body); got.Status != tc.status || got.code() != tc.code {
			t.Errorf("%s %s: %d %s", tc.id, tc.body, got.Status, got.Body)
		}
		if v := get(tc.id); string(v.Value) != tc.want {
			t.Errorf("%s after %s: %s, want %s", tc.id, tc.body, v.Value, tc.want)
		}
	}
	if v := get("tls_1_3"); string(v.Value) != `"zrt"` {
		t.Errorf("tls_1_3 after 0rtt was turned on: %s", v.Value)
	}
	if v := get("ssl"); v.ModifiedOn == nil {
		t.Error("a write leaves no date")
	}
	if v := get("polish"); v.Editable {
		t.Error("polish can be edited on free")
	}
	if got := w.call("GET", settings+"/nonsense", ""); got.Status != 400 || got.Success {
		t.Errorf("unknown setting: %d %s", got.Status, got.Body)
	}
	var all []settingView
	w.call("GET", settings, "").into(t, &all)
	if len(all) != len(definitions()) {
		t.Errorf("%d settings in bulk", len(all))
	}
	for _, d := range definitions() {
		if _, ok := d.accept(raw(d.fallback)); !ok {
			t.Errorf("%s: its own default is not allowed", d.id)
		}
	}

	paid := newWorld(t, "pro", func(o *Options) { o.NoAutomaticMode = true })
	if got := paid.call("PATCH", settings+"/polish", `{"value":"lossy"}`); got.Status != 200 {
		t.Errorf("polish on pro: %s", got.Body)
	}
	if got := paid.call("GET", settings+"/ssl_automatic_mode", ""); got.Success {
		t.Errorf("ssl_automatic_mode is there: %s", got.Body)
	}
}

func TestFaults(t *testing.T) {
	t.Parallel()
	w := newWorld(t, "free", nil)
	set := func(text string) error {
		var list []Fault
		if err := json.Unmarshal([]byte(text), &list); err != nil {
			t.Fatal(err)
		}
		return w.api.SetFaults(list)
	}
	must := func(text string) {
		t.Helper()
		if err := set(text); err != nil {
			t.Fatal(err)
		}
	}
	for _, bad := range []string{
		`[{"status":99}]`, `[{}]`, `[{"status":500,"body":"xml"}]`, `[{"status":500,"route":"GET /nothing"}]`, `[{"status":500,"count":-1}]`,
	} {
		if set(bad) == nil {
			t.Errorf("%s was taken", bad)
		}
	}
	for _, tc := range []struct{ fault, contains string }{
		{`{"status":502,"body":"html"}`, "<center>cloudflare</center>"},
		{`{"status":500,"body":"empty"}`, ""},
		{`{"status":503}`, `"success":false`},
		{`{"status":520,"body":"text"}`, "error code: 520"},
		{`{"status":200}`, `"success":false`},
		{`{"status":403,"code":null,"message":"request is not authorized"}`, `[{"message":"request is not authorized"}]`},
		{`{"status":400,"code":"17001"}`, `"code":"17001"`},
		{`{"status":500,"null_lists":true}`, `"errors":null`},
		{`{"status":500,"delay_ms":1}`, `"success":false`},
	} {
		must(`[` + tc.fault + `]`)
		resp, err := w.send("GET", "/ips", "", nil)
		if err != nil {
			t.Fatal(err)
		}
		body, err := io.ReadAll(resp.Body)
		resp.Body.Close()
		if err != nil || !strings.Contains(string(body), tc.contains) || !strings.Contains(tc.fault, resp.Status[:3]) {
			t.Errorf("%s: %s %s (%v)", tc.fault, resp.Status, body, err)
		}
	}

	must(`[{"status":429,"retry_after":7,"count":1,"every":2,"route":"GET /zones"}]`)
	statuses := []int{}
	for range 5 {
		got := w.call("GET", "/zones", "")
		statuses = append(statuses, got.Status)
		if got.Status == 429 && (got.Header.Get("Retry-After") != "7" || got.code() != 971) {
			t.Errorf("429: %v %s", got.Header, got.Body)
		}
	}
	if statuses[1] != 429 || statuses[3] != 200 || statuses[0] != 200 {
		t.Errorf("every second, once: %v", statuses)
	}
	if got := w.call("GET", "/zones/"+zoneID, ""); got.Status != 200 {
		t.Error("a fault of one route hit another")
	}

	must(`[{"cut":true,"after":true,"count":1,"route":"POST /zones/{zone_id}/dns_records"}]`)
	header := http.Header{"Authorization": {"Bearer " + full}}
	const body = `{"type":"A","name":"x","content":"192.0.2.1"}`
	if resp, err := w.send("POST", records, body, header); err == nil {
		resp.Body.Close()
		t.Errorf("the connection was not cut: %s", resp.Status)
	}
	if got := w.call("POST", records, body); got.code() != 81058 {
		t.Errorf("the POST that was cut had no effect: %s", got.Body)
	}

	must(`[{"status":409,"count":1,"route":"POST /zones/{zone_id}/rulesets/{ruleset_id}/rules"}]`)
	r := w.ruleset("PUT", entryOf(customRule), `{"rules":[]}`)
	if got := w.call("POST", rulesets+"/"+r.ID+"/rules", blocks("a")); got.Status != 409 {
		t.Errorf("a write of rules that overlaps: %d", got.Status)
	}
	if got := w.ruleset("POST", rulesets+"/"+r.ID+"/rules", blocks("a")); paths(got) != "a" {
		t.Errorf("once more: %s", paths(got))
	}

	must(`[{"status":502,"body":"truncated"}]`)
	resp, err := w.send("GET", "/ips", "", nil)
	if err != nil {
		t.Fatal(err)
	}
	defer resp.Body.Close()
	if _, err := io.ReadAll(resp.Body); !errors.Is(err, io.ErrUnexpectedEOF) {
		t.Errorf("truncated body: %v", err)
	}
	must(`[]`)
	if got := w.call("GET", "/zones", ""); got.Status != 200 {
		t.Error("faults stay")
	}
}
