package authzcheck

import (
	"bytes"
	"encoding/json"
	"regexp"
	"strconv"
	"strings"
	"sync"
	"unicode"

	"golang.org/x/net/html"

	"github.com/launchready/terraform-provider-launchready/internal/probe"
)

const (
	maxLeaves = 5000
	maxDepth  = 64
	maxLeaf   = 200 // runes of a leaf that are compared
)

// leaf is one scalar of an answer: a text or number of JSON with its path, or a
// text of a page.
type leaf struct {
	path  string // such as data[].email; empty in pages
	value string // white space collapsed
}

// key is the last name of the path.
func (l leaf) key() string {
	return strings.TrimSuffix(l.path[strings.LastIndexByte(l.path, '.')+1:], "[]")
}

// leavesOf reads an answer: JSON whatever its type says, otherwise a page, with
// the JSON that its scripts hold, otherwise lines.
func leavesOf(x probe.Exchange) []leaf {
	body := bytes.TrimSpace(x.Body)
	var c collector
	switch {
	case len(body) == 0:
	case c.json(body):
	case bytes.Contains(body[:min(len(body), 4096)], []byte("<")):
		c.page(body)
	default:
		for line := range bytes.Lines(body) {
			c.add("", string(line))
		}
	}
	return c.leaves
}

type collector struct{ leaves []leaf }

func (c *collector) add(path, text string) {
	if len(c.leaves) >= maxLeaves {
		return
	}
	text = strings.Join(strings.Fields(text), " ")
	if runes := []rune(text); len(runes) > maxLeaf {
		text = string(runes[:maxLeaf])
	}
	if text != "" {
		c.leaves = append(c.leaves, leaf{path, text})
	}
}

// json reads a document; false if it is none.
func (c *collector) json(body []byte) bool {
	if body[0] != '{' && body[0] != '[' {
		return false
	}
	decoder := json.NewDecoder(bytes.NewReader(body))
	decoder.UseNumber()
	var v any
	if decoder.Decode(&v) != nil {
		return false
	}
	c.walk("", v, 0)
	return true
}

func (c *collector) walk(path string, v any, depth int) {
	if depth > maxDepth {
		return
	}
	switch node := v.(type) {
	case map[string]any:
		for name, child := range node {
			if path != "" {
				name = path + "." + name
			}
			c.walk(name, child, depth+1)
		}
	case []any:
		for _, child := range node {
			c.walk(path+"[]", child, depth+1)
		}
	case string:
		c.add(path, node)
	case json.Number:
		c.add(path, node.String())
	case bool:
		c.add(path, strconv.FormatBool(node))
	}
}

// page reads the texts of a page and the values of its fields. Hidden fields
// hold tokens, and are left out.
func (c *collector) page(body []byte) {
	z := html.NewTokenizer(bytes.NewReader(body))
	inside := ""
	for {
		switch z.Next() {
		case html.ErrorToken:
			return
		case html.StartTagToken, html.SelfClosingTagToken:
			t := z.Token()
			switch t.Data {
			case "script", "style":
				inside = t.Data
				if strings.Contains(attribute(t, "type"), "json") {
					inside = "json"
				}
			case "input":
				switch strings.ToLower(attribute(t, "type")) {
				case "hidden", "submit", "button", "checkbox", "radio":
				default:
					c.add("", attribute(t, "value"))
				}
			}
		case html.EndTagToken:
			inside = ""
		case html.TextToken:
			text := z.Token().Data
			switch inside {
			case "":
				c.add("", text)
			case "json":
				if text := strings.TrimSpace(text); text != "" {
					c.json([]byte(text))
				}
			}
		}
	}
}

func attribute(t html.Token, name string) string {
	for _, a := range t.Attr {
		if a.Key == name {
			return a.Val
		}
	}
	return ""
}

// view is an answer as it is searched: the raw body, its texts without escapes,
// and the headers that may carry data.
type view struct{ text string }

func viewOf(x probe.Exchange) view {
	var b strings.Builder
	b.Write(x.Body)
	for _, l := range leavesOf(x) {
		b.WriteString("\n" + l.value)
	}
	for name, values := range x.Header {
		switch name {
		case "Date", "Report-To", "Set-Cookie", "Etag":
		default:
			b.WriteString("\n" + strings.Join(values, "\n"))
		}
	}
	return view{b.String()}
}

// holds reports whether the answer shows a text that is not part of a longer word.
func (v view) holds(text string) bool {
	if text == "" {
		return false
	}
	for rest, at := v.text, 0; ; {
		i := strings.Index(rest[at:], text)
		if i < 0 {
			return false
		}
		i += at
		before, after := []rune(rest[max(i-4, 0):i]), []rune(rest[i+len(text):min(i+len(text)+4, len(rest))])
		if (len(before) == 0 || !wordRune(before[len(before)-1])) && (len(after) == 0 || !wordRune(after[0])) {
			return true
		}
		at = i + 1
	}
}

func wordRune(r rune) bool { return unicode.IsLetter(r) || unicode.IsDigit(r) }

// moment finds values that say when, which differ by chance: dates, times.
var moment = sync.OnceValue(func() *regexp.Regexp {
	return regexp.MustCompile(`^\d{4}-\d\d-\d\d([T ][0-9:.]+(Z|[+-][0-9:]+)?)?$|^\d{1,2}[./]\d{1,2}[./]\d{2,4}$|^\d{1,2}:\d\d(:\d\d)?$`)
})

// telling reports whether a value can be somebody's: six characters, and no
// date, small number or address of the request's own.
func telling(value string) bool {
	if len([]rune(value)) < 6 || moment().MatchString(value) {
		return false
	}
	if strings.Trim(value, "0123456789.,-+ ") == "" {
		return len(value) >= 8 && !strings.ContainsAny(value, "., ")
	}
	return strings.ContainsFunc(value, wordRune)
}

// strong tells what is hardly a word of the site itself: with a digit or @, or
// several words, or long.
func strong(value string) bool {
	return strings.ContainsAny(value, "0123456789@ ") || len([]rune(value)) >= 12
}
