package message

import (
	"mime"
	"strings"

	gomessage "github.com/emersion/go-message"
)

// Text is what a person reads of the message: the subject, who wrote it, and
// every text in it with its encoding undone, one after the other.
func (m *Message) Text() string {
	var b strings.Builder
	decoder := mime.WordDecoder{CharsetReader: gomessage.CharsetReader}
	for _, name := range []string{"Subject", "From", "To"} {
		for _, value := range m.All(name) {
			if decoded, err := decoder.DecodeHeader(value); err == nil {
				value = decoded
			}
			b.WriteString(name + ": " + value + "\n")
		}
	}
	parts, _ := m.parts()
	for _, p := range parts {
		if strings.HasPrefix(p.mediaType, "text/") || p.mediaType == "application/json" {
			b.WriteString("\n")
			b.Write(p.body)
		}
	}
	return b.String()
}
