// Package relay is the service that the client sends its mail through: it takes
// messages from those who sign in, signs them with the client's key, brings them
// to the exchanger of each recipient, and tells the client what bounced.
package relay

import (
	"context"
	"crypto/rand"
	"crypto/tls"
	"crypto/x509"
	"io"
	"log"
	"net"
	"net/http"
	"sync"
	"time"

	"github.com/emersion/go-smtp"

	"github.com/launchready/terraform-provider-launchready/internal/sandbox/port"
)

const (
	// Host is where mail is handed in, on port 587.
	Host = "smtp.mtasv.example"
	// Vendor is the service's own domain: of its bounces and of its own key.
	Vendor = "mtasv.net"

	vendorSelector = "pm20260301"
	helo           = "mta97." + Vendor
	address        = "50.31.156.97" // of helo; SPF of the return path covers it
	strayAddress   = "203.0.113.97" // of a host that no SPF record names
)

// Fault is something wrong with the service, or with how the client uses it.
type Fault string

const (
	Unsigned       Fault = "unsigned"        // without any signature
	VendorSigned   Fault = "vendor_signed"   // by the service's domain alone
	KeyMismatch    Fault = "key_mismatch"    // by a key that is not the published one
	StrayAddress   Fault = "stray_address"   // from a host that SPF does not cover
	Slow           Fault = "slow"            // half a minute late
	Lost           Fault = "lost"            // accepted and never sent
	WithoutTLS     Fault = "without_tls"     // to the exchanger in clear text
	BouncesDropped Fault = "bounces_dropped" // nobody is told
)

// Options describe a relay.
type Options struct {
	Domain   string // the client's, which its mail is signed for
	Selector string // of the client's key
	// Certificate returns the certificate of a mail host by its name, and Roots
	// are what exchangers are trusted by.
	Certificate func(name string) (*tls.Certificate, error)
	Roots       *x509.CertPool
	Resolver    *net.Resolver
	// DialFrom connects to port 25 of any exchanger as the host of an address.
	DialFrom func(ctx context.Context, address string) (net.Conn, error)
	// Hook is where bounces are posted to, and BounceTo who gets them by mail.
	Hook     Hook
	BounceTo string
	SlowBy   time.Duration // default 30 s
}

// Server is a running relay. Its methods are safe for concurrent use.
type Server struct {
	options            Options
	username, password string
	port               *port.Listener
	hooks              *http.Client
	context            context.Context // ends with Close: what is on its way is given up
	cancel             context.CancelFunc
	running            sync.WaitGroup

	mu     sync.Mutex
	faults map[Fault]bool
}

// Start serves submission on a free loopback port until Close.
func Start(o Options) (*Server, error) {
	if o.SlowBy == 0 {
		o.SlowBy = 30 * time.Second
	}
	s := &Server{options: o, username: rand.Text(), password: rand.Text(), faults: map[Fault]bool{}, hooks: o.Hook.client()}
	s.context, s.cancel = context.WithCancel(context.Background())
	var err error
	if s.port, err = port.Listen(); err != nil {
		return nil, err
	}
	submission := smtp.NewServer(smtp.BackendFunc(s.newSession))
	submission.Domain, submission.MaxMessageBytes, submission.MaxRecipients = Host, 10<<20, 50
	submission.ErrorLog = log.New(io.Discard, "", 0) // clients that leave early are no news
	submission.TLSConfig = &tls.Config{
		MinVersion:     tls.VersionTLS12,
		GetCertificate: func(*tls.ClientHelloInfo) (*tls.Certificate, error) { return o.Certificate(Host) },
	}
	s.running.Go(func() { _ = submission.Serve(s.port) }) // ends with the port
	return s, nil
}

// Addr is the host:port that stands for port 587 of Host.
func (s *Server) Addr() string { return s.port.Addr().String() }

// Credentials are the client's name and password.
func (s *Server) Credentials() (username, password string) { return s.username, s.password }

// SetFault turns one fault on or off, for what is sent from now on.
func (s *Server) SetFault(f Fault, on bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.faults[f] = on
}

func (s *Server) on(f Fault) bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.faults[f]
}

// Close gives up what is on its way and waits for all to be gone.
func (s *Server) Close() error {
	s.cancel()
	err := s.port.Close()
	s.running.Wait()
	return err
}
