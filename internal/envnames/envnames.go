// Package envnames reads the names of environment variables from the files and
// exports that hold them. Values are looked at to tell whether they are empty,
// and are kept nowhere: neither in what is returned, nor in an error.
package envnames

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"regexp"
	"slices"
	"strings"
	"sync"
	"unicode/utf16"
)

// maxSize is the longest export that is read, in bytes.
const maxSize = 4 << 20

// Name is an environment variable without its value.
type Name struct {
	Name  string
	Empty bool // it is set to nothing
	// Optional is a name that an example has in a comment alone: # SENTRY_DSN=
	Optional bool
}

// Target is an environment of a platform that keeps several in one list.
type Target string

const (
	Any        Target = ""           // every entry
	Production Target = "production" // Vercel and Netlify: production
	Staging    Target = "staging"    // Vercel: preview, or one of that name; Netlify: deploy-preview, branch-deploy
)

// Errors of Parse. None holds any of the text.
var (
	ErrTooLong = errors.New("it is longer than 4 MiB")
	ErrBinary  = errors.New("it is no text")
	ErrNoNames = errors.New("it holds no names of environment variables")
	ErrRefusal = errors.New("it is the refusal of an API, and holds no variables: export it again, signed in")
	ErrJSON    = errors.New("it begins as JSON and is none, or of no form that is known")
)

// Parse reads a file of variables (.env), a list of names, or what a platform
// exports: JSON of Vercel, Render, Heroku, Fly, Netlify, Railway, GitHub Actions,
// Cloudflare, Docker and ECS, and the tables of their command lines. Names are
// returned sorted, each once; a name that is set anywhere is not empty.
func Parse(text []byte, target Target) ([]Name, error) {
	if len(text) > maxSize {
		return nil, ErrTooLong
	}
	text = plain(text)
	if bytes.IndexByte(text, 0) >= 0 {
		return nil, ErrBinary
	}
	var found []Name
	trimmed := withoutBanner(bytes.TrimSpace(text))
	if len(trimmed) > 0 && (trimmed[0] == '{' || trimmed[0] == '[') {
		var err error
		if found, err = fromJSON(trimmed, target); err != nil {
			return nil, err
		}
	} else {
		var unread int
		if found, unread = fromLines(string(text), target); len(found) == 0 && unread > 0 {
			return nil, fmt.Errorf("%w: %d lines are of no form that is known", ErrNoNames, unread)
		}
	}
	if len(found) == 0 {
		return nil, ErrNoNames
	}
	return merged(found), nil
}

var commented = sync.OnceValue(func() *regexp.Regexp {
	return regexp.MustCompile(`(?m)^[ \t]*#[ \t]*(?:export[ \t]+)?([A-Z_][A-Z0-9_]{0,127})=`)
})

// ParseExample reads an example such as .env.example: names, and as optional those
// that it shows in a comment.
func ParseExample(text []byte) ([]Name, error) {
	found, err := Parse(text, Any)
	if err != nil && !errors.Is(err, ErrNoNames) {
		return nil, err
	}
	known := map[string]bool{}
	for _, n := range found {
		known[n.Name] = true
	}
	for _, m := range commented().FindAllSubmatch(plain(text), -1) {
		if name := string(m[1]); !known[name] {
			known[name], err = true, nil
			found = append(found, Name{Name: name, Empty: true, Optional: true})
		}
	}
	slices.SortFunc(found, func(a, b Name) int { return strings.Compare(a.Name, b.Name) })
	return found, err
}

// withoutBanner takes off what a command line prints before its JSON, such as
// wrangler's name and version. The JSON must be all that follows.
func withoutBanner(text []byte) []byte {
	for at := 0; at < len(text) && at < 2<<10; {
		if (text[at] == '{' || text[at] == '[') && (at == 0 || json.Valid(text[at:])) {
			return text[at:]
		}
		next := bytes.IndexByte(text[at:], '\n')
		if next < 0 {
			break
		}
		at += next + 1
	}
	return text
}

// plain is a text in UTF-8 with line feeds, whatever wrote it.
func plain(text []byte) []byte {
	if order := byteOrder(text); order != nil {
		units := make([]uint16, 0, len(text)/2)
		for i := 2; i+1 < len(text); i += 2 {
			units = append(units, order(text[i], text[i+1]))
		}
		text = []byte(string(utf16.Decode(units)))
	}
	text = bytes.TrimPrefix(text, []byte("\xef\xbb\xbf"))
	text = bytes.ReplaceAll(text, []byte("\r\n"), []byte("\n"))
	return bytes.ReplaceAll(text, []byte("\r"), []byte("\n"))
}

// byteOrder is that of UTF-16 with its mark, as Windows PowerShell writes; nil for
// any other text.
func byteOrder(text []byte) func(a, b byte) uint16 {
	switch {
	case bytes.HasPrefix(text, []byte{0xff, 0xfe}):
		return func(a, b byte) uint16 { return uint16(a) | uint16(b)<<8 }
	case bytes.HasPrefix(text, []byte{0xfe, 0xff}):
		return func(a, b byte) uint16 { return uint16(b) | uint16(a)<<8 }
	}
	return nil
}

var (
	usual  = sync.OnceValue(func() *regexp.Regexp { return regexp.MustCompile(`^[A-Z_][A-Z0-9_]{0,127}$`) })
	spoken = sync.OnceValue(func() *regexp.Regexp { return regexp.MustCompile(`^[A-Za-z_][A-Za-z0-9_.-]{0,63}$`) })
)

// IsName reports whether a text is the name of a variable in capital letters.
func IsName(text string) bool { return usual().MatchString(text) }

// assignable reports whether what stands before an equals sign is a name. A line
// of a key in base64 has one too, and is none.
func assignable(text string) bool {
	if usual().MatchString(text) {
		return true
	}
	if !spoken().MatchString(text) || strings.Trim(text, "_") == "" {
		return false
	}
	drawn := strings.ContainsAny(text, "0123456789") && text != strings.ToLower(text) && !strings.ContainsAny(text, "_.-")
	return !drawn && (len(text) <= 24 || strings.ContainsAny(text, "_.-"))
}

// merged sorts names and makes one of each.
func merged(all []Name) []Name {
	slices.SortFunc(all, func(a, b Name) int { return strings.Compare(a.Name, b.Name) })
	var out []Name
	for _, n := range all {
		if last := len(out) - 1; last >= 0 && out[last].Name == n.Name {
			out[last].Empty = out[last].Empty && n.Empty
			continue
		}
		out = append(out, n)
	}
	return out
}

// isBlank reports whether a value is nothing, in quotes or without.
func isBlank(value string) bool {
	value = strings.TrimSpace(value)
	if len(value) >= 2 && (value[0] == '"' || value[0] == '\'') && value[len(value)-1] == value[0] {
		value = value[1 : len(value)-1]
	}
	return strings.TrimSpace(value) == ""
}
