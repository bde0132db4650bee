package probe

import (
	"encoding/base64"
	"encoding/json"
	"html"
	"regexp"
	"strings"
	"sync"
	"unicode/utf8"
)

// holding are the entries that hold a text, as they stand or as people read
// them: Go writes > as \u003e in JSON, Python ü as \u00fc, an inbox may show the
// payload of a webhook in base64, and a letter wraps its lines.
func holding(entries []string, text string) []string {
	var out []string
	for _, e := range entries {
		if holds(e, text) {
			out = append(out, e)
		}
	}
	return out
}

// maxDecoded is how long an entry may be for its encodings to be undone.
const maxDecoded = 1 << 20

// markOf finds the marks of drills, which some programs write in capitals.
var markOf = sync.OnceValue(func() *regexp.Regexp { return regexp.MustCompile(`^lr-[0-9a-f]{8}$`) })

func holds(entry, text string) bool {
	if strings.Contains(entry, text) {
		return true
	}
	if len(entry) > maxDecoded || len(text) < 3 {
		return false
	}
	if markOf().MatchString(text) {
		entry = lower(entry, text)
		if strings.Contains(entry, text) {
			return true
		}
	}
	// An entry without any of these is read as it stands.
	if !strings.ContainsAny(entry, "\\<&\n{[") {
		return false
	}
	text = strings.Join(strings.Fields(text), " ")
	for _, read := range readings(entry, 0) {
		if strings.Contains(strings.Join(strings.Fields(read), " "), text) {
			return true
		}
	}
	return false
}

// lower is an entry in small letters if it may hold a mark in capitals. Base64
// is not touched by that: it has no mark.
func lower(entry, mark string) string {
	if strings.Contains(entry, strings.ToUpper(mark)) {
		return strings.ToLower(entry)
	}
	return entry
}

var tagForm = sync.OnceValue(func() *regexp.Regexp { return regexp.MustCompile(`<[!/a-zA-Z][^<>]*>`) })

// maxReadings is how deep encodings may lie within each other.
const maxReadings = 4

// readings are the texts that an entry stands for.
func readings(entry string, depth int) []string {
	out := []string{entry}
	if depth >= maxReadings {
		return out
	}
	trimmed := strings.TrimSpace(entry)
	var document any
	switch {
	case (strings.HasPrefix(trimmed, "{") || strings.HasPrefix(trimmed, "[")) && json.Unmarshal([]byte(trimmed), &document) == nil:
		for _, text := range textsOf(document) {
			out = append(out, readings(text, depth+1)...)
		}
	case strings.ContainsAny(entry, "<&"):
		out = append(out, html.UnescapeString(tagForm().ReplaceAllString(entry, "")))
	case depth > 0 && len(trimmed) >= 12:
		if plain, err := base64.StdEncoding.DecodeString(trimmed); err == nil && utf8.Valid(plain) {
			out = append(out, readings(string(plain), depth+1)...)
		}
	}
	return out
}

// textsOf are all texts of a document.
func textsOf(node any) []string {
	var out []string
	switch node := node.(type) {
	case string:
		out = append(out, node)
	case []any:
		for _, one := range node {
			out = append(out, textsOf(one)...)
		}
	case map[string]any:
		for _, one := range node {
			out = append(out, textsOf(one)...)
		}
	}
	return out
}

// lines are the lines of a text that are not blank.
func lines(text string) []string {
	var out []string
	for line := range strings.Lines(text) {
		if line = strings.TrimRight(line, "\r\n"); strings.TrimSpace(line) != "" {
			out = append(out, line)
		}
	}
	return out
}
