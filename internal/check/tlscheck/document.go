package tlscheck

import (
	"bytes"
	"encoding/xml"
	"errors"
	"fmt"
	"io"
	"mime"
	"net/http"
	"net/url"
	"strings"

	"golang.org/x/net/html"
	"golang.org/x/net/html/charset"

	"github.com/launchready/terraform-provider-launchready/internal/probe"
)

const (
	kindHTML  = "text/html"
	kindXHTML = "application/xhtml+xml"
)

// mediaType is what a browser takes an answer for: its type, or where none is
// told, what its first octets look like (WHATWG MIME Sniffing 7).
func mediaType(x probe.Exchange) string {
	told := x.Header.Get("Content-Type")
	if told == "" && len(x.Body) > 0 {
		told = http.DetectContentType(x.Body)
	}
	kind, _, err := mime.ParseMediaType(told)
	if err != nil && kind == "" { // a broken parameter does not hide the type from browsers
		kind = strings.ToLower(strings.TrimSpace(strings.Split(told, ";")[0]))
	}
	return kind
}

func isHTML(x probe.Exchange) bool {
	kind := mediaType(x)
	return kind == kindHTML || kind == kindXHTML
}

// decoded is an answer's text in UTF-8, or why it cannot be read. The encoding
// is found as browsers do: byte order mark, header, meta element.
func decoded(x probe.Exchange) (text []byte, why string) {
	if !x.Readable() {
		return nil, "is sent in a content encoding that was not asked for: " + shorten(strings.Join(x.Header.Values("Content-Encoding"), ", "))
	}
	_, name, _ := charset.DetermineEncoding(x.Body, x.Header.Get("Content-Type"))
	if name == "replacement" {
		return nil, "is in a character set that browsers do not read"
	}
	r, err := charset.NewReaderLabel(name, bytes.NewReader(x.Body))
	if err != nil {
		return nil, "is in an unknown character set"
	}
	text, err = io.ReadAll(r)
	if err != nil {
		return nil, "is not in the character set that it says"
	}
	text = bytes.TrimPrefix(text, []byte("\ufeff"))
	switch {
	case len(bytes.TrimSpace(text)) == 0:
		return nil, "is empty"
	case bytes.Count(text[:min(len(text), 1024)], []byte{0}) > min(len(text), 1024)/4: // wide characters that nobody told of
		return nil, "is not text"
	}
	return text, ""
}

// scanPage finds every load in a page; why tells what of it could not be read.
func scanPage(x probe.Exchange, address *url.URL) (found scan, why string) {
	found = scan{base: address}
	text, why := decoded(x)
	if why != "" {
		return found, "the page " + why
	}
	read := found.html
	if mediaType(x) == kindXHTML {
		read = found.xhtml
	}
	err := guarded(func() error { return read(text, 0) })
	if err != nil {
		return found, "the page cannot be read: " + err.Error()
	}
	return found, ""
}

// guarded runs a parser of what strangers wrote: a fault of the parser's must
// not end the process.
func guarded(parse func() error) (err error) {
	defer func() {
		if recover() != nil {
			err = errors.New("it breaks the parser")
		}
	}()
	return parse()
}

// maxDepth is how deep elements may be nested, as in html.Parse.
const maxDepth = 512

// xhtml reads a page of XML, where <title/> and <script/> have ended and
// noscript means nothing. What stands before a fault of its syntax is kept.
func (s *scan) xhtml(page []byte, depth int) error {
	root, err := parseXML(s, page)
	s.walk(root, false, depth)
	return err
}

// parseXML makes the tree that walk reads.
func parseXML(s *scan, page []byte) (*html.Node, error) {
	d := xml.NewDecoder(bytes.NewReader(page))
	d.Entity = xml.HTMLEntity
	d.CharsetReader = func(_ string, r io.Reader) (io.Reader, error) { return r, nil } // decoded already
	root := &html.Node{Type: html.DocumentNode}
	at, depth := root, 0
	for {
		token, err := d.Token()
		if errors.Is(err, io.EOF) {
			return root, nil
		}
		if err != nil {
			return root, errors.New("it is not well-formed XML")
		}
		switch t := token.(type) {
		case xml.StartElement:
			if depth++; depth > maxDepth {
				return root, errors.New("its elements are nested too deep")
			}
			n := &html.Node{Type: html.ElementNode, Data: t.Name.Local}
			for _, a := range t.Attr {
				attr := html.Attribute{Key: a.Name.Local, Val: a.Value}
				switch a.Name.Space {
				case "":
				case "http://www.w3.org/1999/xlink", "xlink":
					attr.Namespace = "xlink"
				default:
					continue
				}
				n.Attr = append(n.Attr, attr)
			}
			at.AppendChild(n)
			at = n
		case xml.EndElement:
			at = at.Parent
			depth--
		case xml.CharData:
			at.AppendChild(&html.Node{Type: html.TextNode, Data: string(t)})
		case xml.ProcInst:
			if t.Target == "xml-stylesheet" {
				s.sheet(pseudoAttribute(string(t.Inst), "href"))
			}
		}
	}
}

// pseudoAttribute reads what looks like an attribute in a processing instruction.
func pseudoAttribute(text, name string) string {
	z := html.NewTokenizer(strings.NewReader(fmt.Sprintf("<x %s>", text)))
	z.Next()
	for _, a := range z.Token().Attr {
		if a.Key == name {
			return a.Val
		}
	}
	return ""
}
