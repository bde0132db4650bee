package message

import (
	"bytes"
	"net/url"
	"regexp"
	"strings"
	"sync"

	"golang.org/x/net/html"
)

// Links are the addresses that a reader of the message can follow, in order,
// each once: href of a and area, action of forms, and what mail programs make
// links of in plain text. Pictures are not links. incomplete says that some
// part could not be read.
func (m *Message) Links() (links []string, incomplete bool) {
	parts, incomplete := m.parts()
	seen := map[string]bool{}
	add := func(link string) {
		switch link = strings.TrimSpace(link); {
		case link == "" || strings.HasPrefix(link, "#") || seen[link]:
		case len(links) == maxLinks:
			incomplete = true
		default:
			seen[link] = true
			links = append(links, link)
		}
	}
	for _, p := range parts {
		switch p.mediaType {
		case "text/html", "application/xhtml+xml", "text/x-amp-html":
			htmlLinks(p.body, add)
		case "text/plain":
			for _, link := range plainLink().FindAllString(string(p.body), maxLinks+1) {
				add(strings.TrimRight(link, ".,;:!?)]}'*_"))
			}
		}
	}
	return links, incomplete
}

var plainLink = sync.OnceValue(func() *regexp.Regexp { return regexp.MustCompile("(?i)\\bhttps?://[^\\s<>\"`\\\\^{|}]+") })

// htmlLinks reads the tags one by one: a tree of any depth costs nothing.
func htmlLinks(body []byte, add func(string)) {
	var base *url.URL
	for z := html.NewTokenizer(bytes.NewReader(body)); ; {
		kind := z.Next()
		if kind == html.ErrorToken {
			return
		}
		if kind != html.StartTagToken && kind != html.SelfClosingTagToken {
			continue
		}
		name, more := z.TagName()
		wanted := map[string]string{"a": "href", "area": "href", "form": "action", "base": "href"}[string(name)]
		tag := string(name)
		for more && wanted != "" {
			var key, value []byte
			key, value, more = z.TagAttr()
			if string(key) != wanted {
				continue
			}
			link := browserURL(string(value))
			if tag == "base" {
				base, _ = url.Parse(link)
				break
			}
			if u, err := url.Parse(link); err == nil && base != nil && !u.IsAbs() && !strings.HasPrefix(link, "#") {
				link = base.ResolveReference(u).String()
			}
			add(link)
			break
		}
	}
}

// browserURL takes out what browsers ignore in an address: line ends and tabs,
// blanks and control characters around it.
func browserURL(s string) string {
	s = strings.NewReplacer("\n", "", "\r", "", "\t", "").Replace(s)
	return strings.TrimFunc(s, func(r rune) bool { return r <= ' ' })
}
