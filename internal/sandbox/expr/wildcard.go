package expr

import (
	"errors"
	"regexp"
	"strconv"
	"strings"
)

// wildcard compiles a pattern in which * stands for any run of characters and
// \* for itself; what each * stood for is a group.
func wildcard(pattern string, strict bool) (*regexp.Regexp, error) {
	if strings.Contains(strings.ReplaceAll(pattern, `\*`, ""), "**") {
		return nil, errors.New("two wildcards must not be next to each other")
	}
	var out strings.Builder
	out.WriteString("(?s")
	if !strict {
		out.WriteString("i")
	}
	out.WriteString(")^")
	for i := 0; i < len(pattern); i++ {
		switch {
		case pattern[i] == '*':
			out.WriteString("(.*?)")
		case pattern[i] == '\\' && i+1 < len(pattern) && (pattern[i+1] == '*' || pattern[i+1] == '\\'):
			i++
			out.WriteString(regexp.QuoteMeta(pattern[i : i+1]))
		case pattern[i] == '\\':
			return nil, errors.New(`a backslash stands before * or \ alone`)
		default:
			out.WriteString(regexp.QuoteMeta(pattern[i : i+1]))
		}
	}
	out.WriteString("$")
	return regexp.Compile(out.String())
}

func wildcardTest(strict bool) func(string) (func(string) bool, error) {
	return func(pattern string) (func(string) bool, error) {
		re, err := wildcard(pattern, strict)
		if err != nil {
			return nil, err
		}
		return re.MatchString, nil
	}
}

// expand replaces ${1}, ${2} ... in a replacement by what the wildcards of a
// pattern stood for in the whole of s; ok is false where s does not match.
func expand(re *regexp.Regexp, s, replacement string) (out string, ok bool) {
	groups := re.FindStringSubmatch(s)
	if groups == nil {
		return s, false
	}
	out = replacement
	for i := len(groups) - 1; i > 0; i-- {
		out = strings.ReplaceAll(out, "${"+strconv.Itoa(i)+"}", groups[i])
	}
	return out, true
}
