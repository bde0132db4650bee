package obscheck

import (
	"encoding/json"
	"maps"
	"net/netip"
	"regexp"
	"slices"
	"strings"
	"sync"

	"github.com/launchready/terraform-provider-launchready/internal/edgeranges"
	"github.com/launchready/terraform-provider-launchready/internal/probe"
)

// fields judges what the log of a failed sign-in says.
func (t *trial) fields(reason string) {
	judged := false
	for _, w := range t.watches {
		if !logs(w.signal.Config.Kind) {
			continue
		}
		judged = true
		subject := subjectOf(t.drill, w.signal)
		switch {
		case reason != "" || w.reason != "":
			w.unclear(ruleFields, subject)
		case !w.seen && !w.live:
			t.report.Inconclusive(ruleFields, subject, "nothing of the drill was seen there")
		case !w.seen:
			t.report.NotApplicable(ruleFields, subject, "failed sign-ins are not there: mend "+w.signal.rule(t.kind)+" first")
		default:
			missing := t.missing(w)
			if len(missing) > 0 {
				t.report.Fail(ruleFields, subject, "the entry of a failed sign-in lacks "+list(missing))
				continue
			}
			t.report.Pass(ruleFields, subject, "the entry of a failed sign-in says when, what, who, from where and in which request")
		}
	}
	if !judged {
		t.report.NotApplicable(ruleFields, t.drill.Name, "the drill has no signal in a log")
	}
}

// missing are the fields that the best entry of a failed sign-in lacks: there
// may be others of the same request, such as that of an access log.
func (t *trial) missing(w *watch) []string {
	var best []string
	own, known := t.address()
	for i, entry := range w.fresh {
		lacks := lacking(entry, t.mark, own, known, w.signal.Config.Kind == probe.SinkLoki)
		if i == 0 || len(lacks) < len(best) {
			best = lacks
		}
	}
	return best
}

// address is ours, as Cloudflare's edge sees it; known is false for a host that
// is not behind it.
func (t *trial) address() (own netip.Addr, known bool) {
	host, _, _ := strings.Cut(strings.TrimPrefix(strings.TrimPrefix(t.drill.Request.URL, "https://"), "http://"), "/")
	x := t.prober.Fetch(t.ctx, probe.Request{URL: "https://" + host + "/cdn-cgi/trace", Intent: probe.Passive})
	if x.Status != 200 || !strings.Contains(string(x.Body), "\ncolo=") {
		return own, false
	}
	for line := range strings.Lines(string(x.Body)) {
		if text, ok := strings.CutPrefix(strings.TrimSpace(line), "ip="); ok {
			if ip, err := netip.ParseAddr(text); err == nil {
				return ip.Unmap(), true
			}
		}
	}
	return own, false
}

var (
	addressForm = sync.OnceValue(func() *regexp.Regexp {
		return regexp.MustCompile(`(?:\d{1,3}\.){3}\d{1,3}|(?i)\b[0-9a-f]{0,4}(?::[0-9a-f]{0,4}){2,7}\b`)
	})
	timeForm = sync.OnceValue(func() *regexp.Regexp {
		return regexp.MustCompile(`\d{4}-\d\d-\d\d[T ]\d\d:\d\d(?::\d\d)?(?:[.,]\d+)?\s?(?:Z|[+-]\d\d(?::?\d\d)?|UTC|GMT|[A-Z]{1,4}S?T)\b|\d\d/\w{3}/\d{4}:\d\d:\d\d:\d\d [+-]\d{4}|\b1[6-9]\d{8}(?:\d{3})?(?:\.\d+)?\b|\b1[6-9]\d{14,17}\b|\w{3}, \d\d \w{3} \d{4} \d\d:\d\d:\d\d (?:GMT|[+-]\d{4})`)
	})
	requestForm = sync.OnceValue(func() *regexp.Regexp {
		return regexp.MustCompile(`(?i)(?:request|req|trace|correlation|x-request)[-_. ]?id["']?\s*[:=]\s*["']?(?:[^\s"',;]{4,}|\d+)|\breq_?id["']?\s*[:=]\s*["']?\w+|traceparent["']?\s*[:=]\s*["']?\w+|cf[-_]?ray["']?\s*[:=]\s*["']?\w{8,}|\b[0-9a-f]{8}-(?:[0-9a-f]{4}-){3}[0-9a-f]{12}\b`)
	})
	eventForm = sync.OnceValue(func() *regexp.Regexp {
		return regexp.MustCompile(`(?i)log.?in|log.?on|sign.?in|authenticat|\bauth\b|auth[_.-]|password|session|credential`)
	})
	outcomeForm = sync.OnceValue(func() *regexp.Regexp {
		return regexp.MustCompile(`(?i)fail|denied|deny|invalid|refus|reject|unauthori[sz]ed|incorrect|wrong|unsuccessful|bad.credential|unauthenticated|mismatch|no.such|not.found|unknown.user|\b40[013]\b|\b422\b|success["']?\s*[:=]\s*["']?false`)
	})
)

// lacking are the fields that an entry of a failed sign-in does not have. A form
// is looked for, not a name: there are as many names as there are programs.
func lacking(entry, mark string, own netip.Addr, known, timed bool) []string {
	var out []string
	add := func(name string, there bool) {
		if !there {
			out = append(out, name)
		}
	}
	texts := leavesOf(entry)
	add("the time with its zone", timed || timeForm().MatchString(entry))
	add("what happened", eventForm().MatchString(texts.withoutPath))
	add("its outcome", outcomeForm().MatchString(texts.withoutPath))
	add("who", texts.names(mark))
	add("the visitor's address", hasAddress(texts.withoutProgram, own, known))
	add("the id of the request", requestForm().MatchString(entry) || requestForm().MatchString(texts.named) || strings.Contains(entry, "["+mark+"]"))
	return out
}

// leaves are the texts of an entry.
type leaves struct {
	byName map[string]string
	plain  string // all values
	named  string // all names and values
	// withoutProgram are all values but those that name the visitor's program, whose
	// version looks like an address.
	withoutProgram string
	withoutPath    string // names and values, but for addresses and those that name the program of the visitor
}

// leavesOf takes an entry apart if it is JSON; else it is one text.
func leavesOf(entry string) leaves {
	var document any
	if json.Unmarshal([]byte(entry), &document) != nil {
		return leaves{plain: entry, withoutProgram: versionForm.ReplaceAllString(entry, " "), withoutPath: withoutPaths(entry)}
	}
	out := leaves{byName: map[string]string{}}
	gather(document, "", out.byName)
	var plain, named, without, program []string
	for _, name := range slices.Sorted(maps.Keys(out.byName)) {
		value := out.byName[name]
		plain, named = append(plain, value), append(named, name+"="+value)
		if !isProgram(name) {
			program = append(program, value)
		}
		if !slices.ContainsFunc(skipped, func(s string) bool { return strings.Contains(strings.ToLower(name), s) }) {
			without = append(without, name+"="+value)
		}
	}
	out.plain, out.named = strings.Join(plain, "\n"), strings.Join(named, "\n")
	out.withoutProgram = strings.Join(program, "\n")
	out.withoutPath = withoutPaths(strings.Join(without, "\n"))
	return out
}

// skipped are parts of the names of fields that say where a request went and
// with what, not what came of it.
var skipped = []string{"path", "url", "uri", "route", "referer", "user_agent", "useragent", "user-agent"}

// isProgram reports whether a field names the visitor's program.
func isProgram(name string) bool {
	name = strings.ToLower(name)
	return strings.Contains(name, "agent") || strings.Contains(name, "browser") || name == "ua" || strings.HasSuffix(name, ".ua")
}

// versionForm finds the version of a program, such as Chrome/120.0.0.0.
var versionForm = regexp.MustCompile(`\w+/\d+(?:\.\d+){3}`)

var pathForm = regexp.MustCompile(`(?:https?:/)?/[\w./{}-]+`)

// withoutPaths takes addresses out: a path such as /login says where a request
// went, not what came of it.
func withoutPaths(text string) string { return pathForm.ReplaceAllString(text, "/") }

// gather collects the leaves of a document by their names.
func gather(node any, name string, into map[string]string) {
	switch node := node.(type) {
	case map[string]any:
		for key, value := range node {
			gather(value, strings.TrimPrefix(name+"."+key, "."), into)
		}
	case []any:
		for _, value := range node {
			gather(value, name, into)
		}
	case string:
		into[name] = strings.TrimPrefix(into[name]+"\n"+node, "\n")
		if strings.HasPrefix(node, "{") { // a line of JSON within an envelope
			var inner map[string]any
			if json.Unmarshal([]byte(node), &inner) == nil {
				gather(inner, name, into)
			}
		}
	case nil:
	default:
		text, _ := json.Marshal(node) // a number or a boolean
		into[name] = strings.TrimPrefix(into[name]+"\n"+string(text), "\n")
	}
}

// who are parts of the names of fields that say whose account it was.
var who = []string{"user", "account", "email", "login", "subject", "actor", "identifier", "principal", "identity", "member", "customer"}

// names reports whether an entry says whose account it was: a field of that
// name, or the mark outside of the fields that every request has.
func (l leaves) names(mark string) bool {
	if l.byName == nil {
		return regexp.MustCompile(`(?i)(?:user|account|email|login|for|subject)[^\s]{0,12}[\s:=]+\S*`+regexp.QuoteMeta(mark)).MatchString(l.plain) ||
			strings.Contains(l.plain, mark+"@") || regexp.MustCompile(`(?i)\b(?:user|account|email)(?:_?id|_?hash)?\s*[:=]\s*\S{3,}`).MatchString(l.plain)
	}
	for name, value := range l.byName {
		if isProgram(name) || strings.TrimSpace(value) == "" {
			continue
		}
		parts := strings.Split(strings.ToLower(name), ".")
		last := parts[len(parts)-1]
		if last == "sub" || slices.ContainsFunc(who, func(w string) bool { return strings.Contains(last, w) }) {
			return true
		}
		if len(parts) > 1 && parts[len(parts)-2] != "login" && slices.Contains(who, parts[len(parts)-2]) { // such as user.id
			return true
		}
		if strings.Contains(value, mark) && !ofRequest(parts) {
			return true
		}
	}
	return false
}

// ofRequest reports whether a field is one that each request has: its id, or
// where it went.
func ofRequest(parts []string) bool {
	last := parts[len(parts)-1]
	return last == "id" || strings.HasSuffix(last, "_id") || strings.HasSuffix(last, "-id") || strings.HasSuffix(last, "requestid") || strings.HasSuffix(last, "reqid") ||
		strings.HasSuffix(last, "traceid") || strings.HasSuffix(last, "correlationid") || strings.Contains(last, "trace") ||
		slices.ContainsFunc(skipped, func(s string) bool { return strings.Contains(last, s) }) || last == "query" || strings.HasPrefix(last, "x-request")
}

// hasAddress reports whether a text holds the visitor's address: ours where that
// is known, else any but one of Cloudflare's.
func hasAddress(text string, own netip.Addr, known bool) bool {
	for _, found := range addressForm().FindAllString(text, -1) {
		ip, err := netip.ParseAddr(found)
		if err != nil {
			continue
		}
		ip = ip.Unmap()
		if known && ip == own || !known && !edgeranges.Contains(ip) && !ip.IsUnspecified() {
			return true
		}
	}
	return false
}
