package deploycheck

import (
	"fmt"
	"net/http"
	"strings"
	"testing"

	"github.com/launchready/terraform-provider-launchready/internal/readiness"
)

// What frameworks answer to a path that does not exist.
func TestErrorPages(t *testing.T) {
	t.Parallel()
	for name, tt := range map[string]struct {
		body string
		want string // what it shows; empty = nothing for developers
	}{
		"Django 2":                {`<p>You're seeing this error because you have <code>DEBUG = True</code> in your Django settings file.</p>`, "Django"},
		"Django 3 to 5":           {"<p>You’re seeing this error because you have <code>DEBUG = True</code> in\n your Django settings file.</p>", "Django"},
		"Django, in production":   {`<!doctype html><title>Not Found</title><h1>Not Found</h1><p>The requested resource was not found on this server.</p>`, ""},
		"Express":                 {`<!DOCTYPE html><html><head><title>Error</title></head><body><pre>Cannot GET /x</pre></body></html>`, ""},
		"Express, a stack":        {`<pre>NotFoundError: Not Found<br> &nbsp; &nbsp;at /app/app.js:26:8<br></pre>`, "JavaScript"},
		"Node.js, JSON":           {`{"message":"Not Found","stack":"Error: Not Found\n    at handle (/app/dist/main.js:10:5)"}`, "JavaScript"},
		"Node.js on Windows":      {`{"stack":"Error: x\n    at Object.<anonymous> (C:\\app\\x.js:1:2)"}`, "JavaScript"},
		"Nest":                    {`{"statusCode":404,"message":"Cannot GET /x","error":"Not Found"}`, ""},
		"Spring":                  {`{"timestamp":"2026-11-30T00:00:00Z","status":404,"error":"Not Found","path":"/x"}`, ""},
		"Spring, a trace":         {`{"status":404,"trace":"org.x.NoResourceFoundException: No.\n\tat org.springframework.web.servlet.Handler.handle(Handler.java:585)\n"}`, "Java"},
		"Laravel, JSON":           {`{"message":"The route x could not be found."}`, ""},
		"Laravel, JSON, debugged": {`{"message":"x","exception":"Symfony\\Component\\HttpKernel\\Exception\\NotFoundHttpException","file":"\/var\/www\/vendor\/x\/Y.php","line":44,"trace":[]}`, "Laravel"},
		"Laravel 11":              {`<main><span>vendor/laravel/framework/src/Illuminate/Routing/Router.php</span></main>`, "Laravel"},
		"Rails, JSON":             {`{"status":404,"error":"Not Found","traces":{"Application Trace":[],"Framework Trace":[]}}`, "Rails"},
		"Symfony":                 {`<title>An Error Occurred: Not Found</title><h1>Oops! An Error Occurred</h1>`, ""},
		".NET, JSON":              {`{"title":"x","exception":{"details":"x\n   at Acme.Web.Home.Get(String id) in C:\\src\\Home.cs:line 12"}}`, ".NET"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			w, spec := healthyWorld()
			spec.Staging = nil
			rest := portal(sound(), nil)
			w.hosts[live] = func(w http.ResponseWriter, r *http.Request) {
				if !strings.Contains(r.URL.Path, nowhere) {
					rest(w, r)
					return
				}
				w.WriteHeader(http.StatusNotFound)
				_, _ = fmt.Fprint(w, tt.body)
			}
			r := w.run(t, spec)
			failed := len(said(r, ruleDebug, readiness.Fail)) > 0
			if failed != (tt.want != "") || !strings.Contains(texts(r, ruleDebug), tt.want) {
				t.Error(texts(r, ruleDebug))
			}
		})
	}
}

// Keys for tests are a fault where something uses them.
func TestKeysInUse(t *testing.T) {
	t.Parallel()
	const key = "pk_test_51H8abcDEFghiJKLmnoPQRst"
	for name, tt := range map[string]struct {
		page, script string
		wrong        bool
	}{
		"a script":              {"", `loadStripe("` + key + `")`, true},
		"a script in the page":  {`<html><script>Stripe("` + key + `")</script></html>`, "", true},
		"an attribute":          {`<html><div data-key="` + key + `"></div></html>`, "", true},
		"a remark":              {"", "  // use " + key + " in tests\n/* or\n " + key + " */\nrun()", false},
		"behind an address":     {"", `go("https://x.example");loadStripe("` + key + `")`, true},
		"an example in a text":  {`<html><body><pre>Stripe("` + key + `")</pre></body></html>`, "", false},
		"a remark in a page":    {`<html><!-- ` + key + ` --></html>`, "", false},
		"a secret in a remark":  {"", "// s" + key[1:] + "\n", true},
		"PayPal's own library":  {"", `u={sandbox:"https://www.sandbox.paypal.com/x",live:"https://www.paypal.com/x"}`, false},
		"the sandbox of PayPal": {"", `pay("https://www.sandbox.paypal.com/sdk/js")`, true},
	} {
		w, spec := healthyWorld()
		spec.Staging = nil
		all := sound()
		if tt.page != "" {
			all["/"] = tt.page
		}
		if tt.script != "" {
			all["/app.js"] = tt.script
		}
		w.hosts[live] = portal(all, nil)
		if r := w.run(t, spec); (len(said(r, ruleTestKeys, readiness.Fail)) > 0) != tt.wrong {
			t.Errorf("%s: %s", name, texts(r, ruleTestKeys))
		}
	}
}

// A page about maintenance is none that is under it.
func TestAboutMaintenance(t *testing.T) {
	t.Parallel()
	for body, wrong := range map[string]bool{
		`<html><h1>How we do maintenance mode in Rails</h1></html>`: false,
		`<html><h1>Maintenance mode</h1></html>`:                    true,
		`<html><h1>The portal is in maintenance mode</h1></html>`:   true,
	} {
		w, spec := healthyWorld()
		spec.Staging = nil
		w.hosts[live] = portal(with(sound(), answers{"/": body}), nil)
		if r := w.run(t, spec); (len(said(r, ruleMaintenance, readiness.Fail)) > 0) != wrong {
			t.Errorf("%s: %s", body, texts(r, ruleMaintenance))
		}
	}
}

// A policy that speaks of framing alone protects as X-Frame-Options does.
func TestPolicyOfFraming(t *testing.T) {
	t.Parallel()
	w, spec := healthyWorld()
	w.hosts[live] = portal(sound(), map[string]string{"X-Frame-Options": "DENY"})
	w.hosts[tried] = portal(sound(), map[string]string{"Content-Security-Policy": "frame-ancestors 'none'", "X-Robots-Tag": "noindex"})
	if r := w.run(t, spec); len(said(r, ruleHeaderParity, readiness.Fail)) > 0 {
		t.Error(texts(r, ruleHeaderParity))
	}
}
