// Package edge is the sandbox's reverse proxy: what visitors of a proxied name
// reach. It terminates TLS with certificates of its own authority and does
// what the zone's records and settings say at the moment of each connection
// and request, as Cloudflare's edge does.
package edge

import (
	"crypto/tls"
	"crypto/x509"
	"errors"
	"fmt"
	"io"
	"log"
	"net"
	"net/http"
	"net/http/httputil"
	"sync"
	"time"

	"github.com/launchready/terraform-provider-launchready/internal/sandbox/pki"
	"github.com/launchready/terraform-provider-launchready/internal/sandbox/port"
	"github.com/launchready/terraform-provider-launchready/internal/sandbox/zone"
)

// Options are what an edge needs to know of the world around it.
type Options struct {
	// Zones lists the zones of the account; it is called for every connection
	// and request, so that a change takes effect at once.
	Zones func() []*zone.Zone
	// Origins says where the addresses that records point at can be reached on
	// this machine: "198.51.100.10:443" to "127.0.0.1:40443". An address that
	// is not in it does not answer.
	Origins map[string]string
	// OriginAuthority is what ssl=strict trusts the origin's certificate by.
	OriginAuthority *pki.Authority
	// Now is the clock of rate limits and of the cache; default time.Now.
	Now func() time.Time
	// Speed is a factor by which the windows of rate limits pass faster, and
	// the Retry-After they state; default 1.
	Speed float64
}

// Server is a running edge. Its methods are safe for concurrent use.
type Server struct {
	options   Options
	authority *pki.Authority
	stranger  *pki.Authority // issues the certificates that no client trusts
	proxy     *httputil.ReverseProxy
	pull      *tls.Certificate // shown to origins (Authenticated Origin Pulls)
	pullRoots *x509.CertPool

	compiled compiled
	counters counters
	store    store

	httpAddr, tlsAddr string
	clear             *http.Server

	mu           sync.Mutex
	secure       *http.Server // nil while 443 is unreachable
	release      func()       // of the port meanwhile
	faults       map[Fault]bool
	certificates map[certificateKey]*certificateEntry
	hosts        map[string]*certificateEntry // of others, by name
	running      sync.WaitGroup
}

// Start serves HTTP and HTTPS on free loopback ports until Close.
func Start(options Options) (*Server, error) {
	now := time.Now()
	// The organisation that CAA records know as pki.goog.
	authority, err := pki.NewAuthority("Google Trust Services", "Sandbox edge", now)
	if err != nil {
		return nil, err
	}
	stranger, err := pki.NewAuthority("Launchready sandbox", "Nobody's", now)
	if err != nil {
		return nil, err
	}
	puller, err := pki.NewAuthority("Launchready sandbox", "Origin pull", now)
	if err != nil {
		return nil, err
	}
	pull, err := puller.Issue(pki.Leaf{Names: []string{"origin-pull.cloudflare.example"}, Client: true})
	if err != nil {
		return nil, err
	}
	if options.Now == nil {
		options.Now = time.Now
	}
	if options.Speed <= 0 {
		options.Speed = 1
	}
	s := &Server{
		pull: pull, pullRoots: puller.Pool(),
		counters: counters{all: map[string]*counter{}}, store: store{entries: map[string]*entry{}},
		options: options, authority: authority, stranger: stranger,
		faults: map[Fault]bool{}, certificates: map[certificateKey]*certificateEntry{},
		hosts: map[string]*certificateEntry{},
	}
	s.proxy = s.newProxy()

	clear, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return nil, err
	}
	secure, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		clear.Close()
		return nil, err
	}
	s.httpAddr, s.tlsAddr = clear.Addr().String(), secure.Addr().String()
	s.clear = s.newHTTPServer()
	s.serve(s.clear, clear)
	s.secure = s.newHTTPServer()
	s.serveTLS(s.secure, secure)
	return s, nil
}

// HTTPAddr is the host:port that stands for port 80 of the edge.
func (s *Server) HTTPAddr() string { return s.httpAddr }

// TLSAddr is the host:port that stands for port 443 of the edge.
func (s *Server) TLSAddr() string { return s.tlsAddr }

// CAPEM is the root that visitors trust.
func (s *Server) CAPEM() []byte { return s.authority.RootPEM() }

// Close ends every connection and waits for the servers to be gone.
func (s *Server) Close() error {
	s.mu.Lock()
	secure := s.secure
	s.secure = nil
	s.letGo()
	s.mu.Unlock()
	err := s.clear.Close()
	if secure != nil {
		err = errors.Join(err, secure.Close())
	}
	s.running.Wait()
	return err
}

// SetFault turns one fault on or off. Connections made before keep what they
// have, as with a real edge, except that an unreachable port cuts them.
func (s *Server) SetFault(f Fault, on bool) error {
	if f == Unreachable {
		return s.setUnreachable(on)
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	s.faults[f] = on
	return nil
}

// faulty reports whether a fault is on.
func (s *Server) faulty(f Fault) bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.faults[f]
}

// setUnreachable closes the TLS port, so that connections are refused, or
// opens the same port again: addresses given out at the start stay good, and
// are nobody else's meanwhile.
func (s *Server) setUnreachable(on bool) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.faults[Unreachable] = on
	switch {
	case on && s.secure != nil:
		err := s.secure.Close()
		s.secure = nil
		if err != nil {
			return err
		}
		if s.release, err = port.Hold(s.tlsAddr); err != nil {
			return fmt.Errorf("keep the edge's TLS port: %w", err)
		}
	case !on && s.secure == nil:
		s.letGo()
		listener, err := net.Listen("tcp", s.tlsAddr)
		if err != nil {
			return fmt.Errorf("open the edge's TLS port again: %w", err)
		}
		s.secure = s.newHTTPServer()
		s.serveTLS(s.secure, listener)
	}
	return nil
}

// letGo gives up the port that nothing listens on.
func (s *Server) letGo() {
	if s.release != nil {
		s.release()
		s.release = nil
	}
}

func (s *Server) newHTTPServer() *http.Server {
	return &http.Server{
		Handler:           s,
		ReadHeaderTimeout: 10 * time.Second,
		IdleTimeout:       30 * time.Second,
		TLSConfig:         s.tlsConfig(),
		ErrorLog:          log.New(io.Discard, "", 0), // refused handshakes are what probes cause
	}
}

func (s *Server) serve(server *http.Server, listener net.Listener) {
	s.running.Go(func() { _ = server.Serve(listener) }) // ends with ErrServerClosed
}

func (s *Server) serveTLS(server *http.Server, listener net.Listener) {
	s.running.Go(func() { _ = server.ServeTLS(listener, "", "") }) // ends with ErrServerClosed
}
