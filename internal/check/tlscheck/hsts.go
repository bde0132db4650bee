package tlscheck

import (
	"errors"
	"math"
	"net/http"
	"strconv"
	"strings"
)

const hstsHeader = "Strict-Transport-Security"

// hstsPolicy is a Strict-Transport-Security header that a browser would heed.
type hstsPolicy struct {
	maxAge            int64 // seconds; capped, never negative
	includeSubdomains bool
	preload           bool // no part of RFC 6797: the browsers' list asks for it
}

// firstHSTS returns the header field that counts: the first (RFC 6797 8.1).
func firstHSTS(h http.Header) (string, bool) {
	values := h.Values(hstsHeader)
	if len(values) == 0 {
		return "", false
	}
	return values[0], true
}

// parseHSTS reads a header's value by RFC 6797 6.1: directives in any order,
// names in any case, values as token or quoted string, each directive at most
// once, max-age required, unknown directives ignored. What breaks the grammar
// is void as a whole: the browser heeds nothing of it.
func parseHSTS(value string) (hstsPolicy, error) {
	var p hstsPolicy
	seen := map[string]bool{}
	for rest := value; ; {
		var name, argument string
		var hasArgument bool
		var err error
		if name, argument, hasArgument, rest, err = nextDirective(rest); err != nil {
			return hstsPolicy{}, err
		}
		if name != "" {
			if seen[name] {
				return hstsPolicy{}, errors.New("the directive " + name + " is repeated")
			}
			seen[name] = true
			switch name {
			case "max-age":
				if p.maxAge, err = parseSeconds(argument); err != nil {
					return hstsPolicy{}, err
				}
			case "includesubdomains":
				if hasArgument {
					return hstsPolicy{}, errors.New("includeSubDomains takes no value")
				}
				p.includeSubdomains = true
			case "preload":
				p.preload = true
			}
		}
		if rest == "" {
			break
		}
		rest = rest[1:] // the semicolon
	}
	if !seen["max-age"] {
		return hstsPolicy{}, errors.New("max-age is missing")
	}
	return p, nil
}

// nextDirective reads one directive up to a semicolon or the end, which rest begins with.
func nextDirective(s string) (name, argument string, hasArgument bool, rest string, err error) {
	s = strings.TrimLeft(s, " \t")
	name, s = token(s)
	s = strings.TrimLeft(s, " \t")
	if name != "" && strings.HasPrefix(s, "=") {
		hasArgument = true
		s = strings.TrimLeft(s[1:], " \t")
		if strings.HasPrefix(s, `"`) {
			argument, s, err = quotedString(s)
		} else if argument, s = token(s); argument == "" {
			err = errors.New("the directive " + name + " has an empty value")
		}
		if err != nil {
			return "", "", false, "", err
		}
		s = strings.TrimLeft(s, " \t")
	}
	if s != "" && s[0] != ';' {
		return "", "", false, "", errors.New("it is malformed near " + strconv.Quote(shorten(s)))
	}
	return strings.ToLower(name), argument, hasArgument, s, nil
}

// token splits off a token (RFC 9110 5.6.2).
func token(s string) (tok, rest string) {
	i := 0
	for i < len(s) && (s[i] >= '0' && s[i] <= '9' || s[i] >= 'a' && s[i] <= 'z' || s[i] >= 'A' && s[i] <= 'Z' || strings.IndexByte("!#$%&'*+-.^_`|~", s[i]) >= 0) {
		i++
	}
	return s[:i], s[i:]
}

// quotedString splits off a quoted string and undoes its escapes (RFC 9110 5.6.4).
func quotedString(s string) (value, rest string, err error) {
	var b strings.Builder
	for i := 1; i < len(s); i++ {
		switch s[i] {
		case '"':
			return b.String(), s[i+1:], nil
		case '\\':
			if i++; i == len(s) {
				return "", "", errors.New("a quoted value does not end")
			}
			b.WriteByte(s[i])
		default:
			b.WriteByte(s[i])
		}
	}
	return "", "", errors.New("a quoted value does not end")
}

// parseSeconds reads delta-seconds; a number too large to hold is as good as for ever.
func parseSeconds(s string) (int64, error) {
	if s == "" || strings.Trim(s, "0123456789") != "" {
		return 0, errors.New("max-age is not a number of seconds")
	}
	n, err := strconv.ParseInt(s, 10, 64)
	if err != nil {
		return math.MaxInt64, nil
	}
	return n, nil
}

func shorten(s string) string {
	const most = 20
	if len(s) > most {
		return s[:most]
	}
	return s
}
