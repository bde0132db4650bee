package latencycheck

import (
	"bytes"
	"context"
	"mime"
	"net/http"
	"regexp"
	"slices"
	"sync"
	"time"

	"github.com/launchready/terraform-provider-launchready/internal/probe"
)

// Kinds of answers that are none of the site's.
const (
	answered  = ""
	wrong     = "error"
	throttled = "throttled"
	blocked   = "blocked by the edge"
	refused   = "refused"
)

// kind tells what an answer is.
func (a *action) kind(x probe.Exchange) string {
	wanted := slices.Contains(a.Status, x.Status) || len(a.Status) == 0 && x.Status >= 200 && x.Status < 300
	if x.Failure == probe.FailNone && wanted && (x.Status < 200 || x.Status >= 300) { // the user says so
		if a.Contains != "" && !x.Holds(a.Contains) {
			return wrong
		}
		return answered
	}
	switch probe.Classify(x, probe.Reference{Marker: a.Contains}) {
	case probe.Granted:
		switch {
		case !wanted:
		case a.leadsToSignIn(x):
			return refused
		case a.Contains == "" && a.usual.unlike(a.shapeOf(x)):
			return wrong
		default:
			return answered
		}
	case probe.Throttled:
		return throttled
	case probe.EdgeBlock:
		return blocked
	case probe.Denied:
		return refused
	}
	return wrong
}

// shape is what answers of one kind have in common: what differs in it is another
// page, such as one that says with 200 that something went wrong.
type shape struct {
	known bool
	own   bool   // it came from the path that was asked for, not from where that redirects to
	media string // type of its body; empty = not said
	empty bool
	asks  bool // it has one field for a password
}

func (a *action) shapeOf(x probe.Exchange) shape {
	media, _, _ := mime.ParseMediaType(x.Header.Get("Content-Type"))
	return shape{known: true, own: pathOf(x.FinalURL) == pathOf(a.URL), media: media, empty: len(x.Body) == 0 && x.Status != http.StatusNoContent, asks: asksForOne(x)}
}

// unlike reports whether an answer is none of those that the action gives. Where
// the right one comes after a redirect, the address of that may change.
func (s shape) unlike(other shape) bool {
	switch {
	case !s.known:
		return false
	case s.own && !other.own:
		return true
	case !s.empty && other.empty:
		return true
	}
	return (s.media == "text/html") != (other.media == "text/html") && s.media != "" && other.media != ""
}

// leadsToSignIn reports whether a redirect that was followed ended at a sign-in,
// or the answer is one in place of what the action showed before. A page with
// several fields for passwords is one that changes them.
func (a *action) leadsToSignIn(x probe.Exchange) bool {
	if a.Contains != "" && x.Holds(a.Contains) || x.Status < 200 || x.Status > 299 {
		return false
	}
	asks := asksForOne(x)
	if len(x.Hops) <= 1 {
		return asks && a.usual.known && !a.usual.asks
	}
	there := func(address string) bool {
		return probe.Classify(probe.Exchange{Status: http.StatusFound, Redirect: address}, probe.Reference{}) == probe.Denied
	}
	return !there(a.URL) && (there(x.FinalURL) || asks && !a.usual.asks)
}

func asksForOne(x probe.Exchange) bool {
	return len(passwordField().FindAll(bytes.ToLower(x.Body[:min(len(x.Body), 256<<10)]), 2)) == 1
}

var passwordField = sync.OnceValue(func() *regexp.Regexp {
	return regexp.MustCompile(`<input[^>]+type\s*=\s*["']?password`)
})

// dead reports whether the session is seen to have ended.
func (a *action) dead() bool {
	if a.Actor == nil {
		return false
	}
	ctx, cancel := context.WithTimeout(context.WithoutCancel(a.check.ctx), spare)
	defer cancel()
	alive, known := a.Actor.Alive(ctx, a.check.prober, a.session)
	return known && !alive
}

// lost reports whether refusals began at some point and never ended, as where what
// an identity shows has run out. Requests overtake one another, so that one counts
// as of the time before if it began before the first refusal came.
func (f *flight) lost() bool {
	if first := slices.Index(f.kinds, refused); first <= 0 {
		return false
	}
	var began time.Time
	for i, s := range f.all {
		if i < len(f.kinds) && f.kinds[i] == refused {
			if end := s.Start.Add(s.Latency); began.IsZero() || end.Before(began) {
				began = end
			}
		}
	}
	for i, s := range f.all {
		if i < len(f.kinds) && s.Ended && !s.Cut && f.kinds[i] == answered && s.Start.After(began) {
			return false
		}
	}
	return true
}
