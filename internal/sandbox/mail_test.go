package sandbox

import (
	"crypto/tls"
	"encoding/json"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/mail"
	"net/url"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/emersion/go-imap/v2"
	"github.com/emersion/go-imap/v2/imapclient"
	"github.com/emersion/go-msgauth/dkim"

	"github.com/launchready/terraform-provider-launchready/internal/sandbox/inbox"
)

// mailboxes reads the accounts of mail out of the environment.
func (c *client) mailboxes() map[string]Mailbox {
	c.t.Helper()
	var out map[string]Mailbox
	if err := json.Unmarshal([]byte(c.env["LAUNCHREADY_MAILBOXES"]), &out); err != nil {
		c.t.Fatal(err)
	}
	return out
}

// read signs in to a mailbox over IMAP.
func (c *client) read(box Mailbox) (*imapclient.Client, error) {
	host, _, err := net.SplitHostPort(box.IMAP)
	if err != nil {
		return nil, err
	}
	raw, err := c.dial(c.t.Context(), "tcp", box.IMAP)
	if err != nil {
		return nil, err
	}
	in := imapclient.New(tls.Client(raw, &tls.Config{RootCAs: c.roots, ServerName: host}), nil)
	c.t.Cleanup(func() { _ = in.Close() })
	return in, in.Login(box.Username, box.Password).Wait()
}

// found returns the messages of a folder that mention a text, whole.
func found(in *imapclient.Client, folder, text string) ([]string, error) {
	if _, err := in.Select(folder, &imap.SelectOptions{ReadOnly: true}).Wait(); err != nil {
		return nil, err
	}
	hits, err := in.UIDSearch(&imap.SearchCriteria{Text: []string{text}}, nil).Wait()
	if err != nil || len(hits.AllUIDs()) == 0 {
		return nil, err
	}
	all, err := in.Fetch(imap.UIDSetNum(hits.AllUIDs()...), &imap.FetchOptions{
		InternalDate: true, BodySection: []*imap.FetchItemBodySection{{Peek: true}},
	}).Collect()
	var out []string
	for _, m := range all {
		if time.Since(m.InternalDate) > time.Minute {
			return nil, fmt.Errorf("a message of %s", m.InternalDate)
		}
		for _, section := range m.BodySection {
			out = append(out, string(section.Bytes))
		}
	}
	return out, err
}

// await polls a folder until a message mentions the text.
func (c *client) await(in *imapclient.Client, folder, text string) string {
	c.t.Helper()
	for end := time.Now().Add(5 * time.Second); time.Now().Before(end); time.Sleep(5 * time.Millisecond) {
		out, err := found(in, folder, text)
		if err != nil {
			c.t.Fatal(err)
		}
		if len(out) > 0 {
			return out[0]
		}
	}
	c.t.Fatalf("nothing with %q came into %s", text, folder)
	return ""
}

// send makes a request of the portal, with a token or without, and returns its body.
func (c *client) send(method, path, token, body string, want int) string {
	c.t.Helper()
	req, err := http.NewRequestWithContext(c.t.Context(), method, "https://portal.acme.example"+path, strings.NewReader(body))
	if err != nil {
		c.t.Fatal(err)
	}
	req.Header.Set("Content-Type", "application/json")
	if token != "" {
		req.Header.Set("Authorization", "Bearer "+token)
	}
	resp, err := c.http().Do(req)
	if err != nil {
		c.t.Fatal(err)
	}
	defer resp.Body.Close()
	b, _ := io.ReadAll(resp.Body)
	if resp.StatusCode != want {
		c.t.Fatalf("%s %s: %d %s, want %d", method, path, resp.StatusCode, b, want)
	}
	return string(b)
}

func (c *client) reset(address string) {
	c.t.Helper()
	c.send("POST", "/api/password-reset", "", fmt.Sprintf(`{"email":%q}`, address), http.StatusAccepted)
}

// identity returns a token of a test account.
func (c *client) identity(name string) string {
	c.t.Helper()
	var all map[string]struct {
		Username, Password string
		BearerToken        string `json:"bearer_token"`
	}
	if err := json.Unmarshal([]byte(c.env["LAUNCHREADY_IDENTITIES"]), &all); err != nil {
		c.t.Fatal(err)
	}
	if token := all[name].BearerToken; token != "" {
		return token
	}
	in, _ := json.Marshal(map[string]string{"email": all[name].Username, "password": all[name].Password})
	var out struct{ Token string }
	if err := json.Unmarshal([]byte(c.send("POST", "/api/login", "", string(in), 200)), &out); err != nil {
		c.t.Fatal(err)
	}
	return out.Token
}

// signatures verifies the signatures of a message against the zones.
func (c *client) signatures(raw string) []*dkim.Verification {
	c.t.Helper()
	out, err := dkim.VerifyWithOptions(strings.NewReader(raw), &dkim.VerifyOptions{LookupTXT: func(name string) ([]string, error) {
		return c.resolver.LookupTXT(c.t.Context(), name+".")
	}})
	if err != nil {
		c.t.Fatal(err)
	}
	return out
}

// results is the field in which the mail host says what it thinks of a message.
func results(t *testing.T, raw string) string {
	t.Helper()
	m, err := mail.ReadMessage(strings.NewReader(raw))
	if err != nil {
		t.Fatal(err)
	}
	return strings.Join(strings.Fields(m.Header.Get("Authentication-Results")), " ")
}

// TestMail asks for a new password and reads the message that comes, with
// nothing but what the environment says.
func TestMail(t *testing.T) {
	t.Parallel()
	s := start(t, Options{})
	c := visit(t, s)
	in, err := c.read(c.mailboxes()["inbox"])
	if err != nil {
		t.Fatal(err)
	}
	c.reset("launch-test+one@inbox.example")
	c.reset("nobody@inbox.example")
	raw := c.await(in, "INBOX", "launch-test+one@inbox.example")
	for _, want := range []string{
		"Return-Path: <pm_bounces+", "@pm-bounces.acme.example>\r\nReceived: from mta97.mtasv.net (mta97.mtasv.net [50.31.156.97])",
		"by mx.inbox.example with ESMTPS (TLS 1.3)", "for <launch-test+one@inbox.example>;",
		`From: "Acme Portal" <no-reply@acme.example>`, "To: <launch-test+one@inbox.example>", "multipart/alternative",
		"https://portal.acme.example/reset/",
	} {
		if !strings.Contains(raw, want) {
			t.Errorf("%q is missing", want)
		}
	}
	if got := c.signatures(raw); len(got) != 1 || got[0].Err != nil || got[0].Domain != "acme.example" {
		t.Errorf("signatures: %+v", got)
	}
	got := results(t, raw)
	for _, want := range []string{
		"mx.inbox.example; spf=pass smtp.mailfrom=pm_bounces+", "dkim=pass header.d=acme.example header.s=" + postmarkSelector, "dmarc=pass header.from=acme.example",
	} {
		if !strings.Contains(got, want) {
			t.Errorf("%q is not in %q", want, got)
		}
	}
	if t.Failed() {
		t.Log(raw)
	}
	if all := s.Inbox().Messages(); len(all) != 1 || all[0].To != "launch-test+one@inbox.example" || all[0].Folder != "INBOX" || all[0].Raw != raw {
		t.Errorf("received: %+v", all)
	}

	// Without a return path of the client the service takes its own.
	if err := s.SetFaults("return_path_missing"); err != nil {
		t.Fatal(err)
	}
	c.reset("launch-test+path@inbox.example")
	raw = c.await(in, "INBOX", "launch-test+path@inbox.example")
	if got := results(t, raw); !strings.Contains(raw, "@pm.mtasv.net>\r\nReceived") || !strings.Contains(got, "spf=pass") || !strings.Contains(got, "dmarc=pass") {
		t.Errorf("without a return path: %s", got)
	}

	c.send("POST", "/api/invites", c.identity("member_a"), `{"email":"launch-test+two@inbox.example"}`, http.StatusAccepted)
	if raw := c.await(in, "INBOX", "launch-test+two@inbox.example"); !strings.Contains(raw, "https://portal.acme.example/invite/") || !strings.Contains(raw, "Mira Ahlberg") {
		t.Errorf("the invitation:\n%s", raw)
	}
}

// TestBounce invites an address that does not exist, and hears of it in both
// ways; with the fault in neither.
func TestBounce(t *testing.T) {
	t.Parallel()
	s := start(t, Options{})
	c := visit(t, s)
	member, robot := c.identity("member_a"), c.identity("robot")
	suppressed := func(address string) string {
		return strings.TrimSpace(c.send("GET", "/api/mail/suppressions?address="+url.QueryEscape(address), robot, "", 200))
	}
	invite := func(address string) {
		c.send("POST", "/api/invites", member, fmt.Sprintf(`{"email":%q}`, address), http.StatusAccepted)
	}
	in, err := c.read(c.mailboxes()["bounces"])
	if err != nil {
		t.Fatal(err)
	}
	invite("gone@acme.example")
	raw := c.await(in, "INBOX", "gone@acme.example")
	for _, want := range []string{
		"Return-Path: <>", "multipart/report", "report-type=delivery-status", "Reporting-MTA: dns; mta97.mtasv.net",
		"Final-Recipient: rfc822; gone@acme.example", "Action: failed", "Status: 5.1.1", "Diagnostic-Code: smtp; 550 5.1.1 No such user here",
	} {
		if !strings.Contains(raw, want) {
			t.Errorf("%q is missing in\n%s", want, raw)
		}
	}
	if got := results(t, raw); !strings.Contains(got, "spf=pass smtp.helo=mta97.mtasv.net") || !strings.Contains(got, "dkim=pass header.d=mtasv.net") {
		t.Errorf("results: %s", got)
	}
	if got := suppressed("Gone@acme.example"); got != `{"address":"Gone@acme.example","suppressed":true,"reason":"hard_bounce"}` {
		t.Errorf("suppression: %s", got)
	}
	c.send("GET", "/api/mail/suppressions?address=x@acme.example", member, "", http.StatusForbidden)
	c.send("GET", "/api/mail/suppressions?address=x@acme.example", "", "", http.StatusUnauthorized)
	c.send("GET", "/api/mail/suppressions?address=x", robot, "", http.StatusUnprocessableEntity)
	c.send("POST", "/hooks/bounces", "", `{"RecordType":"Bounce","Type":"HardBounce","Email":"forged@acme.example"}`, http.StatusUnauthorized)
	if got := suppressed("forged@acme.example"); got != `{"address":"forged@acme.example","suppressed":false}` {
		t.Errorf("after a forged report: %s", got)
	}
	invite("someone@nowhere.example") // no such domain
	if raw := c.await(in, "INBOX", "someone@nowhere.example"); !strings.Contains(raw, "Status: 5.1.2") {
		t.Errorf("a domain without mail:\n%s", raw)
	}

	if err := s.SetFaults("bounce_dropped"); err != nil {
		t.Fatal(err)
	}
	reports := func() int { // alerts come to another mailbox, when they do
		return len(slices.DeleteFunc(s.Inbox().Messages(), func(m inbox.Message) bool { return m.Mailbox == inbox.Ops }))
	}
	before := reports()
	invite("lost@acme.example")
	time.Sleep(200 * time.Millisecond)
	if got := suppressed("lost@acme.example"); !strings.Contains(got, `"suppressed":false`) {
		t.Errorf("with the fault: %s", got)
	}
	if got := reports(); got != before {
		t.Errorf("%d messages came with the fault", got-before)
	}
	if err := s.SetFaults(); err != nil {
		t.Fatal(err)
	}
	invite("late@acme.example")
	c.await(in, "INBOX", "late@acme.example")
	if got := suppressed("late@acme.example"); !strings.Contains(got, `"suppressed":true`) {
		t.Errorf("after the fault: %s", got)
	}
}

// mailEvidence is what a message must show, by fault; "" where none may come.
var mailEvidence = map[string]string{
	"mail_unsigned":          "dkim=none; dmarc=pass",
	"mail_signed_by_vendor":  "dkim=pass header.d=mtasv.net header.s=pm20260301; dmarc=pass",
	"mail_key_mismatch":      "dkim=fail header.d=acme.example",
	"mail_spf_not_covered":   "spf=softfail smtp.mailfrom=pm_bounces",
	"mail_slow":              "",
	"mail_lost":              "",
	"mail_in_junk":           "Junk",
	"mail_http_links":        "http://portal.acme.example/reset/",
	"mail_foreign_links":     "https://click.portal-mailer.example/reset/",
	"mail_no_tls":            "by mx.inbox.example with ESMTP id",
	"mail_from_other_domain": "dmarc=fail header.from=portal-mailer.example",
}

// TestMailFaults switches every fault of mail on and off, and reads what comes.
func TestMailFaults(t *testing.T) {
	t.Parallel()
	s := start(t, Options{EdgeSpeed: 1000}) // resets in a row are not to be limited
	c := visit(t, s)
	in, err := c.read(c.mailboxes()["inbox"])
	if err != nil {
		t.Fatal(err)
	}
	shows := func(raw, want string) bool { return strings.Contains(strings.Join(strings.Fields(raw), " "), want) }
	for _, f := range Faults() {
		if f.Scope != ScopeMail || f.Name == "bounce_dropped" { // TestBounce
			continue
		}
		want, known := mailEvidence[f.Name]
		if !known || f.Breaks == "" || len(f.Rules) == 0 || f.Status != "fail" {
			t.Errorf("%s: incomplete", f.Name)
			continue
		}
		for i, on := range []bool{true, false} {
			var names []string
			if on {
				names = []string{f.Name}
			}
			if err := s.SetFaults(names...); err != nil {
				t.Fatal(err)
			}
			address := fmt.Sprintf("launch-test+%s-%d@inbox.example", f.Name, i)
			c.reset(address)
			switch {
			case on && want == "":
				time.Sleep(200 * time.Millisecond)
				if out, err := found(in, "INBOX", address); err != nil || len(out) > 0 {
					t.Errorf("%s: %d messages came (%v)", f.Name, len(out), err)
				}
			case on && want == "Junk":
				c.await(in, "Junk", address)
			default:
				raw := c.await(in, "INBOX", address)
				if got := shows(raw, want); want != "" && got != on {
					t.Errorf("%s %v: %q shows %v in\n%s", f.Name, on, want, got, raw)
				}
				if !on && !strings.Contains(raw, "dmarc=pass") {
					t.Errorf("%s left something behind:\n%s", f.Name, raw)
				}
			}
		}
	}
}
