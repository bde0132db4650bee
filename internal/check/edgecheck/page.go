package edgecheck

import (
	"bytes"
	"mime"
	"net/http"
	"slices"
	"strings"

	"golang.org/x/net/html"

	"github.com/launchready/terraform-provider-launchready/internal/probe"
)

// isHTML reports whether a browser shows an answer as a page.
func isHTML(x probe.Exchange) bool {
	told := x.Header.Get("Content-Type")
	if told == "" && len(x.Body) > 0 {
		told = http.DetectContentType(x.Body)
	}
	kind, _, err := mime.ParseMediaType(told)
	if err != nil && kind == "" {
		kind = strings.ToLower(strings.TrimSpace(strings.Split(told, ";")[0]))
	}
	return kind == "text/html" || kind == "application/xhtml+xml"
}

// page is what is read out of a page.
type page struct {
	title     string
	assets    []string // addresses of scripts, stylesheets and pictures, without queries; sorted
	policies  []string // of meta elements with http-equiv=Content-Security-Policy
	referrers []string // of meta elements with name=referrer
}

func readPage(x probe.Exchange) page {
	var p page
	z := html.NewTokenizer(bytes.NewReader(x.Body))
	inTitle := false
	for {
		switch z.Next() {
		case html.ErrorToken:
			p.title = strings.Join(strings.Fields(p.title), " ")
			slices.Sort(p.assets)
			p.assets = slices.Compact(p.assets)
			return p
		case html.TextToken:
			if inTitle {
				p.title += string(z.Text())
			}
		case html.EndTagToken:
			inTitle = false
		case html.StartTagToken, html.SelfClosingTagToken:
			t := z.Token()
			inTitle = t.Data == "title" && p.title == ""
			p.element(t)
		}
	}
}

func (p *page) element(t html.Token) {
	attribute := map[string]string{}
	for _, a := range t.Attr {
		if _, twice := attribute[a.Key]; !twice {
			attribute[a.Key] = a.Val
		}
	}
	switch t.Data {
	case "script", "img":
		p.asset(attribute["src"])
	case "link":
		p.asset(attribute["href"])
	case "meta":
		switch {
		case strings.EqualFold(strings.TrimSpace(attribute["http-equiv"]), "content-security-policy"):
			p.policies = append(p.policies, attribute["content"])
		case strings.EqualFold(strings.TrimSpace(attribute["name"]), "referrer"):
			p.referrers = append(p.referrers, attribute["content"])
		}
	}
}

// asset notes a file of the site's. What the edge puts into pages on their way
// is none: an origin's page does not have it.
func (p *page) asset(address string) {
	address, _, _ = strings.Cut(address, "?")
	byEdge := strings.HasPrefix(address, "/cdn-cgi/") || strings.Contains(address, "://static.cloudflareinsights.com/") || strings.Contains(address, "://ajax.cloudflare.com/cdn-cgi/")
	if address != "" && !byEdge && !strings.HasPrefix(address, "data:") {
		p.assets = append(p.assets, address)
	}
}
