package check

import (
	"context"
	"net/http"
	"testing"
	"time"

	"github.com/launchready/terraform-provider-launchready/internal/probe"
	"github.com/launchready/terraform-provider-launchready/internal/readiness"
)

// script answers requests in turn; the last answer is given for ever.
type script struct {
	probe.Prober
	answers []probe.Exchange
	asked   int
}

func (s *script) Fetch(context.Context, probe.Request) probe.Exchange {
	x := s.answers[min(s.asked, len(s.answers)-1)]
	s.asked++
	return x
}

func (s *script) Now() time.Time { return time.Unix(0, 0) }

// What is refused on a shared connection as one too many is asked once more, where
// the wait for it is short and nothing changes by it.
func TestBudgetComesBack(t *testing.T) {
	t.Parallel()
	refused := func(after string) probe.Exchange {
		return probe.Exchange{Status: 429, Header: http.Header{"Retry-After": {after}}, Hops: make([]probe.Hop, 1)}
	}
	answer := probe.Exchange{Status: 200, Hops: make([]probe.Hop, 1)}
	for name, tt := range map[string]struct {
		req    probe.Request
		first  probe.Exchange
		status int
	}{
		"asked again":          {probe.Request{Reuse: true}, refused("0"), 200},
		"too long a wait":      {probe.Request{Reuse: true}, refused("6"), 429},
		"another way to ask":   {probe.Request{}, refused("0"), 429},
		"it may change things": {probe.Request{Reuse: true, Method: http.MethodPost}, refused("0"), 429},
	} {
		tt.req.URL = "https://a.example/"
		if x := NewBudget(&script{answers: []probe.Exchange{tt.first, answer}}).Fetch(t.Context(), tt.req); x.Status != tt.status {
			t.Errorf("%s: got %d, want %d", name, x.Status, tt.status)
		}
	}
}

func TestBudget(t *testing.T) {
	t.Parallel()
	silence := probe.Exchange{Failure: probe.FailTimeout}
	answer := probe.Exchange{Status: 200, Hops: make([]probe.Hop, 1)}
	chain := probe.Exchange{Status: 200, Hops: make([]probe.Hop, 11)}
	for name, tt := range map[string]struct {
		answers []probe.Exchange
		retry   bool
		times   int
		sent    int
		last    probe.FailureKind
	}{
		"a lost packet":              {[]probe.Exchange{answer, silence, answer}, true, 2, 3, ""},
		"not to be retried":          {[]probe.Exchange{answer, silence, answer}, false, 2, 2, probe.FailTimeout},
		"a host that never answered": {[]probe.Exchange{silence}, true, 3, 3, probe.FailTimeout},
		"a host that falls silent":   {[]probe.Exchange{answer, silence}, true, 100, 100 + maxRepeats, probe.FailTimeout},
		"hops count":                 {[]probe.Exchange{chain}, false, 2, 22, ""},
		"the bound":                  {[]probe.Exchange{answer}, false, maxRequests + 5, maxRequests, probe.FailOther},
	} {
		s := &script{answers: tt.answers}
		b := NewBudget(s)
		var last probe.Exchange
		for range tt.times {
			last = b.Fetch(t.Context(), probe.Request{URL: "https://a.example/", Retry: tt.retry})
		}
		report := readiness.NewRecorder("x", readiness.Edge, "x", nil)
		b.Tell(report)
		if n := b.sent.Load(); n != int64(tt.sent) || last.Failure != tt.last {
			t.Errorf("%s: %d sent, want %d; at last %q, want %q", name, n, tt.sent, last.Failure, tt.last)
		}
	}
}
