package authcheck

import (
	"bytes"
	"context"
	"encoding/json"
	"net/url"
	"strings"

	"github.com/launchready/terraform-provider-launchready/internal/probe"
)

// watcher is a Prober that keeps the answer to the request which holds a
// password, and its time alone. It waits for nobody who is told to come back:
// whoever counts attempts does.
type watcher struct {
	probe.Prober
	password string
	request  probe.Request // that holds it
	answer   probe.Exchange
}

// Fetch implements Prober.
func (w *watcher) Fetch(ctx context.Context, req probe.Request) probe.Exchange {
	if w.answer.Status != 0 {
		// The answer is there: what a sign-in would do next tells nothing more.
		return probe.Exchange{Failure: probe.FailOther, Detail: "not gone through with"}
	}
	x := w.Prober.Fetch(ctx, req)
	if w.holds(req.Body) {
		w.request, w.answer = req, x
		x.Header = x.Header.Clone()
		x.Header.Del("Retry-After") // whoever signs in would wait
	}
	return x
}

func (w *watcher) holds(body []byte) bool {
	quoted, _ := json.Marshal(w.password) // a text always marshals
	return bytes.Contains(body, []byte(url.QueryEscape(w.password))) || bytes.Contains(body, []byte(strings.Trim(string(quoted), `"`)))
}
