package monitor

import (
	"cmp"
	"fmt"
	"slices"
)

// maxPages bounds a list that never ends.
const maxPages = 200

func tooManyPages(backend string) error {
	return &Error{Backend: backend, Operation: "list monitors", Status: 200, Message: fmt.Sprintf("the list has more than %d pages, or no end", maxPages)}
}

func sortSeen(all []Seen) []Seen {
	slices.SortStableFunc(all, func(a, b Seen) int {
		return cmp.Or(cmp.Compare(a.Name, b.Name), cmp.Compare(a.ID, b.ID))
	})
	return all
}
