package probe

import (
	"errors"
	"maps"
	"net/http"
	"net/url"
	"strings"
	"time"
)

// formOf finds the form of a step: in the page at its address, or in the answer
// that led to it. The step then goes where the form's action leads.
func (s *signIn) formOf(st *step, before *Exchange) (form, error) {
	if !st.form && st.csrf == "" {
		return form{}, nil
	}
	x := Exchange{}
	if before != nil {
		x = *before
	}
	find := func() (f form, ok bool) {
		if st.second {
			f, _, ok = codeForm(x.Body)
			return f, ok
		}
		return signInForm(x.Body)
	}
	f, found := find()
	if !found {
		x = s.get(st.address.String())
		if x.Redirect != "" {
			return form{}, because(ErrChanged, "the page of the sign-in form leads to another host, which is not followed")
		}
		if err := refused(x); err != nil {
			// Some portals have no page there: the form is sent from elsewhere.
			if st.csrf == "" && len(st.fields) > 0 && errors.Is(err, ErrChanged) {
				return form{}, nil
			}
			return form{}, because(kindOf(err), "the page of the sign-in form: %v", err)
		}
		f, found = find()
	}
	if st.csrf != "" {
		return s.withCSRF(st, x, f, found)
	}
	if !found {
		if len(st.fields) > 0 {
			return form{}, nil
		}
		return form{}, because(ErrChanged, "the page of the sign-in form asks for nothing that it should ask for: has the form moved?")
	}
	s.aim(st, x, f)
	if !st.second {
		s.page, s.warns = f, lockWords().Match(visible(x.Body))
	}
	return f, nil
}

// withCSRF is the form with the hidden field that was named.
func (s *signIn) withCSRF(st *step, x Exchange, f form, found bool) (form, error) {
	value, action, ok := hiddenField(x.Body, st.csrf)
	if found && f.has(st.csrf) {
		s.aim(st, x, f)
		if !st.second {
			s.page, s.warns = f, lockWords().Match(visible(x.Body))
		}
		return f, nil
	}
	if !ok {
		return form{}, because(ErrChanged, "the page of the sign-in form has no hidden field %q", st.csrf)
	}
	f.fields = append(f.fields, field{name: st.csrf, kind: "hidden", value: value})
	if action != "" || found {
		if f.action == "" {
			f.action = action
		}
		s.aim(st, x, f)
	}
	return f, nil
}

// aim sends a step where its form leads. A form may be answered elsewhere, but
// never at another host: it takes a password.
func (s *signIn) aim(st *step, x Exchange, f form) {
	from, err := url.Parse(x.FinalURL)
	if err != nil {
		return
	}
	to, err := from.Parse(f.action)
	if err != nil || isElsewhere(s.home, to.String()) {
		return
	}
	to.Fragment = ""
	st.address = to
}

// fill makes the fields of a step: what the form sends along, and what was
// configured or else what its visible fields ask for.
func (s *signIn) fill(st step, f form, before *Exchange) (map[string]string, error) {
	fields := map[string]string{}
	if st.form {
		maps.Copy(fields, f.kept())
	} else if st.csrf != "" {
		fields[st.csrf] = f.kept()[st.csrf]
	}
	wanted := st.fields
	if len(wanted) == 0 {
		wanted = s.defaults(st, f, before)
	}
	for name, template := range wanted {
		if strings.Contains(template, "{{totp}}") && (s.id.TOTPSecret == "" || s.half) {
			continue // for identities that have a second factor, and give it
		}
		if _, password := f.names(); st.form && strings.Contains(template, "{{password}}") && password != "" && !f.has(name) {
			return nil, because(ErrChanged, "the sign-in form has no field %q: it has changed, or portal.sign_in.fields is wrong", name)
		}
		value, err := s.expand(template, before)
		if err != nil {
			return nil, err
		}
		fields[name] = value
	}
	return fields, nil
}

// defaults are the fields that a step has where none were configured.
func (s *signIn) defaults(st step, f form, before *Exchange) map[string]string {
	if st.second {
		name := "code"
		if st.form && before != nil {
			if _, found, ok := codeForm(before.Body); ok {
				name = found
			}
		}
		for _, one := range f.fields {
			if one.typed() && one.name != "" && (one.code || isCodeName(one.name)) {
				name = one.name
			}
		}
		return map[string]string{name: "{{totp}}"}
	}
	user, password := "email", "password"
	if st.form {
		if name, _ := f.names(); name != "" {
			user = name
		}
		if _, name := f.names(); name != "" {
			password = name
		}
	}
	return map[string]string{user: "{{username}}", password: "{{password}}"}
}

// expand fills a field in.
func (s *signIn) expand(template string, before *Exchange) (string, error) {
	code := ""
	if strings.Contains(template, "{{totp}}") {
		var err error
		if code, err = s.code(); err != nil {
			return "", err
		}
	}
	out := strings.NewReplacer("{{username}}", s.id.Username, "{{password}}", s.id.Password, "{{totp}}", code).Replace(template)
	if !strings.Contains(template, "{{answer:") || before == nil {
		return out, nil
	}
	for {
		head, rest, ok := strings.Cut(out, "{{answer:")
		pointer, tail, closed := strings.Cut(rest, "}}")
		if !ok || !closed {
			return out, nil
		}
		value, found := TextAt(before.Body, pointer)
		if !found {
			return "", because(ErrChanged, "the answer to the password has no text at %s, which the second factor needs", pointer)
		}
		out = head + value + tail
	}
}

// code is the code of the moment, which nobody of this process has sent.
func (s *signIn) code() (string, error) {
	if s.record.code != "" {
		return s.record.code, nil
	}
	if !s.dated { // the clock that counts is the portal's
		s.get(s.home.Scheme + "://" + s.home.Host + "/")
	}
	step, err := s.codes.take(s.ctx, s.id.TOTPSecret, s.skew)
	if err != nil {
		return "", err
	}
	code, err := totp(s.id.TOTPSecret, step)
	s.record.code, s.record.codeEnd = code, time.Unix(0, (step+1)*int64(totpStep)).Add(-s.skew)
	return code, err
}

// second is the step that follows the password, if one does: where it is
// configured, or where the answer is a form that asks for a code.
func (s *signIn) second(x Exchange) (step, bool, error) {
	next := s.portal.SignIn.SecondFactor
	format := next.Format
	if format == "" {
		format = s.portal.SignIn.Format
	}
	out := step{form: format == "form", fields: next.Fields, csrf: next.CSRF, second: true}
	if s.id.TOTPSecret == "" {
		return out, false, nil
	}
	if next.Path != "" {
		if s.askedAgain(x) && out.form {
			return out, false, s.shownAgain(x)
		}
		address, err := parseURL(s.portal.at(next.Path))
		out.address = address
		return out, err == nil, err
	}
	if _, _, ok := codeForm(x.Body); !ok || !out.form {
		return out, false, nil
	}
	address, err := url.Parse(x.FinalURL)
	out.address = address
	return out, err == nil, err
}

// secondRefused words a refusal of the second factor.
func secondRefused(err error) error {
	if errors.Is(err, ErrRefused) {
		return because(ErrSecondFactor, "the code of the second factor was refused: is totp_secret right?")
	}
	return because(kindOf(err), "the second factor: %v", err)
}

// kindOf is the reason that an error is about.
func kindOf(err error) error {
	var known *signInError
	if errors.As(err, &known) {
		return known.kind
	}
	return ErrNoAnswer
}

// csrfHeaders are what portals want to be sent back that keep their CSRF token in
// a cookie: Laravel, Angular and Axios (XSRF-TOKEN), Django (csrftoken).
func (j jar) csrfHeaders() map[string]string {
	out := map[string]string{}
	if value := j["XSRF-TOKEN"]; value != "" {
		if plain, err := url.QueryUnescape(strings.ReplaceAll(value, "+", "%2B")); err == nil {
			out["X-XSRF-TOKEN"] = plain
		}
	}
	if value := j["csrftoken"]; value != "" {
		out["X-CSRFToken"] = value
	}
	return out
}

// cookieTokens asks for the cookie that a portal's writes are answered with,
// where one is configured and no form brings it.
func (s *signIn) cookieTokens() error {
	source := s.portal.CSRF
	if source.Path == "" || s.portal.SignIn.CSRF != "" || s.portal.SignIn.Format == "form" {
		return nil
	}
	x := s.get(s.portal.at(source.Path))
	if x.Status == 0 || x.Status >= http.StatusInternalServerError {
		return because(ErrNoAnswer, "portal.csrf: %v", refused(x))
	}
	if value, ok := source.find(x); ok { // a page for members has none for strangers
		if s.portal.SignIn.Header == nil {
			s.portal.SignIn.Header = http.Header{}
		}
		s.portal.SignIn.Header = s.portal.SignIn.Header.Clone()
		for _, name := range source.headers() {
			s.portal.SignIn.Header.Set(name, value)
		}
	}
	return nil
}
