package authcheck

import (
	"crypto/rand"
	"fmt"
	"net/http"
	"net/url"
	"slices"
	"strings"

	"github.com/launchready/terraform-provider-launchready/internal/probe"
)

// outcome is what an answer says to a credential.
type outcome int

const (
	unclear outcome = iota
	granted
	refused
)

// target is a protected address, with what its owner and a stranger are answered.
type target struct {
	*bench
	url, subject             string
	marker                   string // a text of the owner's answer; empty = none is known
	owner, stranger, sibling probe.Exchange
	strangers                []probe.Exchange // further answers to strangers, where no marker is known
	again                    []probe.Exchange // the owner's further answers, where no marker is known
	steady                   float64          // from where on two answers are one: less where pages differ by themselves
}

// look makes one request with a credential, past every cache, on a connection of
// its own.
func (b *bench) look(address string, header http.Header) probe.Exchange {
	h := header.Clone()
	if h == nil {
		h = http.Header{}
	}
	h.Set("Cache-Control", "no-cache")
	return b.prober.Fetch(b.ctx, probe.Request{URL: busted(address), Header: h, Intent: probe.Active})
}

// busted is an address at a place of its own in every cache.
func busted(address string) string {
	u, err := url.Parse(address)
	if err != nil {
		return address
	}
	if u.RawQuery != "" {
		u.RawQuery += "&"
	}
	u.RawQuery += "launchready=" + drawn()
	return u.String()
}

// drawn is a text that nobody has seen before.
func drawn() string { return strings.ToLower(rand.Text()[:16]) }

// study looks at a path as its owner and as a stranger. why says what keeps it
// from being judged; public is set where nothing of it is the owner's.
func (b *bench) study(path string, session probe.Session, markers ...string) (t target, why string, public bool) {
	t = target{bench: b, url: b.at(path), subject: b.subject(http.MethodGet, path), steady: alike}
	t.owner = b.look(t.url, session.Header())
	if why = unusable(t.owner); why != "" {
		return t, why, false
	}
	switch {
	case t.owner.Status < 200 || t.owner.Status > 299 || t.owner.SaysError() || t.owner.SaysNobody():
		return t, fmt.Sprintf("the identity is not let in: the portal answers %d", t.owner.Status), false
	}
	for _, m := range markers {
		if m != "" && t.owner.Holds(m) {
			t.marker = m
			break
		}
	}
	t.stranger = b.look(t.url, nil)
	if why = unusable(t.stranger); why != "" {
		return t, "to who has not signed in: " + why, false
	}
	nowhere := func() probe.Exchange { return b.look(b.at("/"+drawn()+"/"+drawn()), session.Header()) }
	t.sibling = nowhere()
	if t.marker != "" {
		return t, "", false
	}
	const margin, least = 0.05, 0.6
	// Pages that differ by themselves are looked at more than once.
	t.steady = alike
	shells := []probe.Exchange{t.sibling}
	for range samples {
		again := b.look(t.url, session.Header())
		t.again = append(t.again, again)
		t.steady = max(least, min(t.steady, probe.Similarity(t.owner.Body, again.Body)-margin))
		shells = append(shells, nowhere())
		t.strangers = append(t.strangers, b.look(t.url, nil))
	}
	if len(t.owner.Body) > 0 && slices.ContainsFunc(shells, t.likeOwner) {
		return t, "the path answers with the application's shell, as every path does: nothing of it is the identity's. Name the path of its data", true
	}
	return t, "", false
}

// samples are how many further answers are looked at where no marker is known.
const samples = 2

// asStranger reports whether an answer is what strangers are shown at least as
// much as it is the owner's.
func (t target) asStranger(x probe.Exchange) bool {
	owner := probe.Similarity(x.Body, t.owner.Body)
	for _, again := range t.again {
		owner = max(owner, probe.Similarity(x.Body, again.Body))
	}
	return slices.ContainsFunc(t.strangers, func(s probe.Exchange) bool {
		return s.Status == x.Status && probe.Similarity(x.Body, s.Body) >= owner
	})
}

// alike is from where on two answers are one.
const alike = 0.95

// judge says what an answer to some credential means.
func (t target) judge(x probe.Exchange) outcome {
	class := probe.Classify(x, probe.Reference{Marker: t.marker, Sibling: t.shell()})
	success := x.Status >= 200 && x.Status <= 299
	switch class {
	case probe.Granted:
		if t.marker != "" {
			return granted
		}
	case probe.Denied, probe.Soft404:
		return refused
	case probe.EdgeBlock, probe.Throttled, probe.Failed:
		return unclear
	}
	switch {
	case x.Redirect != "", x.Status >= 400 && x.Status < 500:
		return refused
	case !success:
		return unclear
	case asksForPassword(x), x.SaysNobody():
		return refused
	case t.marker == "" && t.likeOwner(x) && !t.asStranger(x), sameShape(t.owner, x):
		return granted
	case x.Status == t.stranger.Status && probe.Similarity(x.Body, t.stranger.Body) >= t.steady:
		return refused
	case t.marker != "":
		return refused // a page that is not the owner's
	}
	return unclear
}

// isOpen reports whether a stranger is shown what the owner is.
func (t target) isOpen() bool {
	bare := t
	bare.strangers = nil // or it would be like itself
	return bare.judge(t.stranger) == granted
}

// shell is the sibling's answer, where that is of use.
func (t target) shell() *probe.Exchange {
	if t.sibling.Status == 0 {
		return nil
	}
	return &t.sibling
}

// likeOwner reports whether an answer is the owner's, with hardly a word missing
// that the owner is shown each time.
func (t target) likeOwner(x probe.Exchange) bool {
	const few = 3
	missing := probe.NewWords(t.owner.Body, x.Body)
	for _, again := range t.again { // what this one lacks too comes and goes
		missing = min(missing, probe.NewWords(t.owner.Body, x.Body)-probe.NewWords(t.owner.Body, x.Body, again.Body))
	}
	return x.Status == t.owner.Status && probe.Similarity(t.owner.Body, x.Body) >= t.steady && missing < few
}

func asksForPassword(x probe.Exchange) bool {
	return probe.Classify(probe.Exchange{Status: x.Status, Body: x.Body, Header: x.Header}, probe.Reference{LoginPage: &probe.Exchange{Body: x.Body}}) == probe.Denied
}

// unusable says why an answer says nothing of the portal; empty if it does.
func unusable(x probe.Exchange) string {
	switch probe.Classify(x, probe.Reference{}) {
	case probe.EdgeBlock:
		return "the edge answers in place of the portal: exempt this machine from its challenges"
	case probe.Throttled:
		return "the requests of the check are throttled: exempt this machine from the limit, or run again later"
	case probe.Failed:
		if x.Failure == probe.FailNone {
			return fmt.Sprintf("the portal answers %d", x.Status)
		}
		return "no answer: " + x.Detail
	}
	return ""
}

func trimSlash(s string) string { return strings.TrimSuffix(s, "/") }

// plainPath is a path without its query, which may hold a token.
func plainPath(path string) string {
	path, _, _ = strings.Cut(path, "?")
	return path
}
