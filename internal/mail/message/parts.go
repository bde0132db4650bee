package message

import (
	"bytes"
	"errors"
	"io"
	"strings"

	"github.com/emersion/go-message"
	_ "github.com/emersion/go-message/charset" // texts in other character sets
)

// part is a leaf of a message: neither multipart nor a message within it.
type part struct {
	mediaType string
	body      []byte // transfer encoding and character set undone
}

// parts returns the leaves of the message, and whether something was left out:
// too deep, too many, or not readable.
func (m *Message) parts() (out []part, incomplete bool) {
	entity, err := message.Read(bytes.NewReader(m.Raw))
	if entity == nil || err != nil && !message.IsUnknownCharset(err) && !message.IsUnknownEncoding(err) {
		return nil, true
	}
	w := walker{}
	w.walk(entity, 0)
	return w.parts, w.incomplete || m.Truncated
}

type walker struct {
	parts      []part
	incomplete bool
	seen       int
}

func (w *walker) walk(e *message.Entity, depth int) {
	if w.seen++; depth > maxDepth || w.seen > maxParts {
		w.incomplete = true
		return
	}
	mediaType, _, err := e.Header.ContentType()
	if err != nil {
		mediaType = "text/plain" // RFC 2045 5.2
	}
	if multi := e.MultipartReader(); multi != nil {
		for {
			child, err := multi.NextPart()
			if errors.Is(err, io.EOF) {
				return
			}
			if child == nil || err != nil && !message.IsUnknownCharset(err) && !message.IsUnknownEncoding(err) {
				w.incomplete = true
				return
			}
			w.walk(child, depth+1)
			if w.seen > maxParts {
				w.incomplete = true
				return
			}
		}
	}
	body, err := io.ReadAll(io.LimitReader(e.Body, MaxSize))
	if err != nil {
		w.incomplete = true
	}
	w.parts = append(w.parts, part{strings.ToLower(mediaType), body})
}
