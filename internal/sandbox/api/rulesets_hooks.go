package api

import (
	"sync"

	"github.com/launchready/terraform-provider-launchready/internal/sandbox/zone"
)

// hook is what somebody else does at the moment of a write.
type hook struct {
	mu    sync.Mutex
	times int // left; below 0 = no end
	f     func(z *zone.Zone, phase string)
}

func (h *hook) set(times int, f func(z *zone.Zone, phase string)) {
	h.mu.Lock()
	defer h.mu.Unlock()
	if times == 0 {
		times = -1
	}
	h.times, h.f = times, f
}

func (h *hook) run(z *zone.Zone, phase string) {
	h.mu.Lock()
	f := h.f
	if h.times == 0 {
		f = nil
	}
	if f != nil && h.times > 0 {
		h.times--
	}
	h.mu.Unlock() // f may write itself
	if f != nil {
		f(z, phase)
	}
}

// BeforeWrite has f run just before the next writes to rulesets are carried
// out, when the caller has read and decided already: another user adds a rule,
// say by SeedRule. It runs so many times, or each time where times is 0; a nil
// f ends it. f that calls the API itself must be bounded.
func (s *Server) BeforeWrite(times int, f func(z *zone.Zone, phase string)) {
	s.beforeWrite.set(times, f)
}

// AfterWrite has f run just after a write to a ruleset was carried out, before
// its answer is sent: another user's stale write takes the new rule out again.
// times is as in BeforeWrite.
func (s *Server) AfterWrite(times int, f func(z *zone.Zone, phase string)) {
	s.afterWrite.set(times, f)
}

// SetDryRun says whether the API knows ?dry_run=true on ruleset writes. One
// that does not carries the write out.
func (s *Server) SetDryRun(known bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.dryRun = known
}

func (s *Server) knowsDryRun() bool {
	s.mu.RLock()
	defer s.mu.RUnlock()
	return s.dryRun
}
