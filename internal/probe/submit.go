package probe

import (
	"bytes"
	"context"
	"errors"
	"strings"

	"github.com/emersion/go-sasl"
	"github.com/emersion/go-smtp"
)

// Submit implements MailProber. Without TLS nothing is said: port 465 speaks it
// at once, any other must offer STARTTLS (RFC 8314).
func (c *Client) Submit(ctx context.Context, account MailAccount, mail Outgoing) MailFailure {
	server, err := parseMailServer(account.Server)
	if err != nil {
		return MailFailure{FailOther, err.Error()}
	}
	failure := mailFailure(c.submit(ctx, server, account, mail))
	c.config.Log(ctx, "mail submission", map[string]any{"host": server.host, "failure": string(failure.Kind)})
	return failure
}

func (c *Client) submit(ctx context.Context, server mailServer, account MailAccount, mail Outgoing) error {
	implicit := server.port == 465
	raw, conn, err := c.connectMail(ctx, server, implicit)
	if err != nil {
		return err
	}
	defer raw.Close()
	var client *smtp.Client
	err = c.step(ctx, raw, func() (err error) {
		if implicit {
			client = smtp.NewClient(conn)
			return client.Hello("localhost")
		}
		client, err = smtp.NewClientStartTLS(conn, c.tlsFor(server.host))
		if err == nil {
			err = client.Noop() // the handshake takes place with the first command
		}
		return err
	})
	if err != nil {
		return smtpSaid(err, FailTLS, "the server does not offer STARTTLS")
	}
	if account.Username != "" {
		if err := c.step(ctx, raw, func() error { return client.Auth(sasl.NewPlainClient("", account.Username, account.Password)) }); err != nil {
			var answer *smtp.SMTPError
			if errors.As(err, &answer) && answer.Code < 500 {
				return &mailError{FailProtocol, "the server cannot sign anybody in just now"}
			}
			return smtpSaid(err, FailAuth, "the server refused the user name or the password")
		}
	}
	if err := c.step(ctx, raw, func() error { return client.SendMail(mail.From, []string{mail.To}, bytes.NewReader(mail.Raw)) }); err != nil {
		return smtpSaid(err, FailProtocol, "the server refused the message")
	}
	_ = c.step(ctx, raw, client.Quit) // the message is taken whatever the goodbye brings
	return nil
}

// smtpSaid replaces an answer of the server, whose text is not shown.
func smtpSaid(err error, kind FailureKind, meaning string) error {
	var answer *smtp.SMTPError
	if errors.As(err, &answer) || strings.HasPrefix(err.Error(), "smtp: ") {
		return &mailError{kind, meaning}
	}
	return err
}
