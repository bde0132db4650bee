package taglist

import (
	"fmt"
	"strings"
)

// Problem is one error of a record, or of what a record leads to, and how to mend it.
type Problem struct{ Text, Remedy string }

func (p Problem) Error() string { return p.Text + ": " + p.Remedy }

// Problems are all the errors found.
type Problems []Problem

func (p Problems) Error() string {
	parts := make([]string, 0, len(p))
	for _, one := range p {
		parts = append(parts, one.Error())
	}
	return strings.Join(parts, "; ")
}

// Add adds an error; its text is formatted.
func (p *Problems) Add(remedy, format string, args ...any) {
	*p = append(*p, Problem{fmt.Sprintf(format, args...), remedy})
}

// Faults adds errors of the form.
func (p *Problems) Faults(faults []Fault) {
	for _, f := range faults {
		*p = append(*p, Problem{f.Text, f.Remedy})
	}
}

// AsError is nil where there are none.
func (p Problems) AsError() error {
	if len(p) == 0 {
		return nil
	}
	return p
}
