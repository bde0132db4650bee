package maildelivery

import (
	"bytes"
	"context"
	"crypto/ecdsa"
	"crypto/ed25519"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/tls"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/base64"
	"encoding/json"
	"encoding/pem"
	"io"
	"log"
	"math/big"
	"net"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/emersion/go-imap/v2"
	"github.com/emersion/go-imap/v2/imapserver"
	"github.com/emersion/go-imap/v2/imapserver/imapmemserver"
	"github.com/emersion/go-msgauth/dkim"

	"github.com/launchready/terraform-provider-launchready/internal/probe"
	"github.com/launchready/terraform-provider-launchready/internal/readiness"
)

const (
	password = "canary-imap-password-77b1"
	portal   = "https://portal.acme.example/api/password-reset"
)

// world is a product, the DNS and a mailbox at a real IMAP server over TLS.
type world struct {
	*probe.Client // mailboxes; what follows replaces the rest
	t             *testing.T
	user          *imapmemserver.User
	key           ed25519.PrivateKey

	mu      sync.Mutex
	txt     map[string][]string
	broken  map[string]bool // names that are not answered
	product func(to string) // what the product does on a request
	status  int             // of its answer
	answers func(u *url.URL) (int, string)
	sent    []string // recipients of requests to the product
	fetched int      // messages fetched by IMAP

	lost atomic.Bool // the IMAP server answers no more
}

func newWorld(t *testing.T) *world {
	t.Helper()
	_, key, _ := ed25519.GenerateKey(rand.Reader)
	w := &world{t: t, key: key, status: http.StatusAccepted, broken: map[string]bool{}}
	public := base64.StdEncoding.EncodeToString(key.Public().(ed25519.PublicKey))
	w.txt = map[string][]string{
		"acme.example":                  {"v=spf1 ip4:192.0.2.10 -all"},
		"_dmarc.acme.example":           {"v=DMARC1; p=reject"},
		"s1._domainkey.acme.example":    {"v=DKIM1; k=ed25519; p=" + public},
		"s1._domainkey.vendor.example":  {"v=DKIM1; k=ed25519; p=" + public},
		"vendor.example":                {"v=spf1 ip4:192.0.2.10 -all"},
		"_dmarc.vendor.example":         {"v=DMARC1; p=none"},
		"s1._domainkey.mail.acme.test":  {"v=DKIM1; k=ed25519; p=" + public},
		"old._domainkey.acme.example":   {"v=DKIM1; k=ed25519; p="},
		"slow._domainkey.acme.example":  {"v=DKIM1; k=ed25519; p=" + public},
		"other._domainkey.acme.example": {"v=DKIM1; k=ed25519; p=" + public},
		"test._domainkey.acme.example":  {"v=DKIM1; k=ed25519; t=s : y; p=" + public},
	}
	address, authority := w.serve()
	w.Client = newClient(t, address, authority)
	return w
}

func newClient(t *testing.T, address string, authority []byte) *probe.Client {
	t.Helper()
	client, err := probe.New(probe.Config{
		ConnectTo: map[string]string{"imap.inbox.example:993": address}, CABundle: authority, Timeout: 2 * time.Second,
		Resolvers: []string{"127.0.0.1:1"},
		Log: func(_ context.Context, message string, fields map[string]any) {
			if text, _ := json.Marshal(fields); strings.Contains(message+string(text), password) {
				t.Errorf("the log shows the password: %s %s", message, text)
			}
		},
	})
	if err != nil {
		t.Fatal(err)
	}
	return client
}

// certificate makes a self-signed one.
func certificate(t *testing.T) (tls.Certificate, []byte) {
	t.Helper()
	key, _ := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	template := &x509.Certificate{
		SerialNumber: big.NewInt(1), Subject: pkix.Name{CommonName: "imap.inbox.example"}, DNSNames: []string{"imap.inbox.example"},
		NotBefore: time.Now().Add(-time.Hour), NotAfter: time.Now().Add(time.Hour), IsCA: true, BasicConstraintsValid: true,
		ExtKeyUsage: []x509.ExtKeyUsage{x509.ExtKeyUsageServerAuth},
	}
	der, err := x509.CreateCertificate(rand.Reader, template, template, key.Public(), key)
	if err != nil {
		t.Fatal(err)
	}
	return tls.Certificate{Certificate: [][]byte{der}, PrivateKey: key}, pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: der})
}

// counting is a session that counts what is fetched and refuses to change anything.
type counting struct {
	imapserver.Session
	w *world
}

func (c counting) Login(username, pass string) error {
	if username == "echo" { // a server that repeats what it was sent
		return &imap.Error{Type: imap.StatusResponseTypeNo, Text: "no such password: " + pass}
	}
	return c.Session.Login(username, pass)
}

func (c counting) Select(name string, options *imap.SelectOptions) (*imap.SelectData, error) {
	for c.w.lost.Load() {
		time.Sleep(50 * time.Millisecond)
	}
	if !options.ReadOnly {
		c.w.t.Error("a folder was opened for writing")
	}
	return c.Session.Select(name, options)
}

func (c counting) Fetch(w *imapserver.FetchWriter, set imap.NumSet, options *imap.FetchOptions) error {
	if uids, ok := set.(imap.UIDSet); ok {
		nums, _ := uids.Nums()
		c.w.mu.Lock()
		c.w.fetched += len(nums)
		c.w.mu.Unlock()
	}
	for _, section := range options.BodySection {
		if !section.Peek {
			c.w.t.Error("a message was fetched without PEEK")
		}
	}
	return c.Session.Fetch(w, set, options)
}

func (c counting) Store(*imapserver.FetchWriter, imap.NumSet, *imap.StoreFlags, *imap.StoreOptions) error {
	c.w.t.Error("a flag was changed")
	return nil
}

func (w *world) serve() (address string, authority []byte) {
	w.t.Helper()
	w.user = imapmemserver.NewUser("launch-test@inbox.example", password)
	_ = w.user.Create("INBOX", nil)
	_ = w.user.Create("Junk", nil)
	mem := imapmemserver.New()
	mem.AddUser(w.user)
	server := imapserver.New(&imapserver.Options{
		NewSession: func(*imapserver.Conn) (imapserver.Session, *imapserver.GreetingData, error) {
			return counting{mem.NewSession(), w}, nil, nil
		},
		Logger: log.New(io.Discard, "", 0), InsecureAuth: true,
	})
	own, authority := certificate(w.t)
	listener, err := tls.Listen("tcp", "127.0.0.1:0", &tls.Config{Certificates: []tls.Certificate{own}})
	if err != nil {
		w.t.Fatal(err)
	}
	go server.Serve(listener)
	w.t.Cleanup(func() { w.lost.Store(false); server.Close() })
	return listener.Addr().String(), authority
}

func (w *world) put(folder, raw string) {
	if _, err := w.user.Append(folder, bytes.NewReader([]byte(raw)), &imap.AppendOptions{}); err != nil {
		w.t.Error(err)
	}
}

// InScope, Lookup and Fetch replace those of the client.

func (w *world) InScope(host string, intent probe.Intent) error {
	if host != "portal.acme.example" {
		return &probe.ScopeError{Host: host, Intent: intent, Argument: "probe.allowed_hosts"}
	}
	return nil
}

func (w *world) Lookup(_ context.Context, name string, typ probe.RecordType) probe.Answer {
	a := probe.Answer{Name: name, Type: typ, Status: probe.NXDomain}
	if w.broken[name] {
		a.Status = probe.TimedOut
		return a
	}
	for _, text := range w.txt[name] {
		if typ == probe.TypeTXT {
			a.Status = probe.Found
			a.Records = append(a.Records, probe.Record{Name: name, Type: typ, Strings: []string{text}, Value: text})
		}
	}
	return a
}

func (w *world) Fetch(_ context.Context, req probe.Request) probe.Exchange {
	u, _ := url.Parse(req.URL)
	if req.Intent != probe.Active {
		w.t.Error("a request was not declared as active")
	}
	if req.Method == http.MethodGet {
		status, body := w.answers(u)
		return probe.Exchange{Status: status, Body: []byte(body)}
	}
	var body struct{ Email string }
	_ = json.Unmarshal(req.Body, &body)
	w.mu.Lock()
	w.sent = append(w.sent, body.Email)
	w.mu.Unlock()
	if w.status < 400 && w.product != nil {
		w.product(body.Email)
	}
	return probe.Exchange{Status: w.status}
}

// mailing builds a message as the receiver stores it. What is written after
// signing is put on top, as systems on the way do.
type mailing struct {
	from, to, body string
	domain         string // d=; empty = not signed
	selector       string // or several, one signature each; the last on top
	helo, path     string
	results        string // Authentication-Results on top
	received       string // the border's field; empty = usual
	headers        []string
	tamper         func(string) string
}

func (m mailing) raw(w *world) string {
	w.t.Helper()
	or := func(s, otherwise string) string {
		if s == "" {
			return otherwise
		}
		return s
	}
	text := "From: " + or(m.from, "Acme <portal@acme.example>") + "\r\nTo: " + m.to + "\r\nSubject: Reset\r\nDate: Wed, 25 Nov 2026 06:00:00 +0000\r\n" +
		"Message-ID: <1@acme.example>\r\nMIME-Version: 1.0\r\nContent-Type: text/html; charset=utf-8\r\n\r\n" +
		or(m.body, `<a href="https://portal.acme.example/reset?token=secret-reset-token">Reset</a> <a href="mailto:help@acme.example">Help</a>`) + "\r\n"
	for _, selector := range strings.Fields(or(m.selector, "s1")) {
		if m.domain == "" {
			break
		}
		var signed bytes.Buffer
		headers := m.headers
		if headers == nil {
			headers = []string{"From", "To", "Subject", "Date", "Message-ID"}
		}
		err := dkim.Sign(&signed, strings.NewReader(text), &dkim.SignOptions{Domain: m.domain, Selector: selector, Signer: w.key, HeaderKeys: headers})
		if err != nil {
			w.t.Fatal(err)
		}
		text = signed.String()
	}
	if m.tamper != nil {
		text = m.tamper(text)
	}
	top := "Return-Path: <" + or(m.path, "bounces@acme.example") + ">\r\n"
	if m.results != "" {
		top += "Authentication-Results: " + m.results + "\r\n"
	}
	return top + "Received: " + or(m.received, "from "+or(m.helo, "mail.acme.example")+" (mail.acme.example [192.0.2.10])\r\n\tby mx.inbox.example (Postfix) with ESMTPS id 4X for <"+m.to+">;\r\n\tWed, 25 Nov 2026 06:00:01 +0000") + "\r\n" + text
}

// delivers makes the product send a message to the inbox.
func (w *world) delivers(m mailing) {
	w.product = func(to string) {
		m.to = to
		w.put("INBOX", m.raw(w))
	}
}

func (w *world) spec() Spec {
	return Spec{
		Mailbox:    Mailbox{Account: probe.MailAccount{Server: "imap.inbox.example:993", Username: "launch-test@inbox.example", Password: password}, Address: "launch-test@inbox.example"},
		Trigger:    Trigger{Request: &Request{URL: portal, Body: `{"email":"{{recipient}}"}`}},
		Within:     1200 * time.Millisecond,
		FromDomain: "acme.example",
	}
}

func (w *world) run(spec Spec) readiness.Result {
	w.t.Helper()
	result, err := Definition.Execute(context.Background(), w, spec)
	if err != nil {
		w.t.Fatal(err)
	}
	text, _ := json.Marshal(result)
	observed, _ := json.Marshal(result.Observed)
	for _, secret := range []string{password, "secret-reset-token"} {
		if strings.Contains(string(text)+string(observed), secret) {
			w.t.Errorf("%s is shown: %s %s", secret, text, observed)
		}
	}
	if strings.Contains(string(text), "+lr-") {
		w.t.Errorf("the result depends on the run: %s", text)
	}
	return result
}

// statuses are the outcomes by rule, the passes and what does not apply left out.
func statuses(result readiness.Result) map[string]readiness.Status {
	out := map[string]readiness.Status{}
	for _, f := range result.Findings {
		if f.Status != readiness.Pass && f.Status != readiness.NotApplicable {
			out[f.Rule] = f.Status
		}
	}
	return out
}

func messageOf(result readiness.Result, rule string) string {
	i := slices.IndexFunc(result.Findings, func(f readiness.Finding) bool { return f.Rule == rule })
	if i < 0 {
		return ""
	}
	return result.Findings[i].Message
}

// stalling accepts connections and never says anything.
func stalling(t *testing.T) string {
	t.Helper()
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { listener.Close() })
	go func() {
		for {
			conn, err := listener.Accept()
			if err != nil {
				return
			}
			t.Cleanup(func() { conn.Close() })
		}
	}()
	return listener.Addr().String()
}
