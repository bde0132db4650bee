package supportcheck

import (
	"fmt"
	"regexp"
	"strings"

	"github.com/launchready/terraform-provider-launchready/internal/runbook"
)

// fewestSteps is how many steps make a way to go.
const fewestSteps = 3

// The parts of a section, as findings name them.
const (
	partOwner    = "an owner"
	partContact  = "a contact"
	partSteps    = "three numbered steps"
	partTime     = "an expected time"
	partEscalate = "a line that says when to escalate"
)

// judgeSections reports which topics have a section, and what those lack.
func (s *session) judgeSections() {
	own := false
	for _, t := range s.topics {
		if t.rule == ruleOwnTopic {
			own = true
		}
		if len(t.found) == 0 {
			message := "no heading, line in bold or row of a table is about " + t.name()
			if gap := s.unread(); gap != "" {
				s.report.InconclusiveAs(t.rule, t.id, message+" in what was read; "+gap+" was not", nameReadable)
				continue
			}
			s.report.Fail(t.rule, t.id, message)
			continue
		}
		s.report.Pass(t.rule, t.id, "the runbook has a section about "+t.name())
	}
	if !own {
		s.report.NotApplicable(ruleOwnTopic, whole, "topics names none beside the five")
	}
	foreign := s.foreign()
	for _, t := range s.topics {
		s.judgeParts(t, foreign)
	}
}

// name is a topic as people call it.
func (t *topic) name() string { return strings.ReplaceAll(t.id, "_", " ") }

// judgeParts reports what a section lacks.
func (s *session) judgeParts(t *topic, foreign bool) {
	if len(t.found) == 0 {
		s.report.NotApplicable(ruleIncomplete, t.id, "there is no such section")
		return
	}
	var lacks, unsure []string
	for _, part := range s.lacking(t) {
		if foreign && (part == partOwner || part == partTime || part == partEscalate) {
			unsure = append(unsure, part)
			continue
		}
		lacks = append(lacks, part)
	}
	switch {
	case len(lacks) > 0:
		s.report.Fail(ruleIncomplete, t.id, fmt.Sprintf("the section %q lacks %s", t.found[0].heading, join(append(lacks, unsure...))))
	case len(unsure) > 0:
		s.report.InconclusiveAs(ruleIncomplete, t.id,
			fmt.Sprintf("the section %q is written in a language that the check has no words of: it was not seen to have %s", t.found[0].heading, join(unsure)),
			"Name the words of the runbook's language in words: owner, time, escalate and the like.")
	default:
		s.report.Pass(ruleIncomplete, t.id, "the section has an owner, a contact, steps, an expected time and a line that says when to escalate")
	}
}

func join(parts []string) string {
	if len(parts) < 2 {
		return strings.Join(parts, "")
	}
	return strings.Join(parts[:len(parts)-1], ", ") + " and " + parts[len(parts)-1]
}

// lacking are the parts that a section does not have.
func (s *session) lacking(t *topic) []string {
	var out []string
	for _, part := range []struct {
		name string
		has  bool
	}{
		{partOwner, s.hasOwner(t)}, {partContact, s.hasContact(t)}, {partSteps, s.hasSteps(t)}, {partTime, s.hasTime(t)},
		// What escalation is about is when to escalate: its levels are another rule.
		{partEscalate, t.id == "escalation" || s.hasEscalation(t)},
	} {
		if !part.has {
			out = append(out, part.name)
		}
	}
	return out
}

// isWhole reports whether what was found of a topic has most parts of a section.
func (s *session) isWhole(t *topic) bool {
	n := 0
	for _, has := range []bool{s.hasOwner(t), s.hasContact(t), s.hasSteps(t), s.hasTime(t)} {
		if has {
			n++
		}
	}
	return n >= 3
}

// foreign reports whether the runbook is in a language that the check has no
// words of.
func (s *session) foreign() bool {
	var b strings.Builder
	for _, f := range s.book.Files {
		for _, block := range f.Blocks {
			if block.Kind != runbook.Code {
				b.WriteString(block.Prose + "\n")
			}
		}
	}
	return !known(b.String())
}

var owns = lazy(`(?i)\b(?:owned|handled|answered|looked after|run) by (?:the )?\pL|\b(?:is|are) (?:responsible|accountable)\b|\pL+ owns\b|\bverantwortlich (?:ist|sind)\b|\b(?:ist|sind) (?:verantwortlich|zuständig)\b`)

// owners are the values of parts that name an owner.
func (s *session) owners(t *topic) []string {
	var out []string
	for _, f := range t.fields {
		if s.labels(s.words.owner, f.label) && said(firstLine(f.value)) {
			out = append(out, strings.TrimSpace(firstLine(f.value)))
		}
	}
	return out
}

// labels reports whether a label begins with one of some words, or is one of few
// that has it.
func (s *session) labels(of *regexp.Regexp, label string) bool {
	return len(label) <= maxLabel && len(strings.Fields(label)) <= 6 && of.MatchString(label)
}

func firstLine(text string) string {
	line, _, _ := strings.Cut(strings.TrimSpace(text), "\n")
	return line
}

func (s *session) hasOwner(t *topic) bool {
	if len(s.owners(t)) > 0 {
		return true
	}
	for _, b := range t.blocks {
		if b.Kind != runbook.Code && owns().MatchString(b.Prose) {
			return true
		}
	}
	return false
}

var (
	mailAddress = lazy(`[\pL\pN._%+'-]+@[\pL\pN](?:[\pL\pN-]*[\pL\pN])?(?:\.[\pL\pN](?:[\pL\pN-]*[\pL\pN])?)+`)
	handle      = lazy(`(?:^|[\s(,;:])[@#][\pL][\pL\pN._-]+`)
	phone       = lazy(`(?i)(?:^|[^\d+])(?:\+\d[\d\s()./-]{5,}\d|(?:phone|call|tel\.?|telefon|mobile|cell|ring|dial|hotline|fon)\D{0,20}\d[\d\s()./-]{3,}\d|\(?\d{3}\)?[-. ]\d{3}[-. ]\d{4}\b|0\d{1,4}[ /-]\d[\d -]{4,}\d)`)
	noReply     = lazy(`(?i)^(?:no-?reply|do-?not-?reply|bounces?|mailer-daemon)[+@.-]`)
	webAddress  = lazy(`https?://`)
)

// reachable reports whether a text, or a link in it, says where somebody can be
// reached. An address of the web counts where the words say so.
func reachable(text string, links []runbook.Link, named bool) bool {
	for _, l := range links {
		target := strings.ToLower(l.Target)
		if strings.HasPrefix(target, "tel:") || strings.HasPrefix(target, "sms:") || strings.HasPrefix(target, "mailto:") && !noReply().MatchString(target[len("mailto:"):]) ||
			named && (webAddress().MatchString(target) || strings.HasPrefix(target, "/")) {
			return true
		}
	}
	for _, a := range mailAddress().FindAllString(text, -1) {
		if !noReply().MatchString(a) {
			return true
		}
	}
	return handle().MatchString(text) || phone().MatchString(text) || named && webAddress().MatchString(text)
}

func (s *session) hasContact(t *topic) bool {
	for _, f := range t.fields {
		named := s.labels(s.words.contact, f.label) || s.labels(s.words.owner, f.label)
		if named && said(f.value) && reachable(f.value, linksIn(f), true) {
			return true
		}
	}
	for _, b := range t.blocks {
		if b.Kind == runbook.Code {
			continue
		}
		for line := range strings.SplitSeq(b.Prose, "\n") {
			if reachable(line, nil, s.words.contact.MatchString(line)) {
				return true
			}
		}
		if reachable("", b.Links, false) {
			return true
		}
	}
	return false
}

// linksIn are the links of a field whose words stand in its value.
func linksIn(f field) []runbook.Link {
	var out []runbook.Link
	for _, l := range f.links {
		if strings.Contains(f.value, l.Text) {
			out = append(out, l)
		}
	}
	return out
}

var (
	// lasting is a time that says nothing of an answer.
	lasting = lazy(`(?i)(?:valid|good|lasts?|lives?|locked|blocked|works?|gültig|gesperrt|valable|válido)(?: \pL+)? (?:for|für|pendant|por)\s*$|expires?(?: \pL+)? (?:in|after)\s*$|(?:older|less|more) than\s*$` +
		// How long somebody waits, what happened lately, and how often something must happen.
		`|\b(?:wait|warten?|attend(?:re|ez)|esper(?:ar|e))(?: Sie)?(?: for| until)?(?: (?:at least|about|the))?\s*$|\b(?:last|past|previous|letzten|after|nach|après|después de)\s*$` +
		`|(?:\b(?:than|over|least|two|three|four|five|ten|several|many|als)|\d)\s+\pL+(?:\s\pL+){0,3}\s+(?:in|within|per|an?|on|innerhalb von)\s*$`)
	promptly = lazy(`(?i)\b(?:immediately|at once|right away|straight away|same (?:business |working )?day|next (?:business |working )day|within the (?:hour|day)|sofort|umgehend|am selben tag|am nächsten (?:werk|arbeits)tag|immédiatement|inmediat\pL*)\b`)
)

func (s *session) hasTime(t *topic) bool {
	for _, b := range t.blocks {
		if b.Kind == runbook.Code {
			continue
		}
		text := b.Prose
		for _, at := range s.words.time.FindAllStringIndex(text, -1) {
			if !lasting().MatchString(text[max(0, at[0]-40):at[0]+1]) && !lasting().MatchString(text[max(0, at[0]-40):at[0]]) {
				return true
			}
		}
		if promptly().MatchString(text) && b.Kind != runbook.Heading && !s.words.escalate.MatchString(text) {
			return true
		}
	}
	for _, f := range t.fields {
		if s.words.time.MatchString(" " + f.value + " ") {
			for _, word := range strings.Fields(strings.ToLower(f.label)) {
				if word == "time" || word == "sla" || word == "within" || word == "zeit" {
					return true
				}
			}
		}
	}
	return false
}

var (
	// callsIn finds a condition under which somebody else is called.
	callsIn = lazy(`(?i)\b(?:if|when|after|once|as soon as|unless|otherwise|else|wenn|falls|si|als)\b.{0,160}\b(?:call|page|contact|phone|involve|bring in|alert|turn to|anrufen|appeler|llamar)\s+(.{0,24})`)
	// asksIn finds a condition under which somebody is asked, who must be one who helps.
	asksIn = lazy(`(?i)\b(?:if|when|after|once|as soon as|unless|otherwise|else|wenn|falls|si|als)\b.{0,160}\b(?:ring|ask|tell|inform|notify|ping|text|message|write to|talk to|speak to|go to|refer to|fragen|informieren|prévenir|demander à|avisar a)\s+(?:the |our |an? )?(.{0,40})`)
	helper = lazy(`(?i)^(?:@\pL|[\pL\pN._%+-]+@|(?:\pL+ ){0,2}(?:board|chair\w*|webmaster|secretary|treasurer|supervisor)\b)`)
	// helped are those who are helped, not those who help.
	helped = lazy(`(?i)^(?:the |a |this |that )?(?:member|customer|user|client|person|them|him|her|guest|buyer|subscriber)`)
)

// firstWords are the first words of a text.
func firstWords(text string, n int) string {
	all := strings.Fields(text)
	return strings.Join(all[:min(n, len(all))], " ")
}

func (s *session) hasEscalation(t *topic) bool {
	for _, b := range t.blocks {
		if b.Kind == runbook.Code || b.Kind == runbook.Heading {
			continue
		}
		if s.words.escalate.MatchString(b.Prose) && b.Kind != runbook.Bold {
			return true
		}
		for _, m := range asksIn().FindAllStringSubmatch(b.Prose, -1) {
			if whom := firstWords(m[1], 4); !helped().MatchString(whom) && (helper().MatchString(whom) || roles().MatchString(whom) || alone().MatchString(whom)) {
				return true
			}
		}
		for _, m := range callsIn().FindAllStringSubmatch(b.Prose, -1) {
			if !helped().MatchString(m[1]) {
				return true
			}
		}
	}
	for _, f := range t.fields {
		if s.labels(s.words.escalate, f.label) && said(f.value) {
			return true
		}
	}
	return false
}
