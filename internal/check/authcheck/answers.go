package authcheck

import (
	"html"
	"maps"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"time"
	"unicode"
)

// sample is one answer about an address, without what repeats the address.
type sample struct {
	status   int
	redirect string
	cookies  string
	fields   string // names of the headers
	words    map[string]bool
	took     time.Duration
}

// volatileFields are headers that come and go by themselves.
var volatileFields = map[string]bool{"Date": true, "Age": true, "Cf-Ray": true, "Cf-Cache-Status": true, "Connection": true, "Keep-Alive": true, "Content-Length": true, "Transfer-Encoding": true, "Etag": true, "Vary": true, "Content-Encoding": true}

func sampleOf(said told, address string) sample {
	x := said.answer
	plain := func(text string) string {
		text = html.UnescapeString(text)
		for _, form := range []string{address, url.QueryEscape(address), url.PathEscape(address)} {
			text = strings.ReplaceAll(text, form, " ")
		}
		return text
	}
	s := sample{status: x.Status, took: x.Duration, words: map[string]bool{}}
	if u, err := url.Parse(plain(x.Redirect)); err == nil && x.Redirect != "" {
		var names []string
		for name, values := range u.Query() {
			if !longOrDrawn(strings.Join(values, "")) {
				name += "=" + strings.Join(values, ",")
			}
			names = append(names, name)
		}
		slices.Sort(names)
		s.redirect = u.Host + u.Path + "?" + strings.Join(names, "&")
	}
	resp := http.Response{Header: x.Header}
	var cookies []string
	for _, c := range resp.Cookies() {
		cookies = append(cookies, c.Name)
	}
	slices.Sort(cookies)
	s.cookies = strings.Join(cookies, " ")
	var fields []string
	for name := range x.Header {
		if !volatileFields[name] && !strings.HasPrefix(name, "X-Ratelimit") && !strings.HasPrefix(name, "Ratelimit") {
			fields = append(fields, name)
		}
	}
	slices.Sort(fields)
	s.fields = strings.Join(fields, " ")
	for _, body := range [][]byte{x.Body, said.page.Body} {
		text := plain(string(body[:min(len(body), 256<<10)]))
		for _, w := range strings.FieldsFunc(text, func(r rune) bool { return !unicode.IsLetter(r) && !unicode.IsDigit(r) }) {
			if !longOrDrawn(w) {
				s.words[w] = true
			}
		}
	}
	return s
}

// longOrDrawn tells what differs from answer to answer: numbers, and words with
// digits or capitals in their midst.
func longOrDrawn(w string) bool {
	digits, flips := 0, 0
	var before rune
	for i, r := range w {
		if unicode.IsDigit(r) {
			digits++
		}
		if i > 0 && unicode.IsUpper(r) && !unicode.IsUpper(before) {
			flips++
		}
		before = r
	}
	return digits == len(w) && digits > 0 || digits > 0 && len(w) >= 8 || len(w) >= 32 || flips > 3
}

// tells says in what the answers about known addresses differ from those about
// unknown ones each time; empty if in nothing. sure is false where the answers
// differ by themselves too, and there are too few to tell.
func tells(known, unknown []sample) (what string, sure bool) {
	if len(known) == 0 || len(unknown) == 0 {
		return "", false
	}
	for _, one := range []struct {
		what string
		of   func(sample) string
	}{
		{"the status", func(s sample) string { return strconv.Itoa(s.status) }},
		{"where the answer leads", func(s sample) string { return s.redirect }},
		{"the cookies that are set", func(s sample) string { return s.cookies }},
		{"the headers", func(s sample) string { return s.fields }},
	} {
		a, b := values(known, one.of), values(unknown, one.of)
		if len(a) == 1 && len(b) == 1 && a[0] != b[0] {
			return one.what, true
		}
	}
	only := own(known, unknown)
	others := own(unknown, known)
	if len(only)+len(others) == 0 {
		return "", true
	}
	const enough = 6
	return "the words of the answer", min(len(known), len(unknown)) >= enough || !varies(known) && !varies(unknown)
}

func values(all []sample, of func(sample) string) []string {
	seen := map[string]bool{}
	for _, s := range all {
		seen[of(s)] = true
	}
	return slices.Sorted(maps.Keys(seen))
}

// own are the words that every answer of one group has, and none of the other.
func own(group, other []sample) []string {
	var out []string
	for w := range group[0].words {
		in := func(s sample) bool { return s.words[w] }
		if !slices.ContainsFunc(group, func(s sample) bool { return !in(s) }) && !slices.ContainsFunc(other, in) {
			out = append(out, w)
		}
	}
	return out
}

// varies reports whether the words of answers of one group differ.
func varies(group []sample) bool {
	for _, s := range group[1:] {
		if !maps.Equal(s.words, group[0].words) {
			return true
		}
	}
	return false
}
