package tlscheck

import (
	"bufio"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/rsa"
	"crypto/tls"
	"crypto/x509"
	"encoding/pem"
	"io"
	"log"
	"math/big"
	"net"
	"net/http"
	"net/http/httptest"
	"net/url"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/launchready/terraform-provider-launchready/internal/check"
	"github.com/launchready/terraform-provider-launchready/internal/probe"
	"github.com/launchready/terraform-provider-launchready/internal/readiness"
)

func TestDefinition(t *testing.T) {
	t.Parallel()
	if err := Definition.Validate(); err != nil {
		t.Error(err)
	}
	if _, err := readiness.NewCatalogue(Definition.Rules); err != nil {
		t.Error(err)
	}
}

// Each fixture says in comments what must be found; missing and unexpected loads both fail.
func TestMixedFixtures(t *testing.T) {
	t.Parallel()
	files, _ := filepath.Glob("testdata/mixed/*.html")
	if len(files) < 20 {
		t.Fatalf("%d fixtures", len(files))
	}
	for _, file := range files {
		page, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		want := []string{}
		for lines := bufio.NewScanner(strings.NewReader(string(page))); lines.Scan(); {
			if rest, ok := strings.CutPrefix(lines.Text(), "<!-- want "); ok {
				want = append(want, strings.TrimSuffix(rest, " -->"))
			}
		}
		address, _ := url.Parse("https://acme.example/page")
		got := []string{}
		for _, l := range scanHTML(page, address).loads {
			rule := map[class]string{active: ruleMixedActive, passive: ruleMixedPassive, form: ruleMixedForm}[l.class]
			got = append(got, rule+" "+l.kind+" "+check.PlainAddress(l.url))
		}
		slices.Sort(want)
		slices.Sort(got)
		if diff := cmp.Diff(want, slices.Compact(got)); diff != "" {
			t.Errorf("%s (-want +got):\n%s", file, diff)
		}
	}
}

func TestParseHSTS(t *testing.T) {
	t.Parallel()
	for value, want := range map[string]hstsPolicy{
		"max-age=31536000":                         {maxAge: 31536000},
		`MAX-AGE="5" ; includeSubDomains; preload`: {5, true, true},
		"; max-age=0; unknown=x;":                  {},
	} {
		if got, err := parseHSTS(value); err != nil || got != want {
			t.Errorf("%q: %+v, %v", value, got, err)
		}
	}
	for _, value := range []string{"", "includeSubDomains", "max-age=1; max-age=1", "max-age=x", "max-age=1 preload", `max-age="1`, "max-age=1, preload"} {
		if got, err := parseHSTS(value); err == nil {
			t.Errorf("%q was taken: %+v", value, got)
		}
	}
}

// nobody listens here (tcpmux, RFC 1078); a port that was just given back may be taken anew.
const nobody = "127.0.0.1:1"

// world is one host on loopback: a TLS server, a plain one and their handlers.
type world struct {
	names           []string
	from, to        time.Duration
	untrusted       bool
	lowest, highest uint16
	secure, clear   http.HandlerFunc
	spec            func(*Spec)
	closed          bool // nothing listens on 443
	clearClosed     bool // nothing listens on 80
}

// page answers with one header, "Name: value", and a body.
func page(header, body string, status int) http.HandlerFunc {
	return func(w http.ResponseWriter, _ *http.Request) {
		if header != "" {
			name, value, _ := strings.Cut(header, ": ")
			w.Header().Set(name, value)
		}
		w.Header().Set("Content-Type", "text/html")
		w.WriteHeader(status)
		_, _ = io.WriteString(w, body)
	}
}

func to(target string) http.HandlerFunc {
	return http.RedirectHandler(target, http.StatusMovedPermanently).ServeHTTP
}

// altered is a healthy world with one change.
func altered(change func(*world)) world {
	healthy := world{
		names: []string{"localhost", "img.acme.example"}, from: -24 * time.Hour, to: 89 * 24 * time.Hour, lowest: tls.VersionTLS12,
		secure: page(hstsHeader+": max-age=31536000", "<p>hello", 200), clear: to("https://localhost/"),
	}
	change(&healthy)
	return healthy
}

// verdicts are the rules that neither pass nor are not applicable, and what is said of them.
func (w world) verdicts(t *testing.T) (status map[string]readiness.Status, findings map[string]readiness.Finding) {
	t.Helper()
	status, findings = map[string]readiness.Status{}, map[string]readiness.Finding{}
	for _, f := range w.run(t).Findings {
		if f.Status != readiness.Pass && f.Status != readiness.NotApplicable {
			status[f.Rule], findings[f.Rule] = f.Status, f
		}
	}
	return status, findings
}

func TestVerdicts(t *testing.T) {
	t.Parallel()
	tests := map[string]struct {
		change func(*world)
		want   map[string]readiness.Status // rules that are neither pass nor not applicable
	}{
		"healthy":     {func(*world) {}, nil},
		"closed":      {func(w *world) { w.closed = true }, map[string]readiness.Status{ruleUnreachable: readiness.Fail}},
		"untrusted":   {func(w *world) { w.untrusted = true }, map[string]readiness.Status{ruleChain: readiness.Fail}},
		"wrong name":  {func(w *world) { w.names = []string{"other.example"} }, map[string]readiness.Status{ruleName: readiness.Fail}},
		"expired":     {func(w *world) { w.from, w.to = -90*24*time.Hour, -24*time.Hour }, map[string]readiness.Status{ruleExpiry: readiness.Fail}},
		"ends soon":   {func(w *world) { w.from, w.to = -85*24*time.Hour, 5*24*time.Hour }, map[string]readiness.Status{ruleExpiry: readiness.Fail}},
		"short-lived": {func(w *world) { w.from, w.to = -24*time.Hour, 5*24*time.Hour }, nil},
		"tls 1.0":     {func(w *world) { w.lowest = tls.VersionTLS10 }, map[string]readiness.Status{ruleProtocolOld: readiness.Fail}},
		"no tls 1.3":  {func(w *world) { w.highest = tls.VersionTLS12 }, map[string]readiness.Status{ruleNoTLS13: readiness.Fail}},
		"no hsts":     {func(w *world) { w.secure = page("", "<p>", 200) }, map[string]readiness.Status{ruleHSTSMissing: readiness.Fail}},
		"short hsts":  {func(w *world) { w.secure = page(hstsHeader+": max-age=60", "<p>", 200) }, map[string]readiness.Status{ruleHSTSShort: readiness.Fail}},
		"preload":     {func(w *world) { w.secure = page(hstsHeader+": max-age=31536000; preload", "<p>", 200) }, map[string]readiness.Status{ruleHSTSPreload: readiness.Fail}},
		"subdomains":  {func(w *world) { w.spec = func(s *Spec) { s.HSTS.IncludeSubdomains = true } }, map[string]readiness.Status{ruleHSTSSubdomains: readiness.Fail}},
		"clear":       {func(w *world) { w.clear = page("", "hello", 200) }, map[string]readiness.Status{ruleHTTPNoRedirect: readiness.Fail}},
		"www first":   {func(w *world) { w.clear = to("https://www.localhost/") }, map[string]readiness.Status{ruleHTTPNoRedirect: readiness.Fail}},
		"mixed script": {func(w *world) {
			w.secure = page(hstsHeader+": max-age=31536000", `<script src="http://cdn.acme.example/app.js"></script>`, 200)
		}, map[string]readiness.Status{ruleMixedActive: readiness.Fail}},
		"mixed image": {func(w *world) {
			w.secure = page(hstsHeader+": max-age=31536000", `<img src="http://cdn.acme.example/a.png">`, 200)
		}, map[string]readiness.Status{ruleMixedPassive: readiness.Fail}},
		"mixed form": {func(w *world) {
			w.secure = page(hstsHeader+": max-age=31536000", `<form action="http://cdn.acme.example/">`, 200)
		}, map[string]readiness.Status{ruleMixedForm: readiness.Fail}},
		"missing page": {func(w *world) { w.secure = page(hstsHeader+": max-age=31536000", "", 404) },
			map[string]readiness.Status{ruleMixedActive: readiness.Inconclusive, ruleMixedPassive: readiness.Inconclusive, ruleMixedForm: readiness.Inconclusive}},
		"downgrade": {func(w *world) {
			w.secure = func(rw http.ResponseWriter, r *http.Request) {
				rw.Header().Set(hstsHeader, "max-age=31536000")
				http.Redirect(rw, r, "http://localhost/x", http.StatusFound)
			}
			w.clear = func(rw http.ResponseWriter, r *http.Request) {
				if r.URL.Path == "/" {
					http.Redirect(rw, r, "https://localhost/", http.StatusFound)
				}
			}
		}, map[string]readiness.Status{ruleDowngrade: readiness.Fail, ruleMixedActive: readiness.Inconclusive, ruleMixedPassive: readiness.Inconclusive, ruleMixedForm: readiness.Inconclusive}},
		"challenge": {func(w *world) { w.secure = page("Cf-Mitigated: challenge", "", 403) },
			map[string]readiness.Status{
				ruleHSTSMissing: readiness.Inconclusive, ruleHSTSShort: readiness.Inconclusive, ruleHSTSSubdomains: readiness.Inconclusive, ruleHSTSPreload: readiness.Inconclusive,
				ruleMixedActive: readiness.Inconclusive, ruleMixedPassive: readiness.Inconclusive, ruleMixedForm: readiness.Inconclusive,
			}},
		"loop": {func(w *world) {
			w.secure = func(rw http.ResponseWriter, r *http.Request) {
				rw.Header().Set(hstsHeader, "max-age=31536000")
				http.Redirect(rw, r, "https://localhost/", http.StatusFound)
			}
		}, map[string]readiness.Status{ruleLoop: readiness.Fail, ruleMixedActive: readiness.Inconclusive, ruleMixedPassive: readiness.Inconclusive, ruleMixedForm: readiness.Inconclusive}},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			got, _ := altered(tt.change).verdicts(t)
			if tt.want == nil {
				tt.want = map[string]readiness.Status{}
			}
			if diff := cmp.Diff(tt.want, got); diff != "" {
				t.Errorf("(-want +got):\n%s", diff)
			}
		})
	}
}

// run starts the world's servers and runs the check through a real client. The
// prober answers look-ups of "localhost" itself, as no DNS server does.
func (w world) run(t *testing.T) readiness.Result {
	t.Helper()
	chain, key, root := w.certificate(t)
	secure := httptest.NewUnstartedServer(w.secure)
	secure.Config.ErrorLog = log.New(io.Discard, "", 0)
	secure.TLS = &tls.Config{Certificates: []tls.Certificate{{Certificate: chain, PrivateKey: key}}, MinVersion: w.lowest, MaxVersion: w.highest}
	secure.StartTLS()
	clear := httptest.NewServer(w.clear)
	t.Cleanup(secure.Close)
	t.Cleanup(clear.Close)
	at443, at80 := secure.Listener.Addr().String(), clear.Listener.Addr().String()
	if w.closed {
		at443 = nobody
	}
	if w.clearClosed {
		at80 = nobody
	}
	client, err := probe.New(probe.Config{
		CABundle: root, Timeout: 10 * time.Second, AllowedHosts: []string{"localhost", "*.localhost", "*.acme.example", "127.0.0.1", "::1"},
		ConnectTo: map[string]string{
			"localhost:80": at80, "127.0.0.1:80": at80, "[::1]:80": at80,
			"localhost:443": at443, "127.0.0.1:443": at443, "[::1]:443": at443, "www.localhost:443": at443, "img.acme.example:443": at443, "other.acme.example:443": at443,
		},
	})
	if err != nil {
		t.Fatal(err)
	}
	spec := DefaultSpec("localhost")
	if w.spec != nil {
		w.spec(&spec)
	}
	result, err := Definition.Execute(t.Context(), named{client}, spec)
	if err != nil {
		t.Fatal(err)
	}
	return result
}

func (w world) certificate(t *testing.T) (chain [][]byte, key *ecdsa.PrivateKey, root []byte) {
	t.Helper()
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	now := time.Now()
	ca := &x509.Certificate{SerialNumber: big.NewInt(1), NotBefore: now.AddDate(-1, 0, 0), NotAfter: now.AddDate(1, 0, 0), IsCA: true, BasicConstraintsValid: true, KeyUsage: x509.KeyUsageCertSign}
	ca.Subject.CommonName = "test root"
	rootDER, err := x509.CreateCertificate(rand.Reader, ca, ca, &key.PublicKey, key)
	if err != nil {
		t.Fatal(err)
	}
	leaf := &x509.Certificate{SerialNumber: big.NewInt(2), NotBefore: now.Add(w.from), NotAfter: now.Add(w.to)}
	for _, name := range w.names {
		if ip := net.ParseIP(name); ip != nil {
			leaf.IPAddresses = append(leaf.IPAddresses, ip)
		} else {
			leaf.DNSNames = append(leaf.DNSNames, name)
		}
	}
	leaf.Subject.CommonName = "leaf"
	leafDER, err := x509.CreateCertificate(rand.Reader, leaf, ca, &key.PublicKey, key)
	if err != nil {
		t.Fatal(err)
	}
	if !w.untrusted {
		root = pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: rootDER})
	}
	return [][]byte{leafDER}, key, root
}

func TestWeakKeyAndCipher(t *testing.T) {
	t.Parallel()
	weak := &x509.Certificate{PublicKey: &rsa.PublicKey{N: new(big.Int).Lsh(big.NewInt(1), 1023), E: 65537}}
	if v := judgeKeys(probe.TLSFacts{Chain: []*x509.Certificate{weak}}); v.status != readiness.Fail {
		t.Errorf("RSA of 1024 bits: %+v", v)
	}
	taken, no := probe.SuiteOutcome{Outcome: probe.VersionAccepted, Suite: tls.TLS_RSA_WITH_AES_128_CBC_SHA}, probe.SuiteOutcome{Outcome: probe.VersionRefused}
	for severity, suites := range map[readiness.Severity][]probe.SuiteOutcome{readiness.High: {taken, no, no}, readiness.Medium: {no, taken, no}} {
		if v, ok := judgeCiphers(probe.TLSFacts{Version: tls.VersionTLS13, Suites: suites}); !ok || v.status != readiness.Fail || v.severity != severity {
			t.Errorf("%v: %+v", suites, v)
		}
	}
}

func FuzzScanHTML(f *testing.F) {
	f.Add([]byte(`<img srcset="data:a,b 1x, http://x/ 2x"><style>a{b:url(http://x)}</style><script>fetch("http://x")</script>`))
	address, _ := url.Parse("https://acme.example/")
	f.Fuzz(func(t *testing.T, page []byte) {
		for _, l := range scanHTML(page, address).loads {
			if !strings.HasPrefix(l.url, "http:") && !strings.HasPrefix(l.url, "ws:") {
				t.Errorf("%q is no insecure load", l.url)
			}
		}
	})
}

func FuzzXHTML(f *testing.F) {
	f.Add([]byte(`<?xml-stylesheet href="http://x/a.css"?><html xmlns="http://www.w3.org/1999/xhtml"><title/><script src="http://x/"/><svg xmlns:xlink="http://www.w3.org/1999/xlink"><use xlink:href="http://x/"/></svg></html>`))
	address, _ := url.Parse("https://acme.example/")
	f.Fuzz(func(_ *testing.T, page []byte) {
		s := scan{base: address}
		_ = s.xhtml(page, 0)
	})
}

// What an address is resolved to has a host and can be read again.
func FuzzResolve(f *testing.F) {
	for _, address := range []string{"http:/a/b", `http:\\a\b`, "//a:80/%", "http://u@[::1]/?x#y", "https:a"} {
		f.Add(address)
	}
	base, _ := url.Parse("https://acme.example/")
	f.Fuzz(func(t *testing.T, address string) {
		u := (&scan{base: base}).resolve(address)
		if u == nil {
			return
		}
		if u.Hostname() == "" || check.PlainAddress(u.String()) == "an address that cannot be read" {
			t.Errorf("%q: %q", address, u)
		}
	})
}

func FuzzParseHSTS(f *testing.F) {
	f.Add(`max-age="1"; includeSubDomains; x=y`)
	f.Fuzz(func(t *testing.T, value string) {
		if p, err := parseHSTS(value); err == nil && p.maxAge < 0 {
			t.Errorf("%q: %+v", value, p)
		}
	})
}
