package supportcheck

import (
	"path"
	"slices"
	"strings"
	"time"

	"github.com/launchready/terraform-provider-launchready/internal/runbook"
)

var (
	dates = lazy(`(?i)\d{4}[-/.]\d{1,2}[-/.]\d{1,2}|\d{1,2}\.\s?\d{1,2}\.\s?\d{4}|\d{1,2}(?:st|nd|rd|th|\.)?\s+(?:jan|feb|mar|apr|may|jun|jul|aug|sep|oct|nov|dec)[a-z]*\.?,?\s+\d{4}|(?:jan|feb|mar|apr|may|jun|jul|aug|sep|oct|nov|dec)[a-z]*\.?\s+\d{1,2}(?:st|nd|rd|th)?,?\s+\d{4}`)
	next  = lazy(`(?i)\b(?:next|due|until|nächste|prochaine|próxim|prossim|volgende)`)
	// english is a date in words, as its parts.
	dayFirst   = lazy(`(?i)^(\d{1,2})\D*\s+([a-z]{3})[a-z]*\.?,?\s+(\d{4})$`)
	monthFirst = lazy(`(?i)^([a-z]{3})[a-z]*\.?\s+(\d{1,2})\D*\s+(\d{4})$`)
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
		at, ok := readDate(dates().FindString(value))
		if !ok {
			bad = true
			return
		}
		if !found || at.After(newest) {
			newest, found = at, true
		}
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
		for _, layout := range []string{"2006-1-2", "2006-Jan-2"} {
			month := form.parts[form.month]
			if len(month) == 3 {
				month = strings.ToUpper(month[:1]) + strings.ToLower(month[1:])
			}
			if at, err := time.Parse(layout, form.parts[form.year]+"-"+month+"-"+form.parts[form.day]); err == nil {
				return at, true
			}
		}
	}
	return time.Time{}, false
}
