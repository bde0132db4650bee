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
// for their token in a field alone. The form is looked for on the request's own page
// and on others (paths; empty = none), in this order, and is the one that is sent
// where the request goes or that asks for the same fields. Headers of the request
// win over those that are added; one without a value is left out. s may be the zero
// Session: somebody who has not signed in.
func (p Portal) Complete(ctx context.Context, prober Prober, s Session, r Request, page string, others ...string) (Request, error) {
	header, token, err := p.writing(ctx, prober, s)
	if err != nil {
		return r, err
	}
	own := r.Header
	r.Header = header
	if values, ok := formValues(own, r.Body); ok && header.Get("Authorization") == "" && p.BaseURL != "" {
		v := p.visitor(ctx, prober, header)
		fields, found := v.formFor(&r, values, page, others)
		switch {
		case found:
		case token.name != "":
			fields = map[string]string{token.name: token.value}
		case len(s.header) == 0:
			fields = v.anyToken([]string{p.SignIn.Path})
		default:
			fields = v.anyToken(append(p.pages(), "/"))
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
// it. Where the request's own page leads further, the request goes there too. Of a
// form for something else at the same address, such as to delete what is shown,
// nothing is taken but a token.
func (s *signIn) formFor(r *Request, values url.Values, own string, others []string) (fields map[string]string, found bool) {
	to, err := url.Parse(r.URL)
	if err != nil {
		return nil, false
	}
	for _, path := range append([]string{own}, others...) {
		if path == "" {
			continue
		}
		x := s.get(s.portal.at(path))
		if x.Status < 200 || x.Status > 299 || x.Redirect != "" {
			continue
		}
		from, err := url.Parse(x.FinalURL)
		if err != nil {
			continue
		}
		all, _ := forms(x.Body)
		var there []form // that are sent to where the request goes
		for _, f := range all {
			action, err := from.Parse(f.action)
			switch {
			case err != nil || !f.posts || isElsewhere(s.home, action.String()):
				continue
			case action.Path == to.Path && (len(values) == 0 || f.shares(values)):
				return f.sent(r.Method), true
			case f.asksFor(values):
				if path == own {
					action.Fragment = ""
					r.URL = action.String()
				}
				return f.sent(r.Method), true
			}
			there = append(there, f)
		}
		for _, f := range there {
			if token := s.tokenOf(f); token != nil {
				return token, true
			}
		}
	}
	return nil, false
}

// sent are the fields that a browser sends along with a request of a method. That
// of another method is another request's.
func (f form) sent(method string) map[string]string {
	out := f.kept()
	maps.DeleteFunc(out, func(name, value string) bool {
		return strings.EqualFold(name, "_method") && !strings.EqualFold(value, method)
	})
	return out
}

// tokenOf is the hidden field of a form that holds its token against forgery: by
// its name, or because a cookie has the same value.
func (s *signIn) tokenOf(f form) map[string]string {
	for _, one := range f.fields {
		if one.kind != "hidden" || one.name == "" || !isToken(one.value) {
			continue
		}
		named := one.name == s.portal.SignIn.CSRF || one.name == s.portal.CSRF.Field || slices.Contains(usualCSRF, one.name)
		if named || len(one.value) >= 16 && slices.Contains(slices.Collect(maps.Values(s.jar)), one.value) {
			return map[string]string{one.name: one.value}
		}
	}
	return nil
}

// anyToken is the token of some form of the portal, as a field: many frameworks
// take it for every form of the same visitor.
func (s *signIn) anyToken(pages []string) map[string]string {
	for _, path := range pages {
		if path == "" {
			continue
		}
		all, _ := forms(s.get(s.portal.at(path)).Body)
		for _, f := range all {
			if token := s.tokenOf(f); token != nil {
				return token
			}
		}
	}
	return nil
}

// shares reports whether people fill in a field in the form that is one of a
// request.
func (f form) shares(values url.Values) bool {
	return slices.ContainsFunc(f.fields, func(one field) bool { return one.filled() && values.Has(one.name) })
}

// filled reports whether people fill the field in.
func (f field) filled() bool {
	switch f.kind {
	case "hidden", "submit", "button", "image", "reset":
		return false
	}
	return f.name != ""
}

// asksFor reports whether people fill in nothing in the form but fields of a
// request, and something.
func (f form) asksFor(values url.Values) bool {
	some := false
	for _, one := range f.fields {
		if !one.filled() {
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
