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
	// whole is set where the texts are words that errors use too, such as
	// "private": they count where they are a value of their own.
	whole bool
	// facts are the whole of the owner's answer, by its places, where no text in
	// it is known to be the owner's: whether somebody is answered the same can
	// then be told, but not whose it is.
	facts map[string]bool
	// anyID is set where the server gives the same whatever the id is.
	anyID bool
}

func (e evidence) empty() bool { return e.marker == "" && len(e.texts) == 0 && len(e.facts) == 0 }

// how says how it was come by, for findings: never what it is.
func (e evidence) how() string {
	if e.marker != "" {
		return "the marker"
	}
	if len(e.facts) > 0 {
		return "the answer"
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
	var out []string
	if len(e.facts) > 0 {
		now := facts(x)
		for fact := range e.facts {
			if now[fact] {
				out = append(out, fact)
			}
		}
		if 5*len(out) < 4*len(e.facts) || !e.sameThings(now) { // some of it is like anybody's
			return nil
		}
		return out
	}
	v, values := viewOf(x), map[string]bool{}
	if e.whole {
		for _, l := range leavesOf(x) {
			values[l.value] = true
		}
	}
	for _, text := range e.texts {
		if v.holds(text) && (!e.whole || values[text]) {
			out = append(out, text)
		}
	}
	return out
}

// sameThings reports whether facts name one of the things that the evidence
// names by its id, where it names any.
func (e evidence) sameThings(now map[string]bool) bool {
	named := false
	for fact := range e.facts {
		path, _, _ := strings.Cut(fact, "\x00")
		if path != "" && identifying(leaf{path: path}) {
			if now[fact] {
				return true
			}
			named = true
		}
	}
	return !named
}

func (v view) has(text string) bool { return strings.Contains(v.text, text) }

// enough reports whether what was seen is the owner's data rather than a chance
// word: the marker, or half of what was found.
func (e evidence) enough(seen []string) bool {
	if e.marker != "" {
		return len(seen) > 0
	}
	if len(e.facts) > 0 {
		return len(seen) > 0 && 5*len(seen) >= 4*len(e.facts)
	}
	if e.whole {
		return len(seen) > 0 && 5*len(seen) >= 4*len(e.texts)
	}
	return len(seen) > 0 && 2*len(seen) >= len(e.texts)
}

// find discovers evidence in the owner's answers to one request: scalars that
// are the same each time and stand in none of the others, such as the answer to
// an id that does not exist, the views of other identities, and the request.
// What stands in the frame too, which is around every page of the portal, is
// taken only where there is nothing else.
func find(kind Kind, asked string, params map[string]string, owner []probe.Exchange, others []view, around frame) evidence {
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
	inner := slices.DeleteFunc(slices.Clone(candidates), func(l leaf) bool { return around.holds(l.value) })
	if len(inner) > 0 {
		candidates = inner
	}
	var good, weak []string
	for _, l := range candidates {
		if strong(l.value) {
			good = append(good, l.value)
		} else {
			weak = append(weak, l.value)
		}
	}
	found := evidence{texts: good}
	if len(good) == 0 {
		found = evidence{texts: weak, whole: true}
	}
	slices.Sort(found.texts)
	found.texts = slices.Compact(found.texts)
	return found
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
