package secretscan

import (
	"bytes"
	"encoding/binary"
	"strings"
	"unicode/utf16"
)

// Form is how bytes hold text.
type Form int

const (
	Plain  Form = iota // UTF-8, or another encoding that ASCII is part of
	UTF16              // which git and gitleaks take for binary
	Binary             // text stands in it in places
)

// sniffed is how much of a file decides what it is.
const sniffed = 8 << 10

// FormOf tells how a file holds text by its beginning: bytes of zero make it
// binary, as they do for git, unless every other byte is one.
func FormOf(head []byte) Form {
	head = head[:min(len(head), sniffed)]
	if order(head) != nil {
		return UTF16
	}
	if bytes.IndexByte(head, 0) >= 0 {
		return Binary
	}
	return Plain
}

// order is the byte order of UTF-16, by its mark or by where the zeros of its
// ASCII letters stand; nil if it is none.
func order(head []byte) binary.ByteOrder {
	switch {
	case bytes.HasPrefix(head, []byte{0xff, 0xfe}) && !bytes.HasPrefix(head, []byte{0xff, 0xfe, 0, 0}):
		return binary.LittleEndian
	case bytes.HasPrefix(head, []byte{0xfe, 0xff}):
		return binary.BigEndian
	case len(head) < 8:
		return nil
	}
	var zeros [2]int
	for i, b := range head[:len(head)&^1] {
		if b == 0 {
			zeros[i%2]++
		}
	}
	half := len(head) / 2
	switch {
	case zeros[1] > half*7/10 && zeros[0] == 0:
		return binary.LittleEndian
	case zeros[0] > half*7/10 && zeros[1] == 0:
		return binary.BigEndian
	}
	return nil
}

// Decode returns the text of bytes: all of it, or of a binary file the runs that
// can be read.
func Decode(content []byte) string {
	switch FormOf(content) {
	case UTF16:
		return decodeUTF16(content, order(content[:min(len(content), sniffed)]))
	case Binary:
		return readable(content)
	}
	return string(content)
}

func decodeUTF16(content []byte, o binary.ByteOrder) string {
	units := make([]uint16, 0, len(content)/2)
	for i := 0; i+1 < len(content); i += 2 {
		units = append(units, o.Uint16(content[i:]))
	}
	return strings.TrimPrefix(string(utf16.Decode(units)), "\ufeff")
}

// shortestRun is the shortest run of letters in a binary file that may be a key.
const shortestRun = 12

// readable returns the runs of printable ASCII of a binary file, a line each.
func readable(content []byte) string {
	var b strings.Builder
	start := -1
	for i := 0; i <= len(content); i++ {
		if i < len(content) && (content[i] >= ' ' && content[i] < 0x7f || content[i] == '\t') {
			if start < 0 {
				start = i
			}
			continue
		}
		if start >= 0 && i-start >= shortestRun {
			b.Write(content[start:i])
			b.WriteByte('\n')
		}
		start = -1
	}
	return b.String()
}
