package portal

import (
	"bytes"
	"cmp"
	"context"
	"crypto/rand"
	"crypto/tls"
	"crypto/x509"
	"fmt"
	"html"
	"io"
	"net"
	"time"

	"github.com/emersion/go-message/mail"
	"github.com/emersion/go-sasl"
	"github.com/emersion/go-smtp"
)

// Submission is where the portal hands in its mail (RFC 6409).
type Submission struct {
	Addr     string // host:port to dial
	Host     string // as its certificate names it
	Roots    *x509.CertPool
	Username string
	Password string
}

// Names of the mail agency that the portal was built with, before it had its
// own sending domain.
const (
	formerSender = "portal-mailer.example"
	formerLinks  = "click." + formerSender
)

// SendThrough tells the portal how it sends mail. Until then it sends none.
func (p *Portal) SendThrough(s Submission) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.submission = &s
}

// Close gives up the mail that is being handed in and waits for it to be gone.
func (p *Portal) Close() {
	p.cancel()
	p.mu.Lock()
	p.submission = nil // so that nothing more is begun
	p.mu.Unlock()
	p.sending.Wait()
}

// letter is one of the portal's messages.
type letter struct {
	to, subject, path string // the link is the path with the token
	intro             string
	token             string // empty = one that is good for nothing
	bare              bool   // the link is the path alone
	host              string // of the link; empty = the portal's
}

func resetLetter(to string) letter {
	return letter{to: to, subject: "Choose a new password", path: "/reset/", intro: "You asked for a new password. This link is good for one hour:"}
}

func inviteLetter(to, from string) letter {
	return letter{to: to, subject: "You are invited to the members' portal", path: "/invite/", intro: from + " invites you to the members' portal. Join with this link:"}
}

func confirmLetter(to string) letter {
	return letter{to: to, subject: "Confirm your address", path: "/confirm/", intro: "You asked to become a member. Confirm your address with this link, which is good for one hour:"}
}

func knownLetter(to string) letter {
	return letter{to: to, subject: "You have an account already", path: "/login", bare: true, intro: "You asked to become a member with an address that has an account. Sign in, or ask there for a new password:"}
}

// send hands a letter in without keeping the visitor waiting: how long it takes
// must not tell who has an account. An address that mail bounced from gets none.
func (p *Portal) send(l letter) {
	p.mu.RLock()
	defer p.mu.RUnlock()
	if p.submission == nil || p.suppressed[canonicalAddress(l.to)] != "" {
		return
	}
	to := *p.submission
	if l.token == "" {
		l.token = newLetterToken()
	}
	from, raw := p.compose(l)
	p.sending.Go(func() {
		ctx, cancel := context.WithTimeout(p.context, 30*time.Second)
		defer cancel()
		_ = handIn(ctx, to, from, l.to, raw) // the visitor was promised nothing
	})
}

// compose writes a letter as text and HTML (RFC 2046 5.1.4). The caller holds p.mu.
func (p *Portal) compose(l letter) (from string, raw []byte) {
	domain, path := p.options.Domain, l.path
	if !l.bare {
		path += l.token
	}
	link := "https://" + cmp.Or(l.host, "portal."+domain) + path
	switch {
	case p.switches[HTTPLinks]:
		link = "http://portal." + domain + path
	case p.switches[ForeignLinks]:
		link = "https://" + formerLinks + path
	}
	if p.switches[FromFormerDomain] {
		domain = formerSender
	}
	from = "no-reply@" + domain
	var header mail.Header
	header.SetDate(p.options.Now())
	header.SetAddressList("From", []*mail.Address{{Name: "Acme Portal", Address: from}})
	header.SetAddressList("To", []*mail.Address{{Address: l.to}})
	header.SetSubject(l.subject)
	header.SetMessageID(rand.Text() + "@" + domain)
	var out bytes.Buffer
	text := fmt.Sprintf("Hello,\r\n\r\n%s\r\n\r\n%s\r\n\r\nIf you did not expect this, ignore it.\r\n", l.intro, link)
	page := fmt.Sprintf("<!DOCTYPE html>\r\n<html><body><p>Hello,</p><p>%s</p><p><a href=\"%s\">%s</a></p><p>If you did not expect this, ignore it.</p></body></html>\r\n",
		html.EscapeString(l.intro), link, link)
	if err := write(&out, header, []part{{"text/plain", text}, {"text/html", page}}); err != nil {
		panic(err) // writing to memory does not fail
	}
	return from, out.Bytes()
}

// part is one form of a letter.
type part struct{ kind, text string }

func write(out io.Writer, header mail.Header, parts []part) error {
	w, err := mail.CreateInlineWriter(out, header)
	if err != nil {
		return err
	}
	for _, one := range parts {
		var h mail.InlineHeader
		h.SetContentType(one.kind, map[string]string{"charset": "utf-8"})
		h.Set("Content-Transfer-Encoding", "quoted-printable")
		p, err := w.CreatePart(h)
		if err != nil {
			return err
		}
		if _, err := io.WriteString(p, one.text); err != nil {
			return err
		}
		if err := p.Close(); err != nil {
			return err
		}
	}
	return w.Close()
}

// handIn gives one message to the sending service.
func handIn(ctx context.Context, s Submission, from, to string, raw []byte) error {
	conn, err := new(net.Dialer).DialContext(ctx, "tcp", s.Addr)
	if err != nil {
		return err
	}
	defer conn.Close()
	stop := context.AfterFunc(ctx, func() { _ = conn.Close() })
	defer stop()
	client, err := smtp.NewClientStartTLS(conn, &tls.Config{ServerName: s.Host, RootCAs: s.Roots, MinVersion: tls.VersionTLS12})
	if err != nil {
		return err
	}
	defer client.Close()
	if err := client.Auth(sasl.NewPlainClient("", s.Username, s.Password)); err != nil {
		return err
	}
	if err := client.SendMail(from, []string{to}, bytes.NewReader(raw)); err != nil {
		return err
	}
	return client.Quit()
}
