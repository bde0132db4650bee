package edgecheck

import (
	"context"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"time"

	"github.com/launchready/terraform-provider-launchready/internal/probe"
)

// pause lies between two requests for a file that is to be cached by then.
const pause = 400 * time.Millisecond

// judgeStatic decides edge.static_uncached: of three requests one must be
// answered from the cache.
func (h *hostCheck) judgeStatic(ctx context.Context, t target) verdict {
	var said []string
	for i := range 3 {
		if i > 0 {
			select {
			case <-ctx.Done():
			case <-time.After(pause):
			}
		}
		x := h.get(ctx, t.url.String(), nil)
		if i == 0 && succeeded(x) {
			h.keep(t.url.EscapedPath(), x)
		}
		switch {
		case unusable(x) != "":
			return unclear(unusable(x))
		case x.Status != http.StatusOK:
			return unclear("the file is not there: status " + http.StatusText(x.Status))
		}
		if sign, ok := stored(x); ok {
			return pass("the file is kept by the cache (" + sign + ")")
		}
		said = append(said, or(strings.ToUpper(x.Header.Get("Cf-Cache-Status")), "none"))
	}
	return fail("the file is fetched from the origin each time: cf-cache-status " + strings.Join(slices.Compact(said), ", then "))
}

// poisons are headers that applications build pages and redirects from and
// that caches do not look at.
func poisons(word string) []struct{ name, value string } {
	host := word + ".invalid"
	return []struct{ name, value string }{
		{"X-Forwarded-Host", host}, {"X-Host", host}, {"X-Forwarded-Scheme", "http"}, {"X-Forwarded-Proto", "http"}, {"X-Original-URL", "/" + word},
	}
}

// judgePoison decides edge.cache_poison: what a header does to an answer must
// not be given to who comes next without it. Every request has a place of its
// own in the cache; where the cache has no such places, nothing is sent.
func (h *hostCheck) judgePoison(ctx context.Context) verdict {
	home, err := url.Parse(at("https", h.host, "/"))
	if err != nil {
		return unclear("the host cannot be written as an address")
	}
	control := h.get(ctx, busted(home), nil)
	if why := unusable(control); why != "" {
		return unclear(why)
	}
	if sign, ok := stored(control); ok {
		return unclear("the cache does not tell addresses by their query (" + sign + " for one that is new): a test could reach members")
	}
	var why string
	for _, poison := range poisons(random()) {
		address := busted(home)
		x := h.attack(ctx, address, http.Header{poison.name: {poison.value}})
		if !altered(x, control, poison.value) {
			why = or(why, blind(x))
			continue
		}
		clean := h.get(ctx, address, nil)
		switch {
		case altered(clean, control, poison.value):
			return fail("what the header " + poison.name + " does to an answer is given to the next visitor without it")
		case unusable(clean) != "":
			why = or(why, unusable(clean))
		}
	}
	if why != "" {
		return unclear(why)
	}
	return pass("no header that the cache does not look at reaches the next visitor")
}

// altered reports whether an answer shows what a header did to it: its value,
// or another kind of answer than without it.
func altered(x, control probe.Exchange, value string) bool {
	if unusable(x) != "" {
		return false
	}
	return value != "http" && x.Holds(value) || x.Status/100 != control.Status/100
}
