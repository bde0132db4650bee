package sandbox

import (
	"context"
	"crypto/tls"
	"encoding/json"
	"errors"
	"net"
	"net/http"
	"time"

	"github.com/launchready/terraform-provider-launchready/internal/sandbox/inbox"
	"github.com/launchready/terraform-provider-launchready/internal/sandbox/portal"
	"github.com/launchready/terraform-provider-launchready/internal/sandbox/relay"
)

// Mailbox is an account of mail as the provider's configuration takes it: one
// to read by IMAP, or one to send by SMTP.
type Mailbox struct {
	IMAP     string `json:"imap,omitempty"` // host:port
	SMTP     string `json:"smtp,omitempty"` // host:port
	Username string `json:"username"`
	Password string `json:"password"`
	Address  string `json:"address,omitempty"`
}

// startMail starts the mail host and the sending service, and tells the portal
// to send through it.
func (s *Sandbox) startMail() error {
	front, members := s.world.edge, s.world.portal
	resolver := &net.Resolver{PreferGo: true, Dial: func(ctx context.Context, network, _ string) (net.Conn, error) {
		return new(net.Dialer).DialContext(ctx, network, s.Resolver())
	}}
	var err error
	if s.world.inbox, err = inbox.Start(inbox.Options{Certificate: front.HostCertificate, Resolver: resolver}); err != nil {
		return err
	}
	s.world.relay, err = relay.Start(relay.Options{
		Domain: s.Domain(), Selector: postmarkSelector,
		Certificate: front.HostCertificate, Roots: front.Roots(), Resolver: resolver,
		DialFrom: s.world.inbox.DialFrom, BounceTo: inbox.Bounces,
		Hook: relay.Hook{
			URL: "https://portal." + s.Domain() + portal.BounceHook, Header: portal.HookHeader, Secret: members.HookSecret(),
			Transport: s.visitor(),
		},
	})
	if err != nil {
		return err
	}
	username, password := s.world.relay.Credentials()
	members.SendThrough(portal.Submission{
		Addr: s.world.relay.Addr(), Host: relay.Host, Roots: front.Roots(), Username: username, Password: password,
	})
	return nil
}

// visitor reaches the portal as everyone does, by way of the edge.
func (s *Sandbox) visitor() *http.Transport {
	front := s.world.edge
	return &http.Transport{
		DialContext: func(ctx context.Context, network, _ string) (net.Conn, error) {
			return new(net.Dialer).DialContext(ctx, network, front.TLSAddr())
		},
		TLSClientConfig: &tls.Config{RootCAs: front.Roots(), MinVersion: tls.VersionTLS12}, TLSHandshakeTimeout: 10 * time.Second, DisableKeepAlives: true,
	}
}

// closeMail ends mail from its source to its end, so that nobody waits for one
// who has gone.
func (s *Sandbox) closeMail() error {
	if s.world == nil {
		return nil
	}
	s.world.portal.Close()
	var errs []error
	if s.world.relay != nil {
		errs = append(errs, s.world.relay.Close())
	}
	if s.world.inbox != nil {
		errs = append(errs, s.world.inbox.Close())
	}
	return errors.Join(errs...)
}

// Mailboxes are the accounts of mail by name: "inbox", which the launch test
// reads, "bounces", where delivery reports come, "ops", where alerts come, and
// "product", the client's at its sending service.
func (s *Sandbox) Mailboxes() map[string]Mailbox {
	const imap = inbox.IMAPHost + ":993"
	username, password := s.world.relay.Credentials()
	mailbox := func(address string) Mailbox {
		return Mailbox{IMAP: imap, Username: address, Password: s.world.inbox.Password(address), Address: address}
	}
	return map[string]Mailbox{
		"inbox":   mailbox(inbox.Test),
		"bounces": mailbox(inbox.Bounces),
		"ops":     mailbox(inbox.Ops),
		"product": {SMTP: relay.Host + ":587", Username: username, Password: password},
	}
}

// Inbox is the mail host, for tests that want more of it than an address.
func (s *Sandbox) Inbox() *inbox.Server { return s.world.inbox }

func mailboxesJSON(m map[string]Mailbox) string {
	text, err := json.Marshal(m)
	if err != nil {
		panic(err) // strings in a struct always marshal
	}
	return string(text)
}
