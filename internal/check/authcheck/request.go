package authcheck

import (
	"cmp"
	"encoding/json"
	"net/http"
	"net/url"
	"strings"

	"github.com/launchready/terraform-provider-launchready/internal/probe"
)

// fill puts values in the place of marks such as {{address}}, as the body's
// format wants them written.
func fill(body string, values map[string]string) string {
	isJSON := looksLikeJSON(body)
	var pairs []string
	for name, value := range values {
		written := url.QueryEscape(value)
		if isJSON {
			quoted, _ := json.Marshal(value) // a text always marshals
			written = strings.Trim(string(quoted), `"`)
		}
		pairs = append(pairs, "{{"+name+"}}", written)
	}
	return strings.NewReplacer(pairs...).Replace(body)
}

func looksLikeJSON(body string) bool {
	body = strings.TrimSpace(body)
	return strings.HasPrefix(body, "{") || strings.HasPrefix(body, "[")
}

// send makes a request that was configured, as it is. It is never repeated.
func (b *bench) send(r Request, header http.Header, values map[string]string) probe.Exchange {
	return b.prober.Fetch(b.ctx, b.request(r, header, values))
}

// submit makes a request that was configured as the portal's own page makes it,
// which a form may be read from. Further pages may hold the form too. The zero
// session is that of somebody who has not signed in. What a brake has stopped was
// not done, and is sent once more when it lets go.
func (b *bench) submit(portal probe.Portal, s probe.Session, r Request, header http.Header, values map[string]string, pages ...string) probe.Exchange {
	_, x := b.submitOnce(portal, s, r, header, values, pages...)
	if wait, known := x.RetryAfter(b.prober.Now()); x.Throttled() && known && wait <= longestBrake {
		b.sleep(wait + brakeSlack)
		_, x = b.submitOnce(portal, s, r, header, values, pages...)
	}
	return x
}

// submitOnce is submit without waiting for a brake. It returns the request too.
func (b *bench) submitOnce(portal probe.Portal, s probe.Session, r Request, header http.Header, values map[string]string, pages ...string) (probe.Request, probe.Exchange) {
	made := b.request(r, header, values)
	made, err := portal.Complete(b.ctx, b.prober, s, made, cmp.Or(r.Page, placed(r.Path, values)), pages...)
	if err != nil {
		return made, probe.Exchange{Failure: probe.FailOther, Detail: err.Error()}
	}
	return made, b.prober.Fetch(b.ctx, made)
}

// placed is a path with values in the place of marks.
func placed(path string, values map[string]string) string {
	for name, value := range values {
		path = strings.ReplaceAll(path, "{{"+name+"}}", url.PathEscape(value))
	}
	return path
}

func (b *bench) request(r Request, header http.Header, values map[string]string) probe.Request {
	h := header.Clone()
	if h == nil {
		h = http.Header{}
	}
	body := fill(r.Body, values)
	if body != "" && h.Get("Content-Type") == "" {
		kind := "application/x-www-form-urlencoded"
		if looksLikeJSON(body) {
			kind = "application/json"
		}
		h.Set("Content-Type", kind)
	}
	return probe.Request{Method: cmp.Or(r.Method, http.MethodPost), URL: b.at(placed(r.Path, values)), Header: h, Body: []byte(body), Intent: probe.Active}
}

// accepted reports whether a request was taken: 2xx that is no error, or a
// redirect to somewhere else than a sign-in.
func accepted(x probe.Exchange) bool {
	if x.Failure != probe.FailNone || x.SaysError() || x.Throttled() {
		return false
	}
	return x.Status >= 200 && x.Status < 300 && !asksForPassword(x) ||
		(x.Status == http.StatusFound || x.Status == http.StatusSeeOther) && probe.Classify(x, probe.Reference{}) != probe.Denied
}
