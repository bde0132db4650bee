package cloudflare

import (
	"fmt"
	"strings"
	"unicode/utf8"
)

// maxChunk is the length of a character-string in bytes (RFC 1035, section 3.3).
const maxChunk = 255

// QuoteTXT returns a TXT value as quoted character-strings of up to 255 bytes
// each, with the escapes of RFC 1035, section 5.1: \" and \\, and \DDD for bytes
// that are not printable ASCII. The empty value is one empty string.
func QuoteTXT(value string) string {
	var b strings.Builder
	b.Grow(len(value) + 2)
	b.WriteByte('"')
	for i := 0; i < len(value); i++ {
		if i > 0 && i%maxChunk == 0 {
			b.WriteString(`" "`)
		}
		switch c := value[i]; {
		case c == '"' || c == '\\':
			b.WriteByte('\\')
			b.WriteByte(c)
		case c < ' ' || c > '~':
			fmt.Fprintf(&b, `\%03d`, c)
		default:
			b.WriteByte(c)
		}
	}
	b.WriteByte('"')
	return b.String()
}

// UnquoteTXT returns the value of a TXT record's content: quoted strings joined
// and unescaped. Content that is not wholly made of quoted strings is a value
// that was stored without quotes, and is returned as it is.
func UnquoteTXT(content string) string {
	rest := strings.Trim(content, " \t\r\n")
	if !strings.HasPrefix(rest, `"`) {
		return content
	}
	var b strings.Builder
	for rest != "" {
		if rest[0] != '"' {
			return content
		}
		end := readQuoted(rest[1:], &b)
		if end < 0 {
			return content
		}
		rest = strings.TrimLeft(rest[1+end:], " \t\r\n")
	}
	return b.String()
}

// readQuoted unescapes up to the closing quote and returns the length read with
// that quote, or -1 if there is none.
func readQuoted(s string, b *strings.Builder) int {
	for i := 0; i < len(s); i++ {
		switch c := s[i]; {
		case c == '"':
			return i + 1
		case c != '\\':
			b.WriteByte(c)
		case i+1 >= len(s):
			return -1
		default:
			if n, ok := decimalByte(s[i+1:]); ok {
				b.WriteByte(n)
				i += 3
				continue
			}
			i++
			b.WriteByte(s[i])
		}
	}
	return -1
}

// decimalByte reads three digits of at most 255.
func decimalByte(s string) (byte, bool) {
	if len(s) < 3 {
		return 0, false
	}
	n := 0
	for _, c := range []byte(s[:3]) {
		if c < '0' || c > '9' {
			return 0, false
		}
		n = n*10 + int(c-'0')
	}
	return byte(n), n <= 255
}

// TXTChunks cuts a text into character-strings of at most 255 bytes, between
// characters. The empty text is one empty string.
func TXTChunks(text string) []string {
	out := []string{}
	for len(text) > maxChunk {
		end := maxChunk
		for end > maxChunk-utf8.UTFMax && !utf8.RuneStart(text[end]) {
			end--
		}
		out, text = append(out, text[:end]), text[end:]
	}
	return append(out, text)
}
