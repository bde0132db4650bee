package zone

import (
	"errors"
	"strings"
)

// MaxString is the length in bytes of the longest character-string (RFC 1035 3.3).
const MaxString = 255

// TextStrings returns the character-strings of the content of a TXT record,
// unescaped. Content that does not begin with a quotation mark is one value as
// it stands, cut after each 255 bytes; quoted strings are returned as they are,
// however long. It fails where a quotation mark has no partner or text stands
// outside of the marks.
func TextStrings(content string) ([]string, error) {
	if !strings.HasPrefix(content, `"`) {
		return Chunks(content), nil
	}
	var out []string
	rest := content
	for rest != "" {
		if rest[0] != '"' {
			return nil, errors.New("text outside of the quotation marks")
		}
		value, after, err := quoted(rest[1:])
		if err != nil {
			return nil, err
		}
		out = append(out, value)
		rest = strings.TrimLeft(after, " \t")
	}
	return out, nil
}

// Words cuts data in presentation form (RFC 1035 5.1) at its blanks. What is
// in quotation marks stays together; marks and escapes are undone.
func Words(data string) ([]string, error) {
	var out []string
	var word strings.Builder
	open := false
	for data != "" {
		switch c := data[0]; c {
		case ' ', '\t':
			if open {
				out = append(out, word.String())
				word.Reset()
			}
			open, data = false, data[1:]
		case '"':
			value, rest, err := quoted(data[1:])
			if err != nil {
				return nil, err
			}
			word.WriteString(value)
			open, data = true, rest
		case '\\':
			c, width := escaped(data[1:])
			if width == 0 {
				return nil, errors.New("a backslash at the end")
			}
			word.WriteByte(c)
			open, data = true, data[1+width:]
		default:
			word.WriteByte(c)
			open, data = true, data[1:]
		}
	}
	if open {
		out = append(out, word.String())
	}
	return out, nil
}

// quoted reads up to the closing quotation mark and undoes the escapes of
// RFC 1035 5.1: \DDD and \X.
func quoted(s string) (value, rest string, err error) {
	var out strings.Builder
	for i := 0; i < len(s); i++ {
		switch s[i] {
		case '"':
			return out.String(), s[i+1:], nil
		case '\\':
			c, width := escaped(s[i+1:])
			if width == 0 {
				return "", "", errors.New("a backslash at the end")
			}
			out.WriteByte(c)
			i += width
		default:
			out.WriteByte(s[i])
		}
	}
	return "", "", errors.New("a quotation mark without its partner")
}

// escaped reads what follows a backslash; width 0 means that nothing does.
func escaped(s string) (c byte, width int) {
	if s == "" {
		return 0, 0
	}
	if len(s) >= 3 && digit(s[0]) && digit(s[1]) && digit(s[2]) {
		if n := int(s[0]-'0')*100 + int(s[1]-'0')*10 + int(s[2]-'0'); n <= 255 {
			return byte(n), 3
		}
	}
	return s[0], 1
}

func digit(c byte) bool { return '0' <= c && c <= '9' }

// Chunks cuts a value into character-strings. The empty value is one empty string.
func Chunks(value string) []string {
	out := []string{}
	for len(value) > MaxString {
		out = append(out, value[:MaxString])
		value = value[MaxString:]
	}
	return append(out, value)
}

// Quote writes character-strings in presentation form (RFC 1035 5.1).
func Quote(parts []string) string {
	escape := strings.NewReplacer(`\`, `\\`, `"`, `\"`)
	out := make([]string, len(parts))
	for i, p := range parts {
		out[i] = `"` + escape.Replace(p) + `"`
	}
	return strings.Join(out, " ")
}
