package api

import (
	"fmt"
	"net/http"
	"slices"
	"strings"
	"testing"

	"github.com/launchready/terraform-provider-launchready/internal/sandbox/zone"
)

// TestConformance drives the API through everything it can do and checks each
// answer, and each of our requests, against Cloudflare's description.
func TestConformance(t *testing.T) {
	t.Parallel()
	c := newConformance(t)
	w := newWorld(t, "pro", func(o *Options) {
		o.Tokens = append(o.Tokens, Token{Value: strings.Repeat("a", 40), Permissions: AllPermissions(), Account: true})
	})
	checked := 0
	do := func(method, path, body string) answer {
		t.Helper()
		rt, params, ok := match(method, BasePath+strings.SplitN(path, "?", 2)[0])
		if !ok {
			t.Fatalf("no route for %s %s", method, path)
		}
		label := method + " " + rt.template
		_, isLater := later[label]
		isLater = isLater || params["setting_id"] == "ssl_automatic_mode" || strings.Contains(body, "OPENPGPKEY")
		got := w.call(method, path, body)
		if body != "" && got.Status == http.StatusOK && !isLater {
			if err := c.request(label, body); err != nil {
				t.Errorf("request %s %s: %v", label, body, err)
			}
		}
		err := envelopeShape(got.Body)
		if !isLater || rt.verify {
			err = c.response(label, got.Status, got.Body)
		}
		if err != nil {
			t.Errorf("answer to %s %s %s:\n%s\n%v", method, path, body, got.Body, err)
		}
		checked++
		return got
	}
	create := func(body string) (v recordView) {
		t.Helper()
		do("POST", records, body).into(t, &v)
		return v
	}

	do("GET", "/ips", "")
	do("GET", "/user/tokens/verify", "")
	do("GET", "/zones", "")
	do("GET", "/zones?name=none.example", "")
	do("GET", "/zones/"+zoneID, "")
	a := create(`{"type":"A","name":"a.acme.example","content":"192.0.2.1","ttl":600,"proxied":false,"comment":"c","tags":["a:b"]}`)
	for _, body := range []string{
		`{"type":"AAAA","name":"a.acme.example","content":"2001:db8::1","ttl":1,"proxied":true}`,
		`{"type":"CNAME","name":"c.acme.example","content":"h.example.net","settings":{"flatten_cname":true}}`,
		`{"type":"TXT","name":"acme.example","content":"\"v=spf1 -all\""}`,
		`{"type":"MX","name":"acme.example","content":"mx.example.net","priority":10}`,
		`{"type":"NS","name":"sub.acme.example","content":"ns.example.net"}`,
		`{"type":"PTR","name":"p.acme.example","content":"h.example.net"}`,
		`{"type":"OPENPGPKEY","name":"k.acme.example","content":"AQID"}`,
		`{"type":"SRV","name":"_sip._tcp.acme.example","data":{"priority":10,"weight":5,"port":5060,"target":"sip.example.net"}}`,
		`{"type":"CAA","name":"acme.example","data":{"flags":0,"tag":"issue","value":"letsencrypt.org"}}`,
		`{"type":"TLSA","name":"t.acme.example","data":{"usage":3,"selector":1,"matching_type":1,"certificate":"abcd"}}`,
		`{"type":"SMIMEA","name":"t.acme.example","data":{"usage":3,"selector":1,"matching_type":1,"certificate":"abcd"}}`,
		`{"type":"SSHFP","name":"t.acme.example","data":{"algorithm":4,"type":2,"fingerprint":"abcd"}}`,
		`{"type":"HTTPS","name":"t.acme.example","data":{"priority":1,"target":".","value":"alpn=\"h3,h2\""}}`,
		`{"type":"SVCB","name":"t.acme.example","data":{"priority":1,"target":".","value":"alpn=\"h3,h2\""}}`,
		`{"type":"URI","name":"t.acme.example","priority":1,"data":{"weight":1,"target":"https://example.net/"}}`,
		`{"type":"NAPTR","name":"t.acme.example","data":{"order":1,"preference":1,"flags":"S","service":"SIP+D2U","regex":"","replacement":"."}}`,
		`{"type":"DS","name":"sub.acme.example","data":{"key_tag":1,"algorithm":13,"digest_type":2,"digest":"abcd"}}`,
		`{"type":"CERT","name":"t.acme.example","data":{"type":1,"key_tag":1,"algorithm":8,"certificate":"AQID"}}`,
		`{"type":"DNSKEY","name":"sub.acme.example","data":{"flags":257,"protocol":3,"algorithm":13,"public_key":"AQID"}}`,
		`{"type":"LOC","name":"t.acme.example","data":{"lat_degrees":52,"lat_direction":"N","long_degrees":4,"long_direction":"E"}}`,
	} {
		if v := create(body); v.Type != "OPENPGPKEY" {
			do("GET", records+"/"+v.ID, "")
		}
	}
	do("PATCH", records+"/"+a.ID, `{"proxied":true,"comment":null}`)
	do("PUT", records+"/"+a.ID, `{"type":"A","name":"a.acme.example","content":"192.0.2.2"}`)
	do("GET", records+"?type=TXT&per_page=5000", "")
	do("GET", records+"?page=99", "")

	var done struct{ Deletes, Patches, Puts, Posts []recordView }
	do("POST", records+"/batch", fmt.Sprintf(`{"patches":[{"id":%q,"ttl":60}],"posts":[{"type":"A","name":"n","content":"192.0.2.9"}]}`, a.ID)).into(t, &done)
	for _, view := range append(done.Patches, done.Posts...) {
		if err := c.record(view); err != nil {
			t.Errorf("record of a batch: %v", err)
		}
	}
	do("DELETE", records+"/"+a.ID, "")

	for _, d := range definitions() {
		body := fmt.Sprintf(`{%q:%s}`, "value", raw(d.fallback))
		if d.field != "" {
			body = fmt.Sprintf(`{%q:%s}`, d.field, raw(d.fallback))
		}
		do("GET", settings+"/"+d.id, "")
		do("PATCH", settings+"/"+d.id, body)
	}
	var all []settingView
	do("GET", settings, "").into(t, &all)
	all = slices.DeleteFunc(all, func(v settingView) bool { return v.ID == "ssl_automatic_mode" })
	if err := c.response("GET /zones/{zone_id}/settings", 200, raw(success(all))); err != nil {
		t.Errorf("all settings: %v", err)
	}

	var made zoneView
	do("POST", "/zones", `{"name":"new.example","account":{"id":"`+accountID+`"},"type":"full"}`).into(t, &made)
	do("PATCH", "/zones/"+made.ID, `{"paused":true}`)
	do("PATCH", "/zones/"+made.ID, `{"type":"full"}`)
	do("GET", "/zones/"+made.ID+"/dnssec", "")
	do("PATCH", "/zones/"+made.ID+"/dnssec", `{"status":"active"}`)
	do("GET", "/zones/"+made.ID+"/dnssec", "")
	do("DELETE", "/zones/"+made.ID+"/dnssec", "")
	do("DELETE", "/zones/"+made.ID, "")

	for phase, body := range map[string]string{
		customRule:                        blocks("a", `"ref":"r"`),
		"http_ratelimit":                  limited("true", nil),
		managedPhase:                      executes(OWASPRuleset, `,"overrides":{"rules":[{"id":"6179ae15870a4bb7b2d480d4843b323c","score_threshold":40}]}`),
		"ddos_l7":                         executes(DDoSRuleset, `,"overrides":{"sensitivity_level":"low"}`),
		"http_request_cache_settings":     acts("set_cache_settings", `{"cache":true,"browser_ttl":{"mode":"respect_origin"}}`),
		"http_request_dynamic_redirect":   acts("redirect", `{"from_value":{"status_code":301,"target_url":{"value":"https://acme.example/"}}}`),
		"http_request_transform":          acts("rewrite", `{"uri":{"path":{"value":"/x"}}}`),
		"http_response_headers_transform": acts("rewrite", `{"headers":{"x":{"operation":"set","value":"y"}}}`),
		"http_config_settings":            acts("set_config", `{"ssl":"strict"}`),
	} {
		var r zone.Ruleset
		do("POST", rulesets, fmt.Sprintf(`{"name":"n","kind":"zone","phase":%q,"rules":[]}`, phase)).into(t, &r)
		do("PUT", entryOf(phase), `{"rules":[`+body+`]}`).into(t, &r)
		do("GET", entryOf(phase), "")
		own := rulesets + "/" + r.ID
		do("GET", own, "")
		do("PUT", own, `{"rules":[`+body+`]}`).into(t, &r)
		do("PATCH", own+"/rules/"+r.Rules[0].ID, body)
		do("DELETE", own+"/rules/"+r.Rules[0].ID, "")
		do("POST", own+"/rules", strings.TrimSuffix(strings.Replace(body, `"ref":"r"`, `"ref":"s"`, 1), "}")+`,"position":{"index":1}}`)
		do("GET", own+"/versions", "")
		do("GET", own+"/versions/1", "")
		do("POST", rulesets, fmt.Sprintf(`{"name":"n","kind":"zone","phase":%q,"rules":[]}`, phase))
	}
	do("GET", rulesets, "")
	do("GET", entryOf("http_response_cache_settings"), "")
	for _, path := range []string{tieredCaching, smartTopology} {
		do("PATCH", "/zones/"+zoneID+"/"+path, `{"value":"on"}`)
		do("GET", "/zones/"+zoneID+"/"+path, "")
	}
	do("PUT", "/zones/"+zoneID+"/"+zonePulls+"/settings", `{"enabled":true}`)
	do("GET", "/zones/"+zoneID+"/"+zonePulls+"/settings", "")

	conformHealthChecks(t, do)
	conformAlerting(t, do)

	// What goes wrong has the shape of an error.
	do("POST", records, `{"type":"A","name":"x","content":"bad"}`)
	do("PATCH", settings+"/ssl", `{"value":"bad"}`)
	do("GET", records+"/"+otherID, "")
	do("GET", "/zones/"+accountID, "")
	w.token = strings.Repeat("a", 40)
	do("GET", "/accounts/"+accountID+"/tokens/verify", "")
	do("GET", "/user/tokens/verify", "")
	t.Logf("%d exchanges conform, with %d relaxations of schemas and %d later additions", checked, len(relaxations())+1, len(later))
}

// TestConformanceNotices holds that the relaxed description still refuses what
// is wrong: a test that lets everything pass proves nothing.
func TestConformanceNotices(t *testing.T) {
	t.Parallel()
	c := newConformance(t)
	const record = "GET /zones/{zone_id}/dns_records/{dns_record_id}"
	good := `{"success":true,"errors":[],"messages":[],"result":{"id":"` + zoneID + `","type":"A","name":"a.b","content":"192.0.2.1",
		"proxiable":true,"proxied":false,"ttl":1,"created_on":"2026-01-01T00:00:00Z","modified_on":"2026-01-01T00:00:00Z"}}`
	if err := c.response(record, 200, []byte(good)); err != nil {
		t.Fatal(err)
	}
	for from, to := range map[string]string{
		`"ttl":1`:               `"ttl":"1"`,
		`"type":"A"`:            `"type":"WKS"`,
		`192.0.2.1`:             `not an address`,
		`"proxiable":true,`:     ``,
		`2026-01-01T00:00:00Z"`: `yesterday"`,
		`"messages":[],`:        ``,
		`"success":true`:        `"success":"true"`,
		`"proxied":false`:       `"proxied":0`,
	} {
		if c.response(record, 200, []byte(strings.Replace(good, from, to, 1))) == nil {
			t.Errorf("%s passes", to)
		}
	}
	for label, body := range map[string]string{
		"POST /zones/{zone_id}/dns_records":                `{"type":"A","name":"a","content":5}`,
		"PATCH /zones/{zone_id}/settings/{setting_id}":     `{"value":{"strict_transport_security":{"max_age":"1"}},"id":"security_header"}`,
		"PUT /zones/{zone_id}/dns_records/{dns_record_id}": `{"type":"MX","name":"a","content":"b.c","priority":99999}`,
	} {
		if c.request(label, body) == nil {
			t.Errorf("request %s %s passes", label, body)
		}
	}
}
