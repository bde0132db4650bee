package probe

import (
	"bytes"
	"context"
	"maps"
	"net/http"
	"net/url"
	"slices"
	"strings"
)

// Complete makes of a request that changes something what the portal's own pages
// make of it: with the headers of the session, where it comes from, and a token
// against forgery. What is sent as a form also gets the hidden fields and the
// cookies of the form that a browser would send, as frameworks want it that look
// for their token in a field alone. The form is looked for on pages (paths), in
// this order, and is the one that is sent where the request goes or that asks for
// the same fields. Headers of the request win over those that are added; one
// without a value is left out. s may be the zero Session: somebody who has not
// signed in.
func (p Portal) Complete(ctx context.Context, prober Prober, s Session, r Request, pages ...string) (Request, error) {
	header, token, err := p.writing(ctx, prober, s)
	if err != nil {
		return r, err
	}
	own := r.Header
	r.Header = header
	if values, ok := formValues(own, r.Body); ok && header.Get("Authorization") == "" && p.BaseURL != "" {
		v := p.visitor(ctx, prober, header)
		fields, found := v.formFor(&r, values, pages)
		switch {
		case found:
		case token.name != "":
			fields = map[string]string{token.name: token.value}
		case len(s.header) == 0:
			fields = v.strangersToken()
		}
		for name, value := range fields {
			if !values.Has(name) {
				values.Set(name, value)
			}
		}
		r.Body = []byte(values.Encode())
		if len(v.jar) > 0 {
			r.Header.Set("Cookie", v.jar.header())
		}
		for name, value := range v.jar.csrfHeaders() {
			r.Header.Set(name, value)
		}
	}
	for name, values := range own {
		if r.Header[name] = values; len(values) == 0 {
			r.Header.Del(name)
		}
	}
	return r, nil
}

// Follow goes where the answer to a request leads on the portal, with the cookies
// on the way, as a browser does: many portals tell there how it went. ok is false
// where it leads nowhere.
func (p Portal) Follow(ctx context.Context, prober Prober, r Request, x Exchange) (page Exchange, ok bool) {
	home, err := parseURL(p.at("/"))
	if err != nil || x.Redirect == "" || isElsewhere(home, x.Redirect) {
		return Exchange{}, false
	}
	v := p.visitor(ctx, prober, r.Header)
	v.jar.keep(x.Header, prober.Now())
	page = v.get(x.Redirect)
	return page, page.Status != 0
}

// visitor looks at pages with the cookies of a request.
func (p Portal) visitor(ctx context.Context, prober Prober, header http.Header) *signIn {
	home, err := parseURL(p.at("/"))
	if err != nil {
		home = &url.URL{}
	}
	return &signIn{ctx: ctx, prober: prober, portal: p, home: home, jar: newJar(cookiesOf(header)), record: &SignInRecord{}}
}

// formFor looks for the form of a request, and returns what a browser sends with
// it. The request goes where the form of its own page leads, which is the first.
func (s *signIn) formFor(r *Request, values url.Values, pages []string) (fields map[string]string, found bool) {
	to, err := url.Parse(r.URL)
	if err != nil {
		return nil, false
	}
	for i, path := range pages {
		x := s.get(s.portal.at(path))
		if x.Status < 200 || x.Status > 299 || x.Redirect != "" {
			continue
		}
		from, err := url.Parse(x.FinalURL)
		if err != nil {
			continue
		}
		all, _ := forms(x.Body)
		led := func(f form) *url.URL {
			action, err := from.Parse(f.action)
			if err != nil || !f.posts || isElsewhere(s.home, action.String()) {
				return nil
			}
			return action
		}
		for _, f := range all {
			if action := led(f); action != nil && action.Path == to.Path {
				return f.kept(), true
			}
		}
		for _, f := range all {
			if action := led(f); action != nil && f.asksFor(values) {
				if i == 0 { // the request's own page leads further
					action.Fragment = ""
					r.URL = action.String()
				}
				return f.kept(), true
			}
		}
	}
	return nil, false
}

// strangersToken is the token of the page to sign in at, as a field: many
// frameworks take it for every form of the same visitor.
func (s *signIn) strangersToken() map[string]string {
	if s.portal.SignIn.Path == "" {
		return nil
	}
	all, _ := forms(s.get(s.portal.at(s.portal.SignIn.Path)).Body)
	for _, f := range all {
		for _, one := range f.fields {
			if one.kind == "hidden" && (one.name == s.portal.SignIn.CSRF && one.name != "" || slices.Contains(usualCSRF, one.name)) {
				return map[string]string{one.name: one.value}
			}
		}
	}
	return nil
}

// asksFor reports whether people fill in nothing in the form but fields of a
// request, and something.
func (f form) asksFor(values url.Values) bool {
	some := false
	for _, one := range f.fields {
		if one.name == "" || !one.typed() && one.kind != "password" {
			continue
		}
		if some = true; !values.Has(one.name) {
			return false
		}
	}
	return some
}

// formValues are the fields of a body that is sent as a form.
func formValues(header http.Header, body []byte) (url.Values, bool) {
	kind, _, _ := strings.Cut(header.Get("Content-Type"), ";")
	if !strings.EqualFold(strings.TrimSpace(kind), "application/x-www-form-urlencoded") {
		return nil, false
	}
	values, err := url.ParseQuery(string(bytes.TrimSpace(body)))
	return values, err == nil
}

// formToken is a token against forgery as a field of a form; the zero value where
// it is known by a header alone.
type formToken struct{ name, value string }

// writing returns the headers of one request of a session that changes something:
// those of the session, where it comes from, and for a cookie session, or for
// nobody's, a CSRF token that is fetched anew, because some are good for one
// request.
func (p Portal) writing(ctx context.Context, prober Prober, s Session) (http.Header, formToken, error) {
	header := s.Header()
	if header == nil {
		header = http.Header{}
	}
	if p.BaseURL == "" { // an identity that needs no portal
		return header, formToken{}, nil
	}
	base, err := parseURL(p.BaseURL)
	if err != nil {
		return nil, formToken{}, err
	}
	nobody := len(header) == 0
	header.Set("Origin", base.Scheme+"://"+base.Host)
	header.Set("Referer", p.at("/"))
	cookies := newJar(s.Cookies())
	if len(cookies) == 0 && !nobody {
		return header, formToken{}, nil
	}
	var token formToken
	if p.CSRF.Path != "" {
		x := Exchange{}
		if nobody { // who may be led to the page to sign in at, which has a token too
			v := p.visitor(ctx, prober, nil)
			x = v.get(p.at(p.CSRF.Path))
			cookies = v.jar
		} else {
			x = prober.Fetch(ctx, Request{URL: p.at(p.CSRF.Path), Header: s.Header(), Intent: Active, Retry: true})
			cookies.keep(x.Header, prober.Now())
		}
		whole := x.Status >= 200 && x.Status <= 299
		if !whole && !nobody {
			return nil, token, because(ErrNoAnswer, "no CSRF token: portal.csrf.path answers %d %s", x.Status, x.Detail)
		}
		value, ok := "", false
		if whole {
			value, ok = p.CSRF.find(x)
		}
		if !ok && !nobody && p.CSRF.Field != "" && len(cookies.csrfHeaders()) == 0 {
			return nil, token, because(ErrChanged, "no CSRF token: the answer of portal.csrf.path does not hold what portal.csrf.field names")
		}
		if ok {
			token = formToken{p.CSRF.fieldOf(x, value), value}
			for _, name := range p.CSRF.headers() {
				header.Set(name, value)
			}
		}
	}
	if len(cookies) > 0 {
		header.Set("Cookie", cookies.header())
	}
	maps.Copy(header, headersOf(cookies.csrfHeaders()))
	return header, token, nil
}

func headersOf(values map[string]string) http.Header {
	out := http.Header{}
	for name, value := range values {
		out.Set(name, value)
	}
	return out
}

// fieldOf is the name of the hidden field of a page whose value is the token.
func (c CSRFSource) fieldOf(x Exchange, value string) string {
	all, _ := forms(x.Body)
	for _, f := range all {
		for _, one := range f.fields {
			if one.kind == "hidden" && one.name != "" && one.value == value {
				return one.name
			}
		}
	}
	return ""
}
