package secretscheck

import (
	"context"
	"fmt"
	"net/http"
	"net/http/httptest"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/launchready/terraform-provider-launchready/internal/probe"
	"github.com/launchready/terraform-provider-launchready/internal/readiness"
)

// Secrets that nobody has: put together here, so that no scanner takes them for real.
var (
	stripe = "sk_" + "live_" + "51HqJ2eKz8YvTnW3xRb0cQmLpDfGaU7sEi"
	github = "gh" + "p_" + "9aZ8bY7cX6dW5eV4fU3gT2hS1iR0jQ9kP8lO"
)

func TestDefinition(t *testing.T) {
	if err := Definition.Validate(); err != nil {
		t.Error(err)
	}
}

// site serves a handler as http://127.0.0.1.
func site(t *testing.T, handler http.Handler) *probe.Client {
	t.Helper()
	server := httptest.NewServer(handler)
	t.Cleanup(server.Close)
	p, err := probe.New(probe.Config{
		AllowedHosts: []string{"127.0.0.1"}, ConnectTo: map[string]string{"*:80": server.Listener.Addr().String()}, Timeout: 2 * time.Second,
	})
	if err != nil {
		t.Fatal(err)
	}
	return p
}

// judge runs the check and returns its findings as "status rule subject",
// without those that pass or do not apply.
func judge(t *testing.T, p probe.Prober, spec Spec) ([]string, readiness.Result) {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
	defer cancel()
	result, err := Definition.Execute(ctx, p, spec)
	if err != nil {
		t.Fatal(err)
	}
	out := []string{}
	for _, f := range result.Findings {
		if f.Status != readiness.Pass && f.Status != readiness.NotApplicable && f.Rule != ruleRotation {
			out = append(out, fmt.Sprintf("%s %s %s", f.Status, f.Rule, f.Subject))
		}
	}
	text := fmt.Sprint(result)
	for _, secret := range []string{stripe, github} {
		if strings.Contains(text, secret[8:]) {
			t.Errorf("a secret is shown")
		}
	}
	return out, result
}

func repository(t *testing.T, files map[string]string) string {
	t.Helper()
	root := t.TempDir()
	run := func(args ...string) {
		cmd := exec.Command("git", append([]string{"-C", root}, args...)...)
		cmd.Env = append(os.Environ(), "GIT_CONFIG_GLOBAL=/dev/null", "GIT_AUTHOR_NAME=a", "GIT_AUTHOR_EMAIL=a@b", "GIT_COMMITTER_NAME=a", "GIT_COMMITTER_EMAIL=a@b")
		if out, err := cmd.CombinedOutput(); err != nil {
			t.Fatalf("%v %s", err, out)
		}
	}
	run("init", "-q")
	for name, content := range files {
		path := filepath.Join(root, name)
		_ = os.MkdirAll(filepath.Dir(path), 0o755)
		if err := os.WriteFile(path, []byte(content), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	run("add", "-A")
	run("commit", "-q", "-m", "all")
	return root
}

// Repositories of several kinds, sound and not, and what is none.
func TestRepository(t *testing.T) {
	t.Parallel()
	p := site(t, http.NotFoundHandler())
	for name, tt := range map[string]struct {
		path string
		want []string // beginnings
	}{
		"none":    {t.TempDir(), []string{"inconclusive secrets.env_file_not_ignored repository", "inconclusive secrets.env_file_tracked repository", "inconclusive secrets.in_history repository", "inconclusive secrets.in_tree repository", "inconclusive secrets.scan_complete repository"}},
		"nothing": {"/no/such/folder", []string{"inconclusive secrets.env_file_not_ignored", "inconclusive secrets.env_file_tracked", "inconclusive secrets.in_history", "inconclusive secrets.in_tree", "inconclusive secrets.scan_complete"}},
		"Django": {repository(t, map[string]string{
			".gitignore": "*.pyc\n.env*\n!.env.example\n", ".env.example": "SECRET_KEY=change-me\nDATABASE_URL=postgres://user:password@localhost/db\n",
			"settings.py":        "SECRET_KEY = os.environ['SECRET_KEY']\nDATABASES = {'default': env.db()}\nAUTH_PASSWORD_VALIDATORS = []\n",
			"locale/messages.po": "msgid \"password_reset_token\"\nmsgstr \"Token zum Zurücksetzen 2024\"\n",
		}), []string{}},
		"Rails": {repository(t, map[string]string{
			".gitignore": "/config/master.key\n.env\n", "config/credentials.yml.enc": "kzVQ9T3m0pQh7n5Xc2Jb8Rf1Ls6Wd4Ya+Zu/Eo9Ik3Gq7Mt==--Jv5Nb1Cw7Dh4E==--Ah2Ke8Sx6P==\n",
			"Gemfile.lock": "GEM\n  specs:\n    rails (8.0.1)\n", "app/models/user.rb": "has_secure_password\nencrypts :api_token\n",
		}), []string{}},
		"Laravel with a key in bootstrap.js": {repository(t, map[string]string{
			".gitignore": ".env\n", "resources/js/bootstrap.js": "window.stripe = '" + stripe + "';\n", "phpunit.xml": "<env name=\"APP_KEY\" value=\"\"/>\n",
		}), []string{"fail secrets.in_history resources/js/bootstrap.js@", "fail secrets.in_tree resources/js/bootstrap.js"}},
		"a test's key": {repository(t, map[string]string{".gitignore": ".env\n", "tests/pay_test.py": "KEY = '" + stripe + "'\n"}),
			[]string{"fail secrets.in_history tests/pay_test.py@", "fail secrets.in_tree tests/pay_test.py"}},
	} {
		got, _ := judge(t, p, Spec{Repository: tt.path})
		if !slices.EqualFunc(got, tt.want, strings.HasPrefix) {
			t.Errorf("%s: %q\nwant %q", name, got, tt.want)
		}
	}
}

// git that is not there, files that may not be read and those that are too long.
func TestWhatCannotBeRead(t *testing.T) {
	p := site(t, http.NotFoundHandler())
	root := t.TempDir()
	huge := filepath.Join(root, "huge.log")
	f, err := os.Create(huge)
	if err != nil {
		t.Fatal(err)
	}
	line := strings.Repeat("a line of a log that says nothing at all\n", 1<<10)
	_, _ = f.WriteString("Authorization: Bearer " + "q8Zk3Lw7Xn5Tb9Rc2Vm6Jh4Gf1Ds0Pa" + "\n" + line)
	if err := f.Truncate(1 << 30); err != nil { // the rest is a hole
		t.Fatal(err)
	}
	f.Close()
	start := time.Now()
	got, _ := judge(t, p, Spec{Logs: []string{huge}})
	if want := []string{"fail secrets.in_logs huge.log", "inconclusive secrets.in_logs logs", "inconclusive secrets.scan_complete logs"}; !slices.Equal(got, want) {
		t.Errorf("a file of 1 GB: %q", got)
	}
	if took := time.Since(start); took > 30*time.Second {
		t.Errorf("a file of 1 GB took %s", took)
	}
	got, _ = judge(t, p, Spec{Paths: []string{filepath.Join(root, "missing")}})
	if want := []string{"inconclusive secrets.in_artifact build output", "inconclusive secrets.scan_complete build output"}; !slices.Equal(got, want) {
		t.Errorf("a path that is missing: %q", got)
	}
	if os.Getuid() != 0 {
		closed := filepath.Join(root, "closed")
		_ = os.Mkdir(closed, 0)
		if got, _ = judge(t, p, Spec{Paths: []string{closed}}); len(got) != 2 {
			t.Errorf("a closed folder: %q", got)
		}
	}
	t.Setenv("PATH", t.TempDir())
	_, result := judge(t, p, Spec{Repository: root})
	if text := fmt.Sprint(result.Findings); !strings.Contains(text, "git is not in PATH") {
		t.Errorf("without git: %s", text)
	}
}

// Sites as others build them: what they load is found, what answers everything is
// no leak, and what has no end is said.
func TestSites(t *testing.T) {
	t.Parallel()
	page := func(body string) http.HandlerFunc {
		return func(w http.ResponseWriter, _ *http.Request) {
			w.Header().Set("Content-Type", "text/html")
			fmt.Fprint(w, "<!DOCTYPE html><html><head><title>x</title></head><body>"+body+"</body></html>")
		}
	}
	text := func(body string) http.HandlerFunc {
		return func(w http.ResponseWriter, _ *http.Request) { fmt.Fprint(w, body) }
	}
	routes := func(all map[string]http.HandlerFunc) http.Handler {
		mux := http.NewServeMux()
		for pattern, h := range all {
			mux.HandleFunc(pattern, h)
		}
		return mux
	}
	// edge refuses as Cloudflare does: by a page of its own, or by a challenge.
	edge := func(mitigated string) http.HandlerFunc {
		return func(w http.ResponseWriter, _ *http.Request) {
			w.Header().Set("Server", "cloudflare")
			if mitigated != "" {
				w.Header().Set("Cf-Mitigated", mitigated)
			}
			w.WriteHeader(http.StatusForbidden)
			fmt.Fprint(w, "<title>Attention Required! | Cloudflare</title>")
		}
	}
	const host = "127.0.0.1"
	for name, tt := range map[string]struct {
		handler http.Handler
		want    []string
	}{
		"plain":                                 {routes(map[string]http.HandlerFunc{"/{$}": page("hello")}), []string{}},
		"an SPA that answers 200 to everything": {page(`<div id="app"></div><script>window.x={"debug":true}</script>`), []string{}},
		"text that answers 200 to everything":   {text("OK\n"), []string{}},
		"a framework's state in the page": {routes(map[string]http.HandlerFunc{"/{$}": page(`<script id="__NEXT_DATA__" type="application/json">{"key":"` + stripe + `"}</script>`)}),
			[]string{"fail secrets.in_bundle " + host + "/"}},
		"a module, then a chunk": {routes(map[string]http.HandlerFunc{
			"/{$}": page(`<link rel="modulepreload" href="/assets/a.js">`), "/assets/a.js": text(`import("./b-1a2b.js")`), "/assets/b-1a2b.js": text(`k="` + github + `"`),
		}), []string{"fail secrets.in_bundle " + host + "/assets/b-1a2b.js"}},
		"a bundle called as a library": {routes(map[string]http.HandlerFunc{
			"/{$}": page(`<script src="/js/angular-app.min.js"></script>`), "/js/angular-app.min.js": text(`k="` + github + `"`),
		}), []string{"fail secrets.in_bundle " + host + "/js/angular-app.min.js"}},
		"a list of chunks of Next": {routes(map[string]http.HandlerFunc{
			"/{$}": page(`<script src="/_next/static/x/_buildManifest.js"></script>`), "/_next/static/x/_buildManifest.js": text(`self.__BUILD_MANIFEST={"/pay":["static/chunks/pay-12.js"]}`),
			"/_next/static/chunks/pay-12.js": text(`k="` + github + `"`),
		}), []string{"fail secrets.in_bundle " + host + "/_next/static/chunks/pay-12.js"}},
		"names of chunks that webpack computes": {routes(map[string]http.HandlerFunc{
			"/{$}":                               page(`<script src="/_next/static/chunks/webpack-1.js"></script>`),
			"/_next/static/chunks/webpack-1.js":  text(`a.u=e=>"static/chunks/"+({117:"pay"}[e]||e)+"."+{117:"40e286",88:"55aa28"}[e]+".js";a.p="/_next/"`),
			"/_next/static/chunks/pay.40e286.js": text(`x`), "/_next/static/chunks/88.55aa28.js": text(`k="` + github + `"`),
		}), []string{"fail secrets.in_bundle " + host + "/_next/static/chunks/88.55aa28.js"}},
		"what a worker imports": {routes(map[string]http.HandlerFunc{
			"/{$}": page(`<script>navigator.serviceWorker.register("/w/sw-main.js")</script>`), "/w/sw-main.js": text(`importScripts("lib/x.js")`), "/w/lib/x.js": text(`k="` + github + `"`),
		}), []string{"fail secrets.in_bundle " + host + "/w/lib/x.js"}},
		"a soft 404 that repeats the path": {http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			w.Header().Set("Content-Type", "text/html")
			fmt.Fprintf(w, "<!DOCTYPE html><html><head><title>%s not found</title></head><body>%s</body></html>", r.URL.Path, r.URL.Path)
		}), []string{}},
		"a listing of Go":         {routes(map[string]http.HandlerFunc{"/{$}": page("x"), "/static/": text("<!doctype html>\n<meta name=\"viewport\" content=\"width=device-width\">\n<pre>\n<a href=\"a.js\">a.js</a>\n")}), []string{"fail secrets.file_exposed " + host + "/static/"}},
		"a listing of Express":    {routes(map[string]http.HandlerFunc{"/{$}": page("x"), "/uploads/": text("<!DOCTYPE html><html><head><title>listing directory /uploads/</title>")}), []string{"fail secrets.file_exposed " + host + "/uploads/"}},
		"a runtime configuration": {routes(map[string]http.HandlerFunc{"/{$}": page("x"), "/env.js": text(`window.env={KEY:"` + stripe + `"}`)}), []string{"fail secrets.in_bundle " + host + "/env.js"}},
		"a token for each visit": {routes(map[string]http.HandlerFunc{"/{$}": func(w http.ResponseWriter, r *http.Request) {
			page(fmt.Sprintf(`<script>const sessionToken="q8Zk%dLw7Xn5Tb9Rc2Vm6Jh4Gf1Ds0Pa"</script>`, time.Now().UnixNano()))(w, r)
		}}), []string{}},
		"a map that nothing names": {routes(map[string]http.HandlerFunc{
			"/{$}": page(`<script src="/a.js"></script>`), "/a.js": text("x"), "/a.js.map": text(`{"version":3,"sources":["src/a.ts"],"mappings":"AAAA"}`),
		}), []string{"fail secrets.source_map_public " + host + "/a.js.map"}},
		"a map of a library": {routes(map[string]http.HandlerFunc{
			"/{$}": page(`<script src="/a.js"></script>`), "/a.js": text("x"), "/a.js.map": text(`{"version":3,"sources":["node_modules/vue/index.js"],"mappings":"AAAA"}`),
		}), []string{}},
		"variables behind a limit of nginx": {routes(map[string]http.HandlerFunc{"/{$}": page("x"), "/.env": func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(http.StatusServiceUnavailable) }}),
			[]string{"inconclusive secrets.file_exposed " + host, "inconclusive secrets.scan_complete"}},
		"variables served":                {routes(map[string]http.HandlerFunc{"/{$}": page("x"), "/.env": text("APP_KEY=base64:abc\nDB_PASSWORD=x\n")}), []string{"fail secrets.file_exposed " + host + "/.env"}},
		"a log of Laravel":                {routes(map[string]http.HandlerFunc{"/{$}": page("x"), "/storage/logs/laravel.log": text("[2026-11-30 10:00:00] production.ERROR: SQLSTATE[HY000] no\n")}), []string{"fail secrets.file_exposed " + host + "/storage/logs/laravel.log"}},
		"a log of WordPress":              {routes(map[string]http.HandlerFunc{"/{$}": page("x"), "/wp-content/debug.log": text("[30-Nov-2026 10:00:00 UTC] PHP Notice: x\n")}), []string{"fail secrets.file_exposed " + host + "/wp-content/debug.log"}},
		"a state of Terraform":            {routes(map[string]http.HandlerFunc{"/{$}": page("x"), "/terraform.tfstate": text("{\"version\":4,\"terraform_version\":\"1.9.0\"}")}), []string{"fail secrets.file_exposed " + host + "/terraform.tfstate"}},
		"a page at the path of variables": {routes(map[string]http.HandlerFunc{"/{$}": page("x"), "/.env": page("APP_KEY=x")}), []string{}},
		"variables to every path":         {text("APP_ENV=production\n"), []string{"inconclusive secrets.file_exposed", "inconclusive secrets.scan_complete"}},
		"a page without end": {routes(map[string]http.HandlerFunc{"/{$}": func(w http.ResponseWriter, r *http.Request) {
			w.Header().Set("Content-Type", "text/html")
			for r.Context().Err() == nil {
				if _, err := w.Write([]byte(strings.Repeat("<p>more and more</p>\n", 1000))); err != nil {
					return
				}
			}
		}}), []string{"inconclusive secrets.in_bundle " + host + "/", "inconclusive secrets.scan_complete " + host + "/", "inconclusive secrets.source_map_public", "inconclusive secrets.unknown_key"}},
		"a script without end": {routes(map[string]http.HandlerFunc{"/{$}": page(`<script src="/slow.js"></script>`), "/slow.js": func(w http.ResponseWriter, r *http.Request) {
			for r.Context().Err() == nil {
				fmt.Fprint(w, "x")
				w.(http.Flusher).Flush()
				time.Sleep(100 * time.Millisecond)
			}
		}}), []string{"inconclusive secrets.in_bundle " + host + "/slow.js", "inconclusive secrets.scan_complete " + host + "/slow.js"}},
		"a site that fails": {http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(http.StatusBadGateway) }),
			[]string{"inconclusive secrets.in_bundle", "inconclusive secrets.scan_complete", "inconclusive secrets.source_map_public", "inconclusive secrets.unknown_key"}},
		"paths that the edge blocks": {routes(map[string]http.HandlerFunc{"/{$}": page("x"), "/.env": edge(""), "/.git/": edge("")}), []string{}},
		"paths that the edge asks about": {routes(map[string]http.HandlerFunc{"/{$}": page("x"), "/.env": edge("challenge")}),
			[]string{"inconclusive secrets.file_exposed " + host, "inconclusive secrets.scan_complete"}},
		"a listing": {routes(map[string]http.HandlerFunc{"/{$}": page("x"), "/backup/": text("<html>\n<head><title>Index of /backup</title></head>")}), []string{"fail secrets.file_exposed " + host + "/backup/"}},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			got, _ := judge(t, site(t, tt.handler), Spec{Pages: []string{"http://" + host + "/"}})
			ok := len(got) >= len(tt.want) && (len(tt.want) > 0 || len(got) == 0)
			for _, w := range tt.want {
				ok = ok && slices.ContainsFunc(got, func(g string) bool { return strings.HasPrefix(g, w) })
			}
			if !ok {
				t.Errorf("%q, want %q", got, tt.want)
			}
		})
	}
}

func TestPlans(t *testing.T) {
	t.Parallel()
	now := time.Date(2026, 11, 29, 0, 0, 0, 0, time.UTC)
	for name, tt := range map[string]struct {
		file, text string
		rows       int
		wrong      string
	}{
		"Markdown":      {"a.md", "# Plan\n\n| Secret | Owner | Date |\n|---|:-:|---|\n| `STRIPE` | cto | 2026-11-01 |\n| SMTP | ops | 2026-10-01 |\n", 2, ""},
		"CSV":           {"a.csv", "name,owner,last rotated\nSTRIPE,cto,2026-11-01\n", 1, ""},
		"YAML":          {"a.yaml", "secrets:\n  - secret: STRIPE\n    owner: cto\n    date: 2026-11-01\n", 1, ""},
		"CSV of Excel":  {"a.csv", "\ufeffSecret;Owner;Rotated on\nSTRIPE;cto;2026-11-01\n", 1, ""},
		"YAML by name":  {"a.yaml", "STRIPE:\n  owner: cto\n  last_rotated: 2026-11-01\nSMTP:\n  owner: ops\n  last_rotated: 2026-10-01\n", 2, ""},
		"no owner":      {"a.md", "| Secret | Owner | Date |\n|---|---|---|\n| STRIPE | | 2026-11-01 |\n", 1, "has no owner"},
		"no date":       {"a.md", "| Secret | Owner | Date |\n|---|---|---|\n| STRIPE | cto | soon |\n", 1, "has no date"},
		"old":           {"a.csv", "secret,owner,date\nSTRIPE,cto,2024-11-01\n", 1, "was rotated more than"},
		"to come":       {"a.csv", "secret,owner,next rotation\nSTRIPE,cto,2027-01-01\n", 1, ""},
		"another table": {"a.md", "| a | b |\n|---|---|\n| 1 | 2 |\n", 0, ""},
		"prose":         {"a.md", "We rotate now and then.\n", 0, ""},
	} {
		path := filepath.Join(t.TempDir(), tt.file)
		_ = os.WriteFile(path, []byte(tt.text), 0o600)
		rows, err := readPlan(path)
		if err != nil || len(rows) != tt.rows {
			t.Errorf("%s: %v %v", name, rows, err)
			continue
		}
		for _, r := range rows {
			if got := r.wrong(now); tt.wrong == "" && got != "" || !strings.Contains(got, tt.wrong) {
				t.Errorf("%s: %q", name, got)
			}
		}
	}
}

func FuzzPlanMarkdown(f *testing.F) {
	f.Add("| Secret | Owner | Date |\n|---|---|---|\n| a | b | c |")
	f.Fuzz(func(_ *testing.T, text string) { planMarkdown(text); _, _ = planYAML([]byte(text)) })
}
