package probe

import (
	"context"

	"github.com/launchready/terraform-provider-launchready/internal/mail/message"
)

// mailboxSink reads the letters that come into a mailbox. It is known to be
// the right one by the sign-in, however empty it is.
type mailboxSink struct {
	client  *Client
	account MailAccount
	box     Mailbox  // nil until the first look
	letters []string // that came since, as texts
}

// Kind implements Sink.
func (s *mailboxSink) Kind() SinkKind { return SinkMailbox }

// Close implements Sink.
func (s *mailboxSink) Close() {
	if s.box != nil {
		s.box.Close()
	}
}

// Look implements Sink. The first look opens the mailbox, so that only what
// comes later is seen. Letters in the folder for unwanted mail reach nobody.
func (s *mailboxSink) Look(ctx context.Context, q SinkQuery) SinkReading {
	if s.box == nil {
		box, failure := s.client.OpenMailbox(ctx, s.account)
		if failure.Failed() {
			return SinkReading{Failure: failure.Kind, Detail: "the mailbox cannot be read: " + failure.Detail}
		}
		s.box = box
		return SinkReading{Live: true}
	}
	news := s.box.Next(ctx)
	for _, l := range news.Letters {
		if !l.Junk {
			s.letters = append(s.letters, letterText(l))
		}
	}
	switch {
	case news.Failure.Failed():
		return SinkReading{Failure: news.Failure.Kind, Detail: "the mailbox cannot be read: " + news.Failure.Detail}
	case news.Overflow:
		return SinkReading{Failure: FailOther, Detail: "too many other messages came into the mailbox: use one of its own for alerts"}
	}
	return SinkReading{Live: true, Around: s.letters, Entries: holding(s.letters, q.Text)}
}

// letterText is what a person reads of a letter: its subject and texts, decoded.
func letterText(l Letter) string {
	return message.Read(l.Raw, l.Truncated).Text()
}
