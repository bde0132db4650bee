package probe

import (
	"context"
	"crypto/tls"
	"errors"
	"net/netip"
	"net/smtp"
	"net/textproto"
	"time"
)

// smtpPort is where mail servers take mail for their domains. Many networks
// close it to machines that are none.
const smtpPort = 25

// MailServer implements Prober. Of a host with several addresses one is taken
// unless an address is given.
func (c *Client) MailServer(ctx context.Context, host string, address netip.Addr) MailServerFacts {
	facts := MailServerFacts{TLSFacts: TLSFacts{Host: host, Address: address, Now: c.config.Clock()}}
	name, err := canonicalHost(host)
	if err == nil {
		facts.Host, err = name, c.InScope(name, Passive)
	}
	if err == nil {
		var release func()
		limit := c.limit(name)
		if release, err = limit.acquire(ctx); err == nil {
			defer release()
			err = limit.wait(ctx)
		}
	}
	if err == nil {
		err = c.startTLS(ctx, &facts)
	}
	facts.Failure, facts.Detail = classify(err)
	if errors.Is(err, errNoStartTLS) || errors.Is(err, errNoTalk) {
		facts.Failure, facts.Detail = FailOther, err.Error()
	}
	if facts.Failure == FailNone && len(facts.Chain) > 0 {
		facts.Verified, facts.ChainError, facts.NameError = verify(facts.Chain, facts.Host, c.roots(), facts.Now)
	}
	c.config.Log(ctx, "mail server", map[string]any{"host": facts.Host, "starttls": facts.StartTLS, "failure": string(facts.Failure)})
	return facts
}

var (
	errNoStartTLS = errors.New("the mail server does not offer STARTTLS")
	errNoTalk     = errors.New("the mail server refused to talk")
)

func (c *Client) startTLS(ctx context.Context, facts *MailServerFacts) error {
	ctx, cancel := context.WithTimeout(ctx, c.config.Timeout)
	defer cancel()
	conn, address, err := c.dial(ctx, facts.Host, smtpPort, facts.Address)
	facts.Address = address
	if err != nil {
		return err
	}
	defer conn.Close()
	deadline, _ := ctx.Deadline()
	if err := conn.SetDeadline(deadline); err != nil {
		return err
	}
	stop := context.AfterFunc(ctx, func() { _ = conn.SetDeadline(time.Unix(1, 0)) })
	defer stop()
	client, err := smtp.NewClient(conn, facts.Host)
	if err != nil {
		return smtpError(err)
	}
	if err := client.Hello("localhost"); err != nil {
		return smtpError(err) // it does not talk to this machine, which says nothing of what it offers
	}
	facts.Greeted = true
	if facts.StartTLS, _ = client.Extension("STARTTLS"); !facts.StartTLS {
		_ = client.Quit() // what it says to that does not matter
		return errNoStartTLS
	}
	// The certificate is evidence, and judged afterwards.
	if err := client.StartTLS(&tls.Config{ServerName: facts.Host, InsecureSkipVerify: true, MinVersion: tls.VersionTLS12}); err != nil { //nolint:gosec // as above
		return smtpError(err)
	}
	if state, ok := client.TLSConnectionState(); ok {
		facts.Version, facts.Suite, facts.Chain = state.Version, state.CipherSuite, state.PeerCertificates
	}
	_ = client.Quit()
	return nil
}

// smtpError keeps what a server wrote out of findings: it may vary.
func smtpError(err error) error {
	var protocol *textproto.Error
	if errors.As(err, &protocol) {
		return errNoTalk
	}
	return err
}
