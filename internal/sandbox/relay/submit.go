package relay

import (
	"crypto/rand"
	"crypto/subtle"
	"errors"
	"io"

	"github.com/emersion/go-sasl"
	"github.com/emersion/go-smtp"
)

// message is one message to one recipient. id is how the service knows it: it
// is in the return path too, so that a late bounce finds its message.
type message struct {
	id, from, to string
	raw          []byte
}

// session is a client that hands mail in (RFC 6409).
type session struct {
	server   *Server
	signedIn bool
	to       []string
}

func (s *Server) newSession(*smtp.Conn) (smtp.Session, error) { return &session{server: s}, nil }

func (in *session) AuthMechanisms() []string { return []string{sasl.Plain} }

func (in *session) Auth(string) (sasl.Server, error) {
	return sasl.NewPlainServer(func(_, username, password string) error {
		name := subtle.ConstantTimeCompare([]byte(username), []byte(in.server.username))
		if name&subtle.ConstantTimeCompare([]byte(password), []byte(in.server.password)) != 1 {
			return smtp.ErrAuthFailed
		}
		in.signedIn = true
		return nil
	}), nil
}

// Mail needs a sign-in. The sender that the client names is not kept: the
// service has its own return path.
func (in *session) Mail(string, *smtp.MailOptions) error {
	if !in.signedIn {
		return &smtp.SMTPError{Code: 530, EnhancedCode: smtp.EnhancedCode{5, 7, 0}, Message: "Authentication required"}
	}
	return nil
}

func (in *session) Rcpt(to string, _ *smtp.RcptOptions) error {
	in.to = append(in.to, to)
	return nil
}

func (in *session) Reset() { in.to = nil }

func (in *session) Logout() error { return nil }

// Data accepts the message and sends it in the background.
func (in *session) Data(r io.Reader) error {
	raw, err := io.ReadAll(r)
	if err != nil {
		return err
	}
	s := in.server
	for _, to := range in.to {
		m := message{id: rand.Text()[:16], to: to, raw: raw}
		s.running.Go(func() { s.send(m) })
	}
	return nil
}

// send brings one message on its way; who sent it hears of it only if it bounces.
func (s *Server) send(m message) {
	switch {
	case s.on(Lost):
		return
	case s.on(Slow):
		if !s.wait(s.options.SlowBy) {
			return
		}
	}
	m.from = s.returnPath(m.id)
	var err error
	if m.raw, err = s.sign(m.raw); err != nil {
		err = &smtp.SMTPError{Code: 554, EnhancedCode: smtp.EnhancedCode{5, 6, 0}, Message: "The message cannot be signed"}
	} else {
		err = s.deliver(m)
	}
	if err == nil || s.context.Err() != nil || s.on(BouncesDropped) {
		return
	}
	var refused *smtp.SMTPError
	if !errors.As(err, &refused) {
		refused = &smtp.SMTPError{Code: 451, EnhancedCode: smtp.EnhancedCode{4, 4, 7}, Message: "Delivery time expired"}
	}
	s.bounce(m, refused)
}
