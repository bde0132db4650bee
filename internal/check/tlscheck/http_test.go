package tlscheck

import (
	"crypto/tls"
	"io"
	"maps"
	"net/http"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/launchready/terraform-provider-launchready/internal/readiness"
)

// redirect leads from / elsewhere.
func redirect(status int, target string) http.HandlerFunc {
	return func(w http.ResponseWriter, r *http.Request) {
		if r.URL.Path != "/" {
			return
		}
		w.Header().Set("Location", target)
		w.WriteHeader(status)
	}
}

// withHSTS answers with Strict-Transport-Security headers, one a value.
func withHSTS(status int, values ...string) http.HandlerFunc {
	return func(w http.ResponseWriter, _ *http.Request) {
		for _, v := range values {
			w.Header().Add(hstsHeader, v)
		}
		w.Header().Set("Content-Type", "text/html")
		w.WriteHeader(status)
		_, _ = io.WriteString(w, "<p>hello")
	}
}

func TestPlainHTTP(t *testing.T) {
	t.Parallel()
	const rule = ruleHTTPNoRedirect
	for name, tt := range map[string]struct {
		clear    http.HandlerFunc // nil: nothing listens
		status   readiness.Status // empty = pass
		severity readiness.Severity
	}{
		"closed":                      {nil, "", ""},
		"301":                         {redirect(301, "https://localhost/"), "", ""},
		"302":                         {redirect(302, "https://localhost/start"), "", ""},
		"303":                         {redirect(303, "https://localhost/"), "", ""},
		"307":                         {redirect(307, "https://localhost/"), "", ""},
		"308":                         {redirect(308, "https://localhost/"), "", ""},
		"capitals, a dot and a port":  {redirect(301, "https://LOCALHOST.:443/"), "", ""},
		"300 is no redirect":          {redirect(300, "https://localhost/"), readiness.Fail, readiness.High},
		"a 200 with a Location":       {redirect(200, "https://localhost/"), readiness.Fail, readiness.High},
		"other host first":            {redirect(301, "https://www.localhost/"), readiness.Fail, readiness.High},
		"out of scope":                {redirect(301, "https://stranger.example/"), readiness.Fail, readiness.High},
		"http first":                  {redirect(301, "http://localhost/start"), readiness.Fail, readiness.High},
		"relative":                    {redirect(301, "/start"), readiness.Fail, readiness.High},
		"host in the name only":       {redirect(301, "https://localhost.stranger.example/"), readiness.Fail, readiness.High},
		"user part":                   {redirect(301, "https://localhost@stranger.example/"), readiness.Fail, readiness.High},
		"content":                     {page("", "hello", 200), readiness.Fail, readiness.High},
		"404":                         {page("", "", 404), readiness.Fail, readiness.High},
		"403 where there are pages":   {page("", "", 403), readiness.Fail, readiness.High},
		"426 where there are pages":   {page("", "", 426), readiness.Fail, readiness.High},
		"503":                         {page("", "", 503), readiness.Inconclusive, readiness.High},
		"429":                         {page("", "", 429), readiness.Inconclusive, readiness.High},
		"challenge":                   {page("Cf-Mitigated: challenge", "", 403), readiness.Inconclusive, readiness.High},
		"redirect without a Location": {page("", "", 301), readiness.Fail, readiness.High},
		"hangs up":                    {func(http.ResponseWriter, *http.Request) { panic(http.ErrAbortHandler) }, "", ""},
		"hangs up amid the answer": {func(w http.ResponseWriter, _ *http.Request) {
			conn, _, _ := w.(http.Hijacker).Hijack()
			_, _ = io.WriteString(conn, "HTTP/1.1 200 OK\r\nContent-Le")
			_ = conn.Close()
		}, readiness.Inconclusive, readiness.High},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			_, findings := altered(func(w *world) { w.clear, w.clearClosed = tt.clear, tt.clear == nil }).verdicts(t)
			f := findings[rule]
			delete(findings, rule)
			if f.Status != tt.status || f.Severity != tt.severity {
				t.Errorf("%s %s (%s), want %s %s", f.Status, f.Severity, f.Message, tt.status, tt.severity)
			}
			if len(findings) > 0 {
				t.Errorf("besides: %+v", findings)
			}
		})
	}
}

// Where nothing is a page, to refuse plain HTTP is right.
func TestRefusalOfAnAPI(t *testing.T) {
	t.Parallel()
	api := func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set(hstsHeader, "max-age=31536000")
		w.Header().Set("Content-Type", "application/json")
	}
	for _, status := range []int{403, 426} {
		_, findings := altered(func(w *world) { w.secure, w.clear = api, page("", "", status) }).verdicts(t)
		if f := findings[ruleHTTPNoRedirect]; len(findings) != 1 || f.Severity != readiness.Low {
			t.Errorf("%d: %+v", status, findings)
		}
	}
}

// Every checked page is asked in the clear too, by its whole address.
func TestPlainHTTPOfPages(t *testing.T) {
	t.Parallel()
	for name, tt := range map[string]struct {
		pages []string
		says  string
	}{
		"the root alone":      {[]string{"/"}, ""},
		"another redirects":   {[]string{"/", "/start?token=SECRET"}, ""},
		"another is in clear": {[]string{"/", "/login?token=SECRET"}, "/login: plain HTTP answers with status 200"},
		"a URL of http":       {[]string{"http://localhost/login"}, "/login: plain HTTP answers with status 200"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			_, findings := altered(func(w *world) {
				w.spec = func(s *Spec) { s.Pages = tt.pages }
				w.clear = func(rw http.ResponseWriter, r *http.Request) {
					if r.URL.Path != "/login" {
						http.Redirect(rw, r, "https://localhost"+r.URL.Path, http.StatusMovedPermanently)
					}
				}
			}).verdicts(t)
			f, found := findings[ruleHTTPNoRedirect]
			if found != (tt.says != "") || !strings.Contains(f.Message, tt.says) || strings.Contains(f.Message, "SECRET") || found && f.Severity != readiness.High {
				t.Errorf("%+v", f)
			}
		})
	}
}

func TestHSTS(t *testing.T) {
	t.Parallel()
	const year = "max-age=31536000"
	fails := func(rules ...string) map[string]readiness.Status {
		out := map[string]readiness.Status{}
		for _, rule := range rules {
			out[rule] = readiness.Fail
		}
		return out
	}
	unknown := map[string]readiness.Status{ruleHSTSMissing: readiness.Inconclusive, ruleHSTSShort: readiness.Inconclusive, ruleHSTSSubdomains: readiness.Inconclusive, ruleHSTSPreload: readiness.Inconclusive}
	notRequired := func(s *Spec) { s.HSTS.Required = false }
	for name, tt := range map[string]struct {
		secure http.HandlerFunc
		spec   func(*Spec)
		want   map[string]readiness.Status // of the rules of HSTS
	}{
		"a year":                     {withHSTS(200, year), nil, nil},
		"spelled otherwise":          {withHSTS(200, ` MAX-AGE = "31536000" ;; IncludeSubDomains ; x=y`), nil, nil},
		"absent":                     {withHSTS(200), nil, fails(ruleHSTSMissing)},
		"void":                       {withHSTS(200, year+", preload"), nil, fails(ruleHSTSMissing)},
		"twice in one":               {withHSTS(200, year+"; "+year), nil, fails(ruleHSTSMissing)},
		"max-age=0":                  {withHSTS(200, "max-age=0"), nil, fails(ruleHSTSMissing)},
		"the first of two counts":    {withHSTS(200, "max-age=60", year), nil, fails(ruleHSTSShort)},
		"the void first of two":      {withHSTS(200, "preload", year), nil, fails(ruleHSTSMissing)},
		"short":                      {withHSTS(200, "max-age=31535999"), nil, fails(ruleHSTSShort)},
		"short as asked":             {withHSTS(200, "max-age=60"), func(s *Spec) { s.HSTS.MinimumMaxAge = 0 }, nil},
		"as long as can be":          {withHSTS(200, "max-age=99999999999999999999"), nil, nil},
		"on an error page":           {withHSTS(404, year), nil, nil},
		"absent on an error page":    {withHSTS(404), nil, fails(ruleHSTSMissing)},
		"on a redirect":              {redirect(302, "https://stranger.example/"), nil, fails(ruleHSTSMissing)},
		"on a failure":               {withHSTS(502, year), nil, nil},
		"absent on a failure":        {withHSTS(502), nil, unknown},
		"absent when throttled":      {withHSTS(429), nil, unknown},
		"challenge":                  {page("Cf-Mitigated: challenge", "", 403), nil, unknown},
		"challenge of a 503":         {page("Server: cloudflare", "<title>Just a moment...</title>", 503), nil, unknown},
		"not asked for":              {withHSTS(200), notRequired, nil},
		"not asked for, given up":    {withHSTS(200, "max-age=0"), notRequired, nil},
		"not asked for, yet void":    {withHSTS(200, "preload"), notRequired, fails(ruleHSTSMissing)},
		"not asked for, yet short":   {withHSTS(200, "max-age=60"), notRequired, fails(ruleHSTSShort)},
		"subdomains wanted":          {withHSTS(200, year), func(s *Spec) { s.HSTS.IncludeSubdomains = true }, fails(ruleHSTSSubdomains)},
		"subdomains":                 {withHSTS(200, year+"; includeSubDomains"), func(s *Spec) { s.HSTS.IncludeSubdomains = true }, nil},
		"preload, conditions met":    {withHSTS(200, year+"; includeSubDomains; preload"), nil, nil},
		"preload without subdomains": {withHSTS(200, year+"; preload"), nil, fails(ruleHSTSPreload)},
		"preload for an hour":        {withHSTS(200, "max-age=3600; includeSubDomains; preload"), nil, fails(ruleHSTSShort, ruleHSTSPreload)},
		"another page lacks it": {func(w http.ResponseWriter, r *http.Request) {
			if r.URL.Path == "/" {
				w.Header().Set(hstsHeader, year)
			}
			w.Header().Set("Content-Type", "text/html")
		}, func(s *Spec) { s.Pages = []string{"/", "/login"} }, fails(ruleHSTSMissing)},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			got, _ := altered(func(w *world) { w.secure, w.spec = tt.secure, tt.spec }).verdicts(t)
			maps.DeleteFunc(got, func(rule string, _ readiness.Status) bool { return !slices.Contains(hstsRules(), rule) })
			if tt.want == nil {
				tt.want = map[string]readiness.Status{}
			}
			if diff := cmp.Diff(tt.want, got); diff != "" {
				t.Errorf("(-want +got):\n%s", diff)
			}
		})
	}
}

func TestMinimumVersion(t *testing.T) {
	t.Parallel()
	for name, tt := range map[string]struct {
		minimum         string
		lowest, highest uint16
		want            map[string]string // rule: message
	}{
		"1.0 allowed":          {"1.0", tls.VersionTLS10, 0, nil},
		"1.1 wanted, 1.0 open": {"1.1", tls.VersionTLS10, 0, map[string]string{ruleProtocolOld: "TLS 1.0 completes a handshake; the minimum is TLS 1.1"}},
		"1.2 wanted, 1.0 open": {"1.2", tls.VersionTLS10, 0, map[string]string{ruleProtocolOld: "TLS 1.0 and TLS 1.1 complete a handshake; the minimum is TLS 1.2"}},
		"1.2 wanted":           {"1.2", tls.VersionTLS12, 0, nil},
		"the default is 1.2":   {"", tls.VersionTLS11, 0, map[string]string{ruleProtocolOld: "TLS 1.1 completes a handshake; the minimum is TLS 1.2"}},
		"1.3 wanted, all open": {"1.3", tls.VersionTLS10, 0, map[string]string{ruleProtocolOld: "TLS 1.0, TLS 1.1 and TLS 1.2 complete a handshake; the minimum is TLS 1.3"}},
		"1.3 wanted":           {"1.3", tls.VersionTLS13, 0, nil},
		"1.3 wanted, absent": {"1.3", tls.VersionTLS12, tls.VersionTLS12, map[string]string{
			ruleProtocolOld: "TLS 1.2 completes a handshake; the minimum is TLS 1.3", ruleNoTLS13: "TLS 1.3 is refused; TLS 1.2 was negotiated",
		}},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			_, findings := altered(func(w *world) {
				w.lowest, w.highest = tt.lowest, tt.highest
				w.spec = func(s *Spec) { s.MinimumVersion = tt.minimum }
			}).verdicts(t)
			got, want := map[string]string{}, tt.want
			for rule, f := range findings {
				got[rule] = f.Message
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

// Hosts that are addresses have no HSTS; hosts of several spellings are one.
func TestHostSpellings(t *testing.T) {
	t.Parallel()
	for name, tt := range map[string]struct {
		hosts   []string
		subject string
	}{
		"v4":         {[]string{"127.0.0.1"}, "127.0.0.1"},
		"v6":         {[]string{"0:0::1", "[::1]"}, "::1"},
		"duplicates": {[]string{"LocalHost", "localhost.", "localhost"}, "localhost"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			w := altered(func(w *world) {
				w.names = []string{"localhost", "127.0.0.1", "::1"}
				w.secure = page("", "<p>hello", 200)
				w.clear = func(rw http.ResponseWriter, r *http.Request) {
					http.Redirect(rw, r, "https://"+r.Host+"/", http.StatusPermanentRedirect)
				}
				w.spec = func(s *Spec) { s.Hosts = tt.hosts }
			})
			result := w.run(t)
			if len(result.Findings) != len(Definition.Rules) || result.Target != tt.subject {
				t.Errorf("%d findings of %q, want one for each of %d rules", len(result.Findings), result.Target, len(Definition.Rules))
			}
			for _, f := range result.Findings {
				named := tt.subject == "localhost" && f.Rule == ruleHSTSMissing
				if f.Status.Violates() != named {
					t.Errorf("%s of %s: %s (%s)", f.Rule, f.Subject, f.Status, f.Message)
				}
			}
		})
	}
}
