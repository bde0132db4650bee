package tlscheck

import (
	"strconv"
	"strings"
	"unicode/utf8"

	"github.com/tdewolff/parse/v2"
	"github.com/tdewolff/parse/v2/css"
)

// css notes what a stylesheet loads: @import, url() and image-set(). Names of
// namespaces are no loads.
func (s *scan) css(text string) {
	lexer := css.NewLexer(parse.NewInputString(text))
	rule, block := "", ""  // the at-rule whose prelude, and whose block, is being read
	var functions []string // open functions and parentheses, innermost last
	for {
		kind, data := lexer.Next()
		switch kind {
		case css.ErrorToken:
			return
		case css.WhitespaceToken, css.CommentToken:
			continue
		case css.AtKeywordToken:
			rule = strings.ToLower(string(data))
			continue
		case css.FunctionToken:
			functions = append(functions, strings.ToLower(strings.TrimSuffix(string(data), "(")))
		case css.LeftParenthesisToken:
			functions = append(functions, "(")
		case css.RightParenthesisToken:
			if len(functions) > 0 {
				functions = functions[:len(functions)-1]
			}
		case css.LeftBraceToken:
			rule, block, functions = "", rule, nil
		case css.RightBraceToken:
			rule, block, functions = "", "", nil
		case css.SemicolonToken:
			rule, functions = "", nil
		case css.StringToken:
			s.cssAddress(rule, block, functions, cssString(string(data)))
		case css.URLToken:
			s.cssAddress(rule, block, append(functions, "url"), cssURL(string(data)))
		}
		if rule == "@import" && (kind == css.StringToken || kind == css.URLToken) {
			rule = "" // what follows the address are conditions
		}
	}
}

// cssAddress notes a string or url() by where it stands. Fonts are not among
// what browsers let pass or upgrade (W3C Mixed Content 3).
func (s *scan) cssAddress(rule, block string, functions []string, address string) {
	innermost := ""
	if len(functions) > 0 {
		innermost = functions[len(functions)-1]
	}
	switch {
	case rule == "@namespace" || rule == "@charset":
	case rule == "@import" && (innermost == "" || innermost == "url"):
		s.sheet(address)
	case innermost == "url" && block == "@font-face":
		s.add(active, "font", address)
	case innermost == "url" || innermost == "image-set" || innermost == "-webkit-image-set":
		s.add(passive, "css url", address)
	}
}

// cssURL takes the address out of a url() token, quoted or not.
func cssURL(token string) string {
	_, inner, _ := strings.Cut(token, "(")
	inner = strings.TrimSpace(strings.TrimSuffix(inner, ")"))
	if strings.HasPrefix(inner, `"`) || strings.HasPrefix(inner, `'`) {
		return cssString(inner)
	}
	return unescapeCSS(inner)
}

func cssString(token string) string {
	if len(token) >= 2 {
		token = token[1 : len(token)-1]
	}
	return unescapeCSS(token)
}

// unescapeCSS undoes escapes (CSS Syntax 4.3.7): a backslash and up to six
// hexadecimal digits with one white space after them, or any one character.
func unescapeCSS(s string) string {
	if !strings.Contains(s, `\`) {
		return s
	}
	var b strings.Builder
	for i := 0; i < len(s); i++ {
		if s[i] != '\\' {
			b.WriteByte(s[i])
			continue
		}
		end := i + 1
		for end < len(s) && end <= i+6 && isHex(s[end]) {
			end++
		}
		if end == i+1 {
			if end < len(s) && s[end] != '\n' {
				b.WriteByte(s[end])
			}
			i = end
			continue
		}
		code, _ := strconv.ParseUint(s[i+1:end], 16, 32)
		if code == 0 || code > utf8.MaxRune {
			code = utf8.RuneError
		}
		b.WriteRune(rune(code))
		if end < len(s) && strings.IndexByte(" \t\n\f\r", s[end]) >= 0 {
			end++
		}
		i = end - 1
	}
	return b.String()
}

func isHex(c byte) bool {
	return c >= '0' && c <= '9' || c >= 'a' && c <= 'f' || c >= 'A' && c <= 'F'
}
