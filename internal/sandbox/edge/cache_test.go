package edge

import (
	"net/http"
	"regexp"
	"strings"
	"testing"
	"time"
)

// TestCache asks for each address three times, the second time a minute and the
// third time three hours later.
func TestCache(t *testing.T) {
	t.Parallel()
	const static = `{"expression":"starts_with(http.request.uri.path, \"/s/\")","action":"set_cache_settings","action_parameters":{"cache":true,"cache_key":{"cache_deception_armor":true}}}`
	const everything = `{"expression":"true","action":"set_cache_settings","action_parameters":{"cache":true,"edge_ttl":{"mode":"override_origin","default":14400}}}`
	const bypass = `{"expression":"starts_with(http.request.uri.path, \"/account\") or http.cookie contains \"session=\"","action":"set_cache_settings","action_parameters":{"cache":false}}`
	session := http.Header{"Cookie": {"session=1"}}
	token := http.Header{"Authorization": {"Bearer x"}}
	for _, tc := range []struct {
		name   string
		rules  []string
		ask    string // path and query: the origin answers with the headers in it
		header http.Header
		want   string // cf-cache-status of each
	}{
		{"a page", nil, "/", nil, "DYNAMIC DYNAMIC DYNAMIC"},
		{"by extension", nil, "/a.css?Content-Type=text/css", nil, "MISS HIT EXPIRED"},
		{"in capitals", nil, "/a.CSS", nil, "MISS HIT EXPIRED"},
		{"as long as the origin says", nil, "/a.css?Cache-Control=public,max-age=30", nil, "MISS EXPIRED EXPIRED"},
		{"as long as it says to caches", nil, "/a.css?Cache-Control=max-age=30,s-maxage=86400", nil, "MISS HIT HIT"},
		{"private", nil, "/a.css?Cache-Control=private", nil, "BYPASS BYPASS BYPASS"},
		{"no-store", nil, "/a.css?Cache-Control=no-store", nil, "BYPASS BYPASS BYPASS"},
		{"no-cache", nil, "/a.css?Cache-Control=no-cache", nil, "MISS EXPIRED EXPIRED"},
		{"a cookie is set", nil, "/a.css?Set-Cookie=a=b", nil, "BYPASS BYPASS BYPASS"},
		{"authorised", nil, "/a.css", token, "BYPASS BYPASS BYPASS"},
		{"authorised but public", nil, "/a.css?Cache-Control=public,max-age=86400", token, "MISS HIT HIT"},
		{"not found", nil, "/a.css?status=404", nil, "MISS HIT EXPIRED"},
		{"failed", nil, "/a.css?status=503", nil, "BYPASS BYPASS BYPASS"},
		{"eligible by rule", []string{static}, "/s/x", nil, "MISS HIT EXPIRED"},
		{"armour", []string{static}, "/s/x.css?Content-Type=text/html", nil, "BYPASS BYPASS BYPASS"},
		{"armour, as it should be", []string{static}, "/s/x.css?Content-Type=text/css", nil, "MISS HIT EXPIRED"},
		{"armour, the origin says more", []string{static}, "/s/x.css?Content-Type=text/html&Cache-Control=max-age=86400", nil, "MISS HIT HIT"},
		{"override", []string{everything}, "/?Cache-Control=private,no-store&Set-Cookie=a=b", token, "MISS HIT HIT"},
		{"the last rule wins", []string{everything, bypass}, "/account", nil, "DYNAMIC DYNAMIC DYNAMIC"},
		{"the last rule wins, with a cookie", []string{everything, bypass}, "/a.css", session, "DYNAMIC DYNAMIC DYNAMIC"},
		{"and not the first", []string{bypass, everything}, "/account", nil, "MISS HIT HIT"},
		{"by status", []string{`{"expression":"true","action":"set_cache_settings","action_parameters":{"cache":true,"edge_ttl":{"mode":"respect_origin","status_code_ttl":[
			{"status_code":404,"value":-1},{"status_code_range":{"from":200,"to":299},"value":30}]}}}`}, "/", nil, "MISS EXPIRED EXPIRED"},
		{"by status, not stored", []string{`{"expression":"true","action":"set_cache_settings","action_parameters":{"cache":true,"edge_ttl":{"mode":"respect_origin","status_code_ttl":[
			{"status_code":404,"value":-1}]}}}`}, "/?status=404", nil, "BYPASS BYPASS BYPASS"},
		{"bypass by default", []string{`{"expression":"true","action":"set_cache_settings","action_parameters":{"cache":true,"edge_ttl":{"mode":"bypass_by_default"}}}`}, "/", nil, "BYPASS BYPASS BYPASS"},
	} {
		t.Run(tc.name, func(t *testing.T) {
			t.Parallel()
			w := newWorld(t, false)
			w.rules(phaseCache, tc.rules...)
			var got []string
			for _, wait := range []time.Duration{0, time.Minute, 3 * time.Hour} {
				w.later(wait)
				resp, _, err := w.ask("GET", site+tc.ask, tc.header)
				if err != nil {
					t.Fatal(err)
				}
				got = append(got, resp.Header.Get("Cf-Cache-Status"))
				if hit := got[len(got)-1] == statusHit; hit != (resp.Header.Get("Age") != "") || hit && resp.Header.Get("Set-Cookie") != "" {
					t.Errorf("%s with %v", got[len(got)-1], resp.Header)
				}
			}
			if got := strings.Join(got, " "); got != tc.want {
				t.Errorf("%s, want %s", got, tc.want)
			}
		})
	}
}

// TestCacheKey holds who gets what was stored for another.
func TestCacheKey(t *testing.T) {
	t.Parallel()
	w := newWorld(t, false)
	at := regexp.MustCompile(` at=\d+`)
	see := func(method, url string, header http.Header) (status, stamp string) {
		t.Helper()
		resp, body, err := w.ask(method, url, header)
		if err != nil {
			t.Fatal(err)
		}
		return resp.Header.Get("Cf-Cache-Status"), at.FindString(body)
	}
	_, first := see("GET", site+"/a.css?b=1&a=2", nil)
	for name, tc := range map[string]struct {
		method, url string
		header      http.Header
		want        string
	}{
		"the same":         {"GET", site + "/a.css?b=1&a=2", nil, statusHit},
		"a head":           {"HEAD", site + "/a.css?b=1&a=2", nil, statusHit},
		"a condition":      {"GET", site + "/a.css?b=1&a=2", http.Header{"If-None-Match": {"*"}}, statusHit},
		"another query":    {"GET", site + "/a.css?b=1&a=3", nil, statusMiss},
		"another order":    {"GET", site + "/a.css?a=2&b=1", nil, statusMiss},
		"another host":     {"GET", "https://acme.example/a.css?b=1&a=2", nil, statusMiss},
		"a forwarded host": {"GET", site + "/a.css?b=1&a=2", http.Header{"X-Forwarded-Host": {"evil.example"}}, statusMiss},
		"an origin":        {"GET", site + "/a.css?b=1&a=2", http.Header{"Origin": {"https://evil.example"}}, statusMiss},
		"a post":           {"POST", site + "/a.css?b=1&a=2", nil, statusDynamic},
	} {
		status, stamp := see(tc.method, tc.url, tc.header)
		if status != tc.want || tc.method == "GET" && (stamp == first) != (status == statusHit) {
			t.Errorf("%s: %s%s, first%s", name, status, stamp, first)
		}
	}
	w.set("development_mode", "on")
	if status, _ := see("GET", site+"/a.css?b=1&a=2", nil); status != statusBypass {
		t.Errorf("development mode: %s", status)
	}
	w.set("development_mode", "off")
	if err := w.edge.SetFault(CacheKeyNarrow, true); err != nil {
		t.Fatal(err)
	}
	see("GET", site+"/a.css?n=1", http.Header{"X-Forwarded-Host": {"evil.example"}})
	if status, _ := see("GET", site+"/a.css?n=1", nil); status != statusHit {
		t.Errorf("narrow key: %s", status)
	}
	if err := w.edge.SetFault(CacheKeyNarrow, false); err != nil {
		t.Fatal(err)
	}
	w.rules(phaseCache, `{"expression":"true","action":"set_cache_settings","action_parameters":{"cache":true,"browser_ttl":{"mode":"override_origin","default":60},
		"cache_key":{"ignore_query_strings_order":true,"custom_key":{"query_string":{"exclude":{"list":["utm"]}}}}}}`)
	see("GET", site+"/q?b=1&a=2&utm=x", nil)
	resp, _, err := w.ask("GET", site+"/q?a=2&b=1", nil)
	if err != nil || resp.Header.Get("Cf-Cache-Status") != statusHit || resp.Header.Get("Cache-Control") != "max-age=60" {
		t.Errorf("key by rule: %v %v", resp.Header, err)
	}
}

// TestResponseCacheRules is the safety net behind the cache rules.
func TestResponseCacheRules(t *testing.T) {
	t.Parallel()
	w := newWorld(t, false)
	w.rules(phaseResponseCache, `{"expression":"http.response.content_type.media_type eq \"text/html\"","action":"set_cache_control","action_parameters":{"no-store":{"operation":"set"},"max-age":{"operation":"remove"}}}`)
	got := w.sight("GET", site+"/a.css?Content-Type=text/html&Cache-Control=max-age=60", nil)
	if !strings.Contains(got, "Cf-Cache-Status: BYPASS") || !strings.Contains(got, "Cache-Control: no-store\r") {
		t.Error(got)
	}
	if got = w.sight("GET", site+"/a.css?Content-Type=text/css&Cache-Control=max-age=60", nil); !strings.Contains(got, "Cf-Cache-Status: MISS") {
		t.Error(got)
	}
}

// TestCacheOfLongAnswers holds that the store is bounded, and that an answer
// too long for it reaches the visitor whole.
func TestCacheOfLongAnswers(t *testing.T) {
	t.Parallel()
	w := newWorld(t, false)
	for range 2 {
		resp, body, err := w.ask("GET", site+"/long.css", nil)
		if err != nil || len(body) < maxEntry || !strings.HasSuffix(body, "end") || resp.Header.Get("Cf-Cache-Status") != statusMiss {
			t.Fatalf("%d bytes, %v %v", len(body), resp, err)
		}
	}
	for i := range 2 * maxStored / maxEntry {
		w.edge.store.put(strings.Repeat("k", i+1), &entry{body: make([]byte, maxEntry)})
	}
	if s := &w.edge.store; s.size > maxStored || len(s.entries) != len(s.order) || len(s.entries) != maxStored/maxEntry {
		t.Errorf("%d bytes in %d entries, %d in order", s.size, len(s.entries), len(s.order))
	}
}
