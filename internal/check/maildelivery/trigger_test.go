package maildelivery

import (
	"bufio"
	"bytes"
	"context"
	"io"
	"net/http"
	"net/http/httptest"
	"net/mail"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/launchready/terraform-provider-launchready/internal/probe"
)

// onTheWire asks the product over the real network.
type onTheWire struct {
	*world
	client *probe.Client
}

func (o onTheWire) Fetch(ctx context.Context, req probe.Request) probe.Exchange {
	return o.client.Fetch(ctx, req)
}
func (o onTheWire) InScope(host string, intent probe.Intent) error {
	return o.client.InScope(host, intent)
}

// What a product receives: marks are filled in as the place demands, and an
// answer that sends the visitor on counts as accepted.
func TestRequestOnTheWire(t *testing.T) {
	for _, test := range []struct {
		name    string
		request Request
		want    string // RECIPIENT stands for the address as sent
		status  int
	}{
		{name: "JSON", request: Request{Body: `{"email":"{{recipient}}"}`}, want: `POST /reset application/json {"email":"RECIPIENT"}`},
		{name: "a form", request: Request{Body: "email={{recipient}}&x=1"}, want: "POST /reset application/x-www-form-urlencoded email=ESCAPED&x=1", status: 302},
		{name: "a declared type", request: Request{Body: "{{address}} {{recipient}}", Header: http.Header{"Content-Type": {"text/plain"}}}, want: "POST /reset text/plain launch-test@inbox.example RECIPIENT"},
		{name: "an address", request: Request{Method: "GET", URL: "http://portal.acme.example/reset?to={{recipient}}"}, want: "GET /reset?to=ESCAPED  "},
		{name: "a header", request: Request{Header: http.Header{"X-To": {"<{{recipient}}>"}}}, want: "POST /reset  <RECIPIENT>"},
	} {
		t.Run(test.name, func(t *testing.T) {
			w := newWorld(t)
			var got []string
			server := httptest.NewServer(http.HandlerFunc(func(rw http.ResponseWriter, r *http.Request) {
				body, _ := io.ReadAll(r.Body)
				text := r.Method + " " + r.URL.RequestURI() + " " + r.Header.Get("Content-Type") + " " + r.Header.Get("X-To") + string(body)
				recipient := regexp.MustCompile(`launch-test(\+|%2B)lr-[0-9a-f]{16}(@|%40)inbox.example`).FindString(text)
				name := "RECIPIENT"
				if strings.Contains(recipient, "%") {
					name = "ESCAPED"
				}
				got = append(got, strings.ReplaceAll(text, recipient, name))
				w.put("INBOX", mailing{domain: "acme.example", to: strings.NewReplacer("%2B", "+", "%40", "@").Replace(recipient), body: "x"}.raw(w))
				rw.Header().Set("Location", "/done")
				rw.WriteHeader(max(test.status, 200))
			}))
			defer server.Close()
			client, err := probe.New(probe.Config{
				AllowedHosts: []string{"portal.acme.example"}, ConnectTo: map[string]string{"portal.acme.example:80": server.Listener.Addr().String()},
				Resolvers: []string{"127.0.0.1:1"}, Timeout: 2 * time.Second,
			})
			if err != nil {
				t.Fatal(err)
			}
			spec := w.spec()
			if test.request.URL == "" {
				test.request.URL = "http://portal.acme.example/reset"
			}
			spec.Trigger.Request = &test.request
			result, err := Definition.Execute(t.Context(), onTheWire{w, client}, spec)
			if err != nil {
				t.Fatal(err)
			}
			if diff := cmp.Diff(with(nil), statuses(result)); diff != "" {
				t.Errorf("%s\n%+v", diff, result.Findings)
			}
			if !slices.Equal(got, []string{test.want}) {
				t.Errorf("got %q, want %q", got, test.want)
			}
		})
	}
}

// submitter takes what the check submits to the inbox.
type submitter struct {
	*world
	mails []probe.Outgoing
}

func (s *submitter) Submit(_ context.Context, _ probe.MailAccount, out probe.Outgoing) probe.MailFailure {
	s.mails = append(s.mails, out)
	var top = "Return-Path: <portal@acme.example>\r\nReceived: from mail.acme.example (mail.acme.example [192.0.2.10]) by mx.inbox.example with ESMTPS; x\r\n"
	s.put("INBOX", top+string(out.Raw))
	return probe.MailFailure{}
}

func TestSubmission(t *testing.T) {
	w := &submitter{world: newWorld(t)}
	spec := w.spec()
	spec.Trigger = Trigger{SMTP: &Submission{From: "portal@acme.example", Subject: "Prüfung"}}
	result, err := Definition.Execute(t.Context(), w, spec)
	if err != nil {
		t.Fatal(err)
	}
	if got := statuses(result); got["delivery.not_received"] != "" || got["delivery.dkim"] != fail || got["delivery.spf"] != "" {
		t.Errorf("%v", got)
	}
	if len(w.mails) != 1 {
		t.Fatalf("%d messages", len(w.mails))
	}
	m, err := mail.ReadMessage(bufio.NewReader(bytes.NewReader(w.mails[0].Raw)))
	if err != nil {
		t.Fatal(err)
	}
	if to := m.Header.Get("To"); to != w.mails[0].To || !strings.HasPrefix(to, "launch-test+lr-") || m.Header.Get("Subject") != "=?utf-8?q?Pr=C3=BCfung?=" {
		t.Errorf("%v", m.Header)
	}
	if _, err := m.Header.Date(); err != nil {
		t.Error(err)
	}
}
