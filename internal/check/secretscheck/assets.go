package secretscheck

import (
	"bytes"
	"cmp"
	"net/url"
	"regexp"
	"slices"
	"strings"
	"sync"

	"golang.org/x/net/html"
)

// loads queues what a page loads: scripts, modules that are loaded ahead, the
// manifest. Its inline scripts name more.
func (c *crawl) loads(page *url.URL, body []byte) {
	base := page
	z := html.NewTokenizer(bytes.NewReader(body))
	for {
		switch z.Next() {
		case html.ErrorToken:
			return
		case html.StartTagToken, html.SelfClosingTagToken:
			token := z.Token()
			switch attr := attributes(token); token.Data {
			case "base":
				if u, err := page.Parse(attr["href"]); err == nil && attr["href"] != "" {
					base = u
				}
			case "script":
				if attr["src"] != "" {
					c.want(base, attr["src"], aScript)
				} else if z.Next() == html.TextToken {
					c.imports(base, string(z.Raw()))
				}
			case "link":
				rel := strings.Fields(strings.ToLower(attr["rel"]))
				scripted := slices.Contains(rel, "modulepreload") || slices.Contains(rel, "manifest") ||
					(slices.Contains(rel, "preload") || slices.Contains(rel, "prefetch")) && (attr["as"] == "script" || attr["as"] == "fetch" || strings.Contains(attr["href"], ".js"))
				if scripted && attr["href"] != "" {
					c.want(base, attr["href"], aScript)
				}
			}
		}
	}
}

func attributes(t html.Token) map[string]string {
	out := map[string]string{}
	for _, a := range t.Attr {
		if _, twice := out[a.Key]; !twice {
			out[a.Key] = a.Val
		}
	}
	return out
}

var (
	// imported is what a script loads by name: import, export from, import(),
	// workers and importScripts.
	imported = sync.OnceValue(func() *regexp.Regexp {
		return regexp.MustCompile("(?:\\bfrom\\s*|\\bimport\\s*\\(?\\s*|\\bnew\\s+(?:Shared)?Worker\\s*\\(\\s*(?:new\\s+URL\\(\\s*)?|importScripts\\s*\\(\\s*|serviceWorker\\.register\\(\\s*)[\"'`]([^\"'`\\s]{1,300})[\"'`]")
	})
	// listed are names of scripts in the lists that bundlers write.
	listed = sync.OnceValue(func() *regexp.Regexp {
		return regexp.MustCompile("[\"'`]((?:\\.{0,2}/)?(?:[\\w@.~-]+/){0,8}[\\w@.~-]+\\.m?js)[\"'`]")
	})
	mapComment = sync.OnceValue(func() *regexp.Regexp {
		return regexp.MustCompile(`(?m)(?://|/\*)[#@]\s*sourceMappingURL=([^\s*]+)`)
	})
)

// imports queues what a script loads. A name in a list is relative to the
// script, or to where the bundler puts all of them: each is tried, and is missed
// by nobody if it is not there.
func (c *crawl) imports(base *url.URL, text string) {
	for _, m := range imported().FindAllStringSubmatch(text, -1) {
		if ref := m[1]; strings.HasPrefix(ref, ".") || strings.HasPrefix(ref, "/") || strings.HasPrefix(ref, "https://") || strings.HasSuffix(ref, ".js") {
			c.want(base, ref, aGuess) // a worker's names need no dot in front
		}
	}
	for _, ref := range computed(text) {
		if strings.Contains(base.Path, "/_next/") {
			ref = "_next/" + ref
		}
		c.want(base, "/"+ref, aGuess)
	}
	for _, m := range listed().FindAllStringSubmatch(text, -1) {
		ref := m[1]
		switch {
		case strings.HasPrefix(ref, "static/") && strings.Contains(base.Path, "/_next/"):
			c.want(base, "/_next/"+ref, aGuess)
		case strings.HasPrefix(ref, "/"), strings.HasPrefix(ref, "."):
			c.want(base, ref, aGuess)
		case strings.Contains(ref, "/"):
			c.want(base, "/"+ref, aGuess)
		default:
			c.want(base, ref, aGuess)
		}
	}
}

var (
	// chunkName is how the runtime of webpack computes the name of a chunk:
	// "folder/"+({names}[e]||e)+"."+{hashes}[e]+".js", the names left out at times.
	chunkName = sync.OnceValue(func() *regexp.Regexp {
		return regexp.MustCompile(`"([\w@./-]{0,100})"\s*\+\s*(?:\w+|\(*(\{[^{}]*\})\)*\[\w+\](?:\s*\|\|\s*\w+)?\)*)\s*\+\s*"([.~_-])"\s*\+\s*\(*(\{[^{}]+\})\)*\[\w+\]\s*\+\s*"([\w.-]{0,40}\.m?js)"`)
	})
	chunkEntry = sync.OnceValue(func() *regexp.Regexp {
		return regexp.MustCompile(`["']?([\w~-]{1,100})["']?\s*:\s*["']([\w~./-]{1,200})["']`)
	})
)

// computed are the scripts that webpack's runtime makes the names of.
func computed(text string) []string {
	var out []string
	for _, m := range chunkName().FindAllStringSubmatch(text, -1) {
		names := map[string]string{}
		for _, e := range chunkEntry().FindAllStringSubmatch(m[2], -1) {
			names[e[1]] = e[2]
		}
		for _, e := range chunkEntry().FindAllStringSubmatch(m[4], -1) {
			out = append(out, strings.TrimPrefix(m[1]+cmp.Or(names[e[1]], e[1])+m[3]+e[2]+m[5], "/"))
		}
	}
	return out
}
