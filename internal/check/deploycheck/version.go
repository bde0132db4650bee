package deploycheck

import (
	"bytes"
	"cmp"
	"encoding/json"
	"fmt"
	"mime"
	"strings"

	"golang.org/x/net/html"

	"github.com/launchready/terraform-provider-launchready/internal/probe"
)

// samples are how many answers must agree.
const samples = 5

// Usual places of a release.
var (
	usualVersionPaths = []string{"/version", "/healthz", "/api/health", "/api/version", "/health", "/version.json", "/"}
	usualHeaders      = []string{"X-Release", "X-App-Version", "X-Version", "X-Git-Sha", "X-Commit", "X-Revision", "X-Build"}
	usualPointers     = []string{
		"/release", "/releaseId", "/version", "/commit", "/sha", "/git_sha", "/gitSha", "/revision", "/build", "/release/version", "/build/version", "/build/commit",
		"/app/version", "/info/version", "/data/version", "/git/commit/id", "/git/commit/id/abbrev", "/git/commit",
	}
	usualMetas = []string{"release", "app-version", "app:version", "version", "commit", "git-sha", "revision", "build"}
)

// source is one place where a release is read.
type source struct {
	VersionSource
	told bool // the user named it: any text there is a release
}

// sources are where a site may say its release, the likeliest first.
func (v VersionSource) sources() []source {
	if v != (VersionSource{}) {
		if v.Path == "" {
			if v.Path = "/"; v.Pointer != "" {
				v.Path = "/version"
			}
		}
		return []source{{v, v.Header != "" || v.Pointer != "" || v.Meta != ""}}
	}
	var out []source
	for _, path := range usualVersionPaths {
		out = append(out, source{VersionSource{Path: path}, false})
	}
	return out
}

// read finds the release in an answer; "" if it does not say.
func (s source) read(x probe.Exchange) release {
	if unseen(x) != "" || x.Status >= 500 {
		return ""
	}
	good := x.Status >= 200 && x.Status <= 299 && !x.SaysError() // a refusal may have the header too
	take := func(text string) release {
		text = strings.TrimSpace(text)
		if s.told && releaseName().MatchString(text) || !s.told && believable(text) {
			return release(text)
		}
		return ""
	}
	if s.told {
		switch {
		case s.Header != "":
			return take(x.Header.Get(s.Header))
		case !good:
			return ""
		case s.Pointer != "":
			text, _ := probe.TextAt(x.Body, s.Pointer)
			return take(text)
		default:
			return take(metas(x.Body)[strings.ToLower(s.Meta)])
		}
	}
	for _, text := range usualHeadersOf(x) {
		if r := take(text); r != "" {
			return r
		}
	}
	if !good {
		return ""
	}
	kind, _, _ := mime.ParseMediaType(x.Header.Get("Content-Type"))
	switch body := bytes.TrimSpace(x.Body); {
	case kind == "text/html":
		found := metas(body)
		for _, name := range usualMetas {
			if r := take(found[name]); r != "" {
				return r
			}
		}
	case json.Valid(body):
		for _, pointer := range usualPointers {
			if text, ok := probe.TextAt(body, pointer); ok {
				if r := take(text); r != "" {
					return r
				}
			}
		}
		var text string
		if json.Unmarshal(body, &text) == nil {
			return take(text)
		}
	case kind == "text/plain" || kind == "":
		return take(string(body[:min(len(body), 200)]))
	}
	return ""
}

func usualHeadersOf(x probe.Exchange) []string {
	var out []string
	for _, name := range usualHeaders {
		if v := x.Header.Get(name); v != "" {
			out = append(out, v)
		}
	}
	return out
}

// metas are the meta tags of a page by name.
func metas(body []byte) map[string]string {
	out := map[string]string{}
	z := html.NewTokenizer(bytes.NewReader(body))
	for {
		switch z.Next() {
		case html.ErrorToken:
			return out
		case html.StartTagToken, html.SelfClosingTagToken:
			t := z.Token()
			if t.Data == "body" {
				return out
			}
			if t.Data != "meta" {
				continue
			}
			attr := attributes(t)
			name := strings.ToLower(cmp.Or(attr["name"], attr["property"]))
			if _, twice := out[name]; name != "" && !twice {
				out[name] = attr["content"]
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

// locate finds where a site says its release, and what it says there. reason is
// why it does not.
func (s *session) locate(at *site) (from source, first release, reason string) {
	for _, from := range at.Version.sources() {
		x := s.get(at, from.Path)
		if r := from.read(x); r != "" {
			return from, r, ""
		}
		if lost := unseen(x); lost != "" && reason == "" {
			reason = lost
		}
	}
	return source{}, "", reason
}

// spread is what repeated questions gave.
type spread struct {
	seen []release // each once, in the order they came
	lost string    // why an answer said nothing
}

func (d *spread) add(r release) {
	for _, known := range d.seen {
		if known == r {
			return
		}
	}
	d.seen = append(d.seen, r)
}

func (d spread) names() string {
	var out []string
	for _, r := range d.seen {
		out = append(out, string(r))
	}
	return strings.Join(out, ", ")
}

// sample asks several times past every cache.
func (s *session) sample(at *site, from source) spread {
	var out spread
	for range samples {
		x := s.fresh(at, from.Path)
		if r := from.read(x); r != "" {
			out.add(r)
			continue
		}
		out.lost = cmp.Or(unseen(x), fmt.Sprintf("one answer of %d does not say the release", samples))
	}
	return out
}
