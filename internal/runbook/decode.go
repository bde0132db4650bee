package runbook

import (
	"bytes"
	"encoding/binary"
	"strings"
	"unicode/utf16"
	"unicode/utf8"
)

// decode returns the text of bytes. What is no UTF-8 is taken for Latin-1, in
// which every byte means something; latin1 tells. ok is false for what is no
// text: bytes of zero.
func decode(raw []byte) (text string, latin1, ok bool) {
	switch {
	case bytes.HasPrefix(raw, []byte{0xff, 0xfe}):
		text = wide(raw[2:], binary.LittleEndian)
	case bytes.HasPrefix(raw, []byte{0xfe, 0xff}):
		text = wide(raw[2:], binary.BigEndian)
	case utf8.Valid(raw):
		text = string(bytes.TrimPrefix(raw, []byte("\xef\xbb\xbf")))
	default:
		runes := make([]rune, len(raw))
		for i, b := range raw {
			runes[i] = rune(b)
		}
		text, latin1 = string(runes), true
	}
	if strings.ContainsRune(text, 0) {
		return "", false, false
	}
	return strings.NewReplacer("\r\n", "\n", "\r", "\n").Replace(text), latin1, true
}

func wide(raw []byte, order binary.ByteOrder) string {
	units := make([]uint16, 0, len(raw)/2)
	for i := 0; i+1 < len(raw); i += 2 {
		units = append(units, order.Uint16(raw[i:]))
	}
	return string(utf16.Decode(units))
}
