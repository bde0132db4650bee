// Package inbox is the receiving side of the sandbox's mail: a mail exchanger
// that judges what it takes (SPF, DKIM, DMARC) and says so in the message, and
// the mailboxes it delivers to, which are read over IMAP.
package inbox

import (
	"context"
	"crypto/rand"
	"crypto/tls"
	"errors"
	"fmt"
	"io"
	"log"
	"net"
	"sync"

	"github.com/emersion/go-imap/v2"
	"github.com/emersion/go-imap/v2/imapserver"
	"github.com/emersion/go-smtp"

	"github.com/launchready/terraform-provider-launchready/internal/sandbox/port"
)

// Names of the mail host, all in the outside world's inbox.example.
const (
	Domain   = "inbox.example"
	MX       = "mx." + Domain
	IMAPHost = "imap." + Domain
	Test     = "launch-test@" + Domain // takes launch-test+TOKEN@ too (RFC 5233)
	Bounces  = "bounces@" + Domain     // where the relay reports what could not be delivered
	Ops      = "ops@" + Domain         // of those who are on call
)

// former is a mailbox that nobody opens any more.
const former = "former-employee@" + Domain

// maxMessage is the longest message taken, in bytes.
const maxMessage = 10 << 20

// Options are what a mail host needs to know of the world around it.
type Options struct {
	// Certificate returns the certificate of a mail host by its name. The
	// exchanger answers for every MX host of the world, whichever is asked for.
	Certificate func(name string) (*tls.Certificate, error)
	// Resolver is what SPF, DKIM and DMARC records are looked up with.
	Resolver *net.Resolver
}

// Server is a running mail host. Its methods are safe for concurrent use.
type Server struct {
	resolver resolver
	accounts map[string]*account // by address
	smtp     *port.Listener
	imap     *port.Listener
	context  context.Context // ends with Close: what is being judged is given up
	cancel   context.CancelFunc
	running  sync.WaitGroup

	mu       sync.Mutex
	behind   map[string]string // peers that stand for another address, see DialFrom
	junk     bool
	received []Message
}

// Start serves SMTP and IMAP on free loopback ports until Close.
func Start(o Options) (*Server, error) {
	s := &Server{resolver: resolver{o.Resolver}, accounts: map[string]*account{}, behind: map[string]string{}}
	s.context, s.cancel = context.WithCancel(context.Background())
	for _, address := range []string{Test, Bounces, Ops, former} {
		a, err := newAccount(address, rand.Text())
		if err != nil {
			return nil, err
		}
		s.accounts[address] = a
	}
	var err error
	if s.smtp, err = port.Listen(); err != nil {
		return nil, err
	}
	if s.imap, err = port.Listen(); err != nil {
		return nil, errors.Join(err, s.smtp.Close())
	}
	silent := log.New(io.Discard, "", 0) // refused handshakes are what probes cause
	exchanger := smtp.NewServer(smtp.BackendFunc(s.newSession))
	exchanger.Domain, exchanger.MaxMessageBytes, exchanger.MaxRecipients, exchanger.ErrorLog = MX, maxMessage, 100, silent
	exchanger.TLSConfig = config(o.Certificate, MX)
	reader := imapserver.New(&imapserver.Options{
		NewSession: func(*imapserver.Conn) (imapserver.Session, *imapserver.GreetingData, error) {
			return &reading{server: s}, nil, nil
		},
		Caps: imap.CapSet{
			imap.CapIMAP4rev1: {}, imap.CapIMAP4rev2: {}, imap.CapSpecialUse: {},
			imap.CapESearch: {}, imap.CapListExtended: {}, imap.CapListStatus: {}, imap.CapUIDPlus: {}, imap.CapMove: {}, imap.CapNamespace: {},
		},
		Logger: silent,
	})
	s.running.Go(func() { _ = exchanger.Serve(s.smtp) })                                                // ends with the port
	s.running.Go(func() { _ = reader.Serve(tls.NewListener(s.imap, config(o.Certificate, IMAPHost))) }) // ends with the port
	return s, nil
}

// config serves the certificate of the host that the client asks for, or that
// of the fallback.
func config(certificate func(string) (*tls.Certificate, error), fallback string) *tls.Config {
	return &tls.Config{
		MinVersion: tls.VersionTLS12,
		GetCertificate: func(hello *tls.ClientHelloInfo) (*tls.Certificate, error) {
			if hello.ServerName == "" {
				return certificate(fallback)
			}
			return certificate(hello.ServerName)
		},
	}
}

// SMTPAddr is the host:port that stands for port 25 of every MX host.
func (s *Server) SMTPAddr() string { return s.smtp.Addr().String() }

// IMAPAddr is the host:port that stands for port 993 of the IMAP host.
func (s *Server) IMAPAddr() string { return s.imap.Addr().String() }

// Password returns what opens a mailbox.
func (s *Server) Password(address string) string {
	if a := s.accounts[address]; a != nil {
		return a.password
	}
	return ""
}

// SetJunk lets everything that comes be taken for junk, or not.
func (s *Server) SetJunk(on bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.junk = on
}

// Close ends every connection and waits for the servers to be gone.
func (s *Server) Close() error {
	s.cancel()
	err := errors.Join(s.smtp.Close(), s.imap.Close())
	s.running.Wait()
	return err
}

// DialFrom connects to the exchanger as the host of another address, so that
// what is judged by the address of the sender (SPF) is judged as it would be on
// the Internet. Only this process can: a client of the port is what it is.
func (s *Server) DialFrom(ctx context.Context, address string) (net.Conn, error) {
	if net.ParseIP(address) == nil {
		return nil, fmt.Errorf("%q is not an address", address)
	}
	c, err := new(net.Dialer).DialContext(ctx, "tcp", s.SMTPAddr())
	if err != nil {
		return nil, err
	}
	// The exchanger asks for the address when a message comes, and none comes
	// before the caller has this connection.
	s.mu.Lock()
	s.behind[c.LocalAddr().String()] = address
	s.mu.Unlock()
	return &disguise{Conn: c, server: s}, nil
}

// disguise forgets for whom a connection stands when it is closed.
type disguise struct {
	net.Conn
	server *Server
	once   sync.Once // the port may be another's by the second time
}

func (d *disguise) Close() error {
	d.once.Do(func() {
		d.server.mu.Lock()
		delete(d.server.behind, d.LocalAddr().String())
		d.server.mu.Unlock()
	})
	return d.Conn.Close()
}

// peer returns the address of a client, or the one that it stands for.
func (s *Server) peer(c net.Conn) net.IP {
	s.mu.Lock()
	address, ok := s.behind[c.RemoteAddr().String()]
	s.mu.Unlock()
	if !ok {
		address, _, _ = net.SplitHostPort(c.RemoteAddr().String())
	}
	return net.ParseIP(address)
}
