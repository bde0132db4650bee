package probe

import (
	"context"
	"crypto/hmac"
	"crypto/sha1" //nolint:gosec // the algorithm of RFC 6238 that authenticators use
	"crypto/sha256"
	"encoding/base32"
	"encoding/binary"
	"fmt"
	"net/http"
	"strings"
	"sync"
	"time"
)

// totpStep is how long a code is good (RFC 6238 section 5.2).
const totpStep = 30 * time.Second

// totp is the code of a step: six digits (RFC 6238, RFC 4226 section 5.3).
func totp(secret string, step int64) (string, error) {
	clean := strings.ToUpper(strings.NewReplacer(" ", "", "-", "", "=", "").Replace(secret))
	key, err := base32.StdEncoding.WithPadding(base32.NoPadding).DecodeString(clean)
	if err != nil || len(key) == 0 {
		return "", because(ErrSecondFactor, "the identity's totp_secret is not base32")
	}
	mac := hmac.New(sha1.New, key)
	_ = binary.Write(mac, binary.BigEndian, step) // never fails (hash.Hash)
	sum := mac.Sum(nil)
	at := sum[len(sum)-1] & 0xf
	return fmt.Sprintf("%06d", binary.BigEndian.Uint32(sum[at:at+4])&0x7fffffff%1_000_000), nil
}

// codeBook remembers the last step of each secret whose code was sent: a code is
// good once (RFC 6238 section 5.2).
type codeBook struct {
	mu   sync.Mutex
	last map[[sha256.Size]byte]int64
}

// spentCodes are those of the process. Sessions of an identity may be opened by
// several checks at once, so that no one else could know.
var spentCodes = &codeBook{last: map[[sha256.Size]byte]int64{}}

// take returns the step whose code may be sent now, by a clock that is ahead of
// ours by skew. Where that of the moment is spent, it waits for the next one.
func (b *codeBook) take(ctx context.Context, secret string, skew time.Duration) (int64, error) {
	key := sha256.Sum256([]byte(secret))
	for {
		now := time.Now().Add(skew)
		step := now.UnixNano() / int64(totpStep)
		b.mu.Lock()
		if b.last[key] < step {
			b.last[key] = step
			b.mu.Unlock()
			return step, nil
		}
		// Whoever waits has the next code to itself.
		step = b.last[key] + 1
		b.mu.Unlock()
		wait := time.Duration(step*int64(totpStep) - now.UnixNano() + int64(200*time.Millisecond))
		timer := time.NewTimer(wait)
		select {
		case <-ctx.Done():
			timer.Stop()
			return 0, because(ErrNoAnswer, "time ran out before the next code of the second factor")
		case <-timer.C:
		}
	}
}

// Clock is the time that the answer's sender has, by its Date and Age (RFC 9110
// section 6.6.1, RFC 9111 section 5.1).
func (x Exchange) Clock() (time.Time, bool) {
	date, err := http.ParseTime(x.Header.Get("Date"))
	if err != nil {
		return time.Time{}, false
	}
	if age, err := time.ParseDuration(strings.TrimSpace(x.Header.Get("Age")) + "s"); err == nil && age > 0 {
		date = date.Add(age)
	}
	return date, true
}
