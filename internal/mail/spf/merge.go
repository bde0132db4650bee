package spf

import (
	"slices"
	"strings"
)

// Merge finds what a published text lets send beside a declared record, in the
// order of the text: terms in normal form that the declared record does not have.
// What a redirect lets send is kept as an include, for the declared record decides
// about all others. Dropped are words that break the grammar.
func Merge(published string, declared *Record) (kept, dropped []string) {
	before, _ := Parse(published) // of a spoilt record what can be read
	for i, word := range strings.Fields(published) {
		if i == 0 {
			continue // the version
		}
		one, err := Parse(Version + " " + word)
		if err != nil || len(one.Terms) != 1 {
			dropped = append(dropped, word)
			continue
		}
		term := one.Terms[0]
		text := term.String()
		switch {
		case term.Mechanism == All:
			continue
		case term.Modifier == Redirect && before.All() >= 0:
			continue // it has no effect (RFC 7208 section 6.1)
		case term.Modifier == Redirect:
			text = string(Include) + ":" + strings.TrimPrefix(text, Redirect+"=")
		}
		same := slices.ContainsFunc(declared.Terms, func(t Term) bool { return t.String() == text })
		if !same && !slices.Contains(kept, text) {
			kept = append(kept, text)
		}
	}
	return kept, dropped
}
