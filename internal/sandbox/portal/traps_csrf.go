package portal

import (
	"crypto/rand"
	"html"
	"net/http"
	"strings"
	"sync"
)

// WriteTokenHeader carries the token that a write by cookie needs while
// TrapCSRF is on. Answers to reads bring one, and pages have it in a meta
// element named csrf-token.
const WriteTokenHeader = "X-CSRF-Token"

// maxWriteTokens bounds the tokens that are out.
const maxWriteTokens = 10_000

// writeTokens are the tokens for writes, each for one request of one session.
type writeTokens struct {
	mu  sync.Mutex
	all map[string]sessionKey
}

func newWriteTokens() *writeTokens { return &writeTokens{all: map[string]sessionKey{}} }

func (t *writeTokens) issue(key sessionKey) string {
	text := rand.Text()
	t.mu.Lock()
	defer t.mu.Unlock()
	if len(t.all) >= maxWriteTokens {
		clear(t.all)
	}
	t.all[text] = key
	return text
}

func (t *writeTokens) spend(text string, key sessionKey) bool {
	t.mu.Lock()
	defer t.mu.Unlock()
	owner, ok := t.all[text]
	delete(t.all, text)
	return ok && owner == key
}

// mayWrite reports whether a request brings what writes need. Those with a
// bearer token need nothing: no browser sends one by itself.
func (p *Portal) mayWrite(r *http.Request) bool {
	if r.Method == http.MethodGet || r.Method == http.MethodHead || !p.On(TrapCSRF) {
		return true
	}
	if _, bearer := bearerOf(r); bearer {
		return true
	}
	key, ok := p.keyOf(r)
	return ok && p.writes.spend(r.Header.Get(WriteTokenHeader), key)
}

// offerWriteToken puts a token for the next write into an answer to a session
// by cookie.
func (p *Portal) offerWriteToken(out *buffered, r *http.Request) {
	if _, bearer := bearerOf(r); bearer {
		return
	}
	if _, ok := p.current(r); !ok {
		return
	}
	key, ok := p.keyOf(r)
	if !ok {
		return
	}
	token := p.writes.issue(key)
	out.header.Set(WriteTokenHeader, token)
	out.header.Set("Cache-Control", "private, no-store") // also where the page itself is for everyone
	if strings.Contains(out.header.Get("Content-Type"), "html") {
		meta := `<meta name="csrf-token" content="` + html.EscapeString(token) + "\">\n</head>"
		out.replace(strings.Replace(out.body.String(), "</head>", meta, 1))
	}
}
