package zone

import (
	"encoding/json"
	"maps"
	"slices"
	"strconv"
	"time"
)

// Ruleset is the entry point of one phase of a zone, as Cloudflare stores and
// shows it (https://developers.cloudflare.com/ruleset-engine/rulesets-api/).
type Ruleset struct {
	ID          string    `json:"id"`
	Name        string    `json:"name"`
	Description string    `json:"description"`
	Kind        string    `json:"kind"` // "zone"
	Phase       string    `json:"phase"`
	Version     string    `json:"version"` // a number that grows by one with every write
	LastUpdated time.Time `json:"last_updated"`
	Rules       []Rule    `json:"rules"`
}

// Rule is one rule of a ruleset.
type Rule struct {
	ID               string          `json:"id"`
	Ref              string          `json:"ref"` // the id where nobody gave one
	Version          string          `json:"version"`
	Description      string          `json:"description"`
	Expression       string          `json:"expression"`
	Action           string          `json:"action"`
	ActionParameters json.RawMessage `json:"action_parameters,omitempty"`
	RateLimit        json.RawMessage `json:"ratelimit,omitempty"`
	Logging          json.RawMessage `json:"logging,omitempty"`
	Enabled          bool            `json:"enabled"`
	LastUpdated      time.Time       `json:"last_updated"`
}

// Ruleset returns a copy of the newest version of a phase's entry point; ok is
// false where there is none.
func (z *Zone) Ruleset(phase string) (r Ruleset, ok bool) {
	z.mu.RLock()
	defer z.mu.RUnlock()
	versions := z.rulesets[phase]
	if len(versions) == 0 {
		return Ruleset{}, false
	}
	return versions[len(versions)-1].clone(), true
}

// RulesetVersions returns every version of a phase's entry point that there
// was, oldest first.
func (z *Zone) RulesetVersions(phase string) []Ruleset {
	z.mu.RLock()
	defer z.mu.RUnlock()
	out := make([]Ruleset, 0, len(z.rulesets[phase]))
	for _, r := range z.rulesets[phase] {
		out = append(out, r.clone())
	}
	return out
}

// Phases returns the phases that have an entry point, sorted.
func (z *Zone) Phases() []string {
	z.mu.RLock()
	defer z.mu.RUnlock()
	return slices.Sorted(maps.Keys(z.rulesets))
}

// UpdateRuleset runs f on a copy of a phase's entry point under the write lock
// and stores what it leaves as the next version. Where there is no entry point
// yet, f gets one of the phase without rules, id and version. If f returns an
// error, nothing is stored.
func (z *Zone) UpdateRuleset(phase string, f func(*Ruleset) error) (Ruleset, error) {
	z.mu.Lock()
	defer z.mu.Unlock()
	versions := z.rulesets[phase]
	next := Ruleset{Kind: "zone", Phase: phase, Name: "default", Version: "0"}
	if len(versions) > 0 {
		next = versions[len(versions)-1].clone()
	}
	if err := f(&next); err != nil {
		return Ruleset{}, err
	}
	n, _ := strconv.Atoi(next.Version) // ours: always a number
	next.Version, next.LastUpdated = strconv.Itoa(n+1), now()
	z.rulesets[phase] = append(versions, next.clone())
	return next, nil
}

// RemoveRuleset takes away a phase's entry point with all of its versions.
func (z *Zone) RemoveRuleset(phase string) {
	z.mu.Lock()
	defer z.mu.Unlock()
	delete(z.rulesets, phase)
}

func (r Ruleset) clone() Ruleset {
	r.Rules = slices.Clone(r.Rules)
	return r
}
