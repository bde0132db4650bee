package readiness

import (
	"fmt"
	"maps"
	"slices"
	"strings"
)

// The tables of criteria, deliverables, streams of work and effort name rules by
// id or by a pattern such as "spf.*".

// names reports whether one of the patterns names the rule.
func names(patterns []string, rule string) bool {
	for _, p := range patterns {
		if matches(p, rule) {
			return true
		}
	}
	return false
}

// matches is MatchPattern for a rule. Nearly all patterns are an id or a prefix,
// and there may be thousands of findings.
func matches(pattern, rule string) bool {
	switch strings.IndexByte(pattern, '*') {
	case -1:
		return pattern == rule
	case len(pattern) - 1:
		return strings.HasPrefix(rule, pattern[:len(pattern)-1])
	}
	return MatchPattern(pattern, rule)
}

// longest returns the pattern that says most about a rule: its own id, else the
// longest pattern that matches, ties by the alphabet. Empty if none does.
func longest[V any](table map[string]V, rule string) string {
	if _, ok := table[rule]; ok {
		return rule
	}
	best := ""
	for pattern := range table {
		if matches(pattern, rule) && (len(pattern) > len(best) || len(pattern) == len(best) && pattern < best) {
			best = pattern
		}
	}
	return best
}

func sortedKeys[V any](m map[string]V) []string { return slices.Sorted(maps.Keys(m)) }

// some is a list that programs read as one: empty, never null.
func some[V any](list []V) []V {
	if list == nil {
		return []V{}
	}
	return list
}

// ids returns the rules of findings, sorted, each once; never nil, so that
// programs read a list.
func ids(findings []Finding) []string {
	out := []string{}
	for _, f := range findings {
		out = append(out, f.Rule)
	}
	slices.Sort(out)
	return slices.Compact(out)
}

// CheckPattern says what is wrong with a rule id or a pattern of them, or returns
// nil: one that names no rule is a slip of the pen.
func (c *Catalogue) CheckPattern(pattern string) error {
	if !strings.Contains(pattern, "*") {
		_, err := c.known(pattern)
		return err
	}
	if !slices.ContainsFunc(c.ids, func(id string) bool { return MatchPattern(pattern, id) }) {
		return fmt.Errorf("no rule is named by the pattern %q; the rules are listed in docs/rules", pattern)
	}
	return nil
}

// CheckTables says what the tables of this package lack for a catalogue: a rule
// without an estimate, a stream or a deliverable of its area, and patterns that
// name no rule.
func (c *Catalogue) CheckTables() []string {
	var out []string
	pattern := func(table, p string) {
		if err := c.CheckPattern(p); err != nil {
			out = append(out, table+": "+err.Error())
		}
	}
	for p := range efforts() {
		pattern("efforts", p)
	}
	for p := range exposures() {
		pattern("exposures", p)
	}
	for _, s := range streams() {
		for _, p := range s.rules {
			pattern("stream "+s.id, p)
		}
	}
	for _, one := range launchCriteria() {
		for _, p := range slices.Concat(append(one.evidence, one.against)...) {
			pattern("criterion "+one.id, p)
		}
		for _, group := range one.evidence {
			for _, p := range group {
				if !names(one.against, p) && !slices.Contains(one.against, p) {
					out = append(out, fmt.Sprintf("criterion %s: %s is evidence and does not stand against it", one.id, p))
				}
			}
		}
	}
	owners := map[string][]string{}
	for _, d := range launchDeliverables() {
		for _, p := range slices.Concat(append(d.evidence, d.rules)...) {
			pattern("deliverable "+d.id, p)
		}
		for _, id := range c.ids {
			if names(d.rules, id) {
				owners[id] = append(owners[id], d.id)
			}
		}
	}
	for _, r := range c.Rules() {
		if longest(efforts(), r.ID) == "" {
			out = append(out, "efforts: nothing for "+r.ID)
		}
		if len(owners[r.ID]) > 1 {
			out = append(out, fmt.Sprintf("rule %s belongs to the deliverables %s", r.ID, strings.Join(owners[r.ID], ", ")))
		}
	}
	slices.Sort(out)
	return out
}
