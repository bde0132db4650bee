package portal

import (
	"net/http"
	"sync/atomic"
	"time"
)

// Faults of how long answers take. The times are far beyond what anybody
// tolerates, so that they stand out on a busy machine as well.
const (
	SlowProfile     Switch = "slow_profile"     // the profile takes four seconds
	StalledMembers  Switch = "stalled_members"  // one in seventy answers on a membership takes six seconds
	PostsFail       Switch = "posts_fail"       // one in five requests for the posts fails at once
	ColdMemberships Switch = "cold_memberships" // the first answer on a membership takes four seconds
)

const (
	slowAnswer  = 4 * time.Second
	stall       = 6 * time.Second
	stallEvery  = 70
	failEvery   = 5
	slowPath    = "/api/profile"
	stalledPath = "/api/membership"
	failingPath = "/api/posts"
)

// delays counts what the faults of latency act on. The zero value is ready.
type delays struct {
	stalled, failing atomic.Int64
	warm             atomic.Bool
}

// delayed makes a sound portal slow in the ways that faults do.
func (p *Portal) delayed(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		known := r.Header.Get("Authorization") != "" || r.Header.Get("Cookie") != "" // strangers are refused at once
		pause := time.Duration(0)
		if !p.On(ColdMemberships) {
			p.delays.warm.Store(false) // cold again when the fault comes back
		}
		switch {
		case r.URL.Path == slowPath && known && p.On(SlowProfile):
			pause = slowAnswer
		case r.URL.Path == stalledPath && known && p.On(StalledMembers):
			if p.delays.stalled.Add(1)%stallEvery == 0 {
				pause = stall
			}
		case r.URL.Path == stalledPath && p.On(ColdMemberships):
			if !p.delays.warm.Swap(true) {
				pause = slowAnswer
			}
		case r.URL.Path == failingPath && known && p.On(PostsFail):
			if p.delays.failing.Add(1)%failEvery == 0 {
				refuse(w, http.StatusInternalServerError)
				return
			}
		}
		if pause > 0 {
			timer := time.NewTimer(pause)
			defer timer.Stop()
			select {
			case <-r.Context().Done():
				return
			case <-timer.C:
			}
		}
		next.ServeHTTP(w, r)
	})
}
