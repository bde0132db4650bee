package portal

import (
	"crypto/tls"
	"errors"
	"io"
	"log"
	"net"
	"net/http"
	"sync"
	"time"
)

// Origin is the server a portal runs on: one clear and one TLS port.
type Origin struct {
	clear, secure     *http.Server
	httpAddr, tlsAddr string
	running           sync.WaitGroup
}

// Serve runs a handler on free loopback ports until Close.
func Serve(handler http.Handler, certificate tls.Certificate) (*Origin, error) {
	clear, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return nil, err
	}
	secure, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		clear.Close()
		return nil, err
	}
	server := func() *http.Server {
		return &http.Server{
			Handler:           handler,
			ReadHeaderTimeout: 10 * time.Second,
			IdleTimeout:       30 * time.Second,
			TLSConfig:         &tls.Config{Certificates: []tls.Certificate{certificate}, MinVersion: tls.VersionTLS12},
			ErrorLog:          log.New(io.Discard, "", 0), // refused handshakes are what probes cause
		}
	}
	o := &Origin{clear: server(), secure: server(), httpAddr: clear.Addr().String(), tlsAddr: secure.Addr().String()}
	o.running.Go(func() { _ = o.clear.Serve(clear) })              // ends with ErrServerClosed
	o.running.Go(func() { _ = o.secure.ServeTLS(secure, "", "") }) // ends with ErrServerClosed
	return o, nil
}

// HTTPAddr is the host:port that stands for port 80 of the origin.
func (o *Origin) HTTPAddr() string { return o.httpAddr }

// TLSAddr is the host:port that stands for port 443 of the origin.
func (o *Origin) TLSAddr() string { return o.tlsAddr }

// Close ends every connection and waits for the servers to be gone.
func (o *Origin) Close() error {
	err := errors.Join(o.clear.Close(), o.secure.Close())
	o.running.Wait()
	return err
}
