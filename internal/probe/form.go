package probe

import (
	"bytes"
	"strings"

	"golang.org/x/net/html"
)

// hiddenField finds the value of a field in a page, and where the form that it
// is in is sent to. Some pages keep the value in a meta element instead.
func hiddenField(page []byte, name string) (value, action string, ok bool) {
	z := html.NewTokenizer(bytes.NewReader(page))
	form := ""
	for {
		switch z.Next() {
		case html.ErrorToken:
			return value, action, ok
		case html.StartTagToken, html.SelfClosingTagToken:
			t := z.Token()
			switch {
			case t.Data == "form":
				form = attribute(t, "action")
			case t.Data == "input" && attribute(t, "name") == name:
				return attribute(t, "value"), form, true
			case t.Data == "meta" && attribute(t, "name") == name && !ok:
				value, ok = attribute(t, "content"), true // a field, if there is one, comes before it
			}
		case html.EndTagToken:
			if t := z.Token(); t.Data == "form" {
				form = ""
			}
		}
	}
}

// hasPasswordField reports whether a page asks for a password.
func hasPasswordField(page []byte) bool {
	z := html.NewTokenizer(bytes.NewReader(page))
	for {
		switch z.Next() {
		case html.ErrorToken:
			return false
		case html.StartTagToken, html.SelfClosingTagToken:
			if t := z.Token(); t.Data == "input" && strings.EqualFold(attribute(t, "type"), "password") {
				return true
			}
		}
	}
}

func attribute(t html.Token, name string) string {
	for _, a := range t.Attr {
		if a.Key == name {
			return a.Val
		}
	}
	return ""
}
