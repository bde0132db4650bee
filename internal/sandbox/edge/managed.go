package edge

import (
	"regexp"
	"slices"
	"strings"
)

// Ids that Cloudflare gives to its managed rulesets, the same in every account
// (https://developers.cloudflare.com/waf/managed-rules/).
const (
	freeRuleset    = "77454fe2d30c4220b5701f6fdfb893ba"
	managedRuleset = "efb7b8c949ac4650a09736fc376e9aee"
	owaspRuleset   = "4814384a9e5d4991b9815dcfc25d2f1f"
	owaspScoring   = "6179ae15870a4bb7b2d480d4843b323c" // its rule that judges the sum
)

// attack is one kind of attack that the managed rulesets know. The few here
// stand for the thousands of rules of the real ones. Rule ids but that of
// Log4j are the sandbox's own.
type attack struct {
	id         string // of the rule in the free and the managed ruleset
	owasp      string // of the rule in the OWASP ruleset
	categories []string
	free       bool // is in the free ruleset too: a high-profile attack
	score      int  // of the OWASP rules of paranoia level 1
	pattern    *regexp.Regexp
}

var knownAttacks = []attack{
	{"5f6744fa026a4638bda5b3d7d5e015dd", "a1f0c8a4c0b74d0c9d6f2d3b5e7a9101", []string{"log4j", "cve-2021-44228"}, true, 25,
		regexp.MustCompile(`(?i)\$\{\s*(jndi|\$\{lower:j\})`)},
	{"b2f1c8a4c0b74d0c9d6f2d3b5e7a9202", "a1f0c8a4c0b74d0c9d6f2d3b5e7a9102", []string{"xss"}, false, 35,
		regexp.MustCompile(`(?i)<script[\s>]|javascript:|<[a-z]+[^>]+\son(error|load)\s*=`)},
	{"b2f1c8a4c0b74d0c9d6f2d3b5e7a9203", "a1f0c8a4c0b74d0c9d6f2d3b5e7a9103", []string{"sqli"}, false, 35,
		regexp.MustCompile(`(?i)'\s*or\s+['"]?\w+['"]?\s*=\s*['"]?\w+|union\s+(all\s+)?select\s|;\s*drop\s+table`)},
	{"b2f1c8a4c0b74d0c9d6f2d3b5e7a9204", "a1f0c8a4c0b74d0c9d6f2d3b5e7a9104", []string{"directory-traversal", "lfi"}, false, 30,
		regexp.MustCompile(`(?i)(\.\.[/\\]){2,}|/etc/(passwd|shadow)`)},
}

// attacks are those that a request's address and headers hold. Bodies are not
// looked into.
func attacks(v *visit) []attack {
	var out []attack
	texts := []string{
		decoded(v.values["raw.http.request.uri.path"]), decoded(v.values["raw.http.request.uri.query"]),
		decoded(v.values["http.user_agent"]), decoded(v.values["http.referer"]), decoded(v.values["http.x_forwarded_for"]),
	}
	for _, a := range knownAttacks {
		if slices.ContainsFunc(texts, a.pattern.MatchString) {
			out = append(out, a)
		}
	}
	return out
}

var escape = regexp.MustCompile(`%[0-9a-fA-F]{2}`)

// decoded undoes the escapes of an address, twice, as attackers hide by it.
func decoded(field any) string {
	text, _ := field.(string)
	text = strings.ReplaceAll(text, "+", " ")
	for range 2 {
		text = escape.ReplaceAllStringFunc(text, func(e string) string {
			return string([]byte{hexDigit(e[1])<<4 | hexDigit(e[2])})
		})
	}
	return text
}

func hexDigit(c byte) byte {
	switch {
	case c >= 'a':
		return c - 'a' + 10
	case c >= 'A':
		return c - 'A' + 10
	}
	return c - '0'
}

// managedRulesets say which actions a ruleset takes, in order, when these
// attacks are in a request.
var managedRulesets = map[string]func([]attack, overrides, *visit) []string{
	freeRuleset: func(found []attack, o overrides, v *visit) []string {
		return actions(slices.DeleteFunc(slices.Clone(found), func(a attack) bool { return !a.free }), o, v)
	},
	managedRuleset: actions,
	owaspRuleset:   score,
}

func actions(found []attack, o overrides, v *visit) []string {
	var out []string
	for _, a := range found {
		own := o.of(a.id, a.categories...)
		if own.off() || v.skip["rule "+a.id] {
			continue
		}
		if own.Action == "" {
			own.Action = "block"
		}
		out = append(out, own.Action)
	}
	return out
}

// score sums what the OWASP rules give to the attacks: five more for each
// paranoia level above the first that is on. The scoring rule acts on a sum of
// its threshold or more; the default is 40, which Cloudflare calls medium.
func score(found []attack, o overrides, v *visit) []string {
	judge := o.of(owaspScoring)
	if judge.off() || v.skip["rule "+owaspScoring] {
		return nil
	}
	if judge.Threshold == 0 {
		judge.Threshold = 40
	}
	sum := 0
	for _, a := range found {
		if !o.of(a.owasp, append(a.categories, "paranoia-level-1")...).off() && !v.skip["rule "+a.owasp] {
			sum += a.score
		}
		for _, level := range []string{"paranoia-level-2", "paranoia-level-3", "paranoia-level-4"} {
			if !o.of("", level).off() {
				sum += 5
			}
		}
	}
	if sum < judge.Threshold {
		return nil
	}
	if judge.Action == "" {
		judge.Action = "block"
	}
	return []string{judge.Action}
}
