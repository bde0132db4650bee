package maildelivery

import (
	"fmt"
	"net/http"
	"net/url"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/launchready/terraform-provider-launchready/internal/readiness"
)

func report(recipient, action string) string {
	return "From: MAILER-DAEMON@mx.acme.example\r\nTo: bounces@acme.example\r\nSubject: Undelivered\r\nMIME-Version: 1.0\r\n" +
		"Content-Type: multipart/report; report-type=delivery-status; boundary=b\r\n\r\n" +
		"--b\r\nContent-Type: text/plain\r\n\r\nSorry.\r\n--b\r\nContent-Type: message/delivery-status\r\n\r\nReporting-MTA: dns; mx.acme.example\r\n\r\n" +
		"Final-Recipient: rfc822; " + recipient + "\r\nAction: " + action + "\r\nStatus: 5.1.1\r\n\r\n--b--\r\n"
}

func only(rules map[string]readiness.Status) map[string]readiness.Status {
	if rules == nil {
		return map[string]readiness.Status{}
	}
	return rules
}

func TestBounce(t *testing.T) {
	const token = "no-such-member-{{token}}@acme.example"
	both := map[string]readiness.Status{"bounce.unproven": inconclusive, "bounce.unhandled": inconclusive}
	for _, test := range []struct {
		name      string
		recipient string
		request   bool                                          // seen by a request; else at the mailbox
		bounced   func(w *world, mu *sync.Mutex, to string)     // what follows on a message that cannot be delivered
		answers   func(held []string, u *url.URL) (int, string) // of the product
		held      []string                                      // addresses held as bounced before
		want      map[string]readiness.Status
		sends     int
	}{
		{name: "a report", recipient: token, sends: 2,
			bounced: func(w *world, _ *sync.Mutex, to string) { w.put("INBOX", report(to, "failed")) }},
		{name: "a report that comes late, to junk", recipient: token, sends: 2,
			bounced: func(w *world, _ *sync.Mutex, to string) {
				time.AfterFunc(400*time.Millisecond, func() { w.put("Junk", report(to, "failed")) })
			}},
		{name: "a report of another address", recipient: token, sends: 2,
			bounced: func(w *world, _ *sync.Mutex, _ string) { w.put("INBOX", report("x@acme.example", "failed")) },
			want:    map[string]readiness.Status{"bounce.unhandled": fail}},
		{name: "a report of a delay", recipient: token, sends: 2,
			bounced: func(w *world, _ *sync.Mutex, to string) { w.put("INBOX", report(to, "delayed")) },
			want:    map[string]readiness.Status{"bounce.unhandled": fail}},
		{name: "no report", recipient: token, sends: 2, want: map[string]readiness.Status{"bounce.unhandled": fail}},
		{name: "the product takes it", recipient: token, request: true, sends: 2},
		{name: "the product does not take it", recipient: token, request: true, sends: 2,
			bounced: func(*world, *sync.Mutex, string) {}, want: map[string]readiness.Status{"bounce.unhandled": fail}},
		{name: "a simulator that bounced before", recipient: "bounce@simulator.amazonses.com", request: true, sends: 1, held: []string{"bounce@simulator.amazonses.com"}},
		{name: "a simulator", recipient: "bounced+{{token}}@resend.dev", request: true, sends: 2},
		{name: "the answer repeats what it is asked", recipient: token, request: true, sends: 1, want: both,
			answers: func(_ []string, u *url.URL) (int, string) {
				return 200, fmt.Sprintf(`{"address":%q,"suppressed":true}`, u.Query().Get("address"))
			}},
		{name: "the request is refused", recipient: token, request: true, sends: 1, want: both,
			answers: func([]string, *url.URL) (int, string) { return 401, "" }},
		{name: "unknown addresses are not found", recipient: token, request: true, sends: 2,
			answers: func(held []string, u *url.URL) (int, string) {
				for _, h := range held {
					if h == u.Query().Get("address") {
						return 200, fmt.Sprintf(`{"address":%q,"suppressed":true}`, h)
					}
				}
				return 404, ""
			}},
	} {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			w := newWorld(t)
			var mu sync.Mutex
			held := test.held
			w.answers = func(u *url.URL) (int, string) {
				mu.Lock()
				defer mu.Unlock()
				if test.answers != nil {
					return test.answers(held, u)
				}
				address := u.Query().Get("address")
				return http.StatusOK, fmt.Sprintf(`{"address":%q,"suppressed":%t}`, address, strings.Contains(strings.Join(held, " "), address))
			}
			w.product = func(to string) {
				if strings.HasSuffix(to, "@inbox.example") {
					w.put("INBOX", mailing{domain: "acme.example", to: to}.raw(w))
					return
				}
				if test.bounced != nil {
					test.bounced(w, &mu, to)
				} else if test.request {
					mu.Lock()
					held = append(held, to)
					mu.Unlock()
				}
			}
			spec := w.spec()
			spec.Bounce = &Bounce{Recipient: test.recipient, Trigger: &spec.Trigger}
			if test.request {
				spec.Bounce.Request = &Poll{URL: "https://portal.acme.example/api/mail/suppressions?address={{recipient}}", Contains: `"suppressed":true`}
			} else {
				box := spec.Mailbox
				spec.Bounce.Mailbox = &box
			}
			result := w.run(spec)
			if diff := cmp.Diff(only(test.want), statuses(result)); diff != "" {
				t.Errorf("%s\n%+v", diff, result.Findings)
			}
			if len(w.sent) != test.sends {
				t.Errorf("sent %q", w.sent)
			}
		})
	}
}

func TestCheckRecipient(t *testing.T) {
	for recipient, want := range map[string]string{
		"bounce@simulator.amazonses.com":              "",
		"bounce+{{token}}@simulator.amazonses.com":    "",
		"bounced@resend.dev":                          "",
		"hardbounce@bounce-testing.postmarkapp.com":   "",
		"nobody-{{token}}@acme.example":               "",
		"nobody-{{token}}@mail.acme.example":          "",
		"Nobody-{{token}}@ACME.example":               "",
		"nobody@gmail.com":                            "stranger",
		"nobody@acme.example.evil.example":            "stranger",
		"success@simulator.amazonses.com":             "does not bounce",
		"delivered@resend.dev":                        "does not bounce",
		"hardbounce+x@bounce-testing.postmarkapp.com": "does not bounce",
		"x@{{token}}.acme.example":                    "not an address",
		"acme.example":                                "not an address",
		"":                                            "not an address",
		"a@acme.example, b@gmail.com":                 "not an address",
	} {
		err := CheckRecipient(recipient, "mail.acme.example")
		if want == "" && err != nil || want != "" && (err == nil || !strings.Contains(err.Error(), want)) {
			t.Errorf("%q: %v, want %q", recipient, err, want)
		}
	}
}
