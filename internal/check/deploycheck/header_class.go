package deploycheck

import (
	"net/http"
	"slices"
	"strconv"
	"strings"

	"github.com/launchready/terraform-provider-launchready/internal/probe"
)

// longHSTS is from where on a Strict-Transport-Security counts as long, in seconds.
const longHSTS = 180 * 24 * 3600

// classes are what answers are compared by: what a header does, not its text, for
// nonces, hosts and addresses of reports differ as they should.
type classes map[string]string

// protection tells how an answer is protected.
func protection(x probe.Exchange) classes {
	h := x.Header
	out := classes{
		"Strict-Transport-Security":    hstsClass(h),
		"Content-Security-Policy":      scriptsClass(h),
		"framing":                      framingClass(h),
		"X-Content-Type-Options":       present(strings.EqualFold(strings.TrimSpace(h.Get("X-Content-Type-Options")), "nosniff"), "nosniff"),
		"Referrer-Policy":              referrerClass(h),
		"Permissions-Policy":           present(h.Get("Permissions-Policy") != "", "sent"),
		"Cross-Origin-Opener-Policy":   valueClass(h, "Cross-Origin-Opener-Policy"),
		"Cross-Origin-Embedder-Policy": valueClass(h, "Cross-Origin-Embedder-Policy"),
		"Cross-Origin-Resource-Policy": valueClass(h, "Cross-Origin-Resource-Policy"),
	}
	return out
}

const missing = "missing"

func present(yes bool, word string) string {
	if yes {
		return word
	}
	return missing
}

func valueClass(h http.Header, name string) string {
	value, _, _ := strings.Cut(strings.ToLower(h.Get(name)), ";")
	if value = strings.TrimSpace(value); value == "" || len(value) > 40 {
		return missing
	}
	return value
}

// hstsClass reads the first Strict-Transport-Security, which is the one that
// counts (RFC 6797 section 8.1).
func hstsClass(h http.Header) string {
	values := h.Values("Strict-Transport-Security")
	if len(values) == 0 {
		return missing
	}
	age, below := int64(-1), false
	for directive := range strings.SplitSeq(strings.ToLower(values[0]), ";") {
		name, value, _ := strings.Cut(strings.TrimSpace(directive), "=")
		switch strings.TrimSpace(name) {
		case "max-age":
			if n, err := strconv.ParseInt(strings.Trim(strings.TrimSpace(value), `"`), 10, 64); err == nil {
				age = n
			}
		case "includesubdomains":
			below = true
		}
	}
	class := "of half a year or more"
	switch {
	case age <= 0:
		return missing
	case age < longHSTS:
		class = "of less than half a year"
	}
	if below {
		class += ", with subdomains"
	}
	return class
}

// policies are the directives of each Content-Security-Policy in force.
func policies(h http.Header) []map[string][]string {
	var out []map[string][]string
	for _, value := range h.Values("Content-Security-Policy") {
		for text := range strings.SplitSeq(value, ",") {
			policy := map[string][]string{}
			for directive := range strings.SplitSeq(text, ";") {
				words := strings.Fields(strings.ToLower(directive))
				if len(words) == 0 {
					continue
				}
				if _, twice := policy[words[0]]; !twice {
					policy[words[0]] = words[1:]
				}
			}
			if len(policy) > 0 {
				out = append(out, policy)
			}
		}
	}
	return out
}

// scriptsClass says what a page's policies let run: the strictest of them counts.
func scriptsClass(h http.Header) string {
	ranks := []string{"restricts scripts", "lets scripts of any host run", "lets inline scripts run", missing}
	best := len(ranks) - 1
	for _, policy := range policies(h) {
		best = min(best, slices.Index(ranks, scriptsOf(policy)))
	}
	return ranks[best]
}

func scriptsOf(policy map[string][]string) string {
	sources, said := policy["script-src"]
	if !said {
		sources, said = policy["default-src"]
	}
	if !said {
		return missing // who may frame the page is compared by itself
	}
	drawn := slices.ContainsFunc(sources, func(s string) bool {
		return s == "'strict-dynamic'" || strings.HasPrefix(s, "'nonce-") || strings.HasPrefix(s, "'sha")
	})
	switch {
	case slices.Contains(sources, "'unsafe-inline'") && !drawn:
		return "lets inline scripts run"
	case !slices.Contains(sources, "'strict-dynamic'") && slices.ContainsFunc(sources, func(s string) bool {
		return s == "*" || s == "https:" || s == "http:" || s == "data:" || s == "https://*"
	}):
		return "lets scripts of any host run"
	}
	return "restricts scripts"
}

// framingClass says who may frame a page: frame-ancestors, else X-Frame-Options.
func framingClass(h http.Header) string {
	for _, policy := range policies(h) {
		sources, said := policy["frame-ancestors"]
		if !said {
			continue
		}
		switch {
		case len(sources) == 0, slices.Equal(sources, []string{"'none'"}):
			return "by nobody"
		case slices.Equal(sources, []string{"'self'"}):
			return "by the site itself"
		case slices.ContainsFunc(sources, func(s string) bool { return s == "*" || s == "https:" || s == "http:" }):
			return "by anyone"
		default:
			return "by some"
		}
	}
	switch strings.ToUpper(strings.TrimSpace(h.Get("X-Frame-Options"))) {
	case "DENY":
		return "by nobody"
	case "SAMEORIGIN":
		return "by the site itself"
	}
	return "by anyone"
}

// referrerClass is the last policy of the list that is known (W3C Referrer Policy 8.1).
func referrerClass(h http.Header) string {
	out := missing
	for _, value := range h.Values("Referrer-Policy") {
		for word := range strings.SplitSeq(strings.ToLower(value), ",") {
			switch strings.TrimSpace(word) {
			case "no-referrer", "same-origin", "strict-origin", "origin", "strict-origin-when-cross-origin", "origin-when-cross-origin":
				out = "keeps paths from others"
			case "unsafe-url", "no-referrer-when-downgrade":
				out = "tells others the whole address"
			}
		}
	}
	return out
}

// edgeCookies are those that Cloudflare sets by itself.
var edgeCookies = []string{"__cf_bm", "cf_clearance", "_cfuvid", "__cflb", "__cfruid", "CF_Authorization", "CF_AppSession"}

// cookies tells the flags of each cookie that an answer sets, by its name.
func cookies(x probe.Exchange) classes {
	out := classes{}
	for _, c := range (&http.Response{Header: x.Header}).Cookies() {
		if slices.Contains(edgeCookies, c.Name) || c.MaxAge < 0 {
			continue
		}
		// A prefix is a flag too (RFC 6265bis 4.1.3), and no other cookie.
		name := strings.TrimPrefix(strings.TrimPrefix(c.Name, "__Host-"), "__Secure-")
		var flags []string
		for flag, on := range map[string]bool{"Secure": c.Secure, "HttpOnly": c.HttpOnly, "for subdomains": c.Domain != ""} {
			if on {
				flags = append(flags, flag)
			}
		}
		switch c.SameSite {
		case http.SameSiteStrictMode:
			flags = append(flags, "SameSite=Strict")
		case http.SameSiteNoneMode:
			flags = append(flags, "SameSite=None")
		default: // which browsers take for Lax
			flags = append(flags, "SameSite=Lax")
		}
		slices.Sort(flags)
		out["cookie "+name] = strings.Join(flags, ", ")
	}
	return out
}

// corsClass says whose pages may read an answer, where a page of a stranger asked.
func corsClass(x probe.Exchange, asked string) string {
	out := missing
	switch allowed := x.Header.Get("Access-Control-Allow-Origin"); allowed {
	case "":
		return out
	case "*":
		out = "everyone's pages"
	case asked:
		out = "whichever page asks"
	case "null":
		out = "pages without an origin"
	default:
		out = "pages of one origin"
	}
	if x.Header.Get("Access-Control-Allow-Credentials") == "true" {
		out += ", with credentials"
	}
	return out
}
