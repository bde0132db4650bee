package api

import (
	"maps"
	"net/http"
	"sync"
)

// Counts says which calls were made, those with a fault included.
type Counts struct {
	Total       int            `json:"total"`
	ByRoute     map[string]int `json:"by_route"`     // "METHOD /path/{template}"
	RateLimited int            `json:"rate_limited"` // answered 429
}

type counter struct {
	mu     sync.Mutex
	counts Counts
}

func (c *counter) add(label string, status int) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.counts.Total++
	if c.counts.ByRoute == nil {
		c.counts.ByRoute = map[string]int{}
	}
	c.counts.ByRoute[label]++
	if status == http.StatusTooManyRequests {
		c.counts.RateLimited++
	}
}

// Counts returns the calls since the start or the last reset.
func (s *Server) Counts() Counts {
	s.counts.mu.Lock()
	defer s.counts.mu.Unlock()
	out := s.counts.counts
	out.ByRoute = maps.Clone(out.ByRoute)
	if out.ByRoute == nil {
		out.ByRoute = map[string]int{}
	}
	return out
}

// ResetCounts begins to count anew.
func (s *Server) ResetCounts() {
	s.counts.mu.Lock()
	defer s.counts.mu.Unlock()
	s.counts.counts = Counts{}
}
