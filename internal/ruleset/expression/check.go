package expression

import (
	"fmt"
	"strings"
	"unicode/utf8"
)

// SyntaxError says where an expression cannot be right.
type SyntaxError struct {
	Position int // in characters, from 1
	Reason   string
}

func (e *SyntaxError) Error() string {
	return fmt.Sprintf("%s at character %d", e.Reason, e.Position)
}

// Usage is what an expression is made of, as far as the plan of a zone decides
// whether it may be.
type Usage struct {
	Fields []string // such as http.request.uri.path, each once, in order
	Regex  bool     // matches, ~ or regex_replace
}

// Check finds what is wrong with an expression whatever its fields mean: an
// empty or overlong one, text that does not end, brackets that do not match.
// The error is a *SyntaxError. Cloudflare has the last word on the rest.
func Check(expression string) error {
	_, err := scan(expression)
	return err
}

// Uses reads what an expression is made of. One that Check refuses uses nothing.
func Uses(expression string) Usage {
	u, err := scan(expression)
	if err != nil {
		return Usage{}
	}
	return u
}

// scanner goes through an expression once.
type scanner struct {
	text  string
	at    int // byte offset
	open  []opened
	usage Usage
}

// opened is a bracket that waits for its other half.
type opened struct {
	bracket byte
	at      int
}

func scan(text string) (Usage, error) {
	s := &scanner{text: text}
	if strings.TrimSpace(text) == "" {
		return Usage{}, &SyntaxError{1, "the expression is empty"}
	}
	if n := utf8.RuneCountInString(text); n > Maximum {
		return Usage{}, &SyntaxError{Maximum + 1, fmt.Sprintf("the expression has %d characters, %d are allowed: it ends", n, Maximum)}
	}
	for s.at < len(s.text) {
		if err := s.step(); err != nil {
			return Usage{}, err
		}
	}
	if len(s.open) > 0 {
		last := s.open[len(s.open)-1]
		return Usage{}, s.fault(last.at, fmt.Sprintf("nothing closes the %q", last.bracket))
	}
	return s.usage, nil
}

func (s *scanner) fault(at int, reason string) *SyntaxError {
	return &SyntaxError{utf8.RuneCountInString(s.text[:at]) + 1, reason}
}

func (s *scanner) step() error {
	start, c := s.at, s.text[s.at]
	switch {
	case c == '"':
		return s.quoted()
	case c == 'r' && s.rawString():
		return s.raw()
	case isWord(c):
		for s.at < len(s.text) && (isWord(s.text[s.at]) || s.text[s.at] == '.') {
			s.at++
		}
		s.word(s.text[start:s.at])
	case strings.IndexByte("([{", c) >= 0:
		s.open = append(s.open, opened{c, s.at})
		s.at++
	case strings.IndexByte(")]}", c) >= 0:
		return s.close(c)
	case c == '~':
		s.usage.Regex = true
		s.at++
	default:
		s.at++
	}
	return nil
}

func isWord(c byte) bool {
	return c == '_' || c >= '0' && c <= '9' || c >= 'a' && c <= 'z' || c >= 'A' && c <= 'Z'
}

// quoted passes a string, in which a backslash keeps the next character.
func (s *scanner) quoted() error {
	start := s.at
	for s.at++; s.at < len(s.text); s.at++ {
		switch s.text[s.at] {
		case '\\':
			s.at++
		case '"':
			s.at++
			return nil
		}
	}
	s.at = len(s.text)
	return s.fault(start, "nothing ends the text that begins")
}

// rawString reports whether r"..." or r#"..."# begins here.
func (s *scanner) rawString() bool {
	return strings.HasPrefix(strings.TrimLeft(s.text[s.at+1:], "#"), `"`) && (s.at == 0 || !isWord(s.text[s.at-1]))
}

// raw passes a raw string: it ends with a quote and as many # as it began with.
func (s *scanner) raw() error {
	start := s.at
	rest := s.text[s.at+1:]
	hashes := len(rest) - len(strings.TrimLeft(rest, "#"))
	body := s.at + 1 + hashes + 1
	end := strings.Index(s.text[body:], `"`+strings.Repeat("#", hashes))
	if end < 0 {
		s.at = len(s.text)
		return s.fault(start, "nothing ends the raw text that begins")
	}
	s.at = body + end + 1 + hashes
	return nil
}

func (s *scanner) close(c byte) error {
	pairs := map[byte]byte{')': '(', ']': '[', '}': '{'}
	if len(s.open) == 0 {
		return s.fault(s.at, fmt.Sprintf("nothing opens the %q", c))
	}
	last := s.open[len(s.open)-1]
	if last.bracket != pairs[c] {
		return s.fault(s.at, fmt.Sprintf("the %q does not close the %q", c, last.bracket))
	}
	s.open = s.open[:len(s.open)-1]
	s.at++
	return nil
}

// word takes note of a field or of an operator that needs a larger plan.
func (s *scanner) word(w string) {
	switch {
	case w == "matches" || w == "regex_replace":
		s.usage.Regex = true
	case w == "ssl" || isField(w):
		for _, known := range s.usage.Fields {
			if known == w {
				return
			}
		}
		s.usage.Fields = append(s.usage.Fields, w)
	}
}

// isField tells a field by its first label; other words are numbers, addresses,
// functions and operators.
func isField(w string) bool {
	for _, family := range []string{"http.", "ip.", "cf.", "raw.", "tcp.", "udp."} {
		if strings.HasPrefix(w, family) {
			return true
		}
	}
	return false
}
