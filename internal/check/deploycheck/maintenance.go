package deploycheck

import (
	"bytes"
	"net/http"
	"regexp"
	"slices"
	"strings"
	"sync"

	"golang.org/x/net/html"

	"github.com/launchready/terraform-provider-launchready/internal/probe"
	"github.com/launchready/terraform-provider-launchready/internal/readiness"
)

// working are the words of a page that says that work is going on. What will be
// is an announcement, and what is about maintenance may be a portal's business.
var working = sync.OnceValue(func() *regexp.Regexp {
	return regexp.MustCompile(`(?i)\b(?:site|website|portal|app|application|service|system|platform|page|we)\b[^.!?]{0,40}\b(?:is|are|'re)\b[^.!?]{0,30}\b(?:under|undergoing|down for|in|offline for|unavailable (?:for|due to))\s+(?:scheduled |planned |routine |some )?maintenance\b|(?:^|[.!?|–-])\s*(?:currently )?(?:in )?maintenance mode\s*(?:[.!|–-]|$)|\b(?:is|are|'re|currently) in maintenance mode\b|\bdown for (?:scheduled |planned |routine )?maintenance\b|\bunavailable for (?:scheduled |planned )?maintenance\b|\bwe(?:'|’)?(?:ll| will)? be (?:right )?back (?:soon|shortly|in a (?:minute|moment|bit))\b|\bback (?:soon|shortly)\b[^.!?]{0,40}\bmaintenance\b`)
})

// maintenanceWord is enough where the answer is 503.
var maintenanceWord = sync.OnceValue(func() *regexp.Regexp { return regexp.MustCompile(`(?i)\bmaintenance\b`) })

// maintenance judges that no page speaks of work that is going on.
func (s *session) maintenance() {
	at := s.production
	wrong, seen, missed := false, 0, ""
	for _, path := range at.Paths {
		x := s.stranger(at, path)
		switch {
		case x.Status == http.StatusServiceUnavailable && !x.Challenged() && (x.Header.Get("Retry-After") != "" && isPage(x) || maintenanceWord().MatchString(visibleText(x.Body)) || working().MatchString(visibleText(x.Body))):
			wrong = true
			s.report.FailAs(ruleMaintenance, at.at(path), readiness.High, "it is answered 503 with a maintenance page", "")
		case unseen(x) != "":
			missed = at.at(path) + ": " + unseen(x)
		case x.Status >= 500:
			missed = at.at(path) + ": the portal fails"
		default:
			seen++
			if isPage(x) && announces(x) {
				wrong = true
				s.report.Fail(ruleMaintenance, at.at(path), "a banner or a heading says that maintenance is going on")
			}
		}
	}
	switch {
	case wrong:
	case missed != "":
		s.report.Inconclusive(ruleMaintenance, at.host, missed)
	case seen == 0:
		s.report.Inconclusive(ruleMaintenance, at.host, "no page could be read")
	default:
		s.report.Pass(ruleMaintenance, at.host, "no page speaks of maintenance that is going on")
	}
}

// announces reports whether the title, a heading or a banner of a page says so. A
// sentence in the midst of a text may be about anything.
func announces(x probe.Exchange) bool {
	z := html.NewTokenizer(bytes.NewReader(x.Body))
	var text strings.Builder
	depth, skipping := 0, ""
	for {
		switch z.Next() {
		case html.ErrorToken:
			return working().MatchString(text.String())
		case html.StartTagToken:
			t := z.Token()
			switch {
			case t.Data == "script" || t.Data == "style" || t.Data == "template" || t.Data == "noscript":
				skipping = t.Data
			case slices.Contains(voidElements, t.Data):
			case depth > 0:
				depth++
			case isBanner(t):
				depth = 1
				text.WriteString(". ")
			}
		case html.EndTagToken:
			name, _ := z.TagName()
			switch {
			case string(name) == skipping:
				skipping = ""
			case depth > 0 && !slices.Contains(voidElements, string(name)):
				depth--
			}
		case html.TextToken:
			if depth > 0 && skipping == "" {
				text.Write(z.Text())
				text.WriteByte(' ')
			}
		}
	}
}

var voidElements = []string{"area", "base", "br", "col", "embed", "hr", "img", "input", "link", "meta", "source", "track", "wbr"}

// isBanner reports whether an element is one that stands out.
func isBanner(t html.Token) bool {
	if slices.Contains([]string{"title", "h1", "h2", "dialog"}, t.Data) {
		return true
	}
	attr := attributes(t)
	if role := attr["role"]; role == "alert" || role == "status" || role == "alertdialog" {
		return !hiddenElement(attr)
	}
	named := strings.ToLower(attr["class"] + " " + attr["id"])
	return !hiddenElement(attr) && slices.ContainsFunc([]string{"banner", "maintenance", "announcement", "notice", "alert"}, func(word string) bool { return strings.Contains(named, word) })
}

// hiddenElement is what visitors do not see until a script shows it.
func hiddenElement(attr map[string]string) bool {
	_, hidden := attr["hidden"]
	style := strings.ReplaceAll(strings.ToLower(attr["style"]), " ", "")
	return hidden || attr["aria-hidden"] == "true" || strings.Contains(style, "display:none") || slices.Contains(strings.Fields(attr["class"]), "hidden")
}
