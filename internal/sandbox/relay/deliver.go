package relay

import (
	"bytes"
	"context"
	"crypto/tls"
	"errors"
	"net"
	"slices"
	"strings"
	"time"

	"github.com/emersion/go-smtp"
)

// wait sleeps, and says whether the relay is still there afterwards.
func (s *Server) wait(d time.Duration) bool {
	timer := time.NewTimer(d)
	defer timer.Stop()
	select {
	case <-timer.C:
		return true
	case <-s.context.Done():
		return false
	}
}

// returnPath is the client's own where its record is there, and otherwise the
// service's: mail goes out either way, but SPF then speaks for the service alone.
func (s *Server) returnPath(id string) string {
	domain := "pm-bounces." + s.options.Domain
	ctx, cancel := context.WithTimeout(s.context, 5*time.Second)
	defer cancel()
	if found, err := s.options.Resolver.LookupMX(ctx, domain+"."); err != nil || len(found) == 0 {
		domain = "pm." + Vendor
	}
	return "pm_bounces+" + id + "@" + domain
}

// deliver tries a few times, as long as the refusal is one that may pass.
func (s *Server) deliver(m message) error {
	const tries = 3
	var err error
	for try := range tries {
		if try > 0 && !s.wait(time.Second) {
			return s.context.Err()
		}
		err = s.deliverOnce(m)
		var refused *smtp.SMTPError
		if err == nil || errors.As(err, &refused) && refused.Code >= 500 {
			return err
		}
	}
	return err
}

// deliverOnce brings a message to the exchanger of its recipient's domain.
func (s *Server) deliverOnce(m message) error {
	ctx, cancel := context.WithTimeout(s.context, 20*time.Second)
	defer cancel()
	exchanger, err := s.exchanger(ctx, m.to)
	if err != nil {
		return err
	}
	from := address
	if s.on(StrayAddress) {
		from = strayAddress
	}
	conn, err := s.options.DialFrom(ctx, from)
	if err != nil {
		return err
	}
	stop := context.AfterFunc(ctx, func() { _ = conn.Close() })
	defer stop()
	var client *smtp.Client
	if s.on(WithoutTLS) {
		client = smtp.NewClient(conn)
	} else {
		config := &tls.Config{ServerName: exchanger, RootCAs: s.options.Roots, MinVersion: tls.VersionTLS12}
		if client, err = smtp.NewClientStartTLS(conn, config); err != nil {
			return errors.Join(err, conn.Close())
		}
	}
	defer client.Close()
	if err := client.Hello(helo); err != nil {
		return err
	}
	if err := client.SendMail(m.from, []string{m.to}, bytes.NewReader(m.raw)); err != nil {
		return err
	}
	_ = client.Quit() // the message is delivered
	return nil
}

// exchanger returns the first MX host of a recipient's domain (RFC 5321 5.1).
// A domain that takes no mail is a bounce, not something to try again; one
// without MX records is such a domain, for no host of the sandbox's world takes
// mail for itself.
func (s *Server) exchanger(ctx context.Context, to string) (string, error) {
	_, domain, _ := strings.Cut(to, "@")
	found, err := s.options.Resolver.LookupMX(ctx, domain+".")
	var missing *net.DNSError
	switch {
	case err != nil && (!errors.As(err, &missing) || !missing.IsNotFound):
		return "", err
	case len(found) == 0:
		return "", &smtp.SMTPError{Code: 550, EnhancedCode: smtp.EnhancedCode{5, 1, 2}, Message: "The domain takes no mail"}
	}
	slices.SortFunc(found, func(a, b *net.MX) int { return int(a.Pref) - int(b.Pref) })
	if found[0].Host == "." { // null MX (RFC 7505)
		return "", &smtp.SMTPError{Code: 556, EnhancedCode: smtp.EnhancedCode{5, 1, 10}, Message: "The domain takes no mail"}
	}
	return strings.TrimSuffix(found[0].Host, "."), nil
}
