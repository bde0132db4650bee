package supportcheck

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"net/url"
	"regexp"
	"strconv"
	"strings"
	"sync"

	"github.com/launchready/terraform-provider-launchready/internal/check"
	"github.com/launchready/terraform-provider-launchready/internal/readiness"
	"github.com/launchready/terraform-provider-launchready/internal/runbook"
)

// session is one run under way.
type session struct {
	ctx    context.Context
	prober *check.Budget
	spec   Spec
	report *readiness.Recorder
	words  words
	book   runbook.Book
	base   string // address of the runbook; empty for files and texts
	topics []*topic
}

// whole is the subject of what is about the whole runbook.
const whole = "runbook"

// fewestWords is what a runbook of five sections cannot do with less than.
const fewestWords = 200

const nameReadable = "Let runbook name a Markdown file or folder that can be read here, in UTF-8."

// unfound says what runbook names and is not there. Of an address what may be a
// secret is left out. A text of one line is meant for a path by nobody: it is cut
// short.
func unfound(name string) string {
	if name = strings.TrimSpace(name); name == "" {
		return "runbook is empty: it names no file, folder or address"
	}
	if u, err := url.Parse(name); err == nil && isAddress(name) {
		return "runbook names " + shown(u) + ", where there is nothing"
	}
	if short := []rune(name); len(short) > 120 {
		name = string(short[:120]) + "..."
	}
	return fmt.Sprintf("runbook names %q, which does not exist; a path is relative to where Terraform runs, unless it begins with path.module", name)
}

// open reads the runbook. It returns whether there is anything to judge.
func (s *session) open() bool {
	var err error
	switch name := strings.TrimSpace(s.spec.Runbook); {
	case name == "":
		err = fs.ErrNotExist
	case strings.Contains(name, "\n"):
		s.book, err = runbook.Parse("runbook.md", []byte(s.spec.Runbook))
	case isAddress(name):
		s.book, err = s.download(name)
	default:
		s.book, err = runbook.Read(name)
	}
	switch {
	case errors.Is(err, fs.ErrNotExist):
		s.report.FailAs(ruleMissing, whole, "", unfound(s.spec.Runbook), "")
		check.Each(documentRules(), whole, "there is no runbook", s.report.NotApplicable)
		return false
	case err != nil:
		for _, rule := range append(documentRules(), ruleMissing) {
			s.report.InconclusiveAs(rule, whole, "the runbook was not read: "+err.Error(), nameReadable)
		}
		return false
	}
	for _, gap := range s.book.Gaps {
		s.report.InconclusiveAs(ruleMissing, gap.Name, "this file was not read: "+gap.Reason, nameReadable)
	}
	words, latin1 := s.book.Words(), 0
	for _, f := range s.book.Files {
		if f.Latin1 {
			latin1++
		}
	}
	s.report.Observe("files", strconv.Itoa(len(s.book.Files)))
	s.report.Observe("words", strconv.Itoa(words))
	if latin1 > 0 {
		s.report.Observe("files that are no UTF-8 and were read as Latin-1", strconv.Itoa(latin1))
	}
	switch {
	case words >= fewestWords:
		s.report.Pass(ruleMissing, whole, "there is a runbook")
	case len(s.book.Gaps) > 0 && len(s.book.Files) == 0:
	case words == 0:
		s.report.Fail(ruleMissing, whole, "the runbook is empty")
	default:
		s.report.Fail(ruleMissing, whole, fmt.Sprintf("the runbook has fewer than %d words", fewestWords))
	}
	if len(s.book.Files) == 0 {
		if len(s.book.Gaps) == 0 {
			check.Each(documentRules(), whole, "the folder holds no Markdown", s.report.NotApplicable)
			return false
		}
		for _, rule := range documentRules() {
			s.report.InconclusiveAs(rule, whole, "no file of the runbook could be read", nameReadable)
		}
		return false
	}
	return true
}

// unread is the first file that was not read; empty if there is none.
func (s *session) unread() string {
	if len(s.book.Gaps) == 0 {
		return ""
	}
	return s.book.Gaps[0].Name
}

// free passes a rule for which nothing was found in the whole runbook, if all of it
// was read.
func (s *session) free(rule, message string) {
	if gap := s.unread(); gap != "" {
		s.report.InconclusiveAs(rule, whole, message+" in what was read; "+gap+" was not", nameReadable)
		return
	}
	s.report.Pass(rule, whole, message)
}

// lazy is a regular expression that is compiled at its first use.
func lazy(pattern string) func() *regexp.Regexp {
	return sync.OnceValue(func() *regexp.Regexp { return regexp.MustCompile(pattern) })
}
