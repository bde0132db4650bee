package probe

import (
	"context"
	"crypto/tls"
	"errors"
	"fmt"
	"net"
	"net/netip"
	"time"
)

// MailProber reads mailboxes and submits messages. The accounts come from the
// provider's configuration: naming a server there is the consent to talk to it,
// so allowed_hosts does not decide. What servers say is never shown, because
// some repeat what they were sent, passwords too.
type MailProber interface {
	// OpenMailbox signs in and notes what is there already. Nothing is changed,
	// no flag either.
	OpenMailbox(ctx context.Context, account MailAccount) (Mailbox, MailFailure)
	// Submit hands one message to a submission service (RFC 6409).
	Submit(ctx context.Context, account MailAccount, mail Outgoing) MailFailure
}

// MailAccount is an account at a mail server.
type MailAccount struct {
	Server   string // host:port; IMAP over TLS, or submission
	Username string
	Password string
}

// String keeps the password, and who it belongs to, out of whatever prints an account.
func (a MailAccount) String() string   { return "account at " + a.Server }
func (a MailAccount) GoString() string { return a.String() }

// Outgoing is a message to submit.
type Outgoing struct {
	From, To string // envelope
	Raw      []byte // with CRLF
}

// MailFailure is why something could not be done; its zero value is success.
// Detail is the same for the same fault and holds nothing that a server said.
type MailFailure struct {
	Kind   FailureKind
	Detail string
}

// Failed reports whether there is a failure.
func (f MailFailure) Failed() bool { return f.Kind != FailNone }

// Mailbox is an open mailbox: its inbox, and the folder for unwanted mail if it
// has one. It is not safe for concurrent use.
type Mailbox interface {
	// Next returns the letters that came since the mailbox was opened or since
	// the last call. After a failure it may be called again: it signs in anew
	// and goes on where it was.
	Next(ctx context.Context) MailNews
	Close()
}

// MailNews is what one look into a mailbox found.
type MailNews struct {
	Letters  []Letter // oldest first within a folder
	Overflow bool     // more letters came than are read in one run
	Failure  MailFailure
}

// Letter is a message as it lies in a mailbox.
type Letter struct {
	Junk      bool // it lies in the folder for unwanted mail
	Raw       []byte
	Truncated bool // it is longer than 1 MiB: Raw is its beginning
	Arrived   time.Time
}

// mailServer is a server to talk to.
type mailServer struct {
	host string
	port uint16
}

func parseMailServer(server string) (mailServer, error) {
	host, port, err := splitAddress(server)
	if err != nil {
		return mailServer{}, fmt.Errorf("write host:port, such as \"imap.example.com:993\"")
	}
	return mailServer{host, port}, nil
}

// ValidMailServer returns nil if s is host:port.
func ValidMailServer(s string) error {
	_, err := parseMailServer(s)
	return err
}

// tlsFor is how mail servers are trusted: as websites are.
func (c *Client) tlsFor(host string) *tls.Config {
	return &tls.Config{ServerName: host, RootCAs: c.roots(), Time: c.config.Clock, MinVersion: tls.VersionTLS12}
}

// connectMail opens a connection to a mail server, over TLS at once if asked to.
func (c *Client) connectMail(ctx context.Context, s mailServer, implicitTLS bool) (raw, conn net.Conn, err error) {
	ctx, cancel := context.WithTimeout(ctx, c.config.Timeout)
	defer cancel()
	if err := c.limit(s.host).wait(ctx); err != nil {
		return nil, nil, err
	}
	raw, _, err = c.dial(ctx, s.host, s.port, netip.Addr{})
	if err != nil || !implicitTLS {
		return raw, raw, err
	}
	secured := tls.Client(raw, c.tlsFor(s.host))
	if err := secured.HandshakeContext(ctx); err != nil {
		raw.Close()
		return nil, nil, err
	}
	return raw, secured, nil
}

// step does one exchange with a mail server. The protocol libraries have time-outs
// of minutes and take no context: what takes too long loses its connection.
func (c *Client) step(ctx context.Context, raw net.Conn, do func() error) error {
	ctx, cancel := context.WithTimeout(ctx, c.config.Timeout)
	defer cancel()
	stop := context.AfterFunc(ctx, func() { raw.Close() })
	err := do()
	if !stop() && ctx.Err() != nil {
		return ctx.Err() // the error of the closed connection says less
	}
	return err
}

// mailFailure words an error of a mail server.
func mailFailure(err error) MailFailure {
	var known *mailError
	if errors.As(err, &known) {
		return MailFailure(*known)
	}
	kind, detail := classify(err)
	if kind == FailOther {
		return MailFailure{FailProtocol, "the server's answer is not understood"}
	}
	return MailFailure{kind, detail}
}

// mailError is a MailFailure on its way up.
type mailError MailFailure

func (e *mailError) Error() string { return e.Detail }
