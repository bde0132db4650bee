package probe

import (
	"maps"
	"net/http"
	"slices"
	"strings"
	"time"
)

// jar are the cookies of one host by name. Path and domain are not looked at: a
// session's cookies are few, and meant for the whole portal.
type jar map[string]string

func newJar(from map[string]string) jar {
	out := jar{}
	maps.Copy(out, from)
	return out
}

// keep takes over what a response sets, and returns what it sets.
func (j jar) keep(header http.Header, now time.Time) []*http.Cookie {
	resp := http.Response{Header: header}
	set := resp.Cookies()
	for _, c := range set {
		if c.MaxAge < 0 || c.Value == "" || !c.Expires.IsZero() && c.MaxAge == 0 && c.Expires.Before(now) {
			delete(j, c.Name)
			continue
		}
		j[c.Name] = c.Value
	}
	return set
}

// header is the value of the Cookie header, in a stable order.
func (j jar) header() string {
	var parts []string
	for _, name := range slices.Sorted(maps.Keys(j)) {
		parts = append(parts, name+"="+j[name])
	}
	return strings.Join(parts, "; ")
}

// Cookies are the session's cookies by name.
func (s Session) Cookies() map[string]string { return cookiesOf(s.header) }

func cookiesOf(header http.Header) map[string]string {
	req := http.Request{Header: header}
	out := map[string]string{}
	for _, c := range req.Cookies() {
		out[c.Name] = c.Value
	}
	return out
}

// WithCookies is a header with these cookies in the place of its own.
func WithCookies(header http.Header, cookies map[string]string) http.Header {
	out := header.Clone()
	out.Del("Cookie")
	if len(cookies) > 0 {
		out.Set("Cookie", jar(cookies).header())
	}
	return out
}
