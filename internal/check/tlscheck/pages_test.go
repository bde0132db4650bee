package tlscheck

import (
	"fmt"
	"io"
	"net/http"
	"strings"
	"sync"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/launchready/terraform-provider-launchready/internal/readiness"
)

// served is an answer of the HTTPS server at one path.
type served struct {
	status int               // 0 = 200
	kind   string            // content type; empty = text/html
	header map[string]string // besides HSTS
	body   string
}

// paths is a handler for several paths, and counts the requests of each.
type paths struct {
	mu    sync.Mutex
	asked map[string]int
	known map[string]served
}

func (p *paths) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	p.mu.Lock()
	p.asked[r.URL.Path]++
	p.mu.Unlock()
	a, ok := p.known[r.URL.Path]
	if !ok {
		a.status = http.StatusNotFound
	}
	w.Header().Set(hstsHeader, "max-age=31536000")
	w.Header().Set("Content-Type", "text/html; charset=utf-8")
	if a.kind != "" {
		w.Header().Set("Content-Type", a.kind)
	}
	for name, value := range a.header {
		w.Header().Set(name, value)
	}
	if a.status != 0 {
		w.WriteHeader(a.status)
	}
	_, _ = io.WriteString(w, a.body)
}

func (p *paths) total() int {
	p.mu.Lock()
	defer p.mu.Unlock()
	n := 0
	for _, asked := range p.asked {
		n += asked
	}
	return n
}

func TestPages(t *testing.T) {
	t.Parallel()
	const script, image, formTag = `<script src="http://img.acme.example/a.js"></script>`, `<img src="http://img.acme.example/a.png">`, `<form action="http://img.acme.example/send">`
	upgrade := map[string]string{"Content-Security-Policy": "default-src *; Upgrade-Insecure-Requests"}
	unknown := map[string]string{ruleMixedActive: "inconclusive", ruleMixedPassive: "inconclusive", ruleMixedForm: "inconclusive"}
	location := func(to string) served {
		return served{status: http.StatusFound, header: map[string]string{"Location": to}}
	}
	css := func(text string) served { return served{kind: "text/css", body: text} }
	linked := served{body: `<link rel=stylesheet href=/a.css>`}
	const signInForm = `<form method=post><input type=password name=p></form>`
	for name, tt := range map[string]struct {
		pages map[string]served // "/page" is the one to judge
		want  map[string]string // status, and the severity of failures
	}{
		"clean":                   {map[string]served{"/page": {body: "<p>hello"}}, nil},
		"404":                     {map[string]served{"/page": {status: 404, body: script}}, unknown},
		"500":                     {map[string]served{"/page": {status: 500, body: script}}, unknown},
		"204":                     {map[string]served{"/page": {status: 204}}, nil},
		"JSON":                    {map[string]served{"/page": {kind: "application/json", body: script}}, unknown},
		"plain text":              {map[string]served{"/page": {kind: "text/plain", body: script}}, unknown},
		"XHTML":                   {map[string]served{"/page": {kind: "application/xhtml+xml", body: script}}, map[string]string{ruleMixedActive: "fail high"}},
		"challenge":               {map[string]served{"/page": {status: 403, header: map[string]string{"Cf-Mitigated": "challenge"}}}, unknown},
		"challenge of status 200": {map[string]served{"/page": {header: map[string]string{"Cf-Mitigated": "challenge"}}}, unknown},
		"truncated":               {map[string]served{"/page": {body: strings.Repeat("<p>hello", 200_000)}}, unknown},
		"truncated, a load seen": {map[string]served{"/page": {body: image + strings.Repeat("<p>hello", 200_000)}},
			map[string]string{ruleMixedActive: "inconclusive", ruleMixedPassive: "fail medium", ruleMixedForm: "inconclusive"}},
		"redirect to a page":         {map[string]served{"/page": location("/page/"), "/page/": {body: script}}, map[string]string{ruleMixedActive: "fail high"}},
		"redirect out of scope":      {map[string]served{"/page": location("https://stranger.example/")}, unknown},
		"redirect to a sign-in":      {map[string]served{"/page": location("/users/sign_in"), "/users/sign_in": {body: signInForm}}, unknown},
		"redirect back afterwards":   {map[string]served{"/page": location("/welcome-back?next=/page"), "/welcome-back": {body: signInForm}}, unknown},
		"redirect to a clean page":   {map[string]served{"/page": location("/page/"), "/page/": {body: signInForm}}, nil},
		"sign-in with mixed content": {map[string]served{"/page": location("/login"), "/login": {body: script}}, map[string]string{ruleMixedActive: "fail high", ruleMixedPassive: "inconclusive", ruleMixedForm: "inconclusive"}},
		"upgrade in the header": {map[string]served{"/page": {header: upgrade, body: script + image + formTag}, "/a.js": {}, "/a.png": {}},
			map[string]string{ruleMixedActive: "fail low", ruleMixedPassive: "fail low", ruleMixedForm: "fail low"}},
		"upgrade in a meta element": {map[string]served{"/page": {body: `<meta http-equiv="content-security-policy" content="img-src *;upgrade-insecure-requests">` + script}, "/a.js": {}},
			map[string]string{ruleMixedActive: "fail low"}},
		"upgrade, explicit port 80": {map[string]served{"/page": {header: upgrade, body: `<script src="http://img.acme.example:80/a.js"></script>`}, "/a.js": {}},
			map[string]string{ruleMixedActive: "fail low"}},
		"upgrade to nothing": {map[string]served{"/page": {header: upgrade, body: script + image}, "/a.js": {}},
			map[string]string{ruleMixedActive: "fail low", ruleMixedPassive: "fail medium"}},
		"upgrade only reported": {map[string]served{"/page": {header: map[string]string{"Content-Security-Policy-Report-Only": "upgrade-insecure-requests"}, body: script}, "/a.js": {}},
			map[string]string{ruleMixedActive: "fail high"}},
		"a literal of a script": {map[string]served{"/page": {body: `<script>window.fetch("http://api.acme.example/v1")</script>`}}, map[string]string{ruleMixedActive: "fail low"}},
		"stylesheet":            {map[string]served{"/page": linked, "/a.css": css(`a{background:url(http://img.acme.example/a.png)}`)}, map[string]string{ruleMixedPassive: "fail medium"}},
		"stylesheet of a stylesheet": {map[string]served{"/page": linked, "/a.css": css(`@import "deep/b.css";`), "/deep/b.css": css(`@import url("http://img.acme.example/c.css"); a{background:url(c.png)}`)},
			map[string]string{ruleMixedActive: "fail high"}},
		"clean stylesheet":         {map[string]served{"/page": linked, "/a.css": css(`@namespace url(http://www.w3.org/1999/xhtml); a{background:url(//img.acme.example/a.png)}`)}, nil},
		"missing stylesheet":       {map[string]served{"/page": linked}, nil},
		"broken stylesheet":        {map[string]served{"/page": linked, "/a.css": {status: 500}}, map[string]string{ruleMixedActive: "inconclusive", ruleMixedPassive: "inconclusive"}},
		"stylesheet into clear":    {map[string]served{"/page": linked, "/a.css": location("http://localhost/b.css")}, nil}, // the visitor's own machine
		"stylesheet of strangers":  {map[string]served{"/page": {body: `<link rel=stylesheet href=https://stranger.example/a.css>`}}, nil},
		"stylesheet of itself":     {map[string]served{"/page": linked, "/a.css": css(`@import "a.css"; @import "/a.css#x";`)}, nil},
		"long truncated sheet":     {map[string]served{"/page": linked, "/a.css": css(strings.Repeat("a{b:c}", 200_000))}, map[string]string{ruleMixedActive: "inconclusive", ruleMixedPassive: "inconclusive"}},
		"a script of broken words": {map[string]served{"/page": {body: `<script>fetch("http://api.acme.example/</script>`}}, nil},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			server := &paths{asked: map[string]int{}, known: tt.pages}
			server.known["/"] = served{body: "<p>home"}
			_, findings := altered(func(w *world) {
				w.secure = server.ServeHTTP
				w.spec = func(s *Spec) { s.Pages = []string{"/page"} }
			}).verdicts(t)
			got, want := map[string]string{}, tt.want
			for rule, f := range findings {
				got[rule] = string(f.Status)
				if f.Status == readiness.Fail {
					got[rule] += " " + string(f.Severity)
				}
				if f.Subject != "localhost/page" {
					t.Errorf("%s is about %s", rule, f.Subject)
				}
			}
			if want == nil {
				want = map[string]string{}
			}
			if diff := cmp.Diff(want, got); diff != "" {
				t.Errorf("(-want +got):\n%s", diff)
			}
		})
	}
}

// A page cannot make the check ask for ever.
func TestStylesheetsAreBounded(t *testing.T) {
	t.Parallel()
	server := &paths{asked: map[string]int{}, known: map[string]served{"/": {body: `<link rel=stylesheet href=/0.css>`}}}
	for i := range 3 * maxStylesheets {
		server.known[fmt.Sprintf("/%d.css", i)] = served{kind: "text/css", body: fmt.Sprintf(`@import "/%d.css"; @import "/%d.css";`, i+1, i+2)}
	}
	got, _ := altered(func(w *world) { w.secure = server.ServeHTTP }).verdicts(t)
	want := map[string]readiness.Status{ruleMixedActive: readiness.Inconclusive, ruleMixedPassive: readiness.Inconclusive}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
	if n := server.total(); n > maxStylesheets+2 { // the page, and what http:// leads to
		t.Errorf("%d requests", n)
	}
}

// So are the https twins of upgraded loads; one twin is asked once.
func TestUpgradeProofsAreBounded(t *testing.T) {
	t.Parallel()
	var body strings.Builder
	server := &paths{asked: map[string]int{}, known: map[string]served{}}
	for i := range 3 * maxUpgradeProofs {
		fmt.Fprintf(&body, `<img src="http://img.acme.example/%d.png"><img src="http://img.acme.example/%d.png#again">`, i, i)
		server.known[fmt.Sprintf("/%d.png", i)] = served{kind: "image/png"}
	}
	server.known["/"] = served{header: map[string]string{"Content-Security-Policy": "upgrade-insecure-requests"}, body: body.String()}
	got, findings := altered(func(w *world) { w.secure = server.ServeHTTP }).verdicts(t)
	if f := findings[ruleMixedPassive]; len(got) != 1 || f.Severity != readiness.Low || !strings.Contains(f.Message, "25 more") {
		t.Errorf("%+v", findings)
	}
	if n := server.total(); n > maxUpgradeProofs+2 {
		t.Errorf("%d requests", n)
	}
}

func TestPageURLs(t *testing.T) {
	t.Parallel()
	for name, tt := range map[string]struct{ hosts, pages, want []string }{
		"none":        {[]string{"B.example.", "a.example", "a.example"}, nil, []string{"https://a.example/", "https://b.example/"}},
		"paths":       {[]string{"Portal.acme.example.", "a.example"}, []string{"/welcome", "welcome", " /welcome#top"}, []string{"https://portal.acme.example/welcome"}},
		"spellings":   {[]string{"a.example"}, []string{"https://A.example.:443", "HTTPS://a.example/", "/"}, []string{"https://a.example/"}},
		"query":       {[]string{"a.example"}, []string{"/go?to=https://b.example/"}, []string{"https://a.example/go?to=https://b.example/"}},
		"port":        {[]string{"a.example"}, []string{"https://a.example:8443/x", "http://a.example:80/x"}, []string{"http://a.example/x", "https://a.example:8443/x"}},
		"IDN":         {[]string{"Bücher.example"}, []string{"https://bücher.example/ä"}, []string{"https://xn--bcher-kva.example/%C3%A4"}},
		"v6":          {[]string{"2001:DB8:0::1"}, nil, []string{"https://[2001:db8::1]/"}},
		"v6 brackets": {[]string{"[2001:db8::1]"}, []string{"https://[2001:DB8::1]/x", "/x"}, []string{"https://[2001:db8::1]/x"}},
	} {
		if diff := cmp.Diff(tt.want, Spec{Hosts: tt.hosts, Pages: tt.pages}.pageURLs()); diff != "" {
			t.Errorf("%s (-want +got):\n%s", name, diff)
		}
	}
	hosts := Spec{Hosts: []string{"B.example", "a.example.", "b.EXAMPLE.", "2001:db8:0::1", "[2001:db8::1]", "::ffff:192.0.2.1", "Bücher.example"}}.hosts()
	if diff := cmp.Diff([]string{"192.0.2.1", "2001:db8::1", "a.example", "b.example", "xn--bcher-kva.example"}, hosts); diff != "" {
		t.Errorf("hosts (-want +got):\n%s", diff)
	}
}
