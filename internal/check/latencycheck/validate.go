package latencycheck

import (
	"fmt"
	"net/url"
	"slices"
	"time"

	"github.com/launchready/terraform-provider-launchready/internal/check"
)

// What a run takes beside the samples.
const (
	warmUp      = 10 // requests of each action that are thrown away
	preparation = 6  // requests of each action that see whether it works
	baselines   = 40 // requests to the baseline, at most
)

// Validate says why nothing could be learnt, in words that name the arguments to
// change; nil if something can.
func (s Spec) Validate() error {
	s = s.withDefaults()
	if len(s.Actions) == 0 {
		return fmt.Errorf("no action is named")
	}
	need := needed(alpha)
	longest := time.Duration(0)
	for _, a := range s.Actions {
		if u, err := url.Parse(a.URL); err != nil || u.Hostname() == "" {
			return fmt.Errorf("the address of the action %s cannot be read", a.Name)
		}
		longest = max(longest, a.Limit)
	}
	shortest := time.Duration(float64(need+warmUp)/s.Rate*float64(time.Second)) + longest
	if s.Duration < shortest {
		return fmt.Errorf("duration is too short for a verdict: %d samples at rate %g and the time that the last one may take need %s and some more", need, s.Rate, shortest.Round(time.Second))
	}
	if least := len(s.Actions)*(need+warmUp+preparation) + baselines; s.MaximumRequests < least {
		return fmt.Errorf("maximum_requests is too small for a verdict: %d actions need at least %d requests", len(s.Actions), least)
	}
	return nil
}

func hostOf(raw string) string {
	u, err := url.Parse(raw)
	if err != nil {
		return ""
	}
	return check.CanonicalHost(u.Hostname())
}

func pathOf(raw string) string {
	u, err := url.Parse(raw)
	if err != nil || u.Path == "" {
		return "/"
	}
	return u.Path
}

// hosts are those of all actions, each once and in order: who waits for two in
// the same order as others waits for nobody who waits for him.
func (s Spec) hosts() []string {
	var out []string
	for _, a := range s.Actions {
		out = append(out, hostOf(a.URL))
	}
	slices.Sort(out)
	return slices.Compact(out)
}

// rootOf is scheme, host and port of an address.
func rootOf(raw string) string {
	u, err := url.Parse(raw)
	if err != nil {
		return ""
	}
	return u.Scheme + "://" + u.Host
}
