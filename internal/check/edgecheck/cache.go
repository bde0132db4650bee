package edgecheck

import (
	"cmp"
	"context"
	"fmt"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"time"

	"github.com/launchready/terraform-provider-launchready/internal/check"
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
		x := h.get(ctx, t.url.String())
		if i == 0 && succeeded(x) {
			h.keep(t.url.EscapedPath(), x)
			h.judgeCookies(ctx, t.url, t.subject, x)
		}
		switch {
		case unusable(x) != "":
			return unclear(unusable(x))
		case x.Redirect != "":
			return unclear("the address leads on to " + check.PlainAddress(x.Redirect) + ": name that one instead")
		case x.Status != http.StatusOK:
			return unclear(fmt.Sprintf("the file is not there: status %d", x.Status))
		}
		if sign, ok := storedAtEdge(x); ok {
			return pass("the file is kept by the cache (" + sign + ")")
		}
		said = append(said, cmp.Or(strings.ToUpper(x.Header.Get("Cf-Cache-Status")), "none"))
	}
	return fail("the file is fetched from the origin each time: cf-cache-status " + strings.Join(slices.Compact(said), ", then "))
}

// storedAtEdge is stored, but for an Age of a cache behind the edge: where the
// edge says what it did, that decides.
func storedAtEdge(x probe.Exchange) (sign string, ok bool) {
	sign, ok = stored(x)
	if said := x.Header.Get("Cf-Cache-Status"); said != "" && !strings.HasPrefix(sign, "cf-cache-status") {
		return "", false
	}
	return sign, ok
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
	if !h.spec.WAFProbe {
		return inapplicable("waf_probe is off: no attack is tried")
	}
	home, err := url.Parse(at("https", h.host, "/"))
	if err != nil {
		return unclear("the host cannot be written as an address")
	}
	control := h.get(ctx, busted(home))
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
			why = cmp.Or(why, blind(x))
			continue
		}
		clean := h.get(ctx, address)
		switch {
		case altered(clean, control, poison.value):
			if !clean.Holds(poison.value) && !h.again(ctx, home, control, http.Header{poison.name: {poison.value}}) {
				why = cmp.Or(why, "the host answers sometimes so and sometimes otherwise: what a header does cannot be told")
				continue
			}
			return fail("what the header " + poison.name + " does to an answer is given to the next visitor without it")
		case unusable(clean) != "":
			why = cmp.Or(why, unusable(clean))
		}
	}
	if why != "" {
		return unclear(why)
	}
	return pass("no header that the cache does not look at reaches the next visitor")
}

// again reports whether another kind of answer is a header's doing: it comes with
// it once more, and not where no cache has been asked yet.
func (h *hostCheck) again(ctx context.Context, home *url.URL, control probe.Exchange, header http.Header) bool {
	for range 3 {
		if x := h.get(ctx, busted(home)); x.Status/100 != control.Status/100 {
			return false
		}
	}
	address := busted(home)
	x := h.attack(ctx, address, header)
	clean := h.get(ctx, address)
	return x.Status/100 != control.Status/100 && clean.Status/100 != control.Status/100 && unusable(x) == "" && unusable(clean) == ""
}

// altered reports whether an answer shows what a header did to it: its value,
// or another kind of answer than without it.
func altered(x, control probe.Exchange, value string) bool {
	if unusable(x) != "" {
		return false
	}
	return value != "http" && x.Holds(value) || x.Status/100 != control.Status/100
}
