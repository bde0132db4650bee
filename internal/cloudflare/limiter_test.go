package cloudflare

import (
	"context"
	"errors"
	"net/http"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
)

func TestRateLimits(t *testing.T) {
	t.Parallel()
	seconds := func(n int) time.Duration { return time.Duration(n) * time.Second }
	for name, tc := range map[string]struct {
		header http.Header
		policy ratePolicy
		left   rateLeft
	}{
		"absent":                 {http.Header{}, ratePolicy{}, rateLeft{}},
		"current":                {http.Header{"Ratelimit": {`"default";r=50;t=30`}, "Ratelimit-Policy": {`"default";q=1200;w=300`}}, ratePolicy{1200, seconds(300)}, rateLeft{true, 50, seconds(30)}},
		"lists, tightest":        {http.Header{"Ratelimit": {`"a";r=50;t=30, "b";r=2;t=9`, `"c";r=70;t=1`}, "Ratelimit-Policy": {`"a";q=1200;w=300,"b";q=10;w=60`}}, ratePolicy{10, seconds(60)}, rateLeft{true, 2, seconds(9)}},
		"unknown parameters":     {http.Header{"Ratelimit": {`"x,;y\"";pk=:AA==:;r=5 ; t=6;q="no"`}}, ratePolicy{}, rateLeft{true, 5, seconds(6)}},
		"half":                   {http.Header{"Ratelimit": {`"default";r=5`}, "Ratelimit-Policy": {`"default";q=5`}}, ratePolicy{}, rateLeft{}},
		"nonsense":               {http.Header{"Ratelimit": {`r=-1;t=x`, `;;,,"`}, "Ratelimit-Policy": {`q=99999999999999999999;w=1`}}, ratePolicy{}, rateLeft{}},
		"older":                  {http.Header{"X-Ratelimit-Limit": {"1200"}, "X-Ratelimit-Remaining": {"7"}, "X-Ratelimit-Reset": {"20"}}, ratePolicy{}, rateLeft{true, 7, seconds(20)}},
		"older, a point of time": {http.Header{"X-Ratelimit-Remaining": {"7"}, "X-Ratelimit-Reset": {"1782907220"}}, ratePolicy{}, rateLeft{true, 7, seconds(20)}},
	} {
		policy, left := rateLimits(tc.header, epoch)
		if policy != tc.policy || left != tc.left {
			t.Errorf("%s: %+v %+v, want %+v %+v", name, policy, left, tc.policy, tc.left)
		}
	}
}

func TestRetryAfter(t *testing.T) {
	t.Parallel()
	for value, want := range map[string]time.Duration{
		"": -1, "x": -1, "-1": -1, "0": 0, "90": 90 * time.Second,
		epoch.Add(time.Minute).Format(http.TimeFormat): time.Minute, epoch.Add(-time.Minute).Format(http.TimeFormat): 0,
	} {
		got, found := retryAfter(http.Header{"Retry-After": {value}}, epoch)
		if !found {
			got = -1
		}
		if got != want {
			t.Errorf("%q: %v, want %v", value, got, want)
		}
	}
}

func FuzzRateLimits(f *testing.F) {
	f.Add(`"default";r=50;t=30`, `"default";q=1200;w=300`, "120")
	f.Add(`"a\";`, `;q=,w`, "Wed, 21 Oct 2015 07:28:00 GMT")
	f.Fuzz(func(t *testing.T, rate, policy, retry string) {
		h := http.Header{"Ratelimit": {rate}, "Ratelimit-Policy": {policy}, "Retry-After": {retry}, "X-Ratelimit-Remaining": {retry}, "X-Ratelimit-Reset": {rate}}
		p, left := rateLimits(h, epoch)
		wait, _ := retryAfter(h, epoch)
		if p.quota < 0 || p.window < 0 || left.remaining < 0 || left.reset < 0 || wait < 0 {
			t.Errorf("negative: %+v %+v %v", p, left, wait)
		}
		l := newLimiter((&fakeClock{t: epoch}).clock())
		l.observe(h)
		_ = l.take()
	})
}

// spend takes n leaves and returns how long that took.
func spend(t *testing.T, l *limiter, clock *fakeClock, n int) time.Duration {
	t.Helper()
	began := clock.now()
	for range n {
		if err := l.acquire(context.Background()); err != nil {
			t.Fatal(err)
		}
		l.release()
	}
	return clock.now().Sub(began)
}

func TestWindow(t *testing.T) {
	t.Parallel()
	clock := &fakeClock{t: epoch}
	l := newLimiter(clock.clock())
	if took := spend(t, l, clock, 1100); took != 0 {
		t.Errorf("the first 1,100 took %v", took)
	}
	if took := spend(t, l, clock, 1); took != 5*time.Minute {
		t.Errorf("the next took %v", took)
	}
	// In no window of 5 minutes are there more than 1,200, however they come.
	clock = &fakeClock{t: epoch}
	l = newLimiter(clock.clock())
	var starts []time.Time
	for i := range 5000 {
		clock.t = clock.t.Add(time.Duration(i%7) * 40 * time.Millisecond)
		spend(t, l, clock, 1)
		starts = append(starts, clock.t)
		if first := i - windowQuota; first >= 0 && starts[i].Sub(starts[first]) < windowLength {
			t.Fatalf("request %d: more than %d in 5 minutes", i, windowQuota)
		}
	}
}

func TestServersCountIsFollowed(t *testing.T) {
	t.Parallel()
	for name, tc := range map[string]struct {
		rate, policy string
		n            int
		want         time.Duration
	}{
		"plenty":         {`"d";r=100;t=60`, "", 50, 0},
		"spread":         {`"d";r=60;t=60`, "", 10, 10 * time.Second},
		"none left":      {`"d";r=0;t=25`, "", 1, 25 * time.Second},
		"window over":    {`"d";r=0;t=0`, "", 10, 0},
		"smaller policy": {"", `"d";q=24;w=60`, 23, time.Minute}, // 22 of 24 are ours
		"larger policy":  {"", `"d";q=12000;w=300`, 5000, 0},
	} {
		clock := &fakeClock{t: epoch}
		l := newLimiter(clock.clock())
		l.observe(http.Header{"Ratelimit": {tc.rate}, "Ratelimit-Policy": {tc.policy}})
		if took := spend(t, l, clock, tc.n); took != tc.want {
			t.Errorf("%s: %d took %v, want %v", name, tc.n, took, tc.want)
		}
	}
}

func TestAtMostEightInFlight(t *testing.T) {
	t.Parallel()
	var now, most atomic.Int64
	full := make(chan struct{}, 100)
	goOn := make(chan struct{})
	a := serve(t, func(w http.ResponseWriter, _ *http.Request) {
		most.Store(max(most.Load(), now.Add(1)))
		full <- struct{}{}
		<-goOn
		now.Add(-1)
		send(w, 200, ok(`{"id":"ssl","value":"full"}`))
	})
	var all sync.WaitGroup
	for range 30 {
		all.Go(func() {
			if _, err := a.readSetting(context.Background(), zoneID, "ssl"); err != nil {
				t.Error(err)
			}
		})
	}
	for range maxInFlight {
		<-full
	}
	close(goOn)
	all.Wait()
	if most.Load() != maxInFlight {
		t.Errorf("%d in flight", most.Load())
	}
}

func TestLimiterIsShared(t *testing.T) {
	t.Parallel()
	if first, second := sharedLimiter("https://a.example", "t1"), sharedLimiter("https://a.example", "t1"); first != second {
		t.Error("one token has two limiters")
	}
	if sharedLimiter("https://a.example", "t1") == sharedLimiter("https://a.example", "t2") ||
		sharedLimiter("https://a.example", "t1") == sharedLimiter("https://b.example", "t1") {
		t.Error("two tokens or servers share a limiter")
	}
}

func TestNew(t *testing.T) {
	t.Parallel()
	good := []string{canary, strings.Repeat("aB3_-", 8), "cfat_" + strings.Repeat("x", 48), strings.Repeat("f", 40), "short"}
	for _, token := range good {
		if _, err := New(Config{Token: token}); err != nil {
			t.Errorf("%q: %v", token, err)
		}
	}
	for token, problem := range map[string]string{
		"":                             "is empty",
		"Bearer " + canary:             `begins with "Bearer "`,
		"bearer " + canary:             `begins with "Bearer "`,
		canary + "\n":                  "has white space or a line break in it",
		"CANARY " + canary:             "has white space or a line break in it",
		`"` + canary + `"`:             "is in quotes",
		"CANARY\u201d":                 "has characters that no token has",
		strings.Repeat("0a", 18) + "f": "is a Global API Key",
		"cfk_CANARY" + canary:          "is a Global API Key",
	} {
		_, err := New(Config{Token: token})
		var got *TokenError
		if !errors.As(err, &got) || got.Problem != problem || got.Remedy == "" {
			t.Errorf("%q: %v", token, err)
		} else if strings.Contains(err.Error(), "CANARY") {
			t.Errorf("error shows the token: %v", err)
		}
	}
	var wrong []string
	for _, base := range []string{"api.example", "ftp://api.example", "https://", "https://u:p@api.example/v4", "https://api.example/v4?x=1", "https://api.example/%zz", "://"} {
		if _, err := New(Config{Token: canary, BaseURL: base}); err == nil {
			wrong = append(wrong, base)
		}
	}
	if diff := cmp.Diff([]string(nil), wrong); diff != "" {
		t.Error("accepted:", diff)
	}
}
