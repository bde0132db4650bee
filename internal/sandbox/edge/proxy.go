package edge

import (
	"context"
	"crypto/rand"
	"crypto/tls"
	"encoding/hex"
	"errors"
	"fmt"
	"html"
	"io"
	"log"
	"net"
	"net/http"
	"net/http/httputil"
	"strconv"
	"strings"
	"time"
)

// request is what the edge has found out about a request before it passes it on.
type request struct {
	host     string // canonical
	scheme   string // the visitor's
	zone     string
	settings settings
	origin   string // address or name, without port
}

type contextKey struct{}

func requestOf(ctx context.Context) request {
	r, _ := ctx.Value(contextKey{}).(request)
	return r
}

var (
	errOriginUnknown = errors.New("origin name does not resolve")
	errOriginSilent  = errors.New("origin address does not answer")
)

// ServeHTTP answers a visitor of either port.
func (s *Server) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	in := request{host: canonicalHost(r.Host), scheme: "http"}
	if r.TLS != nil {
		in.scheme = "https"
	}
	z := s.zoneOf(in.host)
	if z == nil {
		s.fail(w, settings{}, in.scheme, http.StatusConflict, "1001", "DNS resolution error")
		return
	}
	in.zone, in.settings = z.Name, readSettings(z)
	origin, proxied := originOf(z, in.host)
	if !proxied {
		if other, ok := serviceOf(z, in.host); ok {
			other.ServeHTTP(w, r)
			return
		}
		s.fail(w, in.settings, in.scheme, http.StatusConflict, "1001", "DNS resolution error")
		return
	}
	in.origin = origin
	switch {
	case in.scheme == "http" && in.settings.alwaysHTTPS && in.settings.ssl != modeOff:
		s.redirect(w, r, in, "https")
	case in.scheme == "https" && in.settings.ssl == modeOff:
		s.redirect(w, r, in, "http")
	default:
		s.proxy.ServeHTTP(w, r.WithContext(context.WithValue(r.Context(), contextKey{}, in)))
	}
}

// redirect sends the visitor to the same place by another scheme.
func (s *Server) redirect(w http.ResponseWriter, r *http.Request, in request, scheme string) {
	s.mark(w.Header(), in.settings, in.scheme)
	http.Redirect(w, r, scheme+"://"+in.host+r.URL.RequestURI(), http.StatusMovedPermanently)
}

// fail answers with an error page of the edge.
func (s *Server) fail(w http.ResponseWriter, set settings, scheme string, status int, code, what string) {
	s.mark(w.Header(), set, scheme)
	w.Header().Set("Content-Type", "text/html; charset=UTF-8")
	w.Header().Set("Cache-Control", "private, max-age=0, no-store")
	w.WriteHeader(status)
	title := html.EscapeString(code + ": " + what)
	fmt.Fprintf(w, "<!DOCTYPE html>\n<html><head><title>%s</title></head><body><h1>Error %s</h1></body></html>\n", title, title)
}

// mark sets the headers that every answer of the edge has, errors and
// redirects included.
func (s *Server) mark(h http.Header, set settings, scheme string) {
	h.Set("Server", "cloudflare")
	h.Set("Cf-Ray", rayID())
	hsts := set.securityHeader.HSTS
	if scheme == "https" && hsts.Enabled && set.ssl != modeOff {
		value := "max-age=" + strconv.FormatInt(hsts.MaxAge, 10)
		if hsts.IncludeSubdomains {
			value += "; includeSubDomains"
		}
		if hsts.Preload {
			value += "; preload"
		}
		h.Set("Strict-Transport-Security", value)
	}
	if hsts.Nosniff {
		h.Set("X-Content-Type-Options", "nosniff")
	}
}

func rayID() string {
	var b [8]byte
	rand.Read(b[:]) // never fails (crypto/rand)
	return hex.EncodeToString(b[:]) + "-SBX"
}

// newProxy returns the way to the origin. Connections are not kept: the next
// request may find another origin or mode in the zone.
func (s *Server) newProxy() *httputil.ReverseProxy {
	transport := func(config *tls.Config) *http.Transport {
		return &http.Transport{
			DialContext:           s.dialOrigin,
			TLSClientConfig:       config,
			TLSHandshakeTimeout:   10 * time.Second,
			ResponseHeaderTimeout: 30 * time.Second,
			DisableKeepAlives:     true,
			DisableCompression:    true,
		}
	}
	// ssl=full takes any certificate of the origin: that is its weakness.
	unverified := transport(&tls.Config{InsecureSkipVerify: true})
	verified := transport(&tls.Config{RootCAs: s.options.OriginAuthority.Pool()})
	return &httputil.ReverseProxy{
		Rewrite: func(p *httputil.ProxyRequest) {
			in := requestOf(p.In.Context())
			p.Out.URL.Scheme, p.Out.URL.Host = originScheme(in), in.host
			p.Out.Host = p.In.Host
			client := canonicalHost(p.In.RemoteAddr)
			p.Out.Header["X-Forwarded-For"] = p.In.Header["X-Forwarded-For"]
			p.SetXForwarded()
			p.Out.Header.Set("X-Forwarded-Proto", in.scheme)
			p.Out.Header.Set("Cf-Connecting-Ip", client)
			p.Out.Header.Set("Cf-Visitor", `{"scheme":"`+in.scheme+`"}`)
			p.Out.Header.Set("Cf-Ray", rayID())
			p.Out.Header.Set("Cdn-Loop", "cloudflare; loops=1")
		},
		Transport: roundTripper(func(r *http.Request) (*http.Response, error) {
			if requestOf(r.Context()).settings.ssl == modeStrict {
				return verified.RoundTrip(r)
			}
			return unverified.RoundTrip(r)
		}),
		ModifyResponse: func(resp *http.Response) error {
			in := requestOf(resp.Request.Context())
			s.mark(resp.Header, in.settings, in.scheme)
			resp.Header.Set("Cf-Cache-Status", "DYNAMIC")
			if in.scheme == "https" && in.settings.rewrites {
				return rewriteResponse(resp, in.zone)
			}
			return nil
		},
		ErrorHandler: func(w http.ResponseWriter, r *http.Request, err error) {
			in := requestOf(r.Context())
			status, what := originError(err)
			s.fail(w, in.settings, in.scheme, status, strconv.Itoa(status), what)
		},
		ErrorLog: log.New(io.Discard, "", 0), // a client that leaves early is no error here
	}
}

// originScheme is how the edge talks to the origin: clear text in the flexible
// mode, otherwise as the visitor does.
func originScheme(in request) string {
	if in.settings.ssl == modeFlexible || in.settings.ssl == modeOff {
		return "http"
	}
	return in.scheme
}

// dialOrigin connects to the origin of the request in the context instead of
// the visitor's host, whose name is kept for SNI and verification.
func (s *Server) dialOrigin(ctx context.Context, network, addr string) (net.Conn, error) {
	_, port, err := net.SplitHostPort(addr)
	if err != nil {
		return nil, err
	}
	origin := requestOf(ctx).origin
	local, ok := s.options.Origins[net.JoinHostPort(origin, port)]
	switch {
	case ok:
		return new(net.Dialer).DialContext(ctx, network, local)
	case net.ParseIP(origin) == nil:
		return nil, errOriginUnknown
	default:
		return nil, errOriginSilent
	}
}

// originError says which of Cloudflare's 52x and 530 answers an error is.
func originError(err error) (status int, what string) {
	var untrusted *tls.CertificateVerificationError
	var record tls.RecordHeaderError
	var alert tls.AlertError
	var dial *net.OpError
	switch {
	case errors.As(err, &untrusted):
		return 526, "Invalid SSL certificate"
	case errors.As(err, &record), errors.As(err, &alert), strings.Contains(err.Error(), "tls:"):
		return 525, "SSL handshake failed"
	case errors.Is(err, errOriginUnknown):
		return 530, "Origin DNS error"
	case errors.Is(err, errOriginSilent):
		return 522, "Connection timed out"
	case errors.As(err, &dial) && dial.Op == "dial":
		return 521, "Web server is down"
	default:
		return 520, "Web server is returning an unknown error"
	}
}

type roundTripper func(*http.Request) (*http.Response, error)

func (f roundTripper) RoundTrip(r *http.Request) (*http.Response, error) { return f(r) }
