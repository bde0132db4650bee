package authcheck

import (
	"cmp"
	"context"
	"net/http"

	"github.com/launchready/terraform-provider-launchready/internal/probe"
)

// sharing is a Prober whose reading requests share connections: they say nothing of
// connections, and net/http repeats them where the portal has closed one meanwhile.
// A request that writes is never repeated, and one whose time counts has a
// connection of its own each time, so that all of them are alike.
type sharing struct{ probe.Prober }

// Fetch implements Prober.
func (s sharing) Fetch(ctx context.Context, req probe.Request) probe.Exchange {
	switch cmp.Or(req.Method, http.MethodGet) {
	case http.MethodGet, http.MethodHead:
		req.Reuse = true
	}
	return s.Prober.Fetch(ctx, req)
}
