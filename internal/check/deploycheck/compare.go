package deploycheck

import (
	"cmp"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"sync"
)

// shortestHash is how many digits of a commit tell it from others.
const shortestHash = 7

// release is the name of a release as a site gives it.
type release string

var (
	hexadecimal = sync.OnceValue(func() *regexp.Regexp { return regexp.MustCompile(`^[0-9a-f]{7,64}$`) })
	// numbered is a semantic version, or one of fewer or more numbers, as calendars make.
	numbered = sync.OnceValue(func() *regexp.Regexp {
		return regexp.MustCompile(`^(\d{1,9}(?:\.\d{1,9}){1,5})(?:-([0-9A-Za-z.-]+))?(?:\+[0-9A-Za-z.-]+)?$`)
	})
	dated = sync.OnceValue(func() *regexp.Regexp {
		return regexp.MustCompile(`^(20\d\d)[-_.]?(0[1-9]|1[0-2])[-_.]?(0[1-9]|[12]\d|3[01])(?:[-_.T]?(\d{1,6}|\d\d:\d\d(?::\d\d)?))?Z?$`)
	})
	// releaseName is what may be taken for a release where nobody said where it stands.
	releaseName = sync.OnceValue(func() *regexp.Regexp { return regexp.MustCompile(`^[A-Za-z0-9][A-Za-z0-9._+:@/-]{0,99}$`) })
)

// plain is a release without what does not count: the v of a tag, the path of a
// reference, spaces.
func (r release) plain() string {
	text := strings.TrimPrefix(strings.TrimSpace(string(r)), "refs/tags/")
	if len(text) > 1 && (text[0] == 'v' || text[0] == 'V') && text[1] >= '0' && text[1] <= '9' && !isHash(text) {
		text = text[1:]
	}
	return text
}

// believable reports whether a text is the name of a release: not a word, nor the
// number of an API.
func believable(text string) bool {
	r := release(text).plain()
	if !releaseName().MatchString(r) {
		return false
	}
	return isHash(r) || numbered().MatchString(r) || dated().MatchString(r) || tokenHash(r) != "" || len(r) >= 4 && strings.ContainsAny(r, "0123456789") && strings.ContainsAny(r, ".-_")
}

func isHash(text string) bool { return hexadecimal().MatchString(strings.ToLower(text)) }

// tokenHash is the commit in a longer name, such as 1.4.2-3-g1a2b3c4 of git describe.
func tokenHash(text string) string {
	for _, token := range strings.FieldsFunc(strings.ToLower(text), func(r rune) bool { return strings.ContainsRune("-+_.@:/", r) }) {
		token = strings.TrimPrefix(token, "g")
		// Digits alone are a date or a count.
		if isHash(token) && strings.ContainsAny(token, "abcdef") {
			return token
		}
	}
	return ""
}

// sameHash reports whether one commit begins as the other does.
func sameHash(a, b string) bool {
	if len(a) > len(b) {
		a, b = b, a
	}
	if len(a) < shortestHash || !strings.HasPrefix(b, a) {
		return false
	}
	return a == b || len(b) >= 40 || strings.ContainsAny(b, "abcdef") // else they are numbers
}

// is reports whether two names are of one release.
func (r release) is(other release) bool {
	a, b := r.plain(), other.plain()
	if a == "" || b == "" {
		return false
	}
	if a == b {
		return true
	}
	la, lb := strings.ToLower(a), strings.ToLower(b)
	switch {
	case isHash(a) && isHash(b):
		return sameHash(la, lb)
	case isHash(a):
		return tokenHash(b) != "" && sameHash(la, tokenHash(b))
	case isHash(b):
		return tokenHash(a) != "" && sameHash(lb, tokenHash(a))
	}
	// Build metadata does not tell releases apart where one name has none (SemVer 10).
	ca, ma, _ := strings.Cut(a, "+")
	cb, mb, _ := strings.Cut(b, "+")
	return ca == cb && numbered().MatchString(a) && numbered().MatchString(b) && (ma == "" || mb == "")
}

// against orders two releases as cmp does. known is false where nothing says
// which is the newer one.
func (r release) against(other release, declared []string) (order int, known bool) {
	if r.is(other) {
		return 0, true
	}
	place := func(of release) int {
		return slices.IndexFunc(declared, func(d string) bool { return release(d).is(of) })
	}
	if i, j := place(r), place(other); i >= 0 && j >= 0 {
		return cmp.Compare(i, j), true
	}
	a, b := r.plain(), other.plain()
	if da, db := dateOf(a), dateOf(b); da != "" && db != "" {
		return byDate(da, db)
	}
	na, nb := numbered().FindStringSubmatch(a), numbered().FindStringSubmatch(b)
	if na != nil && nb != nil {
		if order := byNumbers(na[1], nb[1]); order != 0 {
			return order, true
		}
		order := byStage(na[2], nb[2])
		return order, order != 0 // what differs in its build alone has no order
	}
	return 0, false
}

// dateOf is a release that is named by its day, as day and what comes behind.
func dateOf(text string) string {
	m := dated().FindStringSubmatch(text)
	if m == nil {
		return ""
	}
	return m[1] + m[2] + m[3] + "." + strings.ReplaceAll(m[4], ":", "")
}

// byDate orders days, and on one day the number or time behind it.
func byDate(a, b string) (int, bool) {
	dayA, restA, _ := strings.Cut(a, ".")
	dayB, restB, _ := strings.Cut(b, ".")
	if order := cmp.Compare(dayA, dayB); order != 0 {
		return order, true
	}
	order := cmp.Compare(number(restA), number(restB))
	return order, order != 0
}

func number(text string) int {
	n, _ := strconv.Atoi(text) // empty is before all others
	return n
}

// byNumbers orders dotted numbers; those that are missing are 0.
func byNumbers(a, b string) int {
	left, right := strings.Split(a, "."), strings.Split(b, ".")
	for i := range max(len(left), len(right)) {
		var x, y int
		if i < len(left) {
			x = number(left[i])
		}
		if i < len(right) {
			y = number(right[i])
		}
		if x != y {
			return cmp.Compare(x, y)
		}
	}
	return 0
}

// byStage orders what is behind the hyphen (SemVer 11): a release comes after
// its candidates.
func byStage(a, b string) int {
	if a == "" || b == "" {
		return cmp.Compare(len(b), len(a))
	}
	left, right := strings.Split(a, "."), strings.Split(b, ".")
	for i := range min(len(left), len(right)) {
		x, errX := strconv.Atoi(left[i])
		y, errY := strconv.Atoi(right[i])
		order := 0
		switch {
		case errX == nil && errY == nil:
			order = cmp.Compare(x, y)
		case errX == nil:
			order = -1
		case errY == nil:
			order = 1
		default:
			order = cmp.Compare(left[i], right[i])
		}
		if order != 0 {
			return order
		}
	}
	return cmp.Compare(len(left), len(right))
}
