package portal

import "sync"

// maxFormTokens bounds the tokens that are remembered.
const maxFormTokens = 10_000

// formTokens remembers which tokens of forms were used.
type formTokens struct {
	mu   sync.Mutex
	used map[string]bool
}

func newFormTokens() *formTokens { return &formTokens{used: map[string]bool{}} }

// first reports whether a token was not used before.
func (f *formTokens) first(token string) bool {
	f.mu.Lock()
	defer f.mu.Unlock()
	if f.used[token] {
		return false
	}
	if len(f.used) >= maxFormTokens {
		clear(f.used)
	}
	f.used[token] = true
	return true
}

// firstUse reports whether a form's token may be used: any number of times,
// unless the portal has tokens for one request.
func (p *Portal) firstUse(token string) bool { return !p.On(TrapCSRF) || p.forms.first(token) }
