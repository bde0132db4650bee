package portal

import (
	"bytes"
	"crypto/rand"
	"encoding/json"
	"fmt"
	"html"
	"math/big"
	"net/http"
	"strings"
	"sync/atomic"
	"time"
)

// Bounds of how long an answer of TrapSlow takes.
const (
	slowFrom = 150 * time.Millisecond
	slowTo   = 400 * time.Millisecond
)

// tips are shown by chance; they differ in length.
var tips = []string{
	"Bring a friend.", "The harbour office is closed on Mondays, and opens at ten on all other days.",
	"You can pay your membership by quarter.", "New minutes are online.", "Did you know that the south has its own choir?",
}

// visitors counts answers, for TrapVolatile.
var visitors atomic.Int64

// trapped changes the answers of a sound portal in the ways that traps do.
func (p *Portal) trapped(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		soft, spa, errors, volatile, csrf := p.On(TrapSoft404), p.On(TrapSPA), p.On(TrapError200), p.On(TrapVolatile), p.On(TrapCSRF)
		if p.On(TrapSlow) && !dally(r) {
			return
		}
		if !(soft || spa || errors || volatile || csrf) {
			next.ServeHTTP(w, r)
			return
		}
		out := &buffered{header: w.Header().Clone(), status: http.StatusOK}
		next.ServeHTTP(out, r)
		inAPI, read := strings.HasPrefix(r.URL.Path, "/api/"), r.Method == http.MethodGet || r.Method == http.MethodHead
		if out.status == http.StatusNotFound && !inAPI && read && (soft || spa) {
			p.insteadOfMissing(out, r, spa)
		}
		if errors && inAPI && out.status >= 400 && out.status < 500 && out.status != http.StatusTooManyRequests {
			out.restart(http.StatusOK)
			out.header.Del("WWW-Authenticate")
			answer(out, http.StatusOK, map[string]string{"error": http.StatusText(out.refusal)})
		}
		if csrf && read {
			p.offerWriteToken(out, r)
		}
		if volatile {
			out.vary(r.URL.Path)
		}
		out.copyTo(w)
	})
}

// dally waits for a while; false if the visitor has gone meanwhile.
func dally(r *http.Request) bool {
	n, err := rand.Int(rand.Reader, big.NewInt(int64(slowTo-slowFrom)))
	if err != nil {
		return true
	}
	timer := time.NewTimer(slowFrom + time.Duration(n.Int64()))
	defer timer.Stop()
	select {
	case <-r.Context().Done():
		return false
	case <-timer.C:
		return true
	}
}

// insteadOfMissing shows the shell of the application, or a page that says with
// 200 that there is none.
func (p *Portal) insteadOfMissing(out *buffered, r *http.Request, shell bool) {
	out.restart(http.StatusOK)
	p.securityHeaders(out.header, r.URL.Path)
	out.header.Set("Cache-Control", "no-cache")
	page := "missing"
	if shell {
		page = "shell"
	}
	p.render(out, http.StatusOK, page, nil)
}

// buffered is an answer that is not sent yet.
type buffered struct {
	header  http.Header
	status  int
	refusal int // the status that was there before restart
	body    bytes.Buffer
}

func (b *buffered) Header() http.Header         { return b.header }
func (b *buffered) WriteHeader(status int)      { b.status = status }
func (b *buffered) Write(p []byte) (int, error) { return b.body.Write(p) }

// restart drops the body.
func (b *buffered) restart(status int) {
	b.refusal, b.status = b.status, status
	b.header.Del("Content-Length")
	b.body.Reset()
}

func (b *buffered) copyTo(w http.ResponseWriter) {
	for name, values := range b.header {
		w.Header()[name] = values
	}
	w.WriteHeader(b.status)
	_, _ = w.Write(b.body.Bytes()) // the visitor has gone if this fails
}

// vary adds what no two answers have in common.
func (b *buffered) vary(path string) {
	kind, now := b.header.Get("Content-Type"), time.Now().UTC()
	id, nonce, tip, count := rand.Text(), rand.Text(), tips[int(rand.Text()[0])%len(tips)], visitors.Add(1)
	b.header.Set("X-Request-Id", id)
	switch {
	case strings.Contains(kind, "html"):
		foot := fmt.Sprintf("<footer data-request=%q data-nonce=%q><p>%s</p><p>%s</p><p>Visitor %d</p></footer>\n</body>",
			id, nonce, now.Format(time.RFC1123), html.EscapeString(tip), count)
		b.replace(strings.Replace(b.body.String(), "</body>", foot, 1))
	case strings.Contains(kind, "json"):
		decoder := json.NewDecoder(bytes.NewReader(b.body.Bytes()))
		decoder.UseNumber()
		var object map[string]any
		if decoder.Decode(&object) != nil || object == nil {
			return
		}
		name := "meta"
		if strings.HasSuffix(path, "/openapi.json") {
			name = "x-meta" // the one kind of name that the format has room for
		}
		object[name] = map[string]any{"time": now.Format(time.RFC3339Nano), "request_id": id, "nonce": nonce, "tip": tip, "count": count}
		if raw, err := json.Marshal(object); err == nil {
			b.replace(string(raw) + "\n")
		}
	}
}

// replace puts another body in the place of the one there is.
func (b *buffered) replace(text string) {
	b.header.Del("Content-Length")
	b.body.Reset()
	b.body.WriteString(text)
}
