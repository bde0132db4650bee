package relay

import (
	"bufio"
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"strings"
	"time"

	mime "github.com/emersion/go-message"
	"github.com/emersion/go-message/textproto"
	"github.com/emersion/go-smtp"
)

// Hook is where the client wants to hear of bounces.
type Hook struct {
	URL, Header, Secret string // the secret goes into the header
	Transport           http.RoundTripper
}

func (h Hook) client() *http.Client {
	return &http.Client{Transport: h.Transport, Timeout: 10 * time.Second}
}

// bounced is what is posted to the hook:
//
//	{"RecordType":"Bounce","Type":"HardBounce","MessageID":"K3...","Email":"x@acme.example",
//	 "Description":"550 5.1.1 No such user here","BouncedAt":"2026-11-25T09:00:00Z"}
type bounced struct {
	RecordType, Type, MessageID, Email, Description string
	BouncedAt                                       time.Time
}

// bounce tells the client that a message could not be delivered, in both ways
// that it has asked for. Neither is tried again: one of them is enough.
func (s *Server) bounce(m message, why *smtp.SMTPError) {
	kind := "HardBounce"
	if why.Code < 500 {
		kind = "SoftBounce"
	}
	now := time.Now().UTC()
	s.post(bounced{"Bounce", kind, m.id, m.to, diagnosis(why), now})
	report, err := s.report(m, why, now)
	if err != nil {
		return // a message that cannot be quoted was never accepted
	}
	if report, err = signAs(report, Vendor, vendorSelector, vendorKey); err == nil {
		// The null path: what bounces now ends here (RFC 5321 4.5.5).
		_ = s.deliver(message{to: s.options.BounceTo, raw: report})
	}
}

func (s *Server) post(b bounced) {
	body, err := json.Marshal(b)
	if err != nil {
		return
	}
	ctx, cancel := context.WithTimeout(s.context, 10*time.Second)
	defer cancel()
	req, err := http.NewRequestWithContext(ctx, http.MethodPost, s.options.Hook.URL, bytes.NewReader(body))
	if err != nil {
		return
	}
	req.Header.Set("Content-Type", "application/json")
	req.Header.Set(s.options.Hook.Header, s.options.Hook.Secret)
	if resp, err := s.hooks.Do(req); err == nil {
		_, _ = io.Copy(io.Discard, resp.Body) // what the client says to it changes nothing
		resp.Body.Close()
	}
}

func diagnosis(e *smtp.SMTPError) string {
	return fmt.Sprintf("%d %s %s", e.Code, status(e), strings.Join(strings.Fields(e.Message), " "))
}

// status is the enhanced code (RFC 3463), or the general one of its class.
func status(e *smtp.SMTPError) string {
	c := e.EnhancedCode
	if c[0] < 1 {
		c = smtp.EnhancedCode{e.Code / 100, 0, 0}
	}
	return fmt.Sprintf("%d.%d.%d", c[0], c[1], c[2])
}

// report is the delivery status notification (RFC 3464): words for a person,
// fields for a program, and the header of what was sent.
func (s *Server) report(m message, why *smtp.SMTPError, now time.Time) ([]byte, error) {
	original, err := textproto.ReadHeader(bufio.NewReader(bytes.NewReader(m.raw)))
	if err != nil {
		return nil, err
	}
	var quoted bytes.Buffer
	if err := textproto.WriteHeader(&quoted, original); err != nil {
		return nil, err
	}
	var header mime.Header
	header.SetContentType("multipart/report", map[string]string{"report-type": "delivery-status"})
	for _, field := range [][2]string{
		{"MIME-Version", "1.0"}, {"Auto-Submitted", "auto-replied"}, // RFC 3834 5
		{"Message-ID", "<" + m.id + ".bounce@" + helo + ">"}, {"Date", now.Format(time.RFC1123Z)},
		{"Subject", "Delivery Status Notification (Failure)"}, {"To", "<" + s.options.BounceTo + ">"},
		{"From", "Mail Delivery Subsystem <MAILER-DAEMON@" + Vendor + ">"},
	} {
		header.Add(field[0], field[1])
	}
	var out bytes.Buffer
	w, err := mime.CreateWriter(&out, header)
	if err != nil {
		return nil, err
	}
	for _, part := range []struct{ kind, text string }{
		{"text/plain", fmt.Sprintf("Your message to %s could not be delivered:\r\n\r\n%s\r\n", m.to, diagnosis(why))},
		{"message/delivery-status", fmt.Sprintf("Reporting-MTA: dns; %s\r\nArrival-Date: %s\r\nOriginal-Envelope-Id: %s\r\n\r\n"+
			"Final-Recipient: rfc822; %s\r\nAction: failed\r\nStatus: %s\r\nDiagnostic-Code: smtp; %s\r\n",
			helo, now.Format(time.RFC1123Z), m.id, m.to, status(why), diagnosis(why))},
		{"text/rfc822-headers", quoted.String()},
	} {
		var h mime.Header
		h.SetContentType(part.kind, nil)
		p, err := w.CreatePart(h)
		if err != nil {
			return nil, err
		}
		if _, err := io.WriteString(p, part.text); err != nil {
			return nil, err
		}
		if err := p.Close(); err != nil {
			return nil, err
		}
	}
	if err := w.Close(); err != nil { // writes the last boundary
		return nil, err
	}
	return out.Bytes(), nil
}
