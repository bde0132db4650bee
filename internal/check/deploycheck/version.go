package deploycheck

import (
	"bytes"
	"cmp"
	"encoding/json"
	"fmt"
	"mime"
	"strings"

	"golang.org/x/net/html"

	"github.com/launchready/terraform-provider-launchready/internal/check"
	"github.com/launchready/terraform-provider-launchready/internal/probe"
)

// samples are how many answers must agree.
const samples = 5

// Usual places of a release.
var (
	usualVersionPaths = []string{"/version", "/healthz", "/api/health", "/api/version", "/health", "/version.json", "/version.txt", "/actuator/info", "/"}
	usualHeaders      = []string{"X-Release", "X-App-Version", "X-Version", "X-Git-Sha", "X-Commit", "X-Revision", "X-Build"}
	usualPointers     = []string{ // whose names are compared without case, "_" and "-"
		"/release", "/releaseId", "/release/tag", "/release/name", "/version", "/commit", "/sha", "/gitSha", "/revision", "/build", "/release/version", "/build/version", "/build/commit",
		"/app/version", "/info/version", "/data/version", "/git/commit/id", "/git/commit/id/abbrev", "/git/commit",
		"/gitVersion", "/gitCommit", "/commitSha", "/commitHash", "/git/sha", "/build/sha", "/buildId", "/appVersion", "/tag", "/data/release", "/data/commit",
	}
	usualMetas = []string{"release", "app-version", "app:version", "version", "commit", "git-sha", "revision", "build"}
)

// source is one place where a release is read.
type source struct {
	VersionSource
	told  bool   // the user named it: any text there is a release
	place string // of the candidate that is read; empty = the first
}

// sources are where a site may say its release, the likeliest first.
func (v VersionSource) sources() []source {
	if v != (VersionSource{}) {
		if v.Path == "" {
			if v.Path = "/"; v.Pointer != "" {
				v.Path = "/version"
			}
		}
		return []source{{v, v.Header != "" || v.Pointer != "" || v.Meta != "", ""}}
	}
	var out []source
	for _, path := range usualVersionPaths {
		out = append(out, source{VersionSource{Path: path}, false, ""})
	}
	return out
}

// read finds the release in an answer; "" if it does not say.
func (s source) read(x probe.Exchange) release {
	found := s.candidates(x)
	for _, c := range found {
		if c.place == s.place {
			return c.release
		}
	}
	if len(found) > 0 {
		return found[0].release
	}
	return ""
}

// candidate is what one place of an answer says.
type candidate struct {
	place string // such as "header X-Release"
	release
}

// candidates are what may be the release in an answer, the likeliest first. Many
// say both a version and a commit.
func (s source) candidates(x probe.Exchange) (out []candidate) {
	if unseen(x) != "" || x.Status >= 500 {
		return nil
	}
	good := x.Status >= 200 && x.Status <= 299 && !x.SaysError() // a refusal may have the header too
	take := func(place, text string) {
		text = strings.TrimSpace(text)
		if s.told && releaseName().MatchString(text) || !s.told && believable(text) {
			out = append(out, candidate{place, release(text)})
		}
	}
	if s.told {
		switch {
		case s.Header != "":
			take("", x.Header.Get(s.Header))
		case !good:
		case s.Pointer != "":
			text, _ := probe.TextAt(x.Body, s.Pointer)
			take("", text)
		default:
			take("", metas(x.Body)[strings.ToLower(s.Meta)])
		}
		return out
	}
	for _, name := range usualHeaders {
		take("header "+name, x.Header.Get(name))
	}
	if !good {
		return out
	}
	kind, _, _ := mime.ParseMediaType(x.Header.Get("Content-Type"))
	switch body := bytes.TrimSpace(x.Body); {
	case kind == "text/html":
		found := metas(body)
		for _, name := range usualMetas {
			take("meta "+name, found[name])
		}
	case json.Valid(body):
		named := plainNames(body)
		for _, pointer := range usualPointers {
			if text, ok := probe.TextAt(named, plainName(pointer)); ok {
				take("pointer "+pointer, text)
			}
		}
		var text string
		if json.Unmarshal(body, &text) == nil {
			take("text", text)
		}
	case kind == "text/plain" || kind == "application/octet-stream" || kind == "":
		take("text", string(body[:min(len(body), 200)]))
		if len(out) == 0 && len(body) <= maxLines {
			inLines(string(body), take)
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
		if found := from.candidates(x); len(found) > 0 {
			best := s.meant(at, found)
			from.place = best.place
			return from, best.release, ""
		}
		if lost := unseen(x); lost != "" && reason == "" {
			reason = lost
		}
	}
	return source{}, "", reason
}

// meant is the one of several candidates that speaks of releases as the user does,
// and on staging as production does.
func (s *session) meant(at *site, found []candidate) candidate {
	want := release(s.spec.ExpectedVersion)
	for _, c := range found {
		if c.place != "" && at == s.staging && c.place == s.production.place {
			return c
		}
	}
	for _, fits := range []func(release) bool{
		func(r release) bool { return r.is(want) },
		func(r release) bool { return isHash(r.plain()) && isHash(want.plain()) },
		func(r release) bool { return numbered().MatchString(r.plain()) && numbered().MatchString(want.plain()) },
	} {
		for _, c := range found {
			if want != "" && fits(c.release) {
				return c
			}
		}
	}
	return found[0]
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
	answers := make([]probe.Exchange, samples)
	check.Beside(samples, atOnce, func(i int) { answers[i] = s.fresh(at, from.Path) })
	for _, x := range answers {
		if r := from.read(x); r != "" {
			out.add(r)
			continue
		}
		out.lost = cmp.Or(unseen(x), fmt.Sprintf("one answer of %d does not say the release", samples))
	}
	return out
}
