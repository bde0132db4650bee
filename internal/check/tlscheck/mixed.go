package tlscheck

import (
	"bytes"
	"errors"
	"mime"
	"net/url"
	"slices"
	"strings"

	"golang.org/x/net/html"
)

// class is how bad a load over plain HTTP is.
type class int

const (
	active  class = iota // runs or shapes the page
	passive              // is shown or played
	form                 // takes what visitors type
)

// load is one address that a browser fetches, or sends to, by itself.
type load struct {
	class         class
	kind          string // script, stylesheet, img ...
	url           string // absolute
	scriptLiteral bool   // a string in a script: it looks like a request, and may never run
	upgraded      bool   // a meta element before it says upgrade-insecure-requests
}

// scan is what was found in a page.
type scan struct {
	loads       []load   // over http: or ws:
	stylesheets []string // absolute addresses of linked and imported sheets, any scheme
	upgrade     bool     // a meta element in the head has said upgrade-insecure-requests
	upgradeAll  bool     // a header says upgrade-insecure-requests
	password    bool     // a field asks for a password
	base        *url.URL
	baseSet     bool // only the first base element counts
}

// maxNesting is how deep srcdoc frames are followed.
const maxNesting = 3

// scanHTML finds every load in a page, as scanPage does in one of HTML.
func scanHTML(page []byte, address *url.URL) scan {
	s := scan{base: address}
	_ = s.html(page, 0)
	return s
}

// html reads a page into a browser's tree: comments, templates and data blocks
// load nothing, and what hides in odd markup is found where a browser finds it.
func (s *scan) html(page []byte, depth int) error {
	root, err := html.Parse(bytes.NewReader(page))
	if err != nil {
		return errors.New("its elements are nested too deep")
	}
	s.walk(root, false, depth)
	return nil
}

// walk notes what the elements below a node load. The tree is no deeper than its
// makers allow.
func (s *scan) walk(parent *html.Node, inHead bool, depth int) {
	for n := parent.FirstChild; n != nil; n = n.NextSibling {
		if n.Type != html.ElementNode {
			continue
		}
		tag, attrs := strings.ToLower(n.Data), attributes(n)
		if tag == "template" {
			// A declarative shadow root is part of the page (HTML 4.12.3).
			if mode := strings.ToLower(attrs["shadowrootmode"]); mode != "open" && mode != "closed" {
				continue
			}
		}
		if tag == "meta" && inHead && strings.EqualFold(attrs["http-equiv"], "content-security-policy") && cspUpgrades(attrs["content"]) {
			s.upgrade = true
		}
		s.element(tag, attrs, depth)
		switch tag {
		case "style":
			s.css(text(n))
			continue
		case "script":
			switch scriptKind(attrs) {
			case javaScript:
				s.script(text(n))
			case importMap:
				s.importMap(text(n))
			}
			continue
		}
		s.walk(n, inHead || tag == "head", depth)
	}
}

// text is the text of a node's own children.
func text(n *html.Node) string {
	var b strings.Builder
	for c := n.FirstChild; c != nil; c = c.NextSibling {
		if c.Type == html.TextNode {
			b.WriteString(c.Data)
		}
	}
	return b.String()
}

// attributes returns an element's attributes by name, foreign ones with their
// prefix; of repeated ones the first counts (HTML 13.2.5.33).
func attributes(n *html.Node) map[string]string {
	attrs := map[string]string{}
	for _, a := range n.Attr {
		key := a.Key
		if a.Namespace != "" {
			key = a.Namespace + ":" + key
		}
		if _, seen := attrs[key]; !seen {
			attrs[key] = a.Val
		}
	}
	return attrs
}

// element notes what one element loads.
func (s *scan) element(tag string, attrs map[string]string, depth int) {
	if style := attrs["style"]; style != "" {
		s.css("x{" + style + "}")
	}
	if submits(tag, attrs) {
		s.add(form, "form", attrs["formaction"])
	}
	switch tag {
	case "base":
		if href, ok := attrs["href"]; ok && !s.baseSet {
			if u := s.resolve(href); u != nil {
				s.base, s.baseSet = u, true
			}
		}
	case "script":
		if scriptKind(attrs) == javaScript {
			s.add(active, "script", attrs["src"])
			s.add(active, "script", attrs["href"]) // svg
			s.add(active, "script", attrs["xlink:href"])
		}
	case "link":
		s.link(attrs)
	case "iframe":
		doc, given := attrs["srcdoc"]
		if !given {
			s.add(active, "iframe", attrs["src"]) // srcdoc has priority over src
		} else if depth < maxNesting {
			inner := scan{base: s.base, upgrade: s.upgrade} // policies are inherited
			_ = inner.html([]byte(doc), depth+1)
			s.loads = append(s.loads, inner.loads...)
			s.stylesheets = append(s.stylesheets, inner.stylesheets...)
		}
	case "frame", "embed":
		s.add(active, tag, attrs["src"])
	case "object":
		s.add(active, tag, attrs["data"])
	case "img", "source":
		s.add(passive, tag, attrs["src"])
		s.srcset(tag, attrs["srcset"])
	case "audio", "video", "track":
		s.add(passive, tag, attrs["src"])
		s.add(passive, "poster", attrs["poster"])
	case "input":
		switch strings.ToLower(attrs["type"]) {
		case "image":
			s.add(passive, "img", attrs["src"])
		case "password":
			s.password = true
		}
	case "image", "use", "feimage": // svg
		s.add(passive, tag, attrs["href"])
		s.add(passive, tag, attrs["xlink:href"])
	case "body", "table", "td", "th":
		s.add(passive, "background", attrs["background"])
	case "form":
		if !strings.EqualFold(attrs["method"], "dialog") {
			s.add(form, "form", attrs["action"])
		}
	}
}

// submits reports whether a control sends its form (HTML 4.10.19.6).
func submits(tag string, attrs map[string]string) bool {
	kind := strings.ToLower(attrs["type"])
	if strings.EqualFold(attrs["formmethod"], "dialog") {
		return false
	}
	switch tag {
	case "button":
		return kind != "button" && kind != "reset"
	case "input":
		return kind == "submit" || kind == "image"
	}
	return false
}

// link notes what a link element loads, by its relations; most relations are no loads.
func (s *scan) link(attrs map[string]string) {
	rels := strings.Fields(strings.ToLower(attrs["rel"]))
	has := func(rel string) bool { return slices.Contains(rels, rel) }
	href := attrs["href"]
	switch {
	case has("stylesheet"):
		s.sheet(href)
	case has("modulepreload"):
		s.add(active, "modulepreload", href)
	case has("preload"):
		kind := active
		if as := strings.ToLower(attrs["as"]); as == "image" || as == "audio" || as == "video" || as == "track" {
			kind = passive
		}
		s.add(kind, "preload", href)
		s.srcset("preload", attrs["imagesrcset"])
	case has("manifest"):
		s.add(active, "manifest", href)
	case has("icon"):
		s.add(passive, "icon", href)
	}
}

// sheet notes a stylesheet: a load if it is insecure, and one to be read if not.
func (s *scan) sheet(address string) {
	s.add(active, "stylesheet", address)
	if u := s.resolve(address); u != nil {
		s.stylesheets = append(s.stylesheets, u.String())
	}
}

func (s *scan) srcset(kind, value string) {
	for _, candidate := range parseSrcset(value) {
		s.add(passive, kind, candidate)
	}
}

// add notes an address if it resolves to plain HTTP.
func (s *scan) add(c class, kind, address string) {
	if u := s.resolve(address); insecure(u) {
		s.note(load{class: c, kind: kind, url: u.String()})
	}
}

func (s *scan) note(l load) {
	l.upgraded = s.upgrade
	s.loads = append(s.loads, l)
}

const (
	javaScript = "javascript"
	dataBlock  = "data"
	module     = "module"
	importMap  = "importmap"
)

// scriptKind tells scripts from data blocks such as JSON-LD, which are neither
// run nor fetched (HTML 4.12.1).
func scriptKind(attrs map[string]string) string {
	typ, given := attrs["type"]
	kind, _, _ := mime.ParseMediaType(typ)
	switch {
	case !given || strings.TrimSpace(typ) == "" || strings.EqualFold(typ, module):
		return javaScript
	case slices.Contains([]string{
		"text/javascript", "application/javascript", "application/ecmascript", "application/x-javascript", "text/ecmascript", "text/jscript", "text/x-javascript",
	}, kind):
		return javaScript
	case strings.EqualFold(typ, importMap):
		return importMap
	default:
		return dataBlock
	}
}
