package probe

import (
	"bufio"
	"bytes"
	"context"
	"crypto/tls"
	"fmt"
	"io"
	"log"
	"net"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/emersion/go-imap/v2"
	"github.com/emersion/go-imap/v2/imapserver"
	"github.com/emersion/go-imap/v2/imapserver/imapmemserver"
	"github.com/emersion/go-sasl"
	"github.com/emersion/go-smtp"
)

const mailPassword = "canary-mail-9d0e"

// tlsOf is a server's certificate for a name, and what to trust for it.
func tlsOf(t *testing.T, name string) (config *tls.Config, bundle []byte) {
	t.Helper()
	a := newAuthority(t)
	leaf := a.leaf(t, name, -time.Hour, time.Hour)
	return &tls.Config{Certificates: []tls.Certificate{{Certificate: rawChain(leaf, a.intermediate), PrivateKey: a.key}}}, pemOf(a.root)
}

func mailClient(t *testing.T, from, to string, bundle []byte) *Client {
	t.Helper()
	return newClient(t, Config{ConnectTo: map[string]string{from: to}, CABundle: bundle, Timeout: time.Second, Resolvers: []string{"127.0.0.1:1"}})
}

// mailServer is an IMAP server with one user.
func imapServer(t *testing.T) (user *imapmemserver.User, client *Client) {
	t.Helper()
	user = imapmemserver.NewUser("u", mailPassword)
	mem := imapmemserver.New()
	mem.AddUser(user)
	config, bundle := tlsOf(t, "imap.inbox.example")
	server := imapserver.New(&imapserver.Options{
		NewSession: func(*imapserver.Conn) (imapserver.Session, *imapserver.GreetingData, error) {
			return mem.NewSession(), nil, nil
		},
		Logger: log.New(io.Discard, "", 0), InsecureAuth: true,
	})
	l, err := tls.Listen("tcp", "127.0.0.1:0", config)
	if err != nil {
		t.Fatal(err)
	}
	var done sync.WaitGroup
	done.Go(func() { _ = server.Serve(l) })
	t.Cleanup(func() { server.Close(); done.Wait() })
	return user, mailClient(t, "imap.inbox.example:993", l.Addr().String(), bundle)
}

var inboxAccount = MailAccount{Server: "imap.inbox.example:993", Username: "u", Password: mailPassword}

func appendMail(t *testing.T, user *imapmemserver.User, folder, raw string) {
	t.Helper()
	if _, err := user.Append(folder, bytes.NewReader([]byte(raw)), &imap.AppendOptions{}); err != nil {
		t.Fatal(err)
	}
}

func TestMailbox(t *testing.T) {
	user, client := imapServer(t)
	_ = user.Create("INBOX", nil)
	_ = user.Create("Archive/Spam", nil)
	appendMail(t, user, "INBOX", "Subject: old\r\n\r\n")
	box, failure := client.OpenMailbox(t.Context(), inboxAccount)
	if failure.Failed() {
		t.Fatal(failure)
	}
	defer box.Close()
	look := func() (subjects []string) {
		news := box.Next(t.Context())
		if news.Failure.Failed() || news.Overflow {
			t.Fatalf("%+v", news)
		}
		for _, l := range news.Letters {
			line, _, _ := strings.Cut(string(l.Raw), "\r\n")
			subjects = append(subjects, fmt.Sprintf("%s junk=%t truncated=%t", line, l.Junk, l.Truncated))
		}
		return subjects
	}
	if got := look(); got != nil {
		t.Errorf("old letters: %q", got)
	}
	appendMail(t, user, "INBOX", "Subject: a\r\n\r\n")
	appendMail(t, user, "Archive/Spam", "Subject: b\r\n\r\n")
	appendMail(t, user, "INBOX", "Subject: c\r\n\r\n"+strings.Repeat("x", 2<<20))
	want := []string{"Subject: a junk=false truncated=false", "Subject: c junk=false truncated=true", "Subject: b junk=true truncated=false"}
	if got := look(); !slices.Equal(got, want) {
		t.Errorf("%q, want %q", got, want)
	}
	if got := look(); got != nil {
		t.Errorf("read twice: %q", got)
	}
	// A lost connection costs one look and no letter.
	box.(*mailbox).raw.Close()
	if news := box.Next(t.Context()); !news.Failure.Failed() {
		t.Errorf("%+v", news)
	}
	appendMail(t, user, "INBOX", "Subject: d\r\n\r\n")
	if got := look(); !slices.Equal(got, []string{"Subject: d junk=false truncated=false"}) {
		t.Errorf("%q", got)
	}
	status, err := user.Status("INBOX", &imap.StatusOptions{NumUnseen: true, NumMessages: true})
	if err != nil || *status.NumUnseen != *status.NumMessages {
		t.Errorf("letters were marked as seen: %+v, %v", status, err)
	}
}

func TestMailboxOverflow(t *testing.T) {
	user, client := imapServer(t)
	_ = user.Create("INBOX", nil)
	box, failure := client.OpenMailbox(t.Context(), inboxAccount)
	if failure.Failed() {
		t.Fatal(failure)
	}
	defer box.Close()
	for range maxLetters + 10 {
		appendMail(t, user, "INBOX", "Subject: x\r\n\r\n")
	}
	read := 0
	for range 100 {
		news := box.Next(t.Context())
		if news.Failure.Failed() {
			t.Fatal(news.Failure)
		}
		if read += len(news.Letters); news.Overflow {
			break
		}
	}
	if read != maxLetters {
		t.Errorf("%d letters read", read)
	}
}

// script answers each line that a client sends with what it is given; a dash
// says nothing, and the empty text hangs up.
func script(t *testing.T, config *tls.Config, greeting string, answer func(line string) string) string {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	var done sync.WaitGroup
	done.Go(func() {
		for {
			conn, err := l.Accept()
			if err != nil {
				return
			}
			done.Go(func() {
				defer conn.Close()
				_ = conn.SetDeadline(time.Now().Add(10 * time.Second))
				if config != nil {
					conn = tls.Server(conn, config)
				}
				fmt.Fprint(conn, greeting)
				for lines := bufio.NewScanner(conn); lines.Scan(); {
					text := answer(lines.Text())
					if text == "" {
						return
					}
					if text != "-" {
						fmt.Fprint(conn, text)
					}
				}
			})
		}
	})
	t.Cleanup(func() { l.Close(); done.Wait() })
	return l.Addr().String()
}

func TestMailboxFailures(t *testing.T) {
	config, bundle := tlsOf(t, "imap.inbox.example")
	other, otherBundle := tlsOf(t, "imap.other.example")
	const hello = "* OK [CAPABILITY IMAP4rev1] hello\r\n"
	tagged := func(rest string) func(string) string {
		return func(line string) string {
			tag, _, _ := strings.Cut(line, " ")
			return strings.ReplaceAll(rest, "TAG", tag)
		}
	}
	for name, test := range map[string]struct {
		config   *tls.Config
		bundle   []byte
		greeting string
		answer   func(string) string
		want     MailFailure
	}{
		"no greeting":       {config, bundle, "", tagged("-"), MailFailure{FailTimeout, "no answer in time"}},
		"no answer":         {config, bundle, hello, tagged("-"), MailFailure{FailTimeout, "no answer in time"}},
		"a refusal":         {config, bundle, hello, func(line string) string { return tagged("TAG NO [AUTHENTICATIONFAILED] not " + line + "\r\n")(line) }, MailFailure{FailAuth, "the server refused the user name or the password"}},
		"an outage":         {config, bundle, hello, tagged("TAG NO [UNAVAILABLE] later\r\n"), MailFailure{FailProtocol, "the server cannot sign anybody in just now"}},
		"not understood":    {config, bundle, hello, func(line string) string { return tagged("TAG BAD " + line + "\r\n")(line) }, MailFailure{FailProtocol, "the server did not understand the sign-in"}},
		"hangs up":          {config, bundle, hello, tagged(""), MailFailure{FailReset, "the connection was closed before an answer"}},
		"another protocol":  {config, bundle, "220 smtp.example ESMTP\r\n", tagged("-"), MailFailure{FailProtocol, "the server's answer is not understood"}},
		"no TLS":            {nil, bundle, hello, tagged("-"), MailFailure{FailTLS, "the server does not speak TLS"}},
		"another name":      {other, otherBundle, hello, tagged("-"), MailFailure{FailUnverified, "the certificate does not cover the name"}},
		"an unknown issuer": {config, nil, hello, tagged("-"), MailFailure{FailUnverified, "the certificate is not signed by a trusted authority, or an intermediate certificate is not served"}},
		"a stall after that": {config, bundle, hello, func(line string) string {
			if strings.Contains(line, "LOGIN") {
				return tagged("TAG OK in\r\n")(line)
			}
			return "-"
		}, MailFailure{FailTimeout, "no answer in time"}},
	} {
		t.Run(name, func(t *testing.T) {
			client := mailClient(t, "imap.inbox.example:993", script(t, test.config, test.greeting, test.answer), test.bundle)
			box, failure := client.OpenMailbox(t.Context(), inboxAccount)
			if failure != test.want || box != nil {
				t.Errorf("%+v, want %+v", failure, test.want)
			}
		})
	}
}

// What an account looks like when somebody prints it.
func TestMailAccountHidesPassword(t *testing.T) {
	for _, format := range []string{"%s", "%v", "%+v", "%#v", "%q"} {
		if text := fmt.Sprintf(format, inboxAccount); strings.Contains(text, mailPassword) {
			t.Errorf("%s shows %s", format, text)
		}
	}
}

// submission is an SMTP server that wants a password.
type submission struct {
	mu  sync.Mutex
	got []string
}

func (s *submission) NewSession(*smtp.Conn) (smtp.Session, error) { return &submitting{s: s}, nil }

type submitting struct {
	s        *submission
	from, to string
	in       bool
}

func (*submitting) AuthMechanisms() []string { return []string{sasl.Plain} }
func (m *submitting) Auth(string) (sasl.Server, error) {
	return sasl.NewPlainServer(func(_, username, password string) error {
		if m.in = username == "u" && password == mailPassword; !m.in {
			return &smtp.SMTPError{Code: 535, Message: "wrong: " + password}
		}
		return nil
	}), nil
}
func (*submitting) Reset()        {}
func (*submitting) Logout() error { return nil }
func (m *submitting) Mail(from string, _ *smtp.MailOptions) error {
	if !m.in {
		return smtp.ErrAuthRequired
	}
	m.from = from
	return nil
}
func (m *submitting) Rcpt(to string, _ *smtp.RcptOptions) error {
	if strings.HasPrefix(to, "refused@") {
		return &smtp.SMTPError{Code: 550, Message: "no"}
	}
	m.to = to
	return nil
}
func (m *submitting) Data(r io.Reader) error {
	raw, err := io.ReadAll(r)
	m.s.mu.Lock()
	defer m.s.mu.Unlock()
	m.s.got = append(m.s.got, m.from+" "+m.to+" "+string(raw))
	return err
}

func TestSubmit(t *testing.T) {
	config, bundle := tlsOf(t, "smtp.sender.example")
	_, otherBundle := tlsOf(t, "smtp.sender.example")
	mail := Outgoing{From: "a@acme.example", To: "b@inbox.example", Raw: []byte("Subject: x\r\n\r\n.y\r\n")}
	for name, test := range map[string]struct {
		port     string
		plain    bool // offers no STARTTLS
		bundle   []byte
		password string
		to       string
		want     MailFailure
	}{
		"STARTTLS":          {port: "587", bundle: bundle, password: mailPassword},
		"TLS at once":       {port: "465", bundle: bundle, password: mailPassword},
		"no STARTTLS":       {port: "587", plain: true, bundle: bundle, password: mailPassword, want: MailFailure{FailTLS, "the server does not offer STARTTLS"}},
		"not trusted":       {port: "587", bundle: otherBundle, password: mailPassword, want: MailFailure{FailUnverified, "the certificate is not signed by a trusted authority, or an intermediate certificate is not served"}},
		"wrong password":    {port: "587", bundle: bundle, password: "canary-wrong", want: MailFailure{FailAuth, "the server refused the user name or the password"}},
		"a refused address": {port: "587", bundle: bundle, password: mailPassword, to: "refused@inbox.example", want: MailFailure{FailProtocol, "the server refused the message"}},
	} {
		t.Run(name, func(t *testing.T) {
			backend := &submission{}
			server := smtp.NewServer(backend)
			server.ErrorLog = log.New(io.Discard, "", 0)
			if !test.plain {
				server.TLSConfig = config
			}
			l, err := net.Listen("tcp", "127.0.0.1:0")
			if err != nil {
				t.Fatal(err)
			}
			address := l.Addr().String()
			if test.port == "465" {
				l = tls.NewListener(l, config)
			}
			var done sync.WaitGroup
			done.Go(func() { _ = server.Serve(l) })
			t.Cleanup(func() { server.Close(); done.Wait() })
			client := mailClient(t, "smtp.sender.example:"+test.port, address, test.bundle)
			out := mail
			if test.to != "" {
				out.To = test.to
			}
			failure := client.Submit(t.Context(), MailAccount{Server: "smtp.sender.example:" + test.port, Username: "u", Password: test.password}, out)
			if failure != test.want {
				t.Errorf("%+v, want %+v", failure, test.want)
			}
			want := []string{"a@acme.example b@inbox.example Subject: x\r\n\r\n.y\r\n"}
			if test.want.Failed() {
				want = nil
			}
			backend.mu.Lock()
			defer backend.mu.Unlock()
			if !slices.Equal(backend.got, want) {
				t.Errorf("got %q, want %q", backend.got, want)
			}
		})
	}
}

func TestSubmitStalls(t *testing.T) {
	for name, greeting := range map[string]string{"no greeting": "", "no answer": "220 hello\r\n"} {
		t.Run(name, func(t *testing.T) {
			client := mailClient(t, "smtp.sender.example:587", script(t, nil, greeting, func(string) string { return "-" }), nil)
			start := time.Now()
			failure := client.Submit(context.Background(), MailAccount{Server: "smtp.sender.example:587"}, Outgoing{})
			if failure.Kind != FailTimeout || time.Since(start) > 4*time.Second {
				t.Errorf("%+v after %s", failure, time.Since(start))
			}
		})
	}
}
