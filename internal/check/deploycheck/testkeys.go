package deploycheck

import (
	"maps"
	"net/netip"
	"regexp"
	"slices"
	"strings"
	"sync"
)

var importPattern = sync.OnceValue(func() *regexp.Regexp {
	return regexp.MustCompile("(?:\\bfrom\\s*|\\bimport\\s*\\(?\\s*)[\"'`]((?:\\.{1,2})?/[^\"'`\\s]{1,200}\\.m?js)[\"'`]")
})

// testKey is something that works for tests alone.
type testKey struct {
	what    string
	pattern *regexp.Regexp
	secret  bool
	live    *regexp.Regexp // what a library has beside it, that knows both
}

// testKeys are keys that vendors mark as such, or publish for tests.
var testKeys = sync.OnceValue(func() []testKey {
	key := func(what, pattern string) testKey { return testKey{what: what, pattern: regexp.MustCompile(pattern)} }
	secret := key("a secret key for tests", `\b[sr]k_test_[A-Za-z0-9]{16,}`)
	secret.secret = true
	paypal := key("the sandbox of PayPal", `\bhttps://(?:www|api|api-m)\.sandbox\.paypal\.com/`)
	paypal.live = regexp.MustCompile(`https://(?:www|api|api-m)\.paypal\.com/`)
	return []testKey{
		key("a publishable key for tests", `\bpk_test_[A-Za-z0-9$=+/_-]{16,}`), // Stripe, Clerk, Paystack
		secret,
		key("a key of Turnstile that always answers the same", `\b[123]x0{20}[AB]{2}\b`),
		key("the key of reCAPTCHA that always passes", `6LeIxAcTAAAAA[JG][A-Za-z0-9_-]{20,30}`),
		key("the key of hCaptcha that always passes", `[12]0000000-ffff-ffff-ffff-00000000000[1-3]`),
		key("a key of Razorpay for tests", `\brzp_test_[A-Za-z0-9]{10,}`),
		key("a key of Square's sandbox", `\bsandbox-sq0id[bp]-[A-Za-z0-9_-]{16,}`),
		key("a key of Flutterwave for tests", `\bFLWPUBK_TEST-[A-Za-z0-9-]{16,}`),
		paypal,
	}
})

// placeholder reports a key that documentation shows: one letter over and over.
func placeholder(found string) bool {
	seen := map[rune]bool{}
	for _, r := range strings.ToLower(found[strings.LastIndexByte(found, '_')+1:]) {
		seen[r] = true
	}
	return strings.HasPrefix(found, "pk_test_") && (len(seen) < 6 || strings.Contains(strings.ToLower(found), "xxxx") || strings.Contains(strings.ToLower(found), "your"))
}

var (
	localAddress = sync.OnceValue(func() *regexp.Regexp {
		return regexp.MustCompile(`(?:https?|wss?)://(?:localhost|127\.0\.0\.1|0\.0\.0\.0|\[::1\])(?::\d{2,5})?\b`)
	})
	// localInScript is a developer's address that a script is configured with or
	// calls. Libraries name such addresses as defaults that production never uses:
	// those stand alone.
	localInScript = sync.OnceValue(func() *regexp.Regexp {
		address := `["'` + "`" + `](?:https?|wss?)://(?:localhost|127\.0\.0\.1|0\.0\.0\.0|\[::1\]):(\d{2,5})`
		return regexp.MustCompile(`(?i)(?:\b[A-Za-z0-9_]*(?:api|backend|server|app|site|socket|graphql|ws)[A-Za-z0-9_]*(?:url|uri|host|origin|base|endpoint)?["']?\s*[:=]\s*|\bbaseURL["']?\s*[:=]\s*|\bfetch\(\s*|\bnew (?:WebSocket|EventSource)\(\s*|\baxios(?:\.\w+)?\(\s*)` + address)
	})
)

// libraryPorts are of defaults in libraries: Supabase's sign-in, OpenTelemetry,
// Zipkin, Jaeger, Sentry's Spotlight, an Ethereum node.
var libraryPorts = []string{"9999", "4317", "4318", "9411", "14268", "8969", "8545"}

// liveKeys looks in production's pages and scripts for what belongs elsewhere.
func (s *session) liveKeys(c content) {
	at := s.production
	wrong := false
	for _, path := range slices.Sorted(maps.Keys(c.pages)) {
		x := c.pages[path]
		wrong = s.judgeText(at.at(path), string(x.Body), true) || wrong
		wrong = s.judgePolicy(at.at(path), x.Header.Get("Content-Security-Policy")) || wrong
	}
	for _, a := range c.assets {
		wrong = s.judgeText(at.host+a.path, string(a.Body), false) || wrong
	}
	switch {
	case wrong:
	case c.missed != "":
		s.report.Inconclusive(ruleTestKeys, at.host, c.missed)
	case len(c.pages) == 0:
		s.report.Inconclusive(ruleTestKeys, at.host, "no page could be read")
	default:
		s.report.Pass(ruleTestKeys, at.host, "pages and scripts hold no test keys and no addresses of other environments")
	}
}

// judgeText reports what one page or script holds.
func (s *session) judgeText(subject, text string, page bool) (wrong bool) {
	used := withoutRemarks(text)
	if page {
		used = inUse(text)
	}
	for _, key := range testKeys() {
		where := used
		if key.secret {
			where = text // nobody may see it, wherever it stands
		}
		for _, found := range key.pattern.FindAllString(where, 20) {
			if !placeholder(found) && (key.live == nil || !key.live.MatchString(where)) {
				s.report.Fail(ruleTestKeys, subject, "it holds "+key.what)
				wrong = true
				break
			}
		}
	}
	if !isLocal(s.production.host) && (page && localAddress().MatchString(inTags(text)) || callsHome(text)) {
		s.report.Fail(ruleTestKeys, subject, "it names an address of a developer's machine")
		wrong = true
	}
	if s.staging != nil && s.staging.host != s.production.host && namesHost(text, s.staging.host) {
		s.report.Fail(ruleTestKeys, subject, "it names the host of staging")
		wrong = true
	}
	return wrong
}

// judgePolicy reports what a page's policy allows.
func (s *session) judgePolicy(subject, policy string) (wrong bool) {
	if !isLocal(s.production.host) && localAddress().MatchString(policy) {
		s.report.Fail(ruleTestKeys, subject+" Content-Security-Policy", "it allows an address of a developer's machine")
		return true
	}
	return false
}

// inTags is what stands in a page's tags: what a page says in its text, or in a
// comment, nothing loads.
func inTags(page string) string {
	page = inlineScript().ReplaceAllString(htmlComment().ReplaceAllString(page, ""), "$1")
	return strings.Join(tags().FindAllString(page, -1), "\n")
}

// inUse is what a page does something with: its tags and its scripts. In its text
// a key is an example.
func inUse(page string) string {
	page = htmlComment().ReplaceAllString(page, "")
	out := []string{inTags(page)}
	for _, m := range scriptBody().FindAllStringSubmatch(page, -1) {
		out = append(out, withoutRemarks(m[1]))
	}
	return strings.Join(out, "\n")
}

// withoutRemarks is a script without the lines and blocks that are remarks alone.
func withoutRemarks(script string) string { return remarks().ReplaceAllString(script, "$1") }

var (
	scriptBody   = sync.OnceValue(func() *regexp.Regexp { return regexp.MustCompile(`(?is)<script\b[^>]*>(.*?)</script>`) })
	remarks      = sync.OnceValue(func() *regexp.Regexp { return regexp.MustCompile(`(?m)(^[ \t]*)(?://[^\n]*|/\*(?s:.*?)\*/)`) })
	htmlComment  = sync.OnceValue(func() *regexp.Regexp { return regexp.MustCompile(`(?s)<!--.*?-->`) })
	inlineScript = sync.OnceValue(func() *regexp.Regexp { return regexp.MustCompile(`(?is)(<script\b[^>]*>).*?</script>`) })
)

// isLocal reports whether a portal runs on a developer's machine itself.
func isLocal(host string) bool {
	ip, err := netip.ParseAddr(host)
	return err == nil && ip.IsLoopback() || host == "localhost" || strings.HasSuffix(host, ".localhost")
}

func callsHome(script string) bool {
	for _, m := range localInScript().FindAllStringSubmatch(script, 50) {
		if !slices.Contains(libraryPorts, m[1]) {
			return true
		}
	}
	return false
}

// namesHost reports whether a text names a host, and not one that ends as it does.
func namesHost(text, host string) bool {
	lower := strings.ToLower(text)
	for from := 0; ; {
		i := strings.Index(lower[from:], host)
		if i < 0 {
			return false
		}
		i += from
		end := i + len(host)
		before := i > 0 && isNamePart(lower[i-1])
		after := end < len(lower) && isNamePart(lower[end]) && (lower[end] != '.' || end+1 < len(lower) && isNamePart(lower[end+1]))
		if !before && !after {
			return true
		}
		from = end
	}
}

func isNamePart(b byte) bool {
	return b >= 'a' && b <= 'z' || b >= '0' && b <= '9' || b == '-' || b == '.' || b == '_' || b == '@'
}
