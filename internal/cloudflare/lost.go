package cloudflare

import (
	"context"
	"errors"
	"time"
)

// readBackTimeout bounds the look at what a lost call has done. It holds even
// when the caller has given up, because an unseen record would be an orphan.
const readBackTimeout = 15 * time.Second

func readBackContext(ctx context.Context) (context.Context, context.CancelFunc) {
	return context.WithTimeout(context.WithoutCancel(ctx), readBackTimeout)
}

func asError(err error) (*Error, bool) {
	var e *Error
	ok := errors.As(err, &e)
	return e, ok
}

// patch writes, and if the answer was lost looks whether what was written is
// there. If it is not, nothing was done, and the write is made once more.
func patch[V any](ctx context.Context, c *Client, write func(context.Context) (V, error), look func(context.Context) (now V, written bool, err error)) (V, error) {
	const tries = 2
	for try := 1; ; try++ {
		out, err := write(ctx)
		if !uncertain(err) {
			return out, err
		}
		lookCtx, cancel := readBackContext(ctx)
		now, written, lookErr := look(lookCtx)
		cancel()
		switch {
		case written:
			return now, nil
		case lookErr != nil, try == tries, ctx.Err() != nil, c.clock.sleep(ctx, firstBackoff) != nil:
			return out, err
		}
	}
}
