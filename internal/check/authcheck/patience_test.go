package authcheck

import (
	"context"
	"net/http"
	"strconv"
	"testing"
	"time"

	"github.com/launchready/terraform-provider-launchready/internal/probe"
)

// braked answers that it is too early.
type braked struct {
	probe.Prober
	seconds int
}

func (braked) Now() time.Time { return time.Now() }

func (b braked) Fetch(context.Context, probe.Request) probe.Exchange {
	return probe.Exchange{Status: http.StatusTooManyRequests, Header: http.Header{"Retry-After": {strconv.Itoa(b.seconds)}}}
}

// The waits of a check add up to a bound, whoever waits.
func TestPatience(t *testing.T) {
	for seconds, want := range map[int]int{60: 6, 30: 12, 3600: 20} {
		p := &patient{Prober: braked{seconds: seconds}, left: mostWaiting}
		told := 0
		for range 20 {
			if p.Fetch(t.Context(), probe.Request{}).Header.Get("Retry-After") != "" {
				told++
			}
		}
		if told != want {
			t.Errorf("%d s: told %d times to wait, want %d", seconds, told, want)
		}
	}
}
