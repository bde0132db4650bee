package obscheck

import (
	"cmp"
	"encoding/json"
	"fmt"
	"mime"
	"net/http"
	"net/url"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/launchready/terraform-provider-launchready/internal/probe"
)

// longestBrake is how long a drill waits where it comes too soon.
const longestBrake = 60 * time.Second

// cause makes the failure happen. caused is how many answers were as expected;
// reason says why the drill did not happen, in words that are the same from run
// to run.
func (t *trial) cause() (caused int, reason string) {
	waited := false
	for range max(t.drill.Request.Repeat, 1) {
		x := t.send(t.mark, t.mark)
		if wait, ok := brake(x); ok && !waited && t.ctx.Err() == nil {
			waited = true
			t.pause(wait)
			x = t.send(t.mark, t.mark)
		}
		if reason = t.unexpected(x); reason != "" {
			return caused, reason
		}
		t.doubt = t.doubt || t.doubtful(x)
		t.answers = append(t.answers, x)
		caused++
	}
	return caused, ""
}

// brake is how long a throttled answer asks to wait, if that is not too long.
func brake(x probe.Exchange) (time.Duration, bool) {
	if !x.Throttled() {
		return 0, false
	}
	seconds, err := strconv.Atoi(x.Header.Get("Retry-After"))
	if err != nil || seconds < 0 {
		seconds = 10
	}
	wait := time.Duration(seconds) * time.Second
	return wait + 100*time.Millisecond, wait <= longestBrake
}

// unexpected says why an answer is not the failure that was to be caused.
func (t *trial) unexpected(x probe.Exchange) string {
	expect := t.drill.Request.Expect
	switch {
	case x.Status == 0:
		return "the drill did not happen: " + x.Detail
	case x.Challenged():
		return "the drill did not happen: the edge asks for proof of a person; exempt this machine from the challenge"
	case slices.Contains(expect, x.Status):
		return ""
	case x.Throttled():
		return "the drill did not happen: too many requests had been made before"
	case x.Status == http.StatusNotFound || x.Status == http.StatusMethodNotAllowed:
		return fmt.Sprintf("the drill did not happen: %d says that there is nothing at the address for this method", x.Status)
	case len(expect) == 0 && x.FromEdge():
		return fmt.Sprintf("the drill did not happen: the edge answers %d itself, for it cannot reach the portal", x.Status)
	case x.Redirect != "" && len(expect) == 0 && t.kind == SignIn && t.sentBack(x):
		return ""
	case x.Redirect != "" && len(expect) == 0 && t.kind == SignIn:
		return fmt.Sprintf("the drill did not happen: a sign-in with a made-up password is answered with %d, which leads elsewhere; name such a refusal in expect_status, or write the address where it leads", x.Status)
	case x.Redirect != "" && len(expect) == 0:
		return fmt.Sprintf("the drill did not happen: %d leads elsewhere; write that address, or name an identity", x.Status)
	case len(expect) > 0:
		return fmt.Sprintf("the drill did not happen: the answer is %d, which expect_status does not list", x.Status)
	case t.kind == Failed && x.Status < 500:
		return fmt.Sprintf("the drill did not happen: the answer is %d, no error", x.Status)
	case t.kind == SignIn && x.Status < 300 && !x.SaysError():
		return fmt.Sprintf("the drill did not happen: a sign-in with a made-up password is answered with %d; name such a refusal in expect_status", x.Status)
	case t.kind == Denied && x.Status < 300:
		return fmt.Sprintf("the drill did not happen: the answer is %d, no refusal", x.Status)
	case t.kind == Bounce && x.Status >= 400 && x.Status < 500:
		return fmt.Sprintf("the drill did not happen: the answer is %d, so that no mail was sent which could bounce", x.Status)
	case t.kind != Failed && x.Status >= 500:
		return fmt.Sprintf("the drill did not happen: the answer is %d, an error that was not meant", x.Status)
	}
	return ""
}

// doubtful reports whether an answer that the user has not named may have come
// from something else than the failure: a form that was refused before a password
// was looked at, or a gateway. What then does not show may not have happened.
func (t *trial) doubtful(x probe.Exchange) bool {
	if len(t.drill.Request.Expect) > 0 {
		return false
	}
	switch t.kind {
	case SignIn:
		return x.Status != http.StatusUnauthorized
	case Denied:
		return x.Status != http.StatusForbidden
	case Failed:
		return x.Status == http.StatusBadGateway || x.Status == http.StatusServiceUnavailable || x.Status == http.StatusGatewayTimeout
	}
	return false
}

// refusedWords stand in the addresses where a failed sign-in is sent.
var refusedWords = regexp.MustCompile(`(?i)error|fail|invalid|denied|incorrect`)

// sentBack reports whether a sign-in was sent back to its form, as portals do
// whose pages are made by the server. One that asks for a sign-in first says
// where it goes on; one that moved for good is no answer to this one.
func (t *trial) sentBack(x probe.Exchange) bool {
	if x.Status != http.StatusFound && x.Status != http.StatusSeeOther {
		return false
	}
	to, err := url.Parse(x.Redirect)
	if err != nil {
		return false
	}
	for _, name := range []string{"next", "return", "return_to", "returnUrl", "redirect", "continue"} {
		if to.Query().Has(name) {
			return false
		}
	}
	return strings.TrimSuffix(to.Path, "/") == strings.TrimSuffix(pathOf(t.drill.Request.URL), "/") || refusedWords.MatchString(to.Path+"?"+to.RawQuery)
}

// send makes the request once, with a text in the place of the mark, and the
// mark itself in the headers.
func (t *trial) send(text, mark string) probe.Exchange {
	r := t.drill.Request
	fill := func(escape func(string) string) *strings.Replacer {
		return strings.NewReplacer(MarkWord, escape(text), PasswordWord, escape(t.password))
	}
	header := http.Header{}
	line := strings.NewReplacer("\r", "", "\n", "")
	plain := fill(func(s string) string { return line.Replace(s) }) // no header has a line break
	for name, values := range joined(r.Header, r.Secret) {
		for _, v := range values {
			header.Add(name, plain.Replace(v))
		}
	}
	if header.Get("X-Request-Id") == "" {
		header.Set("X-Request-Id", mark)
	}
	if header.Get("User-Agent") == "" {
		header.Set("User-Agent", "launchready-drill/"+mark+" (+https://github.com/launchready/terraform-provider-launchready)")
	}
	req := probe.Request{
		Method: cmp.Or(r.Method, map[bool]string{true: http.MethodPost, false: http.MethodGet}[r.Body != ""]),
		URL:    fill(url.QueryEscape).Replace(r.URL), Header: header, Intent: probe.Active,
	}
	if r.Body != "" {
		media, _, _ := mime.ParseMediaType(header.Get("Content-Type"))
		if media == "" {
			media = contentType(r.Body)
			header.Set("Content-Type", media)
		}
		req.Body = []byte(fill(bodyEscape(media)).Replace(r.Body))
	}
	return t.prober.Fetch(t.ctx, req)
}

// bodyEscape writes a text as it stands within a body of a media type.
func bodyEscape(media string) func(string) string {
	switch {
	case media == "application/x-www-form-urlencoded":
		return url.QueryEscape
	case strings.HasSuffix(media, "json"):
		return func(s string) string {
			b, err := json.Marshal(s)
			if err != nil {
				return s
			}
			return string(b[1 : len(b)-1])
		}
	}
	return func(s string) string { return s }
}

// contentType is what a body without a declared type is taken for.
func contentType(body string) string {
	if b := strings.TrimSpace(body); strings.HasPrefix(b, "{") || strings.HasPrefix(b, "[") {
		return "application/json"
	}
	return "application/x-www-form-urlencoded"
}
