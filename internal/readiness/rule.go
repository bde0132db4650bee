package readiness

import (
	"fmt"
	"regexp"
	"slices"
	"strings"
	"sync"
)

// Rule is one thing that can be violated. Its id is stable once published and
// never used again for another thing.
type Rule struct {
	ID         string   // dotted, such as "spf.lookup_limit"
	Area       Area     // AnyArea only for rules about the gate itself
	Severity   Severity // of a violation, unless the finding says otherwise
	Title      string   // what is wrong when it is violated; no full stop
	Remedy     string   // how to mend it, in a sentence
	References []string // "RFC 7208 section 4.6.4", "ASVS-5.0-12.1.1"; at least one
	// Attestable rules may be answered by a person's attestation where no
	// probe could decide them.
	Attestable bool
	// Unwaivable rules guard the gate itself.
	Unwaivable bool
}

// Repository is where the provider is developed, and its documentation read.
const Repository = "https://github.com/launchready/terraform-provider-launchready"

// Page is the address of the rule's page.
func (r Rule) Page() string { return RulePage(r.ID) }

// RulePage is the address of the page of a rule. It names no version: an id is
// never used again for another thing, so that the link in an old report still
// leads to its rule, and an upgrade changes no finding.
func RulePage(id string) string { return Repository + "/blob/main/docs/rules/" + id + ".md" }

// The separator pattern is compiled on first use: nothing is compiled at start-up.
var ruleID = sync.OnceValue(func() *regexp.Regexp {
	return regexp.MustCompile(`^[a-z][a-z0-9_]*(\.[a-z0-9_]+)+$`)
})

// Catalogue is every rule there is, by id. It is the one place where a rule's
// id, area, severity, text, remedy and references stand.
type Catalogue struct {
	rules map[string]Rule
	ids   []string // sorted
}

// NewCatalogue joins lists of rules. It refuses ids that are malformed or
// registered twice, and rules with a field missing.
func NewCatalogue(lists ...[]Rule) (*Catalogue, error) {
	c := &Catalogue{rules: map[string]Rule{}}
	for _, list := range lists {
		for _, r := range list {
			if err := r.validate(); err != nil {
				return nil, err
			}
			if _, ok := c.rules[r.ID]; ok {
				return nil, fmt.Errorf("rule %s is registered twice", r.ID)
			}
			c.rules[r.ID] = r
			c.ids = append(c.ids, r.ID)
		}
	}
	slices.Sort(c.ids)
	return c, nil
}

func (r Rule) validate() error {
	switch {
	case !ruleID().MatchString(r.ID):
		return fmt.Errorf("rule id %q is not of the form area_prefix.name", r.ID)
	case r.Area != AnyArea && !r.Area.Valid():
		return fmt.Errorf("rule %s: unknown area %q", r.ID, r.Area)
	case !r.Severity.Valid():
		return fmt.Errorf("rule %s: unknown severity %q", r.ID, r.Severity)
	case r.Title == "" || r.Remedy == "" || len(r.References) == 0:
		return fmt.Errorf("rule %s: title, remedy and references are required", r.ID)
	}
	return nil
}

// Rule looks a rule up by id.
func (c *Catalogue) Rule(id string) (Rule, bool) {
	r, ok := c.rules[id]
	return r, ok
}

// IDs returns all rule ids, sorted. The slice is shared: do not change it.
func (c *Catalogue) IDs() []string { return c.ids }

// Rules returns all rules, sorted by id.
func (c *Catalogue) Rules() []Rule {
	out := make([]Rule, len(c.ids))
	for i, id := range c.ids {
		out[i] = c.rules[id]
	}
	return out
}

// Nearest returns the rule id closest to what was written, or "" if none is close.
func (c *Catalogue) Nearest(id string) string {
	id = strings.ToLower(strings.TrimSpace(id))
	best, bestDistance := "", len(id)/2+1
	for _, known := range c.ids {
		if d := editDistance(id, known); d < bestDistance {
			best, bestDistance = known, d
		}
	}
	return best
}

// editDistance is the Levenshtein distance in bytes.
func editDistance(a, b string) int {
	previous := make([]int, len(b)+1)
	for j := range previous {
		previous[j] = j
	}
	for i := range len(a) {
		current := make([]int, len(b)+1)
		current[0] = i + 1
		for j := range len(b) {
			cost := 1
			if a[i] == b[j] {
				cost = 0
			}
			current[j+1] = min(previous[j]+cost, previous[j+1]+1, current[j]+1)
		}
		previous = current
	}
	return previous[len(b)]
}
