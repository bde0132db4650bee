package deploycheck

import (
	"bytes"
	"cmp"
	"net/url"
	"slices"
	"strings"

	"golang.org/x/net/html"

	"github.com/launchready/terraform-provider-launchready/internal/check"
	"github.com/launchready/terraform-provider-launchready/internal/probe"
)

// Bounds of what is read of production's pages.
const (
	maxAssets    = 40
	maxAssetBody = 5 << 20
)

// asset is a file that a page loads from the site itself.
type asset struct {
	url  string
	path string
	probe.Exchange
}

// content is what production serves to a stranger.
type content struct {
	pages  map[string]probe.Exchange // by path
	assets []asset
	missed string // what could not be read; "" = nothing
}

// read fetches pages and the scripts and styles that they load.
func (s *session) read() content {
	at := s.production
	out := content{pages: map[string]probe.Exchange{}}
	seen := map[string]bool{}
	for _, path := range at.Paths {
		x := s.stranger(at, path)
		if reason := unseen(x); reason != "" {
			out.missed = cmp.Or(out.missed, at.at(path)+": "+reason)
			continue
		}
		out.pages[path] = x
		if !isPage(x) {
			continue
		}
		for _, address := range loads(at.URL+path, x.Body) {
			s.fetchAsset(&out, seen, address)
		}
	}
	return out
}

func (s *session) fetchAsset(out *content, seen map[string]bool, address string) {
	u, err := url.Parse(address)
	if err != nil || seen[address] || check.CanonicalHost(u.Hostname()) != s.production.host {
		return
	}
	seen[address] = true
	if len(seen) > maxAssets {
		out.missed = cmp.Or(out.missed, "the pages load more than 40 files of their own")
		return
	}
	x := s.prober.Fetch(s.ctx, probe.Request{URL: address, Retry: true, Reuse: true, MaxBody: maxAssetBody})
	name := u.Host + u.EscapedPath()
	switch {
	case unseen(x) != "":
		out.missed = cmp.Or(out.missed, name+": "+unseen(x))
		return
	case x.Status != 200: // what is gone is loaded by nobody
		return
	case x.Truncated:
		out.missed = cmp.Or(out.missed, name+": it is longer than 5 MiB")
	}
	out.assets = append(out.assets, asset{url: address, path: u.EscapedPath(), Exchange: x})
	if !strings.HasSuffix(u.Path, ".css") {
		for _, next := range imports(u, string(x.Body)) {
			s.fetchAsset(out, seen, next)
		}
	}
}

// loads are the addresses of scripts and styles of a page.
func loads(address string, body []byte) []string {
	base, err := url.Parse(address)
	if err != nil {
		return nil
	}
	var out []string
	z := html.NewTokenizer(bytes.NewReader(body))
	for {
		switch z.Next() {
		case html.ErrorToken:
			return out
		case html.StartTagToken, html.SelfClosingTagToken:
			t := z.Token()
			attr := attributes(t)
			reference := ""
			switch t.Data {
			case "base":
				if u, err := base.Parse(attr["href"]); err == nil && attr["href"] != "" {
					base = u
				}
			case "script":
				reference = attr["src"]
			case "link":
				rel := strings.Fields(strings.ToLower(attr["rel"]))
				if slices.Contains(rel, "stylesheet") || slices.Contains(rel, "modulepreload") || slices.Contains(rel, "preload") && attr["as"] == "script" {
					reference = attr["href"]
				}
			}
			if u, err := base.Parse(strings.TrimSpace(reference)); err == nil && reference != "" && (u.Scheme == "https" || u.Scheme == "http") {
				u.Fragment = ""
				out = append(out, u.String())
			}
		}
	}
}

// imports are the files that a script names in import statements and import().
func imports(base *url.URL, script string) []string {
	var out []string
	for _, m := range importPattern().FindAllStringSubmatch(script, -1) {
		if u, err := base.Parse(m[1]); err == nil {
			u.Fragment = ""
			out = append(out, u.String())
		}
	}
	return out
}
