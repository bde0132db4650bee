package deploycheck

import (
	"context"
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
// all that its answers say of it, such as "1.4.2" or "1.4.2 1f0c9ab"; "" if it says
// none. Of two releases that are live it names both. known is false where the site
// does not answer, so that what it runs cannot be told.
func Live(ctx context.Context, p probe.Prober, base string, from VersionSource) (release string, known bool) {
	ask := func(path string) probe.Exchange {
		return p.Fetch(ctx, probe.Request{
			URL: busted(strings.TrimSuffix(base, "/") + path), Header: http.Header{"Cache-Control": {"no-cache"}}, Retry: true,
		})
	}
	known = true
	for _, place := range from.sources() {
		x := ask(place.Path)
		if unseen(x) != "" {
			known = false
		}
		if len(place.candidates(x)) == 0 {
			continue
		}
		answers := make([]probe.Exchange, liveSamples)
		answers[0] = x
		check.Beside(liveSamples-1, atOnce, func(i int) { answers[i+1] = ask(place.Path) })
		var said []string
		for _, x := range answers {
			found := place.candidates(x)
			if len(found) == 0 {
				return "", false
			}
			for _, c := range found {
				said = append(said, string(c.release))
			}
		}
		slices.Sort(said)
		return strings.Join(slices.Compact(said), " "), true
	}
	return "", known
}
