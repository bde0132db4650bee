package probe

import (
	"bytes"
	"compress/gzip"
	"crypto/tls"
	"errors"
	"fmt"
	"io"
	"log"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"testing"
)

// No failure tells where it was on the way: a redirect's query may be a token.
func TestFailuresTellNoSecrets(t *testing.T) {
	t.Parallel()
	own, _ := rsaCertificate(t)
	for name, next := range map[string]http.HandlerFunc{
		"headers too long": func(w http.ResponseWriter, _ *http.Request) { w.Header().Set("X-Big", strings.Repeat("a", 400_000)) },
		"hangs up":         func(http.ResponseWriter, *http.Request) { panic(http.ErrAbortHandler) },
		"two lengths": func(w http.ResponseWriter, _ *http.Request) {
			hijacker, ok := w.(http.Hijacker)
			if !ok {
				panic(http.ErrAbortHandler)
			}
			conn, _, _ := hijacker.Hijack()
			_, _ = io.WriteString(conn, "HTTP/1.1 200 OK\r\nContent-Length: 5\r\nContent-Length: 6\r\n\r\nhello")
			_ = conn.Close()
		},
		"no HTTP": func(w http.ResponseWriter, _ *http.Request) {
			hijacker, ok := w.(http.Hijacker)
			if !ok {
				panic(http.ErrAbortHandler)
			}
			conn, _, _ := hijacker.Hijack()
			_, _ = io.WriteString(conn, "SECRET tls: SECRET\r\n\r\n")
			_ = conn.Close()
		},
	} {
		for _, h2 := range []bool{false, true} {
			t.Run(fmt.Sprintf("%s, h2 %t", name, h2), func(t *testing.T) {
				t.Parallel()
				server := httptest.NewUnstartedServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
					if r.URL.Path == "/" {
						http.Redirect(w, r, "/tls:%20cb?code=SECRET", http.StatusFound)
						return
					}
					next(w, r)
				}))
				server.Config.ErrorLog = log.New(io.Discard, "", 0)
				server.EnableHTTP2, server.TLS = h2, &tls.Config{Certificates: []tls.Certificate{own}}
				server.StartTLS()
				t.Cleanup(server.Close)
				c := newClient(t, Config{ConnectTo: map[string]string{"acme.example:443": server.Listener.Addr().String()}})
				x := c.Fetch(t.Context(), Request{URL: "https://acme.example/", FollowRedirects: true, TrustAnyCert: true})
				if x.Failure == FailNone || strings.ContainsAny(x.Detail, "?0134567") || strings.Contains(x.Detail, "SECRET") || strings.Contains(x.Detail, "acme") {
					t.Errorf("%s: %q", x.Failure, x.Detail)
				}
			})
		}
	}
	wrapped := &url.Error{Op: "Get", URL: "https://acme.example/?code=SECRET", Err: errors.New("something new with SECRET")}
	if _, detail := classify(wrapped); strings.Contains(detail, "SECRET") {
		t.Errorf("%q", detail)
	}
}

// How a server turns down who has no certificate is a matter of chance; what is
// said of it is not.
func TestClientCertificateWanted(t *testing.T) {
	t.Parallel()
	own, _ := rsaCertificate(t)
	seen := map[string]int{}
	for i := range 24 {
		server := httptest.NewUnstartedServer(http.NotFoundHandler())
		server.Config.ErrorLog = log.New(io.Discard, "", 0)
		server.EnableHTTP2, server.TLS = i%2 == 0, &tls.Config{Certificates: []tls.Certificate{own}, ClientAuth: tls.RequireAnyClientCert}
		server.StartTLS()
		c := newClient(t, Config{ConnectTo: map[string]string{"acme.example:443": server.Listener.Addr().String()}})
		x := c.Fetch(t.Context(), Request{URL: "https://acme.example/", Retry: true, TrustAnyCert: true})
		seen[string(x.Failure)+": "+x.Detail]++
		server.Close()
	}
	if len(seen) != 1 || seen["tls: the server asks for a client certificate and refuses who has none"] == 0 {
		t.Errorf("%v", seen)
	}
}

func TestEncodings(t *testing.T) {
	t.Parallel()
	var zipped bytes.Buffer
	z := gzip.NewWriter(&zipped)
	_, _ = io.WriteString(z, "hello")
	_ = z.Close()
	l := listen(t)
	serveHTTP(t, l, func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("Content-Encoding", r.URL.Query().Get("as"))
		_, _ = w.Write(zipped.Bytes())
	})
	c := newClient(t, Config{ConnectTo: map[string]string{"a.example:80": l.Addr().String()}})
	for encoding, readable := range map[string]bool{"gzip": true, "X-GZIP": true, "br": false, "zstd": false, "gzip, br": false, "deflate": false} {
		x := c.Fetch(t.Context(), Request{URL: "http://a.example/?as=" + url.QueryEscape(encoding)})
		if x.Failure != FailNone || x.Readable() != readable || (string(x.Body) == "hello") != readable {
			t.Errorf("%s: %s, %q", encoding, x.Detail, x.Body)
		}
	}
}

// A server that ends a connection without a word is told from one that breaks off.
func TestSpeechless(t *testing.T) {
	t.Parallel()
	l := listen(t)
	serveHTTP(t, l, func(w http.ResponseWriter, r *http.Request) {
		if r.URL.Path == "/begins" {
			conn, _, _ := w.(http.Hijacker).Hijack()
			_, _ = io.WriteString(conn, "HTTP/1.1 200 OK\r\nContent-Le")
			_ = conn.Close()
		}
		panic(http.ErrAbortHandler)
	})
	c := newClient(t, Config{ConnectTo: map[string]string{"a.example:80": l.Addr().String()}})
	for path, want := range map[string]bool{"/": true, "/begins": false} {
		if x := c.Fetch(t.Context(), Request{URL: "http://a.example" + path, Retry: true}); x.Failure == FailNone || x.Speechless != want {
			t.Errorf("%s: %s (%s), speechless %t", path, x.Failure, x.Detail, x.Speechless)
		}
	}
}
