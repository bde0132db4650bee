package deploycheck

import (
	"bytes"
	"maps"
	"net/url"
	"regexp"
	"slices"
	"strings"
	"sync"

	"github.com/launchready/terraform-provider-launchready/internal/probe"
	"github.com/launchready/terraform-provider-launchready/internal/readiness"
)

// sign is how something for developers shows.
type sign struct {
	what     string
	pattern  *regexp.Regexp
	severity readiness.Severity // empty = the rule's
}

// debugSigns are pages and traces that frameworks show while they debug.
var debugSigns = sync.OnceValue(func() []sign {
	s := func(what, pattern string) sign { return sign{what, regexp.MustCompile(pattern), ""} }
	return []sign{
		s("the error page of Django's debug mode", `You(?:'|’|&#x27;|&#39;|&rsquo;)re seeing (?:this error|the help section of this page) because you have\s+<code>DEBUG\s*=\s*True</code>`),
		s("the debugger of Werkzeug", `(?i)<title>[^<]*// Werkzeug Debugger|__debugger__=yes&amp;cmd=resource|The debugger caught an exception in your WSGI application`),
		s("the exception page of Symfony", `(?i)<!--[^>]*\(500 Internal Server Error\)[^>]*-->|class="exception-summary|sf-dump|Symfony Exception`),
		s("the error page of Laravel's debug mode", `(?i)Whoops, looks like something went wrong|window\.ignite|laravel-?ignition|Ignition\\|\bvendor[\\/]+laravel[\\/]+framework[\\/]+src[\\/]+Illuminate[\\/]|"exception"\s*:\s*"[^"]+"\s*,\s*"file"\s*:\s*"[^"]+\.php"`),
		s("the error page of Rails' development mode", `(?i)<h1>Routing Error</h1>|id="better_errors|Action Controller: Exception caught|Rails\.root: |"traces"\s*:\s*\{\s*"Application Trace"`),
		s("pending migrations of Rails", `ActiveRecord::PendingMigrationError`),
		s("the developer's page of ASP.NET", `(?i)<title>Internal Server Error</title>[\s\S]{0,1000}An unhandled exception occurred while processing the request|\[No relevant source lines\]|<b> Stack Trace:</b>`),
		s("the error overlay of Next.js", `__nextjs_original-stack-frame|nextjs__container_errors|data-nextjs-dialog`),
		s("the error page of Whitelabel with a trace", `Whitelabel Error Page[\s\S]{0,1000}\bat (?:org|com|java)\.[\w.$]+\(`),
		s("the debug page of Phoenix", `(?i)Phoenix\.Router\.NoRouteError at|class="conn-info"|plug-debugger`),
		s("a stack trace of Python", `Traceback \(most recent call last\):`),
		s("a stack trace of Java", `(?m)^\s*at [a-z][\w.$]+\.[A-Z][\w$]*\.[\w<>$]+\((?:[\w$]+\.java:\d+|Native Method|Unknown Source)\)`),
		s("a stack trace of JavaScript", `(?m)\bat (?:[\w.<>$ \[\]]+ \()?(?:file://|/|node:|[A-Za-z]:\\+)[^\s()<>"]+\.(?:m|c)?[jt]sx?:\d+:\d+\)?|\bat (?:[\w.<>$ \[\]]+ \()?node:internal/[\w/.]+:\d+:\d+`),
		s("a stack trace of PHP", `(?i)<b>(?:Fatal error|Warning|Notice|Parse error|Deprecated)</b>:\s.{1,400}\bin <b>[^<]+\.php</b> on line|Stack trace:\s*(?:<br[^>]*>|\n)?\s*#0 [^\n<]+\.php\(\d+\)`),
		s("a stack trace of Ruby", `(?m)^\s*(?:from )?/?[\w./-]+\.rb:\d+:in ['`+"`"+`]`),
		s("a stack trace of .NET", `(?m)^\s+at [A-Z][\w.]+\.[\w<>`+"`"+`]+\([^)]*\) in [^\n]+:line \d+`),
		s("a stack trace of Go", `goroutine \d+ \[running\]:`),
	}
})

// pageSigns are what pages load while a developer works on them.
var pageSigns = sync.OnceValue(func() []sign {
	s := func(what, pattern string) sign { return sign{what, regexp.MustCompile(pattern), ""} }
	return []sign{
		s("the developer's client of Vite", `(?i)<script[^>]+src=["'][^"']*/@vite/client["']|from ["']/@vite/client["']|/@react-refresh["']`),
		s("hot reloading of webpack", `(?i)<script[^>]+src=["'][^"']*(?:webpack-dev-server|/__webpack_hmr|sockjs-node)[^"']*["']`),
		s("the developer's build of Next.js", `/_next/static/(?:development/_buildManifest\.js|chunks/react-refresh\.js|webpack/[\w.]*hot-update)`),
		s("hot reloading of Turbopack", `(?i)<script[^>]+src=["'][^"']*turbopack(?:%5D|\])?_browser_dev_hmr-client`),
		s("Browsersync", `(?i)<script[^>]+src=["'][^"']*/browser-sync/browser-sync-client`),
		s("a debug toolbar", `(?i)id=["'](?:djDebug|phpdebugbar|sfwdt|sfToolbar)|class=["'](?:phpdebugbar|sf-toolbar)\b|id=["']debug-bar-`),
		s("LiveReload", `(?i)<script[^>]+src=["'][^"']*:35729/livereload\.js`),
	}
})

// debugHeaders are sent by debuggers and profilers.
var debugHeaders = []string{"X-Debug-Token", "X-Debug-Token-Link", "X-Debug-Exception", "Phpdebugbar-Id", "X-Clockwork-Id", "X-Rack-Mini-Profiler", "X-Miniprofiler-Ids"}

// debugging looks for what is for developers in production.
func (s *session) debugging(c content) {
	d := debugger{session: s, at: s.production}
	for _, path := range slices.Sorted(maps.Keys(c.pages)) {
		d.answer(path, c.pages[path], true)
	}
	for _, path := range provoking {
		d.ask(path)
	}
	if d.at.ErrorPath != "" {
		d.ask(d.at.ErrorPath)
	}
	d.tools()
	switch {
	case d.wrong:
	case d.missed != "":
		s.report.Inconclusive(ruleDebug, d.at.host, d.missed)
	case d.seen == 0:
		s.report.Inconclusive(ruleDebug, d.at.host, "no answer could be looked at")
	default:
		s.report.Pass(ruleDebug, d.at.host, "neither pages nor errors show anything for developers")
	}
}

// provoking are addresses that sound portals answer with a plain error: one that
// there is not, below the API too, and one that breaks the rules of escapes.
var provoking = []string{nowhere, "/api" + nowhere, "/%E0%A4%A" + "1%FF"}

type debugger struct {
	*session
	at     *site
	wrong  bool
	seen   int
	missed string
}

func (d *debugger) fail(subject, what string, severity readiness.Severity) {
	d.wrong = true
	d.report.FailAs(ruleDebug, subject, severity, "it shows "+what, "")
}

func (d *debugger) ask(path string) {
	x := d.stranger(d.at, path)
	if reason := unseen(x); reason != "" && !(x.Status >= 400 && len(x.Body) > 0) {
		d.missed = d.at.at(path) + ": " + reason
		return
	}
	d.answer(path, x, false)
}

// answer looks at a page, or at an error.
func (d *debugger) answer(path string, x probe.Exchange, page bool) {
	d.seen++
	subject := d.at.host + " " + kindOf(path, page)
	if page {
		subject = d.at.at(path)
	}
	for _, name := range debugHeaders {
		if x.Header.Get(name) != "" {
			d.fail(subject, "the header "+name+" of a debugger", "")
			return
		}
	}
	signs := debugSigns()
	if page {
		signs = pageSigns() // what a page says of a trace may be its subject
		if x.Status >= 400 {
			signs = slices.Concat(signs, debugSigns())
		}
	}
	text := unescaped(x.Body)
	for _, s := range signs {
		if s.pattern.Match(x.Body) || text != nil && s.pattern.Match(text) {
			d.fail(subject, s.what, s.severity)
			return
		}
	}
}

// unescaped is JSON with its texts as they are read: in it a trace has lines. Nil
// for what is no JSON.
func unescaped(body []byte) []byte {
	body = bytes.TrimSpace(body)
	if len(body) == 0 || body[0] != '{' && body[0] != '[' {
		return nil
	}
	return []byte(strings.NewReplacer(`\n`, "\n", `\r`, "", `\t`, "\t", `\/`, "/", `\\`, `\`).Replace(string(body)))
}

// kindOf names an address that was made up.
func kindOf(path string, page bool) string {
	switch {
	case page:
		return path
	case path == nowhere:
		return "(a path that does not exist)"
	case path == "/api"+nowhere:
		return "(a path of the API that does not exist)"
	case slices.Contains(provoking, path):
		return "(a path with broken escapes)"
	}
	u, err := url.Parse(path)
	if err != nil {
		return "(the path that fails)"
	}
	return u.EscapedPath()
}
