package edge

import (
	"encoding/json"
	"fmt"
	"math"
	"net/http"
	"strconv"
	"strings"
	"sync"
	"time"

	"github.com/launchready/terraform-provider-launchready/internal/sandbox/expr"
	"github.com/launchready/terraform-provider-launchready/internal/sandbox/zone"
)

// rateLimit is the field ratelimit of a rule. Times are in seconds
// (https://developers.cloudflare.com/waf/rate-limiting-rules/parameters/).
type rateLimit struct {
	Characteristics    []string `json:"characteristics"`
	Period             int      `json:"period"`
	Requests           int      `json:"requests_per_period"`
	Timeout            int      `json:"mitigation_timeout"`
	CountingExpression string   `json:"counting_expression"`
	ToOrigin           bool     `json:"requests_to_origin"`
}

// counter counts the requests of one rule that are alike in its characteristics.
type counter struct {
	started time.Time
	n       int
	until   time.Time // mitigated before that
}

// counters are all of an edge.
type counters struct {
	mu  sync.Mutex
	all map[string]*counter
}

// maxCounters bounds what visitors can make the edge keep. Beyond it counters
// are forgotten, in no order.
const maxCounters = 100_000

// laterCount is a request to be counted once its answer is known.
type laterCount struct {
	key    string
	limit  rateLimit
	counts func() (bool, error)
}

// limited runs the rate-limiting rules until one stops the request.
func (s *Server) limited(w http.ResponseWriter, v *visit) (done bool, err error) {
	if v.skip["phase "+phaseRateLimit] {
		return false, nil
	}
	ruleset, _ := v.zone.Ruleset(phaseRateLimit)
	for _, r := range ruleset.Rules {
		if !r.Enabled || done {
			continue
		}
		if done, err = s.limit(w, v, r); err != nil {
			return done, &ruleError{phaseRateLimit, r.Ref, err}
		}
	}
	return done, nil
}

func (s *Server) limit(w http.ResponseWriter, v *visit, r zone.Rule) (bool, error) {
	var in rateLimit
	if err := json.Unmarshal(r.RateLimit, &in); err != nil {
		return false, fmt.Errorf("ratelimit: %w", err)
	}
	acts, err := s.matches(v, r.Expression)
	if err != nil {
		return false, err
	}
	if r.Action == "skip" {
		if !acts {
			return false, nil
		}
		_, err := v.pass(r)
		return false, err
	}
	key, err := s.counterKey(v, r, in)
	if err != nil {
		return false, err
	}
	later := in.ToOrigin
	counts := func() (bool, error) { return acts, nil } //nolint:unparam // the other one below may fail
	if in.CountingExpression != "" {
		e, err := s.compiled.get("?", in.CountingExpression, expr.Parse)
		if err != nil {
			return false, err
		}
		counts = func() (bool, error) { return e.Match(v.values) }
		for _, f := range e.Fields() {
			later = later || strings.HasPrefix(f, "http.response.")
		}
	}
	count := false
	if later {
		v.later = append(v.later, laterCount{key, in, func() (bool, error) {
			if in.ToOrigin && v.status == statusHit {
				return false, nil
			}
			return counts()
		}})
	} else if count, err = counts(); err != nil {
		return false, err
	}
	wait := s.counters.hit(key, s.options.Now(), in, count, s.options.Speed)
	if wait <= 0 || !acts {
		return false, nil
	}
	var custom struct{ Response *response }
	if err := parameters(r, &custom); err != nil {
		return false, err
	}
	if r.Action == "block" {
		w.Header().Set("Retry-After", strconv.Itoa(int(math.Ceil(wait.Seconds()))))
	}
	return s.act(w, v, r.Action, custom.Response, func() {
		s.fail(w, v, http.StatusTooManyRequests, "1015", "You are being rate limited")
	})
}

// countLater counts a request by what was answered.
func (s *Server) countLater(v *visit) error {
	for _, l := range v.later {
		counts, err := l.counts()
		if err != nil {
			return &ruleError{phaseRateLimit, l.key, err}
		}
		if counts {
			s.counters.hit(l.key, s.options.Now(), l.limit, true, s.options.Speed)
		}
	}
	return nil
}

// counterKey tells apart what a rule counts separately. All of the sandbox is
// one data centre, so cf.colo.id is the same for everyone.
func (s *Server) counterKey(v *visit, r zone.Rule, in rateLimit) (string, error) {
	key := v.zone.ID + "\x00" + r.ID
	for _, c := range in.Characteristics {
		text, err := v.client, error(nil)
		switch c {
		case "cf.colo.id":
			text = colo
		case "cf.unique_visitor_id", "ip.src":
		default:
			text, err = s.characteristic(v, c)
		}
		if err != nil {
			return "", fmt.Errorf("characteristic %s: %w", c, err)
		}
		key += "\x00" + text
	}
	return key, nil
}

// characteristic evaluates a field or a function; of a header, a cookie or an
// argument the first one counts.
func (s *Server) characteristic(v *visit, c string) (string, error) {
	var first error
	for _, form := range []string{c, c + "[0]", "to_string(" + c + ")"} {
		e, err := s.compiled.get("=", form, expr.ParseValue)
		if err == nil {
			return e.Text(v.values)
		}
		if first == nil {
			first = err
		}
	}
	return "", first
}

// hit looks at a counter, after counting a request if it is to be, and returns
// how long requests are still to be stopped, or 0. Time passes faster by speed.
func (c *counters) hit(key string, now time.Time, in rateLimit, count bool, speed float64) time.Duration {
	scaled := func(seconds int) time.Duration { return time.Duration(float64(seconds) / speed * float64(time.Second)) }
	c.mu.Lock()
	defer c.mu.Unlock()
	one := c.all[key]
	if one != nil && now.Before(one.until) {
		return one.until.Sub(now)
	}
	if one == nil || !one.until.IsZero() || now.Sub(one.started) >= scaled(in.Period) {
		if !count {
			return 0
		}
		if len(c.all) >= maxCounters {
			clear(c.all)
		}
		one = &counter{started: now}
		c.all[key] = one
	}
	if count {
		one.n++
	}
	if one.n <= in.Requests {
		return 0
	}
	if in.Timeout == 0 { // throttled until the period is over
		return one.started.Add(scaled(in.Period)).Sub(now)
	}
	one.until = now.Add(scaled(in.Timeout))
	return one.until.Sub(now)
}
