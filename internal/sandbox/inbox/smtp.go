package inbox

import (
	"bufio"
	"bytes"
	"context"
	"crypto/rand"
	"crypto/tls"
	"fmt"
	"io"
	"strings"
	"time"

	"github.com/emersion/go-message/textproto"
	"github.com/emersion/go-msgauth/authres"
	"github.com/emersion/go-smtp"
)

// judging is how long the records of a message may take to be looked up.
const judging = 10 * time.Second

// session is one SMTP transaction after another (RFC 5321).
type session struct {
	server *Server
	conn   *smtp.Conn
	from   string // "" is the null path of a bounce
	to     []string
}

func (s *Server) newSession(c *smtp.Conn) (smtp.Session, error) {
	return &session{server: s, conn: c}, nil
}

func (in *session) Mail(from string, _ *smtp.MailOptions) error {
	in.from = from
	return nil
}

// Rcpt takes the mailboxes that exist and no other: nothing is relayed, and the
// other MX hosts that this port stands for have no users.
func (in *session) Rcpt(to string, _ *smtp.RcptOptions) error {
	if in.server.account(to) == nil {
		return &smtp.SMTPError{Code: 550, EnhancedCode: smtp.EnhancedCode{5, 1, 1}, Message: "No such user here"}
	}
	in.to = append(in.to, to)
	return nil
}

func (in *session) Reset() { in.from, in.to = "", nil }

func (in *session) Logout() error { return nil }

// Data judges the message once and delivers it to each recipient.
func (in *session) Data(r io.Reader) error {
	raw, err := io.ReadAll(r)
	if err != nil {
		return err
	}
	reader := bufio.NewReader(bytes.NewReader(raw))
	header, err := textproto.ReadHeader(reader)
	if err != nil {
		return &smtp.SMTPError{Code: 554, EnhancedCode: smtp.EnhancedCode{5, 6, 0}, Message: "The header cannot be read"}
	}
	body, err := io.ReadAll(reader)
	if err != nil {
		return err
	}
	ctx, cancel := context.WithTimeout(in.server.context, judging)
	defer cancel()
	envelope := envelope{helo: in.conn.Hostname(), peer: in.server.peer(in.conn.Conn()), from: in.from}
	results := in.server.judge(ctx, envelope, header, raw)
	withoutOwn(&header)
	for _, to := range in.to {
		out := header.Copy()
		out.AddRaw([]byte("Authentication-Results: " + strings.ReplaceAll(results, "; ", ";\r\n\t") + "\r\n"))
		out.AddRaw([]byte(in.trace(ctx, envelope, to)))
		out.AddRaw([]byte("Return-Path: <" + in.from + ">\r\n"))
		if err := in.server.deliver(to, out, body); err != nil {
			return err
		}
	}
	return nil
}

// trace is the Received field (RFC 5321 4.4): who the client said it was, and
// who it is.
func (in *session) trace(ctx context.Context, e envelope, to string) string {
	name := "unknown"
	if names, err := in.server.resolver.LookupAddr(ctx, e.peer.String()); err == nil && len(names) > 0 {
		name = strings.TrimSuffix(names[0], ".")
	}
	address := e.peer.String()
	if e.peer.To4() == nil {
		address = "IPv6:" + address
	}
	protocol := "ESMTP"
	if state, ok := in.conn.TLSConnectionState(); ok {
		protocol = fmt.Sprintf("ESMTPS (%s)", tls.VersionName(state.Version)) // RFC 3848
	}
	return fmt.Sprintf("Received: from %s (%s [%s])\r\n\tby %s with %s id %s\r\n\tfor <%s>; %s\r\n",
		e.helo, name, address, MX, protocol, rand.Text()[:16], to, time.Now().Format(time.RFC1123Z))
}

// withoutOwn removes results that claim to be of this host: it has not judged
// before (RFC 8601 5).
func withoutOwn(header *textproto.Header) {
	fields := header.FieldsByKey("Authentication-Results")
	for fields.Next() {
		id, _, err := authres.Parse(fields.Value())
		if err != nil {
			// What no parser takes may still be taken by a reader's.
			id, _, _ = strings.Cut(fields.Value(), ";")
		}
		id, _, _ = strings.Cut(strings.TrimSpace(id), " ")
		if strings.EqualFold(id, MX) {
			fields.Del()
		}
	}
}

// deliver puts a message into the folder where it belongs.
func (s *Server) deliver(to string, header textproto.Header, body []byte) error {
	var raw bytes.Buffer
	if err := textproto.WriteHeader(&raw, header); err != nil {
		return err
	}
	raw.Write(body)
	a := s.account(to)
	m := Message{
		Mailbox: a.address, Folder: folderInbox, From: header.Get("From"), To: to,
		Subject: header.Get("Subject"), Received: time.Now().UTC().Truncate(time.Second), Raw: raw.String(),
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.junk && a.address == Test {
		m.Folder = folderJunk
	}
	if err := a.put(m.Folder, raw.Bytes(), m.Received); err != nil {
		return err
	}
	s.received = append(s.received, m)
	return nil
}
