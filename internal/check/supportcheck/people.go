package supportcheck

import (
	"fmt"
	"maps"
	"regexp"
	"slices"
	"strings"

	"github.com/launchready/terraform-provider-launchready/internal/runbook"
)

var (
	// roles are words for more than one person, or for a post that is handed on.
	roles = lazy(`(?i)\b(?:team|support|desk|office|operations?|ops|on[- ]call|rota|rotation|duty|engineer\w*|manager|lead|agency|provider|vendor|staff|group|department|committee|board|service|operator|developer\w*|administrator|admins?|everyone|anyone|bereitschaft|abteilung|équipe|equipo|squadra)\b`)
	// alone are posts that one person has for good.
	alone = lazy(`(?i)^\W*(?:the )?(?:founder|co-?founder|owner|ceo|cto|me|myself|i|director|freelancer|inhaber|geschäftsführer\w*|fondateur|fundador\w*)\b`)
	named = lazy(`\b\p{Lu}[\pL'’-]+(?:\s+(?:\p{Lu}[\pL'’.-]*|(?:van|von|de|der|den|la|du|da|di|bin|al)))*\s+\p{Lu}[\pL'’-]+`)
)

// person is who owns something, as far as that can be told from its name.
type person struct{ name, mail string }

// personOf reads the name and the address of an owner.
func personOf(value string) person {
	p := person{mail: strings.ToLower(mailAddress().FindString(value))}
	name := aside().ReplaceAllString(value, " ")
	if cut := strings.IndexAny(name, ",;<|·"); cut >= 0 {
		name = name[:cut]
	}
	name = mailAddress().ReplaceAllString(name, " ")
	p.name = strings.ToLower(strings.Join(strings.Fields(strings.Trim(name, " .*_-–—")), " "))
	if p.name == "" {
		p.name = p.mail
	}
	return p
}

// people reports a runbook that hangs on one person.
func (s *session) people() {
	owners := map[string]bool{}
	mails := map[string]bool{}
	sections, lone := 0, true
	var shown string
	for _, t := range s.topics {
		if t.id == "escalation" {
			continue
		}
		values := s.owners(t)
		if len(values) > 0 {
			sections++
		}
		for _, v := range values {
			p := personOf(v)
			owners[p.name], shown = true, firstLine(v)
			if p.mail != "" {
				mails[p.mail] = true
			}
			lone = lone && isOnePerson(v)
		}
		for _, m := range s.mailsOf(t) {
			mails[m] = true
		}
	}
	switch {
	case sections < 2:
		s.report.NotApplicable(ruleSingle, whole, "fewer than two sections name an owner")
	case len(owners) > 1 || !lone:
		s.report.Pass(ruleSingle, whole, "the sections have more than one owner, or a team")
	case len(mails) > 1:
		s.report.Pass(ruleSingle, whole, "the sections have more than one contact")
	case s.helper(owners, mails):
		s.report.Pass(ruleSingle, whole, "there is somebody else to escalate to")
	default:
		s.report.Fail(ruleSingle, whole, fmt.Sprintf("%q owns every section, and nobody else is named to escalate to", personOf(shown).name))
	}
}

// isOnePerson tells a person from a team.
func isOnePerson(value string) bool {
	name := mailAddress().ReplaceAllString(value, " ")
	if cut := strings.IndexAny(name, ",;<|·("); cut >= 0 {
		name = name[:cut]
	}
	if strings.TrimSpace(name) == "" { // an address alone
		return alone().MatchString(value) || !roles().MatchString(strings.NewReplacer(".", " ", "_", " ", "-", " ", "@", " ").Replace(value))
	}
	return alone().MatchString(name) || !roles().MatchString(name)
}

// mailsOf are the addresses of a section, each once.
func (s *session) mailsOf(t *topic) []string {
	var out []string
	for _, b := range t.blocks {
		if b.Kind == runbook.Code {
			continue
		}
		for _, m := range mailAddress().FindAllString(b.Prose, -1) {
			if m = strings.ToLower(m); !noReply().MatchString(m) && !slices.Contains(out, m) {
				out = append(out, m)
			}
		}
	}
	return out
}

// helper reports whether the section about escalation names anybody but the
// owner.
func (s *session) helper(owners, mails map[string]bool) bool {
	for _, t := range s.topics {
		if t.id != "escalation" {
			continue
		}
		for _, m := range s.mailsOf(t) {
			if !mails[m] && len(mails) > 0 {
				return true
			}
		}
		for _, v := range s.owners(t) {
			if !owners[personOf(v).name] {
				return true
			}
		}
		for _, b := range t.blocks {
			if b.Kind == runbook.Code || b.Kind == runbook.Heading || b.Kind == runbook.Bold {
				continue
			}
			for _, cell := range append(slices.Clone(b.Cells), strings.Split(b.Prose, "\n")...) {
				if someoneElse(cell, owners) {
					return true
				}
			}
		}
	}
	return false
}

// calls finds whom a line tells to call.
var calls = lazy(`(?i)\b(?:call|page|phone|contact|ask|write to|escalate to|hand (?:it )?over to|then|level \d|l\d|tier \d|first|second|third|backup|deputy|stand-?in)\b`)

// someoneElse reports whether a line names a person or a team that is no owner.
func someoneElse(line string, owners map[string]bool) bool {
	for _, name := range named().FindAllString(line, -1) {
		folded := strings.ToLower(strings.Join(strings.Fields(name), " "))
		if !slices.ContainsFunc(slices.Collect(maps.Keys(owners)), func(o string) bool { return strings.Contains(folded, o) || strings.Contains(o, folded) }) && !weekday().MatchString(name) {
			return true
		}
	}
	reached := reachable(line, nil, false)
	line = mailAddress().ReplaceAllString(officeHours().ReplaceAllString(line, " "), " ")
	return calls().MatchString(line) && roles().MatchString(line) || roles().MatchString(line) && reached
}

// officeHours are no office.
var officeHours = lazy(`(?i)\b(?:office|business|support|working|service|desk) (?:hours|days)\b`)

var weekday = lazy(`(?i)^(?:mon|tues|wednes|thurs|fri|satur|sun)day|^(?:last|out|if|when|call|write|level|step|expected|escalat\w*|next|first)\b`)

var (
	levelNumber = lazy(`(?im)^\W*(?:escalation |support |eskalations)?(?:level|tier|l|line|stage|stufe|ebene|niveau|nivel|livello|nível|nivå|trin|poziom|úroveň)\s*-?\s*([1-9])\b`)
	gravity     = lazy(`(?i)\b(?:severity|sev|priority)[ -]*(?:level)?s?`) // is no level of escalation
	levelWord   = lazy(`(?i)\b(first|second|third|1st|2nd|3rd|primary|secondary|tertiary|backup)[ -](?:line|level|tier|responder|contact|escalation|on[- ]call|support|person)\b`)
	levelAlone  = lazy(`(?i)^\s*(primary|secondary|tertiary|backup|deputy|first|second|third|[1-9])\s*[.):]?\s*$`)
)

// levels judges the escalation: how many levels it has, and whether it says what
// holds at night.
func (s *session) levels() {
	var t *topic
	for _, one := range s.topics {
		if one.id == "escalation" {
			t = one
		}
	}
	if len(t.found) == 0 {
		s.report.NotApplicable(ruleLevels, whole, "there is no section about escalation")
		return
	}
	n := s.countLevels(t)
	hours := s.hasHours()
	var lacks []string
	if n < s.spec.MinimumLevels {
		lacks = append(lacks, fmt.Sprintf("fewer than %d levels with a contact", s.spec.MinimumLevels))
	}
	if !hours {
		lacks = append(lacks, "no line about nights and weekends")
	}
	switch {
	case len(lacks) == 0:
		s.report.Pass(ruleLevels, whole, "the escalation has levels, and says what holds outside of office hours")
	case n >= s.spec.MinimumLevels && s.foreign():
		s.report.InconclusiveAs(ruleLevels, whole, "the runbook is written in a language that the check has no words of: no line about nights and weekends was seen", "Name its words in words.out_of_hours.")
	default:
		s.report.Fail(ruleLevels, whole, "the escalation has "+join(lacks))
	}
}

// countLevels counts levels by their names, and rows, items and parts that say
// how somebody is reached.
func (s *session) countLevels(t *topic) int {
	numbers, words := map[string]bool{}, map[string]bool{}
	reached := map[runbook.Kind]map[string]bool{}
	for _, b := range t.blocks {
		if b.Kind == runbook.Code {
			continue
		}
		collect(levelNumber(), gravity().ReplaceAllString(b.Prose, " "), numbers)
		collect(levelWord(), b.Prose, words)
		if len(b.Cells) > 0 {
			collect(levelAlone(), b.Cells[0], words)
		}
		if b.Kind != runbook.Item && b.Kind != runbook.Row {
			continue
		}
		if who := whoIs(b); who != "" && (b.Ordered || !s.isContactLine(b.Prose)) {
			if reached[b.Kind] == nil {
				reached[b.Kind] = map[string]bool{}
			}
			reached[b.Kind][who] = true
		}
	}
	most := max(len(numbers), len(words))
	for _, all := range reached {
		most = max(most, len(all))
	}
	return most
}

// isContactLine reports whether a line is the section's own owner or contact, and
// no level.
func (s *session) isContactLine(text string) bool {
	m := colon().FindStringSubmatch(firstLine(text))
	return m != nil && (s.labels(s.words.owner, m[1]) || s.labels(s.words.contact, m[1])) && !levelWord().MatchString(m[1]) && !levelNumber().MatchString(m[1])
}

func collect(re *regexp.Regexp, text string, into map[string]bool) {
	for _, m := range re.FindAllStringSubmatch(text, -1) {
		into[strings.ToLower(m[1])] = true
	}
}

// whoIs is how somebody is reached by a row or an item: the first address,
// number or name that stands there.
func whoIs(b located) string {
	for _, l := range b.Links {
		if i := strings.IndexByte(l.Target, ':'); i > 0 && slices.Contains([]string{"mailto", "tel", "sms"}, strings.ToLower(l.Target[:i])) {
			return strings.ToLower(l.Target)
		}
	}
	for _, re := range []*regexp.Regexp{mailAddress(), phone(), handle()} {
		if m := re.FindString(b.Prose); m != "" {
			return strings.ToLower(strings.TrimSpace(m))
		}
	}
	for _, l := range b.Links {
		if webAddress().MatchString(l.Target) && (calls().MatchString(b.Prose) || pager().MatchString(l.Target)) {
			return l.Target
		}
	}
	return ""
}

// pager finds addresses by which whoever is on call is reached.
var pager = lazy(`(?i)pagerduty|opsgenie|on-?call|squadcast|victorops|splunk|incident\.io|firehydrant|betterstack|\bslack\.com/|teams\.microsoft\.com/`)

// hasHours reports whether the runbook says what holds outside of office hours.
func (s *session) hasHours() bool {
	for _, f := range s.book.Files {
		for _, b := range f.Blocks {
			if b.Kind != runbook.Code && s.words.hours.MatchString(b.Text) {
				return true
			}
		}
	}
	return false
}
