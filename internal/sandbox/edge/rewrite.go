package edge

import (
	"bytes"
	"io"
	"mime"
	"net/http"
	"strconv"
	"strings"

	"golang.org/x/net/html"
)

// maxRewrite is the longest page that is rewritten; longer ones pass as they are.
const maxRewrite = 4 << 20

// rewriteResponse changes http:// addresses of the zone's own hosts in an HTML
// page to https://, as Automatic HTTPS Rewrites does: other hosts may have no
// HTTPS, so theirs are left alone.
func rewriteResponse(resp *http.Response, apex string) error {
	kind, _, err := mime.ParseMediaType(resp.Header.Get("Content-Type"))
	if err != nil || kind != "text/html" || resp.Header.Get("Content-Encoding") != "" || resp.Body == nil {
		return nil
	}
	page, err := io.ReadAll(io.LimitReader(resp.Body, maxRewrite+1))
	if err != nil {
		return err
	}
	if len(page) > maxRewrite {
		resp.Body = struct {
			io.Reader
			io.Closer
		}{io.MultiReader(bytes.NewReader(page), resp.Body), resp.Body}
		return nil
	}
	resp.Body.Close()
	page = rewriteHTML(page, apex)
	resp.Body = io.NopCloser(bytes.NewReader(page))
	if resp.Request.Method != http.MethodHead { // the length of a HEAD is that of a body not seen
		resp.ContentLength = int64(len(page))
		resp.Header.Set("Content-Length", strconv.Itoa(len(page)))
	}
	return nil
}

// rewriteHTML rewrites the addresses in tags and leaves every other byte.
func rewriteHTML(page []byte, apex string) []byte {
	if !bytes.Contains(page, []byte("http://")) {
		return page
	}
	var out bytes.Buffer
	tokens := html.NewTokenizer(bytes.NewReader(page))
	for {
		kind := tokens.Next()
		raw := bytes.Clone(tokens.Raw())
		if kind == html.ErrorToken {
			out.Write(raw)
			return out.Bytes()
		}
		if kind == html.StartTagToken || kind == html.SelfClosingTagToken {
			raw = rewriteTag(raw, tokens, apex)
		}
		out.Write(raw)
	}
}

// rewriteTag replaces the zone's http:// addresses in one tag.
func rewriteTag(raw []byte, tokens *html.Tokenizer, apex string) []byte {
	name, more := tokens.TagName()
	tag := string(name)
	for more {
		var key, value []byte
		key, value, more = tokens.TagAttr()
		if !loads(tag, string(key)) {
			continue
		}
		for _, address := range strings.FieldsFunc(string(value), func(r rune) bool { return r == ' ' || r == ',' }) {
			rest, clear := strings.CutPrefix(address, "http://")
			host := canonicalHost(strings.SplitN(rest, "/", 2)[0])
			if clear && (host == apex || strings.HasSuffix(host, "."+apex)) {
				raw = bytes.ReplaceAll(raw, []byte(address), []byte("https://"+rest))
			}
		}
	}
	return raw
}

// loads reports whether an attribute makes the browser fetch or send something.
func loads(tag, attribute string) bool {
	switch attribute {
	case "src", "srcset", "poster", "data", "action", "formaction":
		return true
	case "href":
		return tag == "link"
	}
	return false
}
