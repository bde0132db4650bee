package deploycheck

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"net/http"
	"slices"
	"strings"

	"github.com/launchready/terraform-provider-launchready/internal/check"
	"github.com/launchready/terraform-provider-launchready/internal/probe"
)

// liveSamples are how many answers tell the release that runs: while a new one is
// rolled out they are of two.
const liveSamples = 3

// Live reads as a stranger, past every cache, which release the site at base runs:
// all that an answer says of it, such as "1.4.2" or "1.4.2 1f0c9ab"; "" if the site
// says none. The error says why that cannot be told: the site does not answer, is
// not well, or its answers are of more than one release.
func Live(ctx context.Context, p probe.Prober, base string, from VersionSource) (string, error) {
	l := liveSite{ctx, p, strings.TrimSuffix(base, "/")}
	places := from.sources()
	answers := make([]probe.Exchange, len(places))
	if answers[0] = l.ask(places[0].Path, true); answers[0].Status == 0 { // each further place would be as long a wait
		return "", errors.New(unseen(answers[0]))
	}
	if len(places[0].candidates(answers[0])) == 0 {
		check.Beside(len(places)-1, atOnce, func(i int) { answers[i+1] = l.ask(places[i+1].Path, true) })
	}
	lost := ""
	for i, place := range places {
		if said := place.all(answers[i]); said != "" {
			if kept(answers[i]) {
				return "", fmt.Errorf("the edge answers %s from its cache, whatever is asked: let no cache rule keep it, or name another place in portal.version of the provider block", place.Path)
			}
			return l.agreed(place, said)
		}
		lost = cmp.Or(lost, ailing(place, answers[i]))
	}
	if lost != "" {
		return "", errors.New(lost)
	}
	return "", nil
}

// liveSite is a site that is asked for its release.
type liveSite struct {
	ctx    context.Context
	prober probe.Prober
	base   string
}

func (l liveSite) ask(path string, reuse bool) probe.Exchange {
	return l.prober.Fetch(l.ctx, probe.Request{
		URL: busted(l.base + path), Header: http.Header{"Cache-Control": {"no-cache"}}, Retry: true, Reuse: reuse,
	})
}

// agreed asks again, each time on a connection of its own so that another machine
// may answer: what one answer said counts if the others say it as well.
func (l liveSite) agreed(place source, said string) (string, error) {
	all := make([]string, liveSamples)
	all[0] = said
	check.Beside(liveSamples-1, atOnce, func(i int) { all[i+1] = place.all(l.ask(place.Path, false)) })
	slices.Sort(all)
	switch all = slices.Compact(all); {
	case all[0] == "":
		return "", fmt.Errorf("one answer of %d at %s does not say the release", liveSamples, place.Path)
	case len(all) > 1:
		return "", fmt.Errorf("answers at %s differ: %s; either more than one release is live, or portal.version of the provider block must name what differs from release to release alone",
			place.Path, strings.Join(all, ", "))
	}
	return said, nil
}

// kept reports whether the edge answered from its cache, though the address was new:
// such an answer outlives a release. Caches that a deploy empties do not say so.
func kept(x probe.Exchange) bool {
	return slices.Contains([]string{"HIT", "STALE", "UPDATING"}, strings.ToUpper(x.Header.Get("Cf-Cache-Status")))
}

// all is everything that an answer says of the release: "" if nothing.
func (s source) all(x probe.Exchange) string {
	var said []string
	for _, c := range s.candidates(x) {
		said = append(said, string(c.release))
	}
	slices.Sort(said)
	return strings.Join(slices.Compact(said), " ")
}

// ailing says why an answer without a release tells nothing of the site, not even
// that it has none to tell; "" if it does.
func ailing(place source, x probe.Exchange) string {
	reason := unseen(x)
	if reason == "" && x.Status >= http.StatusInternalServerError { // from the edge too, whose origin is gone
		if reason = fmt.Sprintf("it answers %d", x.Status); !place.told && place.Path != "/" {
			reason += "; if that is no place of this portal, name one in portal.version of the provider block"
		}
	}
	if reason == "" {
		return ""
	}
	return place.Path + ": " + reason
}
