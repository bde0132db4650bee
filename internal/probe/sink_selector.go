package probe

import (
	"errors"
	"fmt"
	"regexp"
	"strings"
	"unicode/utf8"

	dto "github.com/prometheus/client_model/go"
)

// selector chooses series as in PromQL: name{label="value",other=~"expression"}.
type selector struct {
	name     string
	matchers []matcher
}

// matcher is one condition on a label: =, !=, =~ or !~.
type matcher struct {
	label, operator, value string
	expression             *regexp.Regexp
}

// parseSelector reads a selector, alone or within sum( ).
func parseSelector(text string) (selector, error) {
	text = strings.TrimSpace(text)
	if inner, ok := strings.CutPrefix(text, "sum"); ok {
		inner = strings.TrimSpace(inner)
		if strings.HasPrefix(inner, "(") && strings.HasSuffix(inner, ")") {
			text = strings.TrimSpace(inner[1 : len(inner)-1])
		}
	}
	name, rest := text, ""
	if i := strings.IndexByte(text, '{'); i >= 0 {
		name, rest = strings.TrimSpace(text[:i]), strings.TrimSpace(text[i:])
	}
	s := selector{name: name}
	if !isMetricName(name) {
		return s, fmt.Errorf(`write the name of a metric, with labels or without, such as http_requests_total{code="401"}`)
	}
	if rest == "" {
		return s, nil
	}
	if !strings.HasSuffix(rest, "}") {
		return s, errors.New("there is no } at its end")
	}
	var err error
	s.matchers, err = parseMatchers(rest[1 : len(rest)-1])
	return s, err
}

// parseMatchers reads conditions with commas between them.
func parseMatchers(text string) ([]matcher, error) {
	var out []matcher
	for text = strings.TrimSpace(text); text != ""; {
		m, rest, err := parseMatcher(text)
		if err != nil {
			return nil, err
		}
		out = append(out, m)
		rest = strings.TrimSpace(rest)
		if rest != "" && rest[0] != ',' {
			return nil, errors.New("there is no comma between two labels")
		}
		text = strings.TrimSpace(strings.TrimPrefix(rest, ","))
	}
	return out, nil
}

func parseMatcher(text string) (m matcher, rest string, err error) {
	end := strings.IndexAny(text, "=!")
	if end < 0 {
		return m, "", errors.New(`a label is compared by =, !=, =~ or !~`)
	}
	m.label = strings.TrimSpace(text[:end])
	rest = text[end:]
	for _, operator := range []string{"=~", "!~", "!=", "="} {
		if after, ok := strings.CutPrefix(rest, operator); ok {
			m.operator, rest = operator, strings.TrimSpace(after)
			break
		}
	}
	if m.operator == "" || !isMetricName(m.label) {
		return m, "", errors.New(`a label is compared by =, !=, =~ or !~`)
	}
	if m.value, rest, err = quoted(rest); err != nil {
		return m, "", err
	}
	if strings.HasSuffix(m.operator, "~") {
		if m.expression, err = regexp.Compile("^(?:" + m.value + ")$"); err != nil {
			return m, "", fmt.Errorf("the expression of label %s is not understood", m.label)
		}
	}
	return m, rest, nil
}

// quoted reads a text in double or single quotes from the beginning of another.
func quoted(text string) (value, rest string, err error) {
	if text == "" || text[0] != '"' && text[0] != '\'' {
		return "", "", errors.New("the value of a label stands in quotes")
	}
	var b strings.Builder
	for i := 1; i < len(text); i++ {
		switch {
		case text[i] == text[0]:
			return b.String(), text[i+1:], nil
		case text[i] == '\\' && i+1 < len(text):
			i++
			b.WriteByte(unescaped(text[i]))
		default:
			b.WriteByte(text[i])
		}
	}
	return "", "", errors.New("a quote is not closed")
}

// unescaped is what a backslash before c stands for.
func unescaped(c byte) byte {
	if c == 'n' {
		return '\n'
	}
	return c
}

// isMetricName is for names of metrics and labels (letters, digits, _ and :).
func isMetricName(s string) bool {
	if s == "" || s[0] >= '0' && s[0] <= '9' || !utf8.ValidString(s) {
		return false
	}
	return !strings.ContainsFunc(s, func(r rune) bool {
		return !(r >= 'a' && r <= 'z' || r >= 'A' && r <= 'Z' || r >= '0' && r <= '9' || r == '_' || r == ':')
	})
}

// matches reports whether a series is chosen. A label that is not there is empty.
func (s selector) matches(name string, labels []*dto.LabelPair) bool {
	if s.name != name {
		return false
	}
	for _, m := range s.matchers {
		value := ""
		for _, l := range labels {
			if l.GetName() == m.label {
				value = l.GetValue()
			}
		}
		if !m.holds(value) {
			return false
		}
	}
	return true
}

func (m matcher) holds(value string) bool {
	switch m.operator {
	case "=":
		return value == m.value
	case "!=":
		return value != m.value
	case "=~":
		return m.expression.MatchString(value)
	default:
		return !m.expression.MatchString(value)
	}
}
