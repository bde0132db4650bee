package portal

import (
	"crypto/tls"
	"crypto/x509"
	"errors"
	"io"
	"log"
	"net"
	"net/http"
	"sync"
	"time"
)

// Guard is what strangers find who ask for the origin by its own address
// instead of through the edge.
type Guard string

const (
	// Closed is a firewall that lets the edge's ranges pass alone: connections
	// are cut at once.
	Closed Guard = "closed"
	// Forbidden answers 403, after a handshake whose certificate names the site.
	Forbidden Guard = "forbidden"
	// Open serves the site to everyone.
	Open Guard = "open"
)

// Origin is the server a portal runs on. It has a clear and a TLS port twice:
// one pair that the edge comes to, and one that everyone else does.
type Origin struct {
	servers                       []*http.Server
	httpAddr, tlsAddr             string
	publicHTTPAddr, publicTLSAddr string
	running                       sync.WaitGroup

	mu      sync.RWMutex
	guard   Guard
	clients *x509.CertPool // nil where no client certificate is asked for
}

// Serve runs a handler on free loopback ports until Close. Strangers are let in
// until SetGuard.
func Serve(handler http.Handler, certificate tls.Certificate) (*Origin, error) {
	o := &Origin{guard: Open}
	public := o.guarded(o.authenticated(handler))
	for _, port := range []struct {
		addr     *string
		handler  http.Handler
		tls, own bool
	}{
		{&o.httpAddr, o.authenticated(handler), false, true}, {&o.tlsAddr, o.authenticated(handler), true, true},
		{&o.publicHTTPAddr, public, false, false}, {&o.publicTLSAddr, public, true, false},
	} {
		listener, err := net.Listen("tcp", "127.0.0.1:0")
		if err != nil {
			return nil, errors.Join(err, o.Close())
		}
		*port.addr = listener.Addr().String()
		if !port.own {
			listener = firewall{listener, o}
		}
		server := &http.Server{
			Handler:           port.handler,
			ReadHeaderTimeout: 10 * time.Second,
			IdleTimeout:       30 * time.Second,
			TLSConfig:         o.tlsConfig(certificate),
			ErrorLog:          log.New(io.Discard, "", 0), // refused handshakes are what probes cause
		}
		o.servers = append(o.servers, server)
		if port.tls {
			o.running.Go(func() { _ = server.ServeTLS(listener, "", "") }) // ends with ErrServerClosed
		} else {
			o.running.Go(func() { _ = server.Serve(listener) }) // ends with ErrServerClosed
		}
	}
	return o, nil
}

// HTTPAddr is the host:port that stands for port 80 of the origin, as the edge
// reaches it.
func (o *Origin) HTTPAddr() string { return o.httpAddr }

// TLSAddr is the host:port that stands for port 443 of the origin, as the edge
// reaches it.
func (o *Origin) TLSAddr() string { return o.tlsAddr }

// PublicHTTPAddr is port 80 as strangers reach it.
func (o *Origin) PublicHTTPAddr() string { return o.publicHTTPAddr }

// PublicTLSAddr is port 443 as strangers reach it.
func (o *Origin) PublicTLSAddr() string { return o.publicTLSAddr }

// Guard is what strangers find at the moment.
func (o *Origin) Guard() Guard {
	o.mu.RLock()
	defer o.mu.RUnlock()
	return o.guard
}

// SetGuard changes what strangers find.
func (o *Origin) SetGuard(g Guard) {
	o.mu.Lock()
	defer o.mu.Unlock()
	o.guard = g
}

// RequireClientCertificate lets the origin answer only those who show a
// certificate of these roots (Authenticated Origin Pulls); nil ends that.
func (o *Origin) RequireClientCertificate(roots *x509.CertPool) {
	o.mu.Lock()
	defer o.mu.Unlock()
	o.clients = roots
}

func (o *Origin) clientRoots() *x509.CertPool {
	o.mu.RLock()
	defer o.mu.RUnlock()
	return o.clients
}

// tlsConfig asks for a client certificate while one is required. Who has none
// completes the handshake all the same, as with nginx's ssl_verify_client.
func (o *Origin) tlsConfig(certificate tls.Certificate) *tls.Config {
	config := func() *tls.Config {
		return &tls.Config{Certificates: []tls.Certificate{certificate}, MinVersion: tls.VersionTLS12}
	}
	out := config()
	out.GetConfigForClient = func(*tls.ClientHelloInfo) (*tls.Config, error) {
		roots := o.clientRoots()
		if roots == nil {
			return nil, nil // as it is
		}
		asking := config()
		asking.ClientAuth, asking.ClientCAs = tls.VerifyClientCertIfGiven, roots
		return asking, nil
	}
	return out
}

// authenticated refuses who shows no certificate while one is required.
func (o *Origin) authenticated(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if o.clientRoots() != nil && (r.TLS == nil || len(r.TLS.VerifiedChains) == 0) {
			http.Error(w, "400 No required SSL certificate was sent", http.StatusBadRequest)
			return
		}
		next.ServeHTTP(w, r)
	})
}

// guarded keeps strangers out whose connection was made in time.
func (o *Origin) guarded(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		switch o.Guard() {
		case Closed:
			panic(http.ErrAbortHandler) // cuts the connection
		case Forbidden:
			http.Error(w, "403 Forbidden", http.StatusForbidden)
		default:
			next.ServeHTTP(w, r)
		}
	})
}

// firewall cuts the connections of strangers while the guard is closed.
type firewall struct {
	net.Listener
	origin *Origin
}

func (f firewall) Accept() (net.Conn, error) {
	for {
		c, err := f.Listener.Accept()
		if err != nil || f.origin.Guard() != Closed {
			return c, err
		}
		if tcp, ok := c.(*net.TCPConn); ok {
			_ = tcp.SetLinger(0) // reset instead of an orderly end
		}
		_ = c.Close() // nothing was sent
	}
}

// Close ends every connection and waits for the servers to be gone.
func (o *Origin) Close() error {
	var errs []error
	for _, server := range o.servers {
		errs = append(errs, server.Close())
	}
	o.running.Wait()
	return errors.Join(errs...)
}
