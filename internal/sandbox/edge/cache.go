package edge

import (
	"bytes"
	"io"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"sync"
	"time"
)

// What cf-cache-status says
// (https://developers.cloudflare.com/cache/concepts/cache-responses/).
const (
	statusDynamic = "DYNAMIC" // not eligible
	statusBypass  = "BYPASS"  // eligible, but the request or the origin says no
	statusMiss    = "MISS"
	statusHit     = "HIT"
	statusExpired = "EXPIRED"
)

// Bounds of the store, in bytes of bodies.
const (
	maxStored = 64 << 20
	maxEntry  = 8 << 20
)

// entry is one stored answer.
type entry struct {
	status int
	header http.Header
	body   []byte
	stored time.Time
	ttl    time.Duration
}

// store holds answers in memory. When it is full, the oldest ones go.
type store struct {
	mu      sync.Mutex
	entries map[string]*entry
	order   []string // of the keys, oldest first
	size    int
}

func (s *store) get(key string) *entry {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.entries[key]
}

func (s *store) put(key string, e *entry) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.remove(key)
	s.entries[key], s.order, s.size = e, append(s.order, key), s.size+len(e.body)
	for s.size > maxStored || len(s.order) > 10_000 {
		s.remove(s.order[0])
	}
}

func (s *store) remove(key string) {
	if old := s.entries[key]; old != nil {
		delete(s.entries, key)
		s.size -= len(old.body)
		s.order = slices.DeleteFunc(s.order, func(k string) bool { return k == key })
	}
}

// fetch answers a request from the store or from the origin, and stores what
// may be.
func (s *Server) fetch(r *http.Request, origin http.RoundTripper) (*http.Response, error) {
	v := visitOf(r.Context())
	v.status = statusDynamic
	readable := r.Method == http.MethodGet || r.Method == http.MethodHead
	if !v.cache.eligible || !readable {
		return s.ask(v, r, origin)
	}
	if v.settings.development || r.Header.Get("Range") != "" {
		v.status = statusBypass
		return s.ask(v, r, origin)
	}
	key := s.cacheKey(v, r)
	v.status = statusMiss
	if e := s.store.get(key); e != nil {
		age := s.options.Now().Sub(e.stored)
		if age < e.ttl {
			v.status = statusHit
			return e.response(r, age), nil
		}
		v.status = statusExpired
	}
	// The whole answer is wanted, not whether the visitor has it already.
	for _, name := range []string{"If-None-Match", "If-Modified-Since", "If-Match", "If-Unmodified-Since", "If-Range"} {
		r.Header.Del(name)
	}
	resp, err := s.ask(v, r, origin)
	if err != nil || r.Method == http.MethodHead {
		return resp, err
	}
	ttl, store := v.cache.lifetime(r, resp)
	if !store {
		v.status = statusBypass
		return resp, nil
	}
	body, err := io.ReadAll(io.LimitReader(resp.Body, maxEntry+1))
	if err != nil || len(body) > maxEntry {
		// Too long to keep, or cut off: the visitor gets what there is.
		resp.Body = joined{io.MultiReader(bytes.NewReader(body), failing{resp.Body, err}), resp.Body}
		return resp, nil //nolint:nilerr // the body itself ends in the error
	}
	_ = resp.Body.Close() // all of it is read
	s.store.put(key, &entry{resp.StatusCode, resp.Header.Clone(), body, s.options.Now(), ttl})
	resp.Body = io.NopCloser(bytes.NewReader(body))
	return resp, nil
}

// ask has the origin answer, and lets response rules see the answer first.
func (s *Server) ask(v *visit, r *http.Request, origin http.RoundTripper) (*http.Response, error) {
	resp, err := origin.RoundTrip(r)
	if err != nil {
		return nil, err
	}
	v.answered(resp)
	if err := s.cacheControl(v, resp); err != nil {
		_ = resp.Body.Close() // nobody reads it
		return nil, err
	}
	return resp, nil
}

// response is the answer that was stored, for one more request.
func (e *entry) response(r *http.Request, age time.Duration) *http.Response {
	resp := &http.Response{
		StatusCode: e.status, Proto: "HTTP/1.1", ProtoMajor: 1, ProtoMinor: 1,
		Header: e.header.Clone(), ContentLength: int64(len(e.body)), Request: r,
		Body: io.NopCloser(bytes.NewReader(e.body)),
	}
	resp.Header.Set("Age", strconv.Itoa(int(age.Seconds())))
	if r.Method == http.MethodHead {
		resp.Body = http.NoBody
	}
	return resp
}

// joined reads from one and closes the other.
type joined struct {
	io.Reader
	io.Closer
}

// failing returns an error that came before, or goes on reading.
type failing struct {
	io.Reader
	err error
}

func (f failing) Read(p []byte) (int, error) {
	if f.err != nil {
		return 0, f.err
	}
	return f.Reader.Read(p)
}

// forwarding are headers that applications build addresses from. They are in
// Cloudflare's cache key, so that what one visitor makes of them reaches no other
// (https://developers.cloudflare.com/cache/how-to/cache-keys/).
var forwarding = []string{
	"X-Http-Method-Override", "X-Http-Method", "X-Method-Override", "X-Forwarded-Host", "X-Host",
	"X-Forwarded-Scheme", "X-Original-Url", "X-Rewrite-Url", "Forwarded",
}

// cacheKey is what two requests must have in common to get the same answer.
func (s *Server) cacheKey(v *visit, r *http.Request) string {
	query := r.URL.RawQuery
	if v.cache.sortQuery {
		pairs := strings.Split(query, "&")
		slices.Sort(pairs)
		query = strings.Join(pairs, "&")
	}
	if left := v.cache.leaveOut; left.All || len(left.List) > 0 {
		query = strings.Join(slices.DeleteFunc(strings.Split(query, "&"), func(pair string) bool {
			name, _, _ := strings.Cut(pair, "=")
			return left.All || slices.Contains(left.List, name)
		}), "&")
	}
	address := url.URL{Scheme: v.scheme, Host: v.host, Path: r.URL.Path, RawPath: r.URL.RawPath, RawQuery: query}
	parts := []string{v.zone.ID, address.String(), r.Header.Get("Origin")}
	if !s.faulty(CacheKeyNarrow) {
		for _, name := range forwarding {
			parts = append(parts, r.Header.Get(name))
		}
	}
	return strings.Join(parts, "\x00")
}
