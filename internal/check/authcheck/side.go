package authcheck

// atOnce is how many sessions of the identity live at the same time while tests
// wait side by side: an ordinary one, two short ones, and one of a signed token.
func (w *way) atOnce() int {
	for _, c := range w.credentials(w.session) {
		if _, ok := parseJWT(c.value); ok {
			return 4
		}
	}
	return 3
}

// side returns what runs tests that do little but wait: side by side, where the
// portal lets so many sessions of one identity live, else one after the other. A
// portal that ends old sessions at a sign-in would let each test take the other's
// doing for an end of its own. A test must not touch a way that others use.
func (w *way) side() func(test func()) {
	living := 0
	for _, s := range append(w.opened[:len(w.opened):len(w.opened)], w.session) {
		if w.lives(s) == granted {
			living++
		}
	}
	if living >= w.atOnce() {
		return w.waits.Go
	}
	return func(test func()) { w.waits.Wait(); test() }
}
