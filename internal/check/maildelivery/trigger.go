package maildelivery

import (
	"fmt"
	"maps"
	"mime"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"time"

	"github.com/launchready/terraform-provider-launchready/internal/probe"
)

const (
	recipientMark = "{{recipient}}"
	addressMark   = "{{address}}"
	tokenMark     = "{{token}}"
)

// order is one message to be sent.
type order struct {
	trigger   Trigger
	recipient string // that stands for {{recipient}}
	address   string // that stands for {{address}}
	unique    bool   // the message goes to recipient, which nothing else does
}

func (s *session) order(t Trigger, recipient, address string) order {
	return order{trigger: t, recipient: recipient, address: address, unique: t.SMTP != nil || t.Request.uses(recipientMark)}
}

// recipient is the mailbox's address with a part that is new in each run (RFC
// 5233 calls it the detail).
func (s *session) recipient() string {
	local, domain, _ := cutAddress(s.spec.Mailbox.Address)
	return local + "+lr-" + s.token + "@" + domain
}

func cutAddress(address string) (local, domain string, ok bool) {
	i := strings.LastIndexByte(address, '@')
	if i < 1 || i == len(address)-1 {
		return "", "", false
	}
	return address[:i], address[i+1:], true
}

// uses reports whether a mark stands anywhere in the request.
func (r *Request) uses(mark string) bool {
	if strings.Contains(r.URL, mark) || strings.Contains(r.Body, mark) {
		return true
	}
	for _, values := range r.Header {
		if slices.ContainsFunc(values, func(v string) bool { return strings.Contains(v, mark) }) {
			return true
		}
	}
	return false
}

// send makes the message leave. It returns why it did not, in words that are
// the same from run to run.
func (s *session) send(o order) (reason string) {
	if t := o.trigger.SMTP; t != nil {
		failure := s.prober.Submit(s.ctx, t.Account, probe.Outgoing{From: t.From, To: o.recipient, Raw: s.compose(t, o.recipient)})
		if failure.Failed() {
			return "the trigger failed: " + failure.Detail
		}
		return ""
	}
	r := o.trigger.Request
	fill := func(escape func(string) string) *strings.Replacer {
		return strings.NewReplacer(recipientMark, escape(o.recipient), addressMark, escape(o.address))
	}
	plain := fill(func(s string) string { return s })
	req := probe.Request{Method: r.Method, URL: fill(url.QueryEscape).Replace(r.URL), Intent: probe.Active, Header: http.Header{}}
	if req.Method == "" {
		req.Method = http.MethodPost
	}
	for name, values := range r.Header {
		for _, v := range values {
			req.Header.Add(name, plain.Replace(v))
		}
	}
	if r.Body != "" {
		if req.Header.Get("Content-Type") == "" {
			req.Header.Set("Content-Type", contentType(r.Body))
		}
		body := plain
		if mediaType, _, _ := mime.ParseMediaType(req.Header.Get("Content-Type")); mediaType == "application/x-www-form-urlencoded" {
			body = fill(url.QueryEscape)
		}
		req.Body = []byte(body.Replace(r.Body))
	}
	x := s.prober.Fetch(s.ctx, req)
	switch {
	case x.Failure != probe.FailNone && x.Status == 0:
		return "the trigger failed: " + x.Detail
	case x.Status < 200 || x.Status >= 400:
		return fmt.Sprintf("the trigger answered %d", x.Status)
	case moved(x):
		return fmt.Sprintf("the trigger answered %d: the request belongs to another address, which is not followed; write that address", x.Status)
	}
	return ""
}

// moved reports whether a redirect says that the request was not taken here, as
// one to https does, and not that it was taken and the answer is elsewhere.
func moved(x probe.Exchange) bool {
	switch x.Status {
	case http.StatusMovedPermanently, http.StatusTemporaryRedirect, http.StatusPermanentRedirect:
		return true
	case http.StatusFound, http.StatusSeeOther:
		from, err := url.Parse(x.FinalURL)
		to, toErr := url.Parse(x.Redirect)
		return err == nil && toErr == nil && from.Path == to.Path && from.Scheme != to.Scheme
	}
	return false
}

// contentType is what a body without a declared type is taken for.
func contentType(body string) string {
	if b := strings.TrimSpace(body); strings.HasPrefix(b, "{") || strings.HasPrefix(b, "[") {
		return "application/json"
	}
	return "application/x-www-form-urlencoded"
}

// compose writes the message that is submitted by SMTP (RFC 5322).
func (s *session) compose(t *Submission, to string) []byte {
	subject := t.Subject
	if subject == "" {
		subject = "Delivery test"
	}
	_, domain, _ := cutAddress(t.From)
	fields := map[string]string{
		"From": t.From, "To": to, "Subject": mime.QEncoding.Encode("utf-8", subject),
		"Date": time.Now().Format(time.RFC1123Z), "Message-ID": "<lr-" + s.token + "-" + newToken() + "@" + domain + ">",
		"MIME-Version": "1.0", "Content-Type": "text/plain; charset=utf-8", "Auto-Submitted": "auto-generated",
	}
	var b strings.Builder
	for _, name := range slices.Sorted(maps.Keys(fields)) {
		b.WriteString(name + ": " + fields[name] + "\r\n")
	}
	b.WriteString("\r\nThis message tests the delivery of mail. It was sent by launchready and needs no answer.\r\n")
	return []byte(b.String())
}

// inScope asks whether every host that is about to be sent a request may be.
func (s *session) inScope() error {
	for _, u := range s.spec.URLs() {
		host, err := hostOf(u)
		if err != nil {
			return err
		}
		if err := s.prober.InScope(host, probe.Active); err != nil {
			return err
		}
	}
	return nil
}

// URLs are the addresses that requests go to.
func (s Spec) URLs() []string {
	var out []string
	add := func(t *Trigger) {
		if t != nil && t.Request != nil {
			out = append(out, t.Request.URL)
		}
	}
	add(&s.Trigger)
	if s.Bounce != nil {
		add(s.Bounce.Trigger)
		if s.Bounce.Request != nil {
			out = append(out, s.Bounce.Request.URL)
		}
	}
	return out
}

// hostOf is the host of an address that may hold marks. None may stand in the host.
func hostOf(address string) (string, error) {
	u, err := url.Parse(strings.NewReplacer(recipientMark, "x", addressMark, "x").Replace(address))
	if err != nil || u.Scheme != "https" && u.Scheme != "http" || u.Hostname() == "" {
		return "", fmt.Errorf("a request needs an absolute address such as https://portal.acme.example/api/password-reset")
	}
	if before, _, _ := strings.Cut(strings.TrimPrefix(strings.TrimPrefix(address, "https://"), "http://"), "/"); strings.Contains(before, "{{") {
		return "", fmt.Errorf("{{recipient}} cannot stand in the host of a request")
	}
	return u.Hostname(), nil
}
