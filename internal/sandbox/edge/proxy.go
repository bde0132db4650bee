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
	"slices"
	"strconv"
	"strings"
	"time"
)

var (
	errOriginUnknown = errors.New("origin name does not resolve")
	errOriginSilent  = errors.New("origin address does not answer")
)

// ServeHTTP answers a visitor of either port.
func (s *Server) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	v := &visit{host: canonicalHost(r.Host), scheme: "http", client: canonicalHost(r.RemoteAddr), ray: rayID(), skip: map[string]bool{}}
	if r.TLS != nil {
		v.scheme = "https"
	}
	if v.zone = s.zoneOf(v.host); v.zone == nil {
		s.fail(w, v, http.StatusConflict, "1001", "DNS resolution error")
		return
	}
	v.settings = readSettings(v.zone)
	origin, proxied := originOf(v.zone, v.host)
	if !proxied {
		if other, ok := serviceOf(v.zone, v.host); ok {
			other.ServeHTTP(w, r)
			return
		}
		s.fail(w, v, http.StatusConflict, "1001", "DNS resolution error")
		return
	}
	v.origin = origin
	switch {
	case r.Method == http.MethodTrace && s.faulty(TraceEchoed):
		w.Header().Set("Content-Type", "message/http")
		s.mark(w.Header(), v)
		_ = r.Write(w) // the visitor has gone if this fails
	case r.Method == http.MethodTrace:
		s.fail(w, v, http.StatusMethodNotAllowed, "405", "Not Allowed")
	case r.URL.Path == tracePath:
		s.trace(w, r, v)
	case v.scheme == "http" && v.settings.alwaysHTTPS && v.settings.ssl != modeOff:
		s.redirect(w, r, v, "https")
	case v.scheme == "https" && v.settings.ssl == modeOff:
		s.redirect(w, r, v, "http")
	default:
		s.process(w, r, v)
	}
}

// process takes a request through the phases, in Cloudflare's order, and on to
// the cache and the origin if none of them answers it.
func (s *Server) process(w http.ResponseWriter, r *http.Request, v *visit) {
	v.describe(s, r)
	done, err := s.redirected(w, v)
	for _, phase := range []func() (bool, error){
		func() (bool, error) { return false, s.rewrite(v) },
		func() (bool, error) { return false, s.configure(v) },
		func() (bool, error) { return s.custom(w, v) },
		func() (bool, error) { return s.limited(w, v) },
		func() (bool, error) { return s.managed(w, v) },
		func() (bool, error) { return false, s.planCache(v) },
		func() (bool, error) { v.header, err = s.headerChanges(v, phaseLateTransform); return false, err },
	} {
		if done || err != nil {
			break
		}
		done, err = phase()
	}
	switch {
	case err != nil:
		s.broken(w, v, err)
	case !done:
		s.proxy.ServeHTTP(w, r.WithContext(context.WithValue(r.Context(), contextKey{}, v)))
	}
}

// broken says which rule the edge cannot carry out.
func (s *Server) broken(w http.ResponseWriter, v *visit, err error) {
	s.fail(w, v, http.StatusInternalServerError, "500", err.Error())
}

// redirect sends the visitor to the same place by another scheme.
func (s *Server) redirect(w http.ResponseWriter, r *http.Request, v *visit, scheme string) {
	s.mark(w.Header(), v)
	http.Redirect(w, r, scheme+"://"+v.host+r.URL.RequestURI(), http.StatusMovedPermanently)
}

// fail answers with an error page of the edge.
func (s *Server) fail(w http.ResponseWriter, v *visit, status int, code, what string) {
	s.page(w, v, status, code+": "+what, "Error "+code+": "+what)
}

// page answers with a page of the edge.
func (s *Server) page(w http.ResponseWriter, v *visit, status int, title, text string) {
	s.mark(w.Header(), v)
	w.Header().Set("Content-Type", "text/html; charset=UTF-8")
	w.Header().Set("Cache-Control", "private, max-age=0, no-store")
	w.WriteHeader(status)
	fmt.Fprintf(w, "<!DOCTYPE html>\n<html><head><title>%s</title></head><body><h1>%s</h1></body></html>\n", html.EscapeString(title), html.EscapeString(text))
}

// mark sets the headers that every answer of the edge has, errors and
// redirects included.
func (s *Server) mark(h http.Header, v *visit) {
	h.Set("Server", "cloudflare")
	h.Set("Cf-Ray", v.ray)
	hsts := v.settings.securityHeader.HSTS
	if v.scheme == "https" && hsts.Enabled && v.settings.ssl != modeOff {
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
	return hex.EncodeToString(b[:]) + "-" + colo
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
	unverified := transport(&tls.Config{InsecureSkipVerify: true, GetClientCertificate: s.pullCertificate})
	verified := transport(&tls.Config{RootCAs: s.options.OriginAuthority.Pool(), GetClientCertificate: s.pullCertificate})
	return &httputil.ReverseProxy{
		Rewrite: rewriteRequest,
		Transport: roundTripper(func(r *http.Request) (*http.Response, error) {
			origin := unverified
			if visitOf(r.Context()).settings.ssl == modeStrict {
				origin = verified
			}
			return s.fetch(r, origin)
		}),
		ModifyResponse: s.finish,
		ErrorHandler: func(w http.ResponseWriter, r *http.Request, err error) {
			v := visitOf(r.Context())
			if broken := new(ruleError); errors.As(err, &broken) {
				s.broken(w, v, err)
				return
			}
			status, what := originError(err)
			s.fail(w, v, status, strconv.Itoa(status), what)
		},
		ErrorLog: log.New(io.Discard, "", 0), // a client that leaves early is no error here
	}
}

// rewriteRequest makes the request to the origin.
func rewriteRequest(p *httputil.ProxyRequest) {
	v := visitOf(p.In.Context())
	if v.target != nil {
		p.Out.URL.Path, p.Out.URL.RawPath, p.Out.URL.RawQuery = v.target.Path, v.target.RawPath, v.target.RawQuery
	} else {
		// The proxy takes away what of a query it cannot read; Cloudflare does not.
		p.Out.URL.RawQuery = p.In.URL.RawQuery
	}
	p.Out.URL.Scheme, p.Out.URL.Host = originScheme(v), v.host
	p.Out.Host = p.In.Host
	// What a visitor claims of other proxies reaches the origin, but for the
	// headers that Cloudflare sets itself.
	for _, name := range []string{"Forwarded", "X-Forwarded-For", "X-Forwarded-Host"} {
		if claimed := p.In.Header.Values(name); len(claimed) > 0 {
			p.Out.Header[name] = claimed
		}
	}
	p.Out.Header.Del("X-Real-Ip")
	p.Out.Header.Set("X-Forwarded-For", strings.Join(append(slices.Clone(p.Out.Header.Values("X-Forwarded-For")), v.client), ", "))
	p.Out.Header.Set("X-Forwarded-Proto", v.scheme)
	p.Out.Header.Set("Cf-Connecting-Ip", v.client)
	p.Out.Header.Set("Cf-Visitor", `{"scheme":"`+v.scheme+`"}`)
	p.Out.Header.Set("Cf-Ray", v.ray)
	p.Out.Header.Set("Cdn-Loop", "cloudflare; loops=1")
	for _, change := range v.header {
		change.apply(p.Out.Header)
	}
}

// finish makes of the origin's answer, or of a stored one, what the visitor
// gets.
func (s *Server) finish(resp *http.Response) error {
	v := visitOf(resp.Request.Context())
	v.answered(resp)
	if err := s.countLater(v); err != nil {
		return err
	}
	s.mark(resp.Header, v)
	v.browserTTL(resp.Header)
	changes, err := s.headerChanges(v, phaseResponseHeaders)
	if err != nil {
		return err
	}
	for _, change := range changes {
		change.apply(resp.Header)
	}
	resp.Header.Set("Cf-Cache-Status", v.status)
	if v.scheme == "https" && v.settings.rewrites {
		return rewriteResponse(resp, v.zone.Name)
	}
	return nil
}

// originScheme is how the edge talks to the origin: clear text in the flexible
// mode, otherwise as the visitor does.
func originScheme(v *visit) string {
	if v.settings.ssl == modeFlexible || v.settings.ssl == modeOff {
		return "http"
	}
	return v.scheme
}

// dialOrigin connects to the origin of the request in the context instead of
// the visitor's host, whose name is kept for SNI and verification.
func (s *Server) dialOrigin(ctx context.Context, network, addr string) (net.Conn, error) {
	_, port, err := net.SplitHostPort(addr)
	if err != nil {
		return nil, err
	}
	origin := visitOf(ctx).origin
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
