package supportcheck

import (
	"maps"
	"regexp"
	"slices"
	"strings"
)

// topic is what a runbook must have a section about, and what was found of it.
type topic struct {
	id, rule string
	// strong words are about nothing else; weak ones count where a heading has no
	// strong word: "Reset a log-in" is about resets.
	strong, weak *regexp.Regexp

	found  []finding
	blocks []located // of all findings, each once
	fields []field
}

// finding is a place where a topic is treated.
type finding struct{ file, heading string }

// Topics are the ids of those that every runbook must have.
func Topics() []string {
	return []string{"resets", "refunds", "invites", "failed_logins", "escalation"}
}

const (
	logIn    = `(?:log(?:ging|ged)?[- ]?(?:in|on)s?|sign(?:ing|ed)?[- ]?ins?)`
	failing  = `(?:fail|wrong|incorrect|invalid|cannot|can not|can't|can’t|could not|unable|problem|trouble|issue|error|broken|reject|denied|not work)`
	boundary = `(?i)(?:^|[^\pL\pN])`
)

// builtin are the words for the topics, beside those of the user.
var builtin = map[string]struct{ rule, strong, weak string }{
	"resets":  {ruleResets, `(?:re-?set|forgot|magic[- ]?link|locked[- ]?out|recover|lost password|new password)`, `password`},
	"refunds": {ruleRefunds, `(?:refund|charge[- ]?back|money back|reimburs)`, `(?:billing|cancel|payment)`},
	"invites": {ruleInvites, `invit`, `(?:on-?boarding|re-?send|welcome (?:e-?)?mail|welcome message)`},
	"failed_logins": {ruleLogins,
		`(?:` + failing + `.*(?:` + logIn + `|password|credential)|` + logIn + `.*` + failing + `|mfa|2fa|two[- ]factor|second factor|authenticator|accounts? (?:is |are |gets? )?lock|locked account|lock-?outs?)`, logIn},
	"escalation": {ruleEscalation, `(?:escalat|incident|severity|on[- ]call|whom? to (?:call|page|ring|contact|wake|alert)|call (?:tree|chain)|alarm plan|emergenc)`, `outage`},
}

// topicsOf are the five topics and the user's own, in order.
func topicsOf(own map[string][]string) []*topic {
	var out []*topic
	for _, id := range Topics() {
		b := builtin[id]
		strong := b.strong
		for _, w := range own[id] {
			strong += "|" + glob(strings.TrimSpace(w))
		}
		out = append(out, &topic{id: id, rule: b.rule, strong: regexp.MustCompile(boundary + `(?:` + strong + `)`), weak: regexp.MustCompile(boundary + b.weak)})
	}
	for _, id := range slices.Sorted(maps.Keys(own)) {
		if _, isBuiltin := builtin[id]; isBuiltin {
			continue
		}
		strong := glob(strings.ReplaceAll(id, "_", " "))
		for _, w := range own[id] {
			strong += "|" + glob(strings.TrimSpace(w))
		}
		out = append(out, &topic{id: id, rule: ruleOwnTopic, strong: regexp.MustCompile(boundary + `(?:` + strong + `)`)})
	}
	return out
}

var (
	aside = lazy(`\([^()]*\)`)
	// parted is where a heading names another thing.
	parted = lazy(`(?i)\s*(?:[,;/&+|]|\s(?:and|or|und|oder|et|ou|y|o|e|en|och|og)\s)\s*`)
	// whenTo is the heading of a line that every section has.
	whenTo = lazy(`(?i)\b(?:when|if) (?:to|you|we) (?:should |must |have to )?escalat|escalate (?:when|if|after)|when should .*escalat`)
)

// about are the topics that a heading is about.
func about(topics []*topic, heading string) map[*topic]bool {
	outer := aside().ReplaceAllString(heading, " ")
	out := aboutParts(topics, outer)
	if len(out) == 0 {
		out = aboutParts(topics, heading)
	}
	return out
}

func aboutParts(topics []*topic, heading string) map[*topic]bool {
	out := map[*topic]bool{}
	for _, part := range parted().Split(heading, 8) {
		strong := false
		for _, t := range topics {
			if t.strong.MatchString(part) && (t.id != "escalation" || !whenTo().MatchString(part)) {
				out[t], strong = true, strong || t.weak != nil
			}
		}
		for _, t := range topics {
			if !strong && t.weak != nil && t.weak.MatchString(part) {
				out[t] = true
			}
		}
	}
	return out
}
