package probe

import (
	"bytes"
	"strings"

	"golang.org/x/net/html"
)

// field is one control of a form.
type field struct {
	name, kind, value string // kind: the type of an input in lower case, "text" if it has none; else the element
	code              bool   // it asks for a code that is good once
}

// form is a form of a page. Controls that stand in no form make one of their
// own: pages without a form send them by script.
type form struct {
	action string
	posts  bool // its method is POST
	fields []field
}

// forms reads the forms of a page and its meta elements by name.
func forms(page []byte) (all []form, meta map[string]string) {
	z := html.NewTokenizer(bytes.NewReader(page))
	meta = map[string]string{}
	outside, inside := form{}, false
	for {
		switch z.Next() {
		case html.ErrorToken:
			if len(outside.fields) > 0 {
				all = append(all, outside)
			}
			return all, meta
		case html.StartTagToken, html.SelfClosingTagToken:
			t := z.Token()
			switch t.Data {
			case "form":
				all, inside = append(all, form{action: attribute(t, "action"), posts: strings.EqualFold(attribute(t, "method"), "post")}), true
			case "meta":
				if name := attribute(t, "name"); name != "" {
					meta[name] = attribute(t, "content")
				}
			case "input", "button", "textarea", "select":
				to := &outside
				if inside {
					to = &all[len(all)-1]
				}
				to.fields = append(to.fields, fieldOf(t))
			}
		case html.EndTagToken:
			if t := z.Token(); t.Data == "form" {
				inside = false
			}
		}
	}
}

func fieldOf(t html.Token) field {
	f := field{name: attribute(t, "name"), kind: strings.ToLower(attribute(t, "type")), value: attribute(t, "value")}
	switch {
	case t.Data == "button":
		f.kind = "submit"
	case t.Data == "textarea", t.Data == "select":
		f.kind = t.Data
	case f.kind == "":
		f.kind = "text"
	}
	f.code = strings.EqualFold(attribute(t, "autocomplete"), "one-time-code")
	return f
}

// passwords are the fields that ask for one.
func (f form) passwords() []field {
	var out []field
	for _, one := range f.fields {
		if one.kind == "password" {
			out = append(out, one)
		}
	}
	return out
}

// has reports whether the form has a control of a name.
func (f form) has(name string) bool {
	for _, one := range f.fields {
		if one.name == name {
			return true
		}
	}
	return false
}

// kept are the fields that a browser sends along: the hidden ones, and the name of
// the button that is pressed, by which some portals tell that the form was sent.
func (f form) kept() map[string]string {
	out := map[string]string{}
	pressed := false
	for _, one := range f.fields {
		switch {
		case one.name == "":
		case one.kind == "hidden":
			out[one.name] = one.value
		case one.kind == "submit" && !pressed:
			out[one.name], pressed = one.value, true
		}
	}
	return out
}

// typed reports whether people write into the field.
func (f field) typed() bool {
	switch f.kind {
	case "text", "email", "tel", "number", "search", "username":
		return true
	}
	return false
}

// signInForm finds the form to sign in with: the one that asks for one password
// and nothing else that is secret. A form with two asks for a new one.
func signInForm(page []byte) (form, bool) {
	all, _ := forms(page)
	for _, f := range all {
		if len(f.passwords()) == 1 {
			return f, true
		}
	}
	return form{}, false
}

// names are those of the field for the user, which is the one before the
// password that people write into, and of the password.
func (f form) names() (user, password string) {
	for _, one := range f.fields {
		switch {
		case one.kind == "password":
			return user, one.name
		case one.typed() && one.name != "":
			user = one.name
		}
	}
	return user, ""
}

// codeForm finds the form that asks for the code of a second factor: by what its
// field says of itself, else the one with a single field to write into.
func codeForm(page []byte) (f form, name string, ok bool) {
	all, _ := forms(page)
	for _, f := range all {
		for _, one := range f.fields {
			if one.code && one.name != "" {
				return f, one.name, true
			}
		}
	}
	for _, f := range all {
		if len(f.passwords()) > 0 {
			continue
		}
		var typed []field
		for _, one := range f.fields {
			if one.typed() && one.kind != "search" && one.name != "" {
				typed = append(typed, one)
			}
		}
		if len(typed) == 1 && isCodeName(typed[0].name) {
			return f, typed[0].name, true
		}
	}
	return form{}, "", false
}

func isCodeName(name string) bool {
	name = strings.ToLower(name)
	for _, word := range []string{"code", "otp", "token", "2fa", "mfa", "pin", "authcode"} {
		if strings.Contains(name, word) {
			return true
		}
	}
	return false
}

// hiddenField finds the value of a field in a page, and where the form that it
// is in is sent to. Some pages keep the value in a meta element instead.
func hiddenField(page []byte, name string) (value, action string, ok bool) {
	all, meta := forms(page)
	for _, f := range all {
		for _, one := range f.fields {
			if one.name == name {
				return one.value, f.action, true
			}
		}
	}
	value, ok = meta[name]
	return value, "", ok
}

// hasPasswordField reports whether a page asks for a password.
func hasPasswordField(page []byte) bool {
	all, _ := forms(page)
	for _, f := range all {
		if len(f.passwords()) > 0 {
			return true
		}
	}
	return false
}

func attribute(t html.Token, name string) string {
	for _, a := range t.Attr {
		if a.Key == name {
			return a.Val
		}
	}
	return ""
}
