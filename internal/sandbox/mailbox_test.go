package sandbox

import (
	"bytes"
	"context"
	"crypto/tls"
	"encoding/json"
	"errors"
	"net"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/emersion/go-imap/v2"
	"github.com/emersion/go-sasl"
	"github.com/emersion/go-smtp"
)

// TestMailbox goes through what a client of IMAP needs, in a mailbox that has
// been in use for long.
func TestMailbox(t *testing.T) {
	t.Parallel()
	s := start(t, Options{})
	c := visit(t, s)
	box := c.mailboxes()["inbox"]
	wrong := box
	wrong.Password = c.mailboxes()["bounces"].Password
	var refused *imap.Error
	if _, err := c.read(wrong); !errors.As(err, &refused) || refused.Code != imap.ResponseCodeAuthenticationFailed {
		t.Errorf("with a wrong password: %v", err)
	}
	const many = 10_000
	if err := s.Inbox().Preload(box.Address, many); err != nil {
		t.Fatal(err)
	}
	in, err := c.read(box)
	if err != nil {
		t.Fatal(err)
	}
	folders, err := in.List("", "*", nil).Collect()
	if err != nil || len(folders) != 2 || folders[1].Mailbox != "Junk" || len(folders[1].Attrs) != 1 || folders[1].Attrs[0] != imap.MailboxAttrJunk {
		t.Errorf("folders: %+v, %v", folders, err)
	}
	if err := in.Create("More", nil).Wait(); err == nil {
		t.Error("a folder was created")
	}
	status, err := in.Status("INBOX", &imap.StatusOptions{NumMessages: true, UIDNext: true}).Wait()
	if err != nil || *status.NumMessages != many || status.UIDNext != many+1 {
		t.Fatalf("status: %+v, %v", status, err)
	}
	c.reset("launch-test+late@inbox.example")
	raw := c.await(in, "INBOX", "launch-test+late@inbox.example")
	if !strings.Contains(raw, "/reset/") {
		t.Errorf("the message among many:\n%s", raw)
	}
	hits, err := in.UIDSearch(&imap.SearchCriteria{
		UID: []imap.UIDSet{{{Start: status.UIDNext}}}, Since: time.Now().Add(-24 * time.Hour),
		Header: []imap.SearchCriteriaHeaderField{{Key: "To", Value: "launch-test+late@"}},
	}, nil).Wait()
	if err != nil || len(hits.AllUIDs()) != 1 {
		t.Errorf("search by UID, date and header: %v, %v", hits, err)
	}
	if err := in.Noop().Wait(); err != nil {
		t.Error(err)
	}
}

// TestExchanger hands mail in as a stranger does: what is claimed of this host's
// judgement goes, and users that do not exist are refused.
func TestExchanger(t *testing.T) {
	t.Parallel()
	s := start(t, Options{})
	c := visit(t, s)
	dial := func(host, port string, config *tls.Config) (*smtp.Client, error) {
		t.Helper()
		raw, err := c.dial(t.Context(), "tcp", net.JoinHostPort(host, port))
		if err != nil {
			t.Fatal(err)
		}
		return smtp.NewClientStartTLS(raw, config)
	}
	for _, host := range []string{"smtp.google.com", "route1.mx.cloudflare.net", "mx.inbox.example"} {
		out, err := dial(host, "25", &tls.Config{RootCAs: c.roots, ServerName: host})
		if err != nil {
			t.Fatal(err)
		}
		if err := out.Noop(); err != nil { // the handshake is done here
			t.Errorf("%s: %v", host, err)
		}
		_ = out.Close()
	}
	out, err := dial("mx.inbox.example", "25", &tls.Config{RootCAs: c.roots, ServerName: "mx.inbox.example"})
	if err != nil {
		t.Fatal(err)
	}
	defer out.Close()
	var refused *smtp.SMTPError
	err = out.SendMail("a@partner.example", []string{"nobody@inbox.example"}, strings.NewReader("x"))
	if !errors.As(err, &refused) || refused.Code != 550 || refused.EnhancedCode != (smtp.EnhancedCode{5, 1, 1}) {
		t.Errorf("a user that does not exist: %v", err)
	}
	_ = out.Reset()
	forged := "Authentication-Results: mx.inbox.example; spf=pass\r\nAuthentication-Results: MX.inbox.example 1 ; dkim=pass\r\n" +
		"Authentication-Results: other.example; spf=pass\r\nFrom: a@acme.example\r\nSubject: forged\r\n\r\nx\r\n"
	if err := out.SendMail("a@acme.example", []string{"launch-test+forged@inbox.example"}, strings.NewReader(forged)); err != nil {
		t.Fatal(err)
	}
	all := s.Inbox().Messages()
	raw := all[len(all)-1].Raw
	if got := strings.Count(strings.ToLower(raw), "authentication-results: mx.inbox.example"); got != 1 {
		t.Errorf("%d results of the host itself in\n%s", got, raw)
	}
	if got := results(t, raw); !strings.Contains(got, "spf=fail") || !strings.Contains(got, "dkim=none") || !strings.Contains(got, "dmarc=fail header.from=acme.example") {
		t.Errorf("a forger: %s", got)
	}
	for _, want := range []string{"other.example; spf=pass", "[127.0.0.1]"} {
		if !strings.Contains(raw, want) {
			t.Errorf("%q is missing in\n%s", want, raw)
		}
	}

	product := c.mailboxes()["product"]
	host, port, _ := strings.Cut(product.SMTP, ":")
	for password, wantCode := range map[string]int{product.Password: 0, "wrong": 535} {
		out, err := dial(host, port, &tls.Config{RootCAs: c.roots, ServerName: host})
		if err != nil {
			t.Fatal(err)
		}
		err = out.Mail("x@acme.example", nil)
		if !errors.As(err, &refused) || refused.Code != 530 {
			t.Errorf("without a sign-in: %v", err)
		}
		err = out.Auth(sasl.NewPlainClient("", product.Username, password))
		if errors.As(err, &refused) && refused.Code != wantCode || (err == nil) != (wantCode == 0) {
			t.Errorf("sign-in: %v, want %d", err, wantCode)
		}
		_ = out.Close()
	}
	if _, err := s.Inbox().DialFrom(context.Background(), "nonsense"); err == nil {
		t.Error("a peer without an address was taken")
	}
}

// The control interface shows what came.
func TestControlInbox(t *testing.T) {
	t.Parallel()
	s := start(t, Options{})
	c := visit(t, s)
	in, err := c.read(c.mailboxes()["inbox"])
	if err != nil {
		t.Fatal(err)
	}
	c.reset("launch-test@inbox.example")
	c.await(in, "INBOX", "/reset/")
	resp, err := (&http.Client{Transport: &http.Transport{DisableKeepAlives: true}}).Get(s.ControlURL() + "/inbox")
	if err != nil {
		t.Fatal(err)
	}
	defer resp.Body.Close()
	var body bytes.Buffer
	_, _ = body.ReadFrom(resp.Body)
	var all []map[string]string
	if err := json.Unmarshal(body.Bytes(), &all); err != nil || len(all) != 1 {
		t.Fatalf("%v: %s", err, body.String())
	}
	for _, name := range []string{"mailbox", "folder", "from", "to", "subject", "received", "raw"} {
		if all[0][name] == "" {
			t.Errorf("%s is missing in %v", name, all[0])
		}
	}
	if _, err := time.Parse(time.RFC3339, all[0]["received"]); err != nil {
		t.Error(err)
	}
}
