package probe

import (
	"context"
	"net/http"
	"strings"
)

// CSRFSource is where the token comes from that a portal wants with requests of
// a cookie session that change something. Tokens that are kept in a cookie
// (XSRF-TOKEN, csrftoken) need no source.
type CSRFSource struct {
	Path   string // of a page or JSON answer that holds a fresh one; empty = none is needed
	Field  string // name of its hidden field or meta element, or a JSON pointer; empty = the usual names, if there is one
	Header string // that it is sent back in, and that an answer may bring it in; empty = X-CSRF-Token and X-CSRFToken
}

// usualCSRF are the names of the token in frameworks: Rails, Laravel, Django,
// Express, ASP.NET, Symfony, Spring.
var usualCSRF = []string{
	"csrf-token", "csrf_token", "csrf", "_csrf", "_csrf_token", "authenticity_token", "_token", "csrfmiddlewaretoken",
	"__RequestVerificationToken", "xsrf-token", "csrfToken",
}

// find looks in an answer's body and, unless the field is named, in its headers.
func (c CSRFSource) find(x Exchange) (string, bool) {
	body := x.Body
	if strings.HasPrefix(c.Field, "/") {
		return token(TextAt(body, c.Field))
	}
	names := usualCSRF
	if c.Field != "" {
		names = []string{c.Field}
	}
	for _, name := range names {
		if value, _, ok := hiddenField(body, name); ok {
			return token(value, ok)
		}
		if value, ok := TextAt(body, "/"+name); ok {
			return token(value, ok)
		}
	}
	for _, name := range c.headers() {
		if value := x.Header.Get(name); value != "" && c.Field == "" {
			return token(value, true)
		}
	}
	return "", false
}

// token refuses what could not stand in a header.
func token(text string, ok bool) (string, bool) { return text, ok && isToken(text) }

func (c CSRFSource) headers() []string {
	if c.Header != "" {
		return []string{c.Header}
	}
	return []string{"X-CSRF-Token", "X-CSRFToken"}
}

// WriteHeader returns the headers of one request of a session that changes
// something: those of the session, where it comes from, and for a cookie session,
// or for somebody who has not signed in, a CSRF token that is fetched anew,
// because some are good for one request.
func (p Portal) WriteHeader(ctx context.Context, prober Prober, s Session) (http.Header, error) {
	header, _, err := p.writing(ctx, prober, s)
	return header, err
}
