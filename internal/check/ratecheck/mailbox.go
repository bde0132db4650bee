package ratecheck

import (
	"bytes"
	"time"

	"github.com/launchready/terraform-provider-launchready/internal/probe"
)

const (
	mostLetters    = 3                // of one burst, for one address
	firstLetter    = 30 * time.Second // that the first message may take
	letterInterval = 250 * time.Millisecond
)

// letters counts what a burst sends to one mailbox.
type letters struct {
	s       *session
	box     probe.Mailbox
	found   int
	counted bool
	decided bool
	since   time.Time
}

// openMailbox opens the mailbox before the burst, so that only what comes after
// is seen.
func (s *session) openMailbox() *letters {
	l := &letters{s: s, since: time.Now()}
	switch {
	case !s.e.Kind.mails():
		s.none(ruleMailBomb, "the endpoint sends no mail")
	case s.e.Mailbox == nil:
		s.none(ruleMailBomb, "no mailbox is named in which the messages could be counted")
	default:
		box, failure := s.prober.OpenMailbox(s.ctx, s.e.Mailbox.Account)
		if failure.Failed() {
			s.unclear(ruleMailBomb, "the mailbox cannot be read: "+failure.Detail)
			return l
		}
		l.box = box
	}
	return l
}

func (l *letters) close() {
	if l.box != nil {
		l.box.Close()
	}
}

// count waits for the messages and judges how many there are. It returns
// whether that could be told.
func (l *letters) count() bool {
	if l.box == nil || l.counted {
		return l.decided
	}
	l.counted = true
	if !l.read() {
		return false
	}
	if l.found == 0 && l.again() {
		l.s.pass(ruleMailBomb, "the burst sends no message, and a single request later on does")
		l.decided = true
		return true
	}
	switch {
	case l.found > mostLetters:
		l.s.fail(ruleMailBomb, "the burst sends message after message to one address")
	case l.found == 0:
		l.s.unclear(ruleMailBomb, "no message of the burst arrived, so that they cannot be counted")
		return false
	default:
		l.s.pass(ruleMailBomb, "the burst sends hardly more than one message to an address")
	}
	l.decided = true
	return true
}

// read waits for messages: for the first one, and then for others that take no
// longer than that.
func (l *letters) read() bool {
	end, some, took := time.Now().Add(firstLetter), false, time.Duration(0)
	for l.s.ctx.Err() == nil && l.found <= mostLetters {
		news := l.box.Next(l.s.ctx)
		if news.Failure.Failed() {
			l.s.unclear(ruleMailBomb, "the mailbox cannot be read: "+news.Failure.Detail)
			return false
		}
		for _, letter := range news.Letters {
			if bytes.Contains(bytes.ToLower(letter.Raw), bytes.ToLower([]byte(l.s.account))) {
				l.found++
				if l.found == 1 {
					took = letter.Arrived.Sub(l.since)
				}
			}
		}
		if l.found > 0 && !some {
			some, end = true, time.Now().Add(min(max(2*took, 0)+2*time.Second, firstLetter))
		}
		if !time.Now().Before(end) {
			break
		}
		l.s.pause(letterInterval)
	}
	return true
}

// again makes one request after what may have been left of an earlier test's
// pause between two messages, and reports whether it sends one.
func (l *letters) again() bool {
	l.s.pause(6 * l.s.e.Within)
	if c, _ := l.s.judge(l.s.one(l.s.wrong(l.s.account))); c != processed || !l.read() {
		return false
	}
	sent := l.found == 1
	l.found = 0
	return sent
}

// few reports whether hardly any request sent a message.
func (l *letters) few() bool { return l.decided && l.found <= mostLetters }
