package secretscan

import (
	"errors"
	"slices"
	"strings"

	"github.com/zricethezav/gitleaks/v8/config"
	"github.com/zricethezav/gitleaks/v8/report"
)

// allowances are what a configuration allows: gitleaks would say nothing of it,
// here it is said to be allowed.
type allowances struct {
	everywhere []*config.Allowlist
	byRule     map[string][]*config.Allowlist
	disabled   []string // rules
}

// split translates a configuration without what it extends: gitleaks counts
// extensions in a global that it never resets, so that the third one is
// silently left out. What is extended is always its default here.
func split(vc *config.ViperConfig) (config.Config, error) {
	if vc.Extend.Path != "" || vc.Extend.URL != "" {
		return config.Config{}, errors.New("the configuration extends a file or an address: copy its rules here; the default rules are there anyway")
	}
	disabled := vc.Extend.DisabledRules
	vc.Extend = config.Extend{}
	targets := make([][]string, len(vc.Allowlists))
	for i, a := range vc.Allowlists { // the rules that these are for may be default ones
		targets[i], a.TargetRules = a.TargetRules, nil
	}
	for i := range vc.Rules { // a rule that only adds to a default one has no expression
		if vc.Rules[i].ID == "" {
			return config.Config{}, errors.New("the configuration has a rule without id")
		}
	}
	c, err := translateRules(vc)
	if err != nil {
		return c, err
	}
	kept := c.Allowlists[:0:0]
	for i, a := range c.Allowlists {
		if i >= len(targets) || len(targets[i]) == 0 {
			kept = append(kept, a)
			continue
		}
		for _, id := range targets[i] {
			r := c.Rules[id]
			r.RuleID = id
			r.Allowlists = append(r.Allowlists, a)
			c.Rules[id] = r
		}
	}
	c.Allowlists, c.Extend.DisabledRules = kept, disabled
	return c, nil
}

// translateRules is Translate for rules that may lack what the default rule of
// the same id has: gitleaks refuses them unless it extends them itself.
func translateRules(vc *config.ViperConfig) (config.Config, error) {
	const never = `\x{10FFFF}never\x{10FFFF}`
	for i := range vc.Rules {
		if r := &vc.Rules[i]; r.Regex == "" && r.Path == "" {
			r.Regex = never
		}
	}
	c, err := vc.Translate()
	for id, r := range c.Rules {
		if r.Regex != nil && r.Regex.String() == never {
			r.Regex = nil
			c.Rules[id] = r
		}
	}
	return c, err
}

// merge adds a user's rules to the default ones, as gitleaks does where one
// extends the other, and returns what is allowed.
func merge(c *config.Config, own config.Config) allowances {
	out := allowances{everywhere: own.Allowlists, byRule: map[string][]*config.Allowlist{}, disabled: own.Extend.DisabledRules}
	for id, r := range own.Rules {
		out.byRule[id] = r.Allowlists
		base, known := c.Rules[id]
		if !known {
			if r.Regex == nil && r.Path == nil {
				continue
			}
			r.Allowlists = nil
			c.Rules[id] = r
		} else {
			if r.Description != "" {
				base.Description = r.Description
			}
			if r.Entropy != 0 {
				base.Entropy = r.Entropy
			}
			if r.SecretGroup != 0 {
				base.SecretGroup = r.SecretGroup
			}
			if r.Regex != nil {
				base.Regex = r.Regex
			}
			if r.Path != nil {
				base.Path = r.Path
			}
			base.Keywords = append(slices.Clip(base.Keywords), r.Keywords...)
			c.Rules[id] = base
		}
		for _, k := range r.Keywords {
			c.Keywords[strings.ToLower(k)] = struct{}{}
		}
	}
	return out
}

// allowed says why the configuration allows what was found; "" if it does not.
func (a allowances) allowed(f report.Finding, path, commit string) string {
	if slices.Contains(a.disabled, f.RuleID) {
		return "the configuration of gitleaks turns the rule off"
	}
	for _, l := range slices.Concat(a.everywhere, a.byRule[f.RuleID]) {
		if allows(l, f, path, commit) {
			return describe("the configuration of gitleaks allows it", l.Description)
		}
	}
	return ""
}

func describe(text, more string) string {
	if more = strings.TrimSpace(more); more != "" {
		return text + ": " + more
	}
	return text
}

// allows reports whether an allow-list covers what was found: one of its
// criteria, or with the condition AND all that it has.
func allows(l *config.Allowlist, f report.Finding, path, commit string) bool {
	target := f.Secret
	switch l.RegexTarget {
	case "match":
		target = f.Match
	case "line":
		target = f.Line
	}
	byCommit, _ := l.CommitAllowed(commit)
	byWord, _ := l.ContainsStopWord(f.Secret)
	criteria := []struct{ has, fits bool }{
		{len(l.Commits) > 0, byCommit}, {len(l.Paths) > 0, path != "" && l.PathAllowed(path)},
		{len(l.Regexes) > 0, l.RegexAllowed(target)}, {len(l.StopWords) > 0, byWord},
	}
	some, all := false, true
	for _, c := range criteria {
		if c.has {
			some, all = some || c.fits, all && c.fits
		}
	}
	if l.MatchCondition == config.AllowlistMatchAnd {
		return some && all
	}
	return some
}

// allowComment is how a line says that gitleaks is to leave it alone.
const allowComment = "gitleaks:allow"

// ignoreList are the fingerprints of a .gitleaksignore: file:rule:line or
// commit:file:rule:line as gitleaks writes them, which a rebase or a new line
// breaks, or the fingerprint of a finding alone, which they do not.
type ignoreList map[string]bool

func readIgnore(lines []string) ignoreList {
	out := ignoreList{}
	for _, line := range lines {
		line = strings.TrimSpace(line)
		if line == "" || strings.HasPrefix(line, "#") {
			continue
		}
		out[strings.ReplaceAll(line, `\`, "/")] = true
	}
	return out
}
