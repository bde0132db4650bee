package maildelivery

import (
	"context"
	"time"

	"github.com/launchready/terraform-provider-launchready/internal/check"
	"github.com/launchready/terraform-provider-launchready/internal/mail/message"
	"github.com/launchready/terraform-provider-launchready/internal/probe"
)

// maxFailures in a row are borne while waiting; then the mailbox is not readable.
const maxFailures = 3

// arrival is a message that came.
type arrival struct {
	*message.Message
	junk bool
	at   time.Time
}

// await looks into a mailbox until a message comes that is wanted, or the time
// is over. reason says why neither could be told.
func await(ctx context.Context, box probe.Mailbox, within time.Duration, wanted func(*message.Message) bool) (found *arrival, reason string) {
	deadline := time.Now().Add(within)
	failures, pauses := 0, check.Pauses{Most: interval(within)}
	for {
		last := !time.Now().Before(deadline)
		news := box.Next(ctx)
		for _, letter := range news.Letters {
			if m := message.Read(letter.Raw, letter.Truncated); wanted(m) {
				return &arrival{m, letter.Junk, time.Now()}, ""
			}
		}
		failures++
		if !news.Failure.Failed() {
			failures = 0
		}
		switch {
		case ctx.Err() != nil:
			return nil, "the test was interrupted"
		case failures >= maxFailures || failures > 0 && (last || news.Failure.Kind == probe.FailAuth):
			return nil, unreadable(news.Failure)
		case news.Overflow:
			return nil, "too many other messages came into the mailbox: use one of its own for the test"
		case last:
			return nil, ""
		}
		pause(ctx, min(pauses.Next(), time.Until(deadline)))
	}
}

// interval is the longest pause between two looks: a second for a minute, five at most.
func interval(within time.Duration) time.Duration {
	return min(max(within/60, 200*time.Millisecond), 5*time.Second)
}

func pause(ctx context.Context, d time.Duration) {
	select {
	case <-ctx.Done():
	case <-time.After(d):
	}
}
