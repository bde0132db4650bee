package supportcheck

import (
	"path"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/launchready/terraform-provider-launchready/internal/runbook"
)

// months are names of months as they begin, in the languages that the check has
// words of. Those of three letters in English need no entry of their own.
var months = map[string]time.Month{
	"jan": 1, "gen": 1, "ene": 1, "sty": 1, "feb": 2, "fev": 2, "fév": 2, "lut": 2, "mar": 3, "mär": 3, "mrz": 3, "maa": 3, "mrt": 3,
	"apr": 4, "avr": 4, "abr": 4, "kwi": 4, "may": 5, "mai": 5, "maj": 5, "mei": 5, "mag": 5, "jun": 6, "juin": 6, "giu": 6, "cze": 6,
	"jul": 7, "juil": 7, "lug": 7, "lip": 7, "aug": 8, "aoû": 8, "aou": 8, "ago": 8, "sie": 8, "sep": 9, "set": 9, "wrz": 9,
	"oct": 10, "okt": 10, "ott": 10, "out": 10, "paź": 10, "nov": 11, "lis": 11, "dec": 12, "dez": 12, "déc": 12, "dic": 12, "gru": 12,
}

// monthOf reads the name of a month.
func monthOf(name string) (time.Month, bool) {
	letters := []rune(strings.ToLower(name))
	for _, n := range []int{4, 3} { // juin and juil begin alike
		if m, ok := months[string(letters[:min(n, len(letters))])]; ok {
			return m, true
		}
	}
	return 0, false
}

var (
	dates = lazy(`(?i)\d{4}[-/.]\d{1,2}[-/.]\d{1,2}|\d{1,2}\.\s?\d{1,2}\.\s?\d{4}|\d{1,2}(?:st|nd|rd|th|er|\.|º)?(?:\s+de|\s+of)?[\s-]+\pL{3,12}\.?,?(?:\s+del?)?[\s-]+\d{4}|\pL{3,12}\.?\s+\d{1,2}(?:st|nd|rd|th)?,?\s+\d{4}`)
	next  = lazy(`(?i)\b(?:next|due|until|nächste|prochaine|próxim|prossim|volgende)`)
	// dayFirst and monthFirst are dates in words, as their parts.
	dayFirst   = lazy(`(?i)^(\d{1,2})(?:st|nd|rd|th|er|\.|º)?(?:\s+de|\s+of)?[\s-]+(\pL+)\.?,?(?:\s+del?)?[\s-]+(\d{4})$`)
	monthFirst = lazy(`(?i)^(\pL+)\.?\s+(\d{1,2})\D*\s+(\d{4})$`)
	numeric    = lazy(`^(\d{4})[-/.](\d{1,2})[-/.](\d{1,2})$`)
	dotted     = lazy(`^(\d{1,2})\.\s?(\d{1,2})\.\s?(\d{4})$`)
)

// indexes are names of the file that speaks for the whole folder.
var indexes = []string{"readme", "index", "runbook", "overview", "home", "start", "support", "handbook"}

// review judges how long ago the runbook was reviewed.
func (s *session) review() {
	stated := map[string]time.Time{} // the newest of each file
	unread := ""
	for i := range s.book.Files {
		f := &s.book.Files[i]
		at, found, bad := s.reviewed(f)
		if found {
			stated[f.Name] = at
		} else if bad {
			unread = f.Name
		}
	}
	if len(stated) == 0 {
		message := "no line says when the runbook was last reviewed"
		if unread != "" {
			message = "the date of the last review is not written so that it can be read: " + unread
		}
		s.report.Fail(ruleStale, whole, message)
		return
	}
	failed := false
	for _, f := range s.book.Files {
		at, ok := stated[f.Name]
		message := ""
		switch now := s.prober.Now(); {
		case !ok && s.covered(f.Name, stated):
		case !ok:
			message = "no line says when this file, or the whole runbook, was last reviewed"
		case at.After(now.Add(24 * time.Hour)): // the day has begun elsewhere
			message = "the last review is dated in the future: " + at.Format(time.DateOnly)
		case now.Truncate(24*time.Hour).Sub(at) > s.spec.MaximumAge:
			message = "the last review was on " + at.Format(time.DateOnly) + ", which is longer ago than maximum_age allows"
		}
		if message != "" {
			failed = true
			s.report.Fail(ruleStale, f.Name, message)
		}
	}
	if !failed {
		s.report.Pass(ruleStale, whole, "the runbook was reviewed lately")
	}
}

// covered reports whether a file needs no date of its own: another one speaks for
// the whole folder, or nothing in it is about a topic.
func (s *session) covered(name string, stated map[string]time.Time) bool {
	for other := range stated {
		base := strings.ToLower(strings.TrimSuffix(path.Base(other), path.Ext(other)))
		if slices.ContainsFunc(indexes, func(i string) bool { return strings.Contains(base, i) }) && !strings.Contains(other, "/") {
			return true
		}
	}
	for _, t := range s.topics {
		for _, f := range t.found {
			if f.file == name {
				return false
			}
		}
	}
	return true
}

// reviewed is the newest date of review that a file states. bad is set where
// there is a label, and no date that can be read.
func (s *session) reviewed(f *runbook.File) (newest time.Time, found, bad bool) {
	take := func(label, value string) {
		if !s.words.review.MatchString(label) || next().MatchString(label) {
			return
		}
		for _, text := range dates().FindAllString(value, -1) {
			if at, ok := readDate(text); ok {
				if !found || at.After(newest) {
					newest, found = at, true
				}
				return // what follows it is another day, such as the next one
			}
		}
		bad = true
	}
	for label, value := range f.Front {
		take(label, value)
	}
	blocks := make([]located, len(f.Blocks))
	for i := range f.Blocks {
		blocks[i] = located{f, &f.Blocks[i]}
	}
	for _, field := range s.fieldsOf(blocks) {
		if len(field.label) <= maxLabel {
			take(field.label, field.value)
		}
	}
	for _, b := range f.Blocks {
		if b.Kind == runbook.Code || b.Kind == runbook.Row {
			continue
		}
		for line := range strings.SplitSeq(b.Text, "\n") {
			if label, value, ok := s.dated(line); ok {
				take(label, value)
			}
		}
	}
	return newest, found, bad
}

// dated splits a line such as "Last reviewed 2026-11-02 by Ada", without a colon.
func (s *session) dated(line string) (label, value string, ok bool) {
	at := dates().FindStringIndex(line)
	if at == nil {
		return "", "", false
	}
	words := s.words.review.FindStringIndex(line[:at[0]])
	if words == nil || at[0]-words[1] > 20 {
		return "", "", false
	}
	return line[max(0, words[0]-8):words[1]], line[at[0]:], true
}

// readDate reads a day. A day and a month in numbers with slashes are not told
// apart, and are not read.
func readDate(text string) (time.Time, bool) {
	text = strings.TrimSpace(text)
	for _, form := range []struct {
		parts            []string
		year, month, day int
	}{
		{numeric().FindStringSubmatch(text), 1, 2, 3}, {dotted().FindStringSubmatch(text), 3, 2, 1},
		{dayFirst().FindStringSubmatch(text), 3, 2, 1}, {monthFirst().FindStringSubmatch(text), 3, 1, 2},
	} {
		if form.parts == nil {
			continue
		}
		year, _ := strconv.Atoi(form.parts[form.year])
		day, _ := strconv.Atoi(form.parts[form.day])
		month, named := monthOf(form.parts[form.month])
		if !named {
			n, _ := strconv.Atoi(form.parts[form.month])
			month = time.Month(n)
		}
		at := time.Date(year, month, day, 0, 0, 0, 0, time.UTC)
		if at.Month() == month && at.Day() == day { // there is such a day
			return at, true
		}
	}
	return time.Time{}, false
}
