package authzcheck

import (
	"regexp"
	"slices"
	"strings"
	"sync"

	"github.com/launchready/terraform-provider-launchready/internal/probe"
)

// evidence is what shows that an answer holds what is the owner's.
type evidence struct {
	marker string   // as the configuration says; empty = found
	texts  []string // sorted
	// anyID is set where the server gives the same whatever the id is.
	anyID bool
}

func (e evidence) empty() bool { return e.marker == "" && len(e.texts) == 0 }

// how says how it was come by, for findings: never what it is.
func (e evidence) how() string {
	if e.marker != "" {
		return "the marker"
	}
	return "data that the owner alone sees"
}

// seen returns what of the evidence an answer holds.
func (e evidence) seen(x probe.Exchange) []string {
	if e.marker != "" {
		if x.Holds(e.marker) || viewOf(x).has(e.marker) {
			return []string{e.marker}
		}
		return nil
	}
	v := viewOf(x)
	var out []string
	for _, text := range e.texts {
		if v.holds(text) {
			out = append(out, text)
		}
	}
	return out
}

func (v view) has(text string) bool { return strings.Contains(v.text, text) }

// enough reports whether what was seen is the owner's data rather than a chance
// word: the marker, or half of what was found.
func (e evidence) enough(seen []string) bool {
	if e.marker != "" {
		return len(seen) > 0
	}
	return len(seen) > 0 && 2*len(seen) >= len(e.texts)
}

// find discovers evidence in the owner's answers to one request: scalars that
// are the same each time and stand in none of the others, such as the answer to
// an id that does not exist, the views of other identities, and the request.
func find(kind Kind, asked string, params map[string]string, owner []probe.Exchange, others []view) evidence {
	var candidates []leaf
	for _, l := range leavesOf(owner[0]) {
		if !telling(l.value) || strings.Contains(asked, l.value) || holdsParam(l.value, params) || kind == List && !identifying(l) {
			continue
		}
		candidates = append(candidates, l)
	}
	for _, again := range owner[1:] {
		v := viewOf(again)
		candidates = slices.DeleteFunc(candidates, func(l leaf) bool { return !v.holds(l.value) })
	}
	for _, v := range others {
		candidates = slices.DeleteFunc(candidates, func(l leaf) bool { return v.holds(l.value) })
	}
	var good, weak []string
	for _, l := range candidates {
		if strong(l.value) {
			good = append(good, l.value)
		} else {
			weak = append(weak, l.value)
		}
	}
	if len(good) == 0 {
		good = weak
	}
	slices.Sort(good)
	return evidence{texts: slices.Compact(good)}
}

// holdsParam reports whether a value is made of an id that was sent, such as a
// link: errors repeat those.
func holdsParam(value string, params map[string]string) bool {
	for _, p := range params {
		if len(p) >= 3 && strings.Contains(value, p) {
			return true
		}
	}
	return false
}

// item finds paths that lead to a thing's own fields, not to what it belongs to:
// those of the document, of one wrapper such as data or user, or of the elements
// of one list, by way of attributes as in JSON:API.
var item = sync.OnceValue(func() *regexp.Regexp {
	return regexp.MustCompile(`^(?:[A-Za-z0-9_-]+\.)?[A-Za-z0-9_-]*(?:\[\]\.)?(?:attributes\.)?[A-Za-z0-9_-]+$`)
})

// identifying reports whether a leaf names one thing or one person. In a list
// of one's own many other values are like anybody's.
func identifying(l leaf) bool {
	if l.path == "" { // of a page
		return !strings.Contains(l.value, " ") && strings.ContainsAny(l.value, "0123456789@")
	}
	if !item().MatchString(l.path) {
		return false
	}
	switch strings.NewReplacer("_", "", "-", "").Replace(strings.ToLower(l.key())) {
	case "id", "uuid", "guid", "email", "mail", "emailaddress", "username", "login", "phone", "phonenumber", "mobile", "iban", "number", "invoicenumber":
		return true
	}
	return false
}
