package tlscheck

import (
	"compress/gzip"
	"encoding/binary"
	"fmt"
	"io"
	"net/http"
	"strings"
	"sync"
	"testing"
	"unicode/utf16"

	"github.com/google/go-cmp/cmp"

	"github.com/launchready/terraform-provider-launchready/internal/readiness"
)

// served is an answer of the HTTPS server at one path.
type served struct {
	status int               // 0 = 200
	kind   string            // content type; empty = text/html, "-" = none
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
	switch a.kind {
	case "":
	case "-":
		w.Header()["Content-Type"] = nil
	default:
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

func zipped(text string) string {
	var b strings.Builder
	z := gzip.NewWriter(&b)
	_, _ = io.WriteString(z, text)
	_ = z.Close()
	return b.String()
}

func utf16le(text string) string {
	var b []byte
	for _, unit := range utf16.Encode([]rune(text)) {
		b = binary.LittleEndian.AppendUint16(b, unit)
	}
	return string(b)
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
		"clean":      {map[string]served{"/page": {body: "<p>hello"}}, nil},
		"404":        {map[string]served{"/page": {status: 404, body: script}}, unknown},
		"500":        {map[string]served{"/page": {status: 500, body: script}}, unknown},
		"204":        {map[string]served{"/page": {status: 204}}, unknown},
		"empty":      {map[string]served{"/page": {body: "\n"}}, unknown},
		"JSON":       {map[string]served{"/page": {kind: "application/json", body: script}}, unknown},
		"plain text": {map[string]served{"/page": {kind: "text/plain", body: script}}, unknown},
		"XHTML":      {map[string]served{"/page": {kind: "application/xhtml+xml", body: script}}, map[string]string{ruleMixedActive: "fail high"}},
		"XHTML, what has ended": {map[string]served{"/page": {kind: "application/xhtml+xml", body: `<html xmlns="http://www.w3.org/1999/xhtml"><head><title/><script src="/a.js"/><script src="http://img.acme.example/a.js"/></head></html>`}},
			map[string]string{ruleMixedActive: "fail high"}},
		"XHTML, clean":            {map[string]served{"/page": {kind: "application/xhtml+xml", body: `<?xml version="1.0" encoding="iso-8859-1"?><!DOCTYPE html><html xmlns="http://www.w3.org/1999/xhtml"><head><title/></head><body>&nbsp;</body></html>`}}, nil},
		"XHTML, its sheet":        {map[string]served{"/page": {kind: "application/xhtml+xml", body: `<?xml-stylesheet type="text/css" href="http://img.acme.example/a.css"?><html/>`}}, map[string]string{ruleMixedActive: "fail high"}},
		"XHTML, broken":           {map[string]served{"/page": {kind: "application/xhtml+xml", body: `<html><p></html>`}}, unknown},
		"no type, yet HTML":       {map[string]served{"/page": {kind: "-", body: "<!DOCTYPE html>" + script}}, map[string]string{ruleMixedActive: "fail high"}},
		"a broken parameter":      {map[string]served{"/page": {kind: "text/html; charset", body: script}}, map[string]string{ruleMixedActive: "fail high"}},
		"brotli":                  {map[string]served{"/page": {header: map[string]string{"Content-Encoding": "br"}, body: "\x8b\x1f\x80abc"}}, unknown},
		"gzip twice":              {map[string]served{"/page": {header: map[string]string{"Content-Encoding": "gzip, gzip"}, body: zipped(script)}}, unknown},
		"x-gzip":                  {map[string]served{"/page": {header: map[string]string{"Content-Encoding": "x-gzip"}, body: zipped(script)}}, map[string]string{ruleMixedActive: "fail high"}},
		"UTF-16 by header":        {map[string]served{"/page": {kind: "text/html; charset=utf-16le", body: utf16le(script)}}, map[string]string{ruleMixedActive: "fail high"}},
		"UTF-16 by its mark":      {map[string]served{"/page": {body: "\xff\xfe" + utf16le(script)}}, map[string]string{ruleMixedActive: "fail high"}},
		"UTF-16, not told":        {map[string]served{"/page": {body: utf16le("<p>" + script)}}, unknown},
		"HZ":                      {map[string]served{"/page": {kind: "text/html; charset=hz-gb-2312", body: script}}, unknown},
		"a sheet in brotli":       {map[string]served{"/page": linked, "/a.css": {kind: "text/css", header: map[string]string{"Content-Encoding": "br"}, body: "\x8b"}}, map[string]string{ruleMixedActive: "inconclusive", ruleMixedPassive: "inconclusive"}},
		"a sheet in UTF-16":       {map[string]served{"/page": linked, "/a.css": {kind: "text/css; charset=utf-16le", body: utf16le(`a{background:url(http://img.acme.example/a.png)}`)}}, map[string]string{ruleMixedPassive: "fail medium"}},
		"nested too deep":         {map[string]served{"/page": {body: strings.Repeat("<div>", 600) + script}}, unknown},
		"redirect into the clear": {map[string]served{"/page": location("http://localhost/plain?code=SECRET")}, map[string]string{ruleDowngrade: "fail high", ruleMixedActive: "inconclusive", ruleMixedPassive: "inconclusive", ruleMixedForm: "inconclusive"}},
		"redirects without end":   {map[string]served{"/page": location("/page")}, map[string]string{ruleLoop: "fail high", ruleMixedActive: "inconclusive", ruleMixedPassive: "inconclusive", ruleMixedForm: "inconclusive"}},
		"challenge":               {map[string]served{"/page": {status: 403, header: map[string]string{"Cf-Mitigated": "challenge"}}}, unknown},
		"challenge of status 200": {map[string]served{"/page": {header: map[string]string{"Cf-Mitigated": "challenge"}}}, unknown},
		"truncated":               {map[string]served{"/page": {body: strings.Repeat("<p>hello", maxPage/8+1)}}, unknown},
		"truncated, a load seen": {map[string]served{"/page": {body: image + strings.Repeat("<p>hello", maxPage/8+1)}},
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
		"upgrade in the body": {map[string]served{"/page": {body: `<body><p><meta http-equiv="content-security-policy" content="upgrade-insecure-requests">` + script}, "/a.js": {}},
			map[string]string{ruleMixedActive: "fail high"}},
		"upgrade after the load": {map[string]served{"/page": {body: script + `<meta http-equiv="content-security-policy" content="upgrade-insecure-requests">` + formTag}, "/a.js": {}},
			map[string]string{ruleMixedActive: "fail high", ruleMixedForm: "fail low"}},
		"upgrade to another's certificate": {map[string]served{"/page": {header: upgrade, body: `<script src="http://other.acme.example/a.js"></script>`}, "/a.js": {}},
			map[string]string{ruleMixedActive: "fail high"}},
		"upgrade out of scope": {map[string]served{"/page": {header: upgrade, body: `<script src="http://stranger.example/a.js"></script>`}},
			map[string]string{ruleMixedActive: "fail high"}},
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
		"clean stylesheet":          {map[string]served{"/page": linked, "/a.css": css(`@namespace url(http://www.w3.org/1999/xhtml); a{background:url(//img.acme.example/a.png)}`)}, nil},
		"missing stylesheet":        {map[string]served{"/page": linked}, nil},
		"broken stylesheet":         {map[string]served{"/page": linked, "/a.css": {status: 500}}, map[string]string{ruleMixedActive: "inconclusive", ruleMixedPassive: "inconclusive"}},
		"stylesheet into clear":     {map[string]served{"/page": linked, "/a.css": location("http://localhost/b.css")}, nil}, // the visitor's own machine
		"stylesheet led out":        {map[string]served{"/page": linked, "/a.css": location("http://stranger.example/b.css")}, map[string]string{ruleMixedActive: "fail high"}},
		"stylesheet led out, https": {map[string]served{"/page": linked, "/a.css": location("https://stranger.example/b.css")}, nil},
		"stylesheet of strangers":   {map[string]served{"/page": {body: `<link rel=stylesheet href=https://stranger.example/a.css>`}}, nil},
		"stylesheet of itself":      {map[string]served{"/page": linked, "/a.css": css(`@import "a.css"; @import "/a.css#x";`)}, nil},
		"long truncated sheet":      {map[string]served{"/page": linked, "/a.css": css(strings.Repeat("a{b:c}", maxSheet/6+1))}, map[string]string{ruleMixedActive: "inconclusive", ruleMixedPassive: "inconclusive"}},
		"a script of broken words":  {map[string]served{"/page": {body: `<script>fetch("http://api.acme.example/</script>`}}, nil},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			server := &paths{asked: map[string]int{}, known: tt.pages}
			server.known["/"] = served{body: "<p>home"}
			_, findings := altered(func(w *world) {
				w.secure = server.ServeHTTP
				w.spec = func(s *Spec) { s.Pages = []string{"/page"} }
				w.clear = func(rw http.ResponseWriter, r *http.Request) {
					if r.URL.Path != "/plain" {
						http.Redirect(rw, r, "https://localhost"+r.URL.Path, http.StatusMovedPermanently)
					}
				}
			}).verdicts(t)
			got, want := map[string]string{}, tt.want
			for rule, f := range findings {
				got[rule] = string(f.Status)
				if strings.Contains(f.Message, "SECRET") {
					t.Errorf("%s tells a secret: %s", rule, f.Message)
				}
				if f.Status == readiness.Fail {
					got[rule] += " " + string(f.Severity)
				}
				if f.Subject != "localhost/page" && f.Subject != "localhost" {
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

// The root of a host that the user has not listed need be no page: what serves
// programs, asks for a password or sends to another site can pass. A page that
// the user has listed cannot.
func TestDefaultPage(t *testing.T) {
	t.Parallel()
	for name, tt := range map[string]struct {
		answer  served
		applies bool
	}{
		"JSON":                {served{kind: "application/json", body: "{}"}, false},
		"JSON 404":            {served{status: 404, kind: "application/json", body: "{}"}, false},
		"401":                 {served{status: 401, kind: "text/html", header: map[string]string{"WWW-Authenticate": "Basic"}, body: "<p>"}, false},
		"401 without HTML":    {served{status: 401, kind: "-"}, false},
		"204 of HTML":         {served{status: 204}, false},
		"401 of empty HTML":   {served{status: 401}, false},
		"204":                 {served{status: 204, kind: "-"}, false},
		"single sign-on":      {served{status: 302, header: map[string]string{"Location": "https://idp.example/authorize?client=SECRET"}}, false},
		"to another in clear": {served{status: 302, header: map[string]string{"Location": "http://idp.example/"}}, true},
		"403 of HTML":         {served{status: 403, body: "<p>no"}, true},
		"empty HTML":          {served{}, true},
		"500 JSON":            {served{status: 500, kind: "application/json", body: "{}"}, true},
		"429 JSON":            {served{status: 429, kind: "application/json", body: "{}"}, true},
		"brotli":              {served{kind: "-", header: map[string]string{"Content-Encoding": "br"}, body: "abc"}, true},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			for _, listed := range []bool{false, true} {
				server := &paths{asked: map[string]int{}, known: map[string]served{"/": tt.answer}}
				_, findings := altered(func(w *world) {
					w.secure = server.ServeHTTP
					w.spec = func(s *Spec) {
						if listed {
							s.Pages = []string{"/"}
						}
					}
				}).verdicts(t)
				f, open := findings[ruleMixedActive]
				if open != (tt.applies || listed) || open && f.Status != readiness.Inconclusive {
					t.Errorf("listed %t: %s (%s)", listed, f.Status, f.Message)
				}
			}
		})
	}
}

// What a page sends must not end the process.
func TestGuarded(t *testing.T) {
	t.Parallel()
	if err := guarded(func() error { panic("a fault of the parser's") }); err == nil {
		t.Error("no error")
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

// So are the https twins of upgraded loads; one twin is asked once, and those that are not asked prove nothing.
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
	if f := findings[ruleMixedPassive]; len(got) != 1 || f.Severity != readiness.Medium || !strings.Contains(f.Message, "25 more") {
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
