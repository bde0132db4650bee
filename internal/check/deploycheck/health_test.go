package deploycheck

import (
	"fmt"
	"net/http"
	"strings"
	"testing"

	"github.com/launchready/terraform-provider-launchready/internal/readiness"
)

// saying is a portal one of whose paths answers with a body of a media type.
func saying(path, media, body string) http.HandlerFunc {
	rest := portal(answers{"/": front, "/app.js": "console.log(1)"}, nil)
	return func(w http.ResponseWriter, r *http.Request) {
		if r.URL.Path != path {
			rest(w, r)
			return
		}
		w.Header().Set("Content-Type", media)
		_, _ = fmt.Fprint(w, body)
	}
}

// What frameworks say of their health with 200.
func TestHealthAnswers(t *testing.T) {
	t.Parallel()
	for name, tt := range map[string]struct {
		body string
		down string // what is named; empty = healthy
	}{
		"Spring":                           {`{"status":"UP","components":{"db":{"status":"UP","details":{"database":"PostgreSQL"}},"diskSpace":{"status":"UP","details":{"total":1}}},"groups":["liveness"]}`, ""},
		"Spring, out of service":           {`{"status":"OUT_OF_SERVICE"}`, "status"},
		"health+json":                      {`{"status":"pass","checks":{"db:responseTime":[{"status":"pass"}]}}`, ""},
		"health+json, one fails":           {`{"status":"pass","checks":{"db:responseTime":[{"status":"fail"}]}}`, "db:responseTime"},
		"Terminus":                         {`{"status":"ok","info":{"database":{"status":"up"}},"error":{},"details":{"database":{"status":"up"}}}`, ""},
		"Terminus, one is down":            {`{"status":"error","error":{"redis":{"status":"down"}},"details":{"redis":{"status":"down"}}}`, "redis, status"},
		"a list":                           {`{"status":"ok","services":[{"name":"mail","status":"down"}]}`, "mail"},
		"no, in one word":                  {`{"healthy":false}`, "healthy"},
		"a database that is not there":     {`{"ok":true,"db":false}`, "db"},
		"not connected":                    {`{"ok":true,"checks":{"redis":{"connected":false}}}`, "redis"},
		"not connected, by its name":       {`{"status":"ok","db":{"connected":false}}`, "db"},
		"an error, by its name":            {`{"status":"ok","postgres":{"latency_ms":3,"error":"connection refused"}}`, "postgres"},
		"no error, by its name":            {`{"status":"ok","postgres":{"connected":true,"error":""},"redis":{"up":true,"error":null}}`, ""},
		"why, behind it":                   {`{"status":"ok","db":"unavailable: no route to host"}`, "db"},
		"in words":                         {"Unhealthy", "the portal is down"},
		"well, in words":                   {"Healthy", ""},
		"the level of a log":               {`{"status":"ok","config":{"log_level":"error"},"on":{"failure":"fail"}}`, ""},
		"the last job":                     {`{"status":"ok","last_job":{"result":"failed"}}`, ""},
		"no update, and a switch":          {`{"status":"ok","update":{"available":false},"features":{"beta":false},"maintenance":false}`, ""},
		"counts":                           {`{"status":"ok","queue":{"failed":0,"pending":0}}`, ""},
		"a dependency without its own say": {`{"status":"ok","checks":{"db":{"latency_ms":3}}}`, ""},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			w, spec := healthyWorld()
			spec.Staging = nil
			media := "application/json"
			if !strings.HasPrefix(tt.body, "{") {
				media = "text/plain"
			}
			w.hosts[live] = saying("/healthz", media, tt.body)
			r := w.run(t, spec)
			failed := len(said(r, ruleHealth, readiness.Fail)) > 0
			if failed != (tt.down != "") || !strings.Contains(texts(r, ruleHealth), tt.down) {
				t.Error(texts(r, ruleHealth))
			}
		})
	}
}

// Where frameworks say the release, and which of several is meant.
func TestReleasePlaces(t *testing.T) {
	t.Parallel()
	for name, tt := range map[string]struct{ path, media, body, expected string }{
		"Spring":               {"/actuator/info", "application/json", `{"git":{"branch":"main","commit":{"id":"a1b2c3d"}},"build":{"version":"1.4.2"}}`, "1.4.2"},
		"Spring, by commit":    {"/actuator/info", "application/json", `{"git":{"branch":"main","commit":{"id":"a1b2c3d"}},"build":{"version":"1.4.2"}}`, "a1b2c3d4e5f60718293a4b5c6d7e8f9012345678"},
		"a version and commit": {"/version", "application/json", `{"version":"1.0.0","commit":"a1b2c3d"}`, "a1b2c3d"},
		"the other way":        {"/version", "application/json", `{"commit":"a1b2c3d","tag":"v1.4.2"}`, "1.4.2"},
		"commitSha":            {"/api/version", "application/json", `{"commitSha":"a1b2c3d4e5f6"}`, "a1b2c3d"},
		"a file":               {"/version", "application/octet-stream", "v1.4.2\n", "1.4.2"},
		"a text":               {"/version.txt", "text/plain", "1.4.2\n", "1.4.2"},
		"names in capitals":    {"/version", "application/json", `{"Version":"1.4.2","Git_Commit":"a1b2c3d"}`, "1.4.2"},
		"a tag of a release":   {"/version", "application/json", `{"release":{"tag":"v1.4.2"}}`, "1.4.2"},
		"a list of one":        {"/version", "application/json", `[{"service":"web","version":"1.4.2"}]`, "1.4.2"},
		"lines":                {"/version", "text/plain", "version=1.4.2\ncommit=a1b2c3d\n", "a1b2c3d4"},
		"YAML":                 {"/version", "text/plain", "version: 1.4.2\nbuilt: 2026-11-02\n", "1.4.2"},
		"words":                {"/version", "text/plain", "portal 1.4.2 (a1b2c3d)\n", "1.4.2"},
		"words, by commit":     {"/version", "text/plain", "portal v1.4.2 (a1b2c3d)\n", "a1b2c3d"},
		"a product":            {"/version", "text/plain", "portal/1.4.2 (linux)\n", "1.4.2"},
		"health+json":          {"/health", "application/health+json", `{"status":"pass","version":"1","releaseId":"1.4.2"}`, "1.4.2"},
	} {
		w, spec := healthyWorld()
		spec.ExpectedVersion = tt.expected
		w.hosts[live] = saying(tt.path, tt.media, tt.body)
		w.hosts[tried] = saying(tt.path, tt.media, tt.body)
		r := w.run(t, spec)
		for _, rule := range []string{ruleVersionEndpoint, ruleVersionExpected, ruleVersionParity} {
			if len(said(r, rule, readiness.Pass)) != 1 {
				t.Errorf("%s: %s", name, texts(r, rule))
			}
		}
	}
	w, spec := healthyWorld()
	spec.Staging, spec.ExpectedVersion = nil, "b7b2c3d"
	w.hosts[live] = saying("/version", "application/json", `{"version":"1.4.2","commit":"a1b2c3d"}`)
	if r := w.run(t, spec); !strings.Contains(texts(r, ruleVersionExpected), "production runs a1b2c3d; b7b2c3d was meant") {
		t.Error(texts(r, ruleVersionExpected))
	}
}
