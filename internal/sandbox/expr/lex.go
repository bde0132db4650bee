package expr

import (
	"strconv"
	"strings"
	"unicode/utf8"
)

type kind int

const (
	end    kind = iota
	word        // a field, function, operator or keyword
	symbol      // punctuation, and operators in C form
	quoted      // a string
	bare        // a number, an address, a range of either
)

type token struct {
	kind   kind
	text   string // of a string: what it stands for
	offset int
}

func (t token) is(texts ...string) bool {
	if t.kind != word && t.kind != symbol {
		return false
	}
	for _, s := range texts {
		if t.text == s {
			return true
		}
	}
	return false
}

// shown is a token as an error names it.
func (t token) shown() string {
	switch t.kind {
	case end:
		return "the end"
	case quoted:
		return strconv.Quote(t.text)
	}
	return "`" + t.text + "`"
}

var symbols = []string{"==", "!=", "<=", ">=", "&&", "||", "^^", "(", ")", "[", "]", "{", "}", ",", "<", ">", "~", "!", "*"}

func isLetter(c byte) bool { return c >= 'a' && c <= 'z' || c >= 'A' && c <= 'Z' || c == '_' }
func isDigit(c byte) bool  { return c >= '0' && c <= '9' }
func isHex(c byte) bool    { return isDigit(c) || c >= 'a' && c <= 'f' || c >= 'A' && c <= 'F' }

// tokens splits an expression; the last one is the end.
func tokens(text string) ([]token, error) {
	if !utf8.ValidString(text) {
		return nil, &SyntaxError{0, "the expression is not UTF-8"}
	}
	var out []token
	for at := 0; ; {
		for at < len(text) && strings.IndexByte(" \t\r\n", text[at]) >= 0 {
			at++
		}
		if at == len(text) {
			return append(out, token{end, "", at}), nil
		}
		t, size, err := next(text, at)
		if err != nil {
			return nil, err
		}
		out = append(out, t)
		at += size
	}
}

func next(text string, at int) (token, int, error) {
	rest := text[at:]
	switch c := rest[0]; {
	case c == '"':
		return quotedString(rest, at)
	case c == 'r' && len(rest) > 1 && (rest[1] == '"' || rest[1] == '#'):
		return rawString(rest, at)
	case isDigit(c), c == ':', c == '-' && len(rest) > 1 && isDigit(rest[1]), isHex(c) && isAddress(rest):
		n := 1
		if strings.HasPrefix(rest, "0x") {
			n = 2
		}
		for n < len(rest) && (isHex(rest[n]) || strings.IndexByte(".:/", rest[n]) >= 0) {
			n++
		}
		return token{bare, rest[:n], at}, n, nil
	case isLetter(c):
		n := 1
		for n < len(rest) && (isLetter(rest[n]) || isDigit(rest[n]) || rest[n] == '.') {
			n++
		}
		return token{word, rest[:n], at}, n, nil
	case c == '$':
		return token{}, 0, &SyntaxError{at, "lists of the account are not known here"}
	}
	for _, s := range symbols {
		if strings.HasPrefix(rest, s) {
			return token{symbol, s, at}, len(s), nil
		}
	}
	r, _ := utf8.DecodeRuneInString(rest)
	return token{}, 0, &SyntaxError{at, "unexpected " + strconv.QuoteRune(r)}
}

// isAddress tells an IPv6 address that begins with a letter from a word.
func isAddress(rest string) bool {
	n := 0
	for n < len(rest) && isHex(rest[n]) {
		n++
	}
	return n <= 4 && n < len(rest) && rest[n] == ':'
}

// quotedString reads "...", where \" \\ and \xHH stand for one byte. Cloudflare
// refuses other escapes.
func quotedString(rest string, at int) (token, int, error) {
	var out strings.Builder
	for i := 1; i < len(rest); i++ {
		switch c := rest[i]; c {
		case '"':
			return token{quoted, out.String(), at}, i + 1, nil
		case '\\':
			i++
			switch {
			case i < len(rest) && (rest[i] == '"' || rest[i] == '\\'):
				out.WriteByte(rest[i])
			case i+2 < len(rest) && rest[i] == 'x' && isHex(rest[i+1]) && isHex(rest[i+2]):
				b, _ := strconv.ParseUint(rest[i+1:i+3], 16, 8) // two hex digits
				out.WriteByte(byte(b))
				i += 2
			default:
				return token{}, 0, &SyntaxError{at + i - 1, `unknown escape; \", \\ and \xHH are known`}
			}
		default:
			out.WriteByte(c)
		}
	}
	return token{}, 0, &SyntaxError{at, "the string does not end"}
}

// rawString reads r"..." and r#"..."#, which have no escapes.
func rawString(rest string, at int) (token, int, error) {
	hashes := 0
	for 1+hashes < len(rest) && rest[1+hashes] == '#' {
		hashes++
	}
	open := 1 + hashes
	if open >= len(rest) || rest[open] != '"' {
		return token{}, 0, &SyntaxError{at, `a raw string begins with r" or r#"`}
	}
	closing := `"` + strings.Repeat("#", hashes)
	n := strings.Index(rest[open+1:], closing)
	if n < 0 {
		return token{}, 0, &SyntaxError{at, "the string does not end"}
	}
	return token{quoted, rest[open+1 : open+1+n], at}, open + 1 + n + len(closing), nil
}
