package edge

import (
	"context"
	"crypto/tls"
	"crypto/x509"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"

	"go.uber.org/goleak"

	"github.com/launchready/terraform-provider-launchready/internal/sandbox/pki"
	"github.com/launchready/terraform-provider-launchready/internal/sandbox/zone"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

const (
	originIP = "198.51.100.10"
	page     = `<!DOCTYPE html><script src="http://portal.acme.example/a.js"></script>` +
		`<script src='http://cdn.partner.example/b.js'></script>` +
		`<a href="http://portal.acme.example/x">x</a><!-- http://acme.example/ -->`
)

// world is an edge before an origin that says what it was asked.
type world struct {
	t    testing.TB
	zone *zone.Zone
	edge *Server

	mu  sync.Mutex
	now time.Time // of the edge's clock
}

// newWorld starts an edge; strangeOrigin gives the origin a certificate that
// ssl=strict must refuse.
func newWorld(t testing.TB, strangeOrigin bool) *world {
	t.Helper()
	authority, err := pki.NewAuthority("Sandbox", "origin", time.Now())
	if err != nil {
		t.Fatal(err)
	}
	cert, err := authority.Issue(pki.Leaf{Names: []string{"acme.example", "*.acme.example"}, SelfSigned: strangeOrigin})
	if err != nil {
		t.Fatal(err)
	}
	echo := http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.URL.Path == "/page" {
			w.Header().Set("Content-Type", "text/html; charset=utf-8")
			fmt.Fprint(w, page)
			return
		}
		answerAs(w, r)
	})
	clear, secure := httptest.NewServer(echo), httptest.NewUnstartedServer(echo)
	secure.TLS = &tls.Config{Certificates: []tls.Certificate{*cert}, ClientAuth: tls.RequestClientCert}
	secure.StartTLS()
	t.Cleanup(clear.Close)
	t.Cleanup(secure.Close)

	w := &world{t: t, zone: zone.New("z1", "acme.example", "a1", "free"), now: time.Now()}
	w.records(
		zone.Record{ID: "1", Name: "acme.example", Type: "A", Content: originIP, Proxied: true},
		zone.Record{ID: "2", Name: "portal.acme.example", Type: "CNAME", Content: "acme.example", Proxied: true},
		zone.Record{ID: "3", Name: "a.b.acme.example", Type: "A", Content: originIP, Proxied: true},
		zone.Record{ID: "4", Name: "grey.acme.example", Type: "A", Content: originIP},
		zone.Record{ID: "5", Name: "dead.acme.example", Type: "A", Content: "198.51.100.99", Proxied: true},
		zone.Record{ID: "6", Name: "lost.acme.example", Type: "CNAME", Content: "gone.partner.example", Proxied: true},
		zone.Record{ID: "7", Name: "*.wild.acme.example", Type: "A", Content: originIP, Proxied: true},
		zone.Record{ID: "8", Name: "down.acme.example", Type: "A", Content: "198.51.100.11", Proxied: true},
	)
	gone, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	gone.Close()
	w.edge, err = Start(Options{
		Zones: func() []*zone.Zone { return []*zone.Zone{w.zone} },
		Origins: map[string]string{
			originIP + ":80": clear.Listener.Addr().String(), originIP + ":443": secure.Listener.Addr().String(),
			"198.51.100.11:443": gone.Addr().String(),
		},
		OriginAuthority: authority, Now: w.clock, Speed: 2,
	})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := w.edge.Close(); err != nil {
			t.Error(err)
		}
	})
	return w
}

func (w *world) records(records ...zone.Record) {
	w.t.Helper()
	err := w.zone.Update(func(all map[string]zone.Record) error {
		for _, r := range records {
			all[r.ID] = r
		}
		return nil
	})
	if err != nil {
		w.t.Fatal(err)
	}
}

func (w *world) set(id string, value any) {
	w.t.Helper()
	b, err := json.Marshal(value)
	if err != nil {
		w.t.Fatal(err)
	}
	w.zone.PutSetting(zone.Setting{ID: id, Value: b, Editable: true})
}

func (w *world) clock() time.Time {
	w.mu.Lock()
	defer w.mu.Unlock()
	return w.now
}

// later lets the edge's clock go on.
func (w *world) later(d time.Duration) {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.now = w.now.Add(d)
}

// get asks for a URL as a visitor whose names all resolve to the edge.
func (w *world) get(url string) (*http.Response, string, error) {
	w.t.Helper()
	return w.ask(http.MethodGet, url, nil)
}

// ask is get with another method, and with headers.
func (w *world) ask(method, url string, header http.Header) (*http.Response, string, error) {
	w.t.Helper()
	roots := x509.NewCertPool()
	roots.AppendCertsFromPEM(w.edge.CAPEM())
	transport := &http.Transport{
		DisableKeepAlives: true,
		TLSClientConfig:   &tls.Config{RootCAs: roots},
		DialContext: func(ctx context.Context, network, addr string) (net.Conn, error) {
			local := w.edge.HTTPAddr()
			if strings.HasSuffix(addr, ":443") {
				local = w.edge.TLSAddr()
			}
			return new(net.Dialer).DialContext(ctx, network, local)
		},
	}
	client := &http.Client{Transport: transport, Timeout: 10 * time.Second,
		CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }}
	req, err := http.NewRequestWithContext(w.t.Context(), method, url, nil)
	if err != nil {
		w.t.Fatal(err)
	}
	for name, values := range header {
		req.Header[name] = values
	}
	resp, err := client.Do(req)
	if err != nil {
		return nil, "", err
	}
	defer resp.Body.Close()
	b, err := io.ReadAll(resp.Body)
	return resp, string(b), err
}

// TestSettings sees each setting of the zone take effect on the next request.
func TestSettings(t *testing.T) {
	t.Parallel()
	hsts := func(enabled bool, age int, sub, preload, nosniff bool) any {
		return map[string]any{"strict_transport_security": map[string]any{
			"enabled": enabled, "max_age": age, "include_subdomains": sub, "preload": preload, "nosniff": nosniff}}
	}
	type settings map[string]any
	for _, tc := range []struct {
		name          string
		settings      settings
		strangeOrigin bool
		url           string
		status        int
		body          string            // contained
		header        map[string]string // "" = must be absent
	}{
		{"full reaches the origin by TLS", settings{"ssl": "full"}, true, "https://portal.acme.example/", 200, "host=portal.acme.example proto=https tls=true client=127.0.0.1",
			map[string]string{"Server": "cloudflare", "Cf-Cache-Status": "DYNAMIC", "Strict-Transport-Security": ""}},
		{"full keeps a visitor's http", settings{"ssl": "full"}, false, "http://portal.acme.example/", 200, "proto=http tls=false", nil},
		{"flexible reaches the origin in clear", settings{"ssl": "flexible"}, false, "https://portal.acme.example/", 200, "proto=https tls=false", nil},
		{"strict trusts the origin authority", settings{"ssl": "strict"}, false, "https://acme.example/", 200, "tls=true", nil},
		{"strict refuses another certificate", settings{"ssl": "strict"}, true, "https://acme.example/", 526, "Invalid SSL certificate", nil},
		{"off has no HTTPS", settings{"ssl": "off"}, false, "https://acme.example/a?b=c", 301, "", map[string]string{"Location": "http://acme.example/a?b=c"}},
		{"off ignores always_use_https", settings{"ssl": "off", "always_use_https": "on"}, false, "http://acme.example/", 200, "tls=false", nil},
		{"always_use_https", settings{"ssl": "full", "always_use_https": "on"}, false, "http://portal.acme.example/a?b=c", 301, "",
			map[string]string{"Location": "https://portal.acme.example/a?b=c", "Server": "cloudflare"}},
		{"hsts", settings{"ssl": "full", "security_header": hsts(true, 31536000, true, true, true)}, false, "https://acme.example/", 200, "",
			map[string]string{"Strict-Transport-Security": "max-age=31536000; includeSubDomains; preload", "X-Content-Type-Options": "nosniff"}},
		{"hsts never on http", settings{"ssl": "full", "security_header": hsts(true, 86400, false, false, false)}, false, "http://acme.example/", 200, "",
			map[string]string{"Strict-Transport-Security": "", "X-Content-Type-Options": ""}},
		{"hsts on errors of the edge", settings{"ssl": "full", "security_header": hsts(true, 86400, false, false, false)}, false, "https://dead.acme.example/", 522, "",
			map[string]string{"Strict-Transport-Security": "max-age=86400"}},
		{"nosniff without hsts", settings{"ssl": "full", "security_header": hsts(false, 0, false, false, true)}, false, "https://acme.example/", 200, "",
			map[string]string{"Strict-Transport-Security": "", "X-Content-Type-Options": "nosniff"}},
		{"rewrites mend own hosts alone", settings{"ssl": "full", "automatic_https_rewrites": "on"}, false, "https://acme.example/page", 200,
			strings.Replace(page, "http://portal.acme.example/a.js", "https://portal.acme.example/a.js", 1), nil},
		{"no rewrites", settings{"ssl": "full", "automatic_https_rewrites": "off"}, false, "https://acme.example/page", 200, page, nil},
		{"unknown name", nil, false, "https://nobody.acme.example/", 409, "1001", nil},
		{"DNS-only name", nil, false, "https://grey.acme.example/", 409, "1001", nil},
		{"another's name", nil, false, "http://other.example/", 409, "1001", nil},
		{"wildcard record", nil, false, "http://any.wild.acme.example/", 200, "host=any.wild.acme.example", nil},
		{"origin name without address", nil, false, "https://lost.acme.example/", 530, "Origin DNS error", nil},
		{"origin refuses", nil, false, "https://down.acme.example/", 521, "Web server is down", nil},
	} {
		t.Run(tc.name, func(t *testing.T) {
			t.Parallel()
			w := newWorld(t, tc.strangeOrigin)
			for id, value := range tc.settings {
				w.set(id, value)
			}
			resp, body, err := w.get(tc.url)
			if err != nil {
				t.Fatal(err)
			}
			if resp.StatusCode != tc.status || !strings.Contains(body, tc.body) {
				t.Errorf("got %d %s\nwant %d with %s", resp.StatusCode, body, tc.status, tc.body)
			}
			if resp.Header.Get("Cf-Ray") == "" {
				t.Error("no cf-ray")
			}
			for name, want := range tc.header {
				if got := resp.Header.Get(name); got != want {
					t.Errorf("%s: %q, want %q", name, got, want)
				}
			}
		})
	}
}

// handshake completes a TLS handshake of one version, trusting nothing, and
// returns the chain it was shown.
func (w *world) handshake(host string, version uint16) ([]*x509.Certificate, error) {
	d := tls.Dialer{Config: &tls.Config{ServerName: host, InsecureSkipVerify: true, MinVersion: version, MaxVersion: version}}
	ctx, cancel := context.WithTimeout(context.Background(), 10*time.Second)
	defer cancel()
	conn, err := d.DialContext(ctx, "tcp", w.edge.TLSAddr())
	if err != nil {
		return nil, err
	}
	defer conn.Close()
	return conn.(*tls.Conn).ConnectionState().PeerCertificates, nil
}

func TestVersions(t *testing.T) {
	t.Parallel()
	w := newWorld(t, false)
	all := []uint16{tls.VersionTLS10, tls.VersionTLS11, tls.VersionTLS12, tls.VersionTLS13}
	for _, tc := range []struct {
		minimum, tls13 string
		want           string // which of all complete
	}{
		{"1.0", "on", "yyyy"}, {"1.1", "on", "nyyy"}, {"1.2", "on", "nnyy"}, {"1.3", "on", "nnny"},
		{"1.0", "off", "yyyn"}, {"1.2", "off", "nnyn"}, {"1.2", "zrt", "nnyy"},
	} {
		w.set("min_tls_version", tc.minimum)
		w.set("tls_1_3", tc.tls13)
		got := ""
		for _, v := range all {
			if _, err := w.handshake("portal.acme.example", v); err == nil {
				got += "y"
			} else {
				got += "n"
			}
		}
		if got != tc.want {
			t.Errorf("minimum %s, tls_1_3 %s: %s, want %s", tc.minimum, tc.tls13, got, tc.want)
		}
	}
}

// TestServices holds that a DNS-only name at a hosting service is answered as
// that service would, and that no other DNS-only name is.
func TestServices(t *testing.T) {
	t.Parallel()
	w := newWorld(t, false)
	w.records(
		zone.Record{ID: "s3", Name: "assets.acme.example", Type: "CNAME", Content: "assets.acme.example.s3.amazonaws.com"},
		zone.Record{ID: "gh", Name: "docs.acme.example", Type: "CNAME", Content: "acme.github.io"},
		zone.Record{ID: "px", Name: "px.acme.example", Type: "CNAME", Content: "acme.github.io", Proxied: true},
	)
	for url, want := range map[string]string{
		"https://assets.acme.example/": "404 AmazonS3 <Code>NoSuchBucket</Code>",
		"http://docs.acme.example/":    "404 GitHub.com There isn't a GitHub Pages site here.",
		"https://grey.acme.example/":   "409 cloudflare 1001",
		"https://px.acme.example/":     "530 cloudflare Origin DNS error",
	} {
		resp, body, err := w.get(url)
		if err != nil {
			t.Error(err)
			continue
		}
		status, rest, _ := strings.Cut(want, " ")
		server, text, _ := strings.Cut(rest, " ")
		if fmt.Sprint(resp.StatusCode) != status || resp.Header.Get("Server") != server || !strings.Contains(body, text) {
			t.Errorf("%s: %d %s %s, want %s", url, resp.StatusCode, resp.Header.Get("Server"), body, want)
		}
	}
	chain, err := w.handshake("acme.example", tls.VersionTLS13)
	if err != nil || chain[0].Issuer.Organization[0] != "Google Trust Services" {
		t.Errorf("issuer: %v %v", chain, err)
	}
	w.zone.SetStatus(zone.Pending)
	if _, err := w.handshake("acme.example", tls.VersionTLS13); err == nil {
		t.Error("a zone that is pending was served")
	}
}

// TestNamesCovered holds that the certificate is that of Universal SSL: a name
// that is not covered ends in an alert, not in a wrong certificate.
func TestNamesCovered(t *testing.T) {
	t.Parallel()
	w := newWorld(t, false)
	for host, want := range map[string]bool{
		"acme.example": true, "portal.acme.example": true, "a.b.acme.example": false, "other.example": false, "notacme.example": false,
	} {
		_, err := w.handshake(host, tls.VersionTLS12)
		var alert tls.AlertError
		if want && err != nil || !want && (err == nil || !strings.Contains(err.Error(), "unrecognized name")) {
			t.Errorf("%s: %v (alert %v), want covered %v", host, err, errors.As(err, &alert), want)
		}
	}
	w.zone.SetPaused(true)
	if _, err := w.handshake("acme.example", tls.VersionTLS12); err == nil {
		t.Error("a paused zone was served")
	}
}

// TestFaults sees each fault in the certificate, and its end.
func TestFaults(t *testing.T) {
	t.Parallel()
	w := newWorld(t, false)
	roots := x509.NewCertPool()
	roots.AppendCertsFromPEM(w.edge.CAPEM())
	verify := func() error {
		chain, err := w.handshake("portal.acme.example", tls.VersionTLS13)
		if err != nil {
			return err
		}
		intermediates := x509.NewCertPool()
		for _, c := range chain[1:] {
			intermediates.AddCert(c)
		}
		_, err = chain[0].Verify(x509.VerifyOptions{DNSName: "portal.acme.example", Roots: roots, Intermediates: intermediates})
		if err == nil && time.Until(chain[0].NotAfter) < 3*day {
			return errors.New("expires soon")
		}
		return err
	}
	for fault, want := range map[Fault]func(error) bool{
		CertificateExpired:    func(err error) bool { return reason(err) == x509.Expired },
		CertificateExpiring:   func(err error) bool { return err != nil && err.Error() == "expires soon" },
		CertificateWrongName:  func(err error) bool { return errors.As(err, new(x509.HostnameError)) },
		CertificateSelfSigned: func(err error) bool { return errors.As(err, new(x509.UnknownAuthorityError)) },
		CertificateUntrusted:  func(err error) bool { return errors.As(err, new(x509.UnknownAuthorityError)) },
		CertificateLeafOnly:   func(err error) bool { return errors.As(err, new(x509.UnknownAuthorityError)) },
		Unreachable:           func(err error) bool { return errors.Is(err, syscall.ECONNREFUSED) },
	} {
		if err := verify(); err != nil {
			t.Fatalf("before %s: %v", fault, err)
		}
		for range 2 { // on twice is on
			if err := w.edge.SetFault(fault, true); err != nil {
				t.Fatal(err)
			}
		}
		if err := verify(); !want(err) {
			t.Errorf("%s: %v", fault, err)
		}
		if err := w.edge.SetFault(fault, false); err != nil {
			t.Fatal(err)
		}
	}
	if err := verify(); err != nil {
		t.Errorf("after all: %v", err)
	}
}

func reason(err error) x509.InvalidReason {
	var invalid x509.CertificateInvalidError
	if errors.As(err, &invalid) {
		return invalid.Reason
	}
	return -1
}

func FuzzRewriteHTML(f *testing.F) {
	f.Add([]byte(page))
	f.Add([]byte(`<img srcset="http://acme.example/a 1x,http://x.acme.example/b 2x" src=http://acme.example`))
	f.Fuzz(func(t *testing.T, in []byte) {
		out := rewriteHTML(in, "acme.example")
		// Nothing but the scheme of addresses may change.
		if got, want := strings.ReplaceAll(string(out), "https://", "http://"), strings.ReplaceAll(string(in), "https://", "http://"); got != want {
			t.Errorf("%q became %q", in, out)
		}
	})
}
