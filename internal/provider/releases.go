package provider

import (
	"context"
	"errors"
	"net/url"
	"sync"
	"time"

	"github.com/hashicorp/terraform-plugin-framework/types"

	"github.com/launchready/terraform-provider-launchready/internal/check/deploycheck"
	"github.com/launchready/terraform-provider-launchready/internal/probe"
)

// releases remembers for a moment which release the portal runs, so that the checks
// of one plan ask once.
type releases struct {
	mu    sync.Mutex
	until time.Time
	name  string
	err   error
}

// freshRelease is how long what was read counts. An apply may roll a release out
// between two checks.
const freshRelease = 10 * time.Second

// release is what the portal of the provider block says it runs; "" where it does
// not say, or there is none. The error says why that cannot be told now.
func (s *shared) release(ctx context.Context) (string, error) {
	base, _ := s.settings.portal.Attributes()["base_url"].(types.String)
	from, told := s.versionSource(ctx)
	switch {
	case s.settings.portal.IsUnknown() || base.IsUnknown() || !told:
		return "", errors.New("portal of the provider block depends on a value that is known only after apply")
	case base.ValueString() == "":
		return "", nil
	}
	if u, err := url.Parse(base.ValueString()); err != nil || s.prober.InScope(u.Hostname(), probe.Passive) != nil {
		return "", nil // it cannot be asked, so that time alone counts
	}
	r := &s.releases
	r.mu.Lock()
	defer r.mu.Unlock()
	if time.Now().Before(r.until) {
		return r.name, r.err
	}
	r.name, r.err = deploycheck.Live(ctx, s.prober, base.ValueString(), from)
	r.until = time.Now().Add(freshRelease)
	return r.name, r.err
}

// versionSource is where the provider block says that the portal tells its release;
// known is false where that waits for an apply.
func (s *shared) versionSource(ctx context.Context) (from deploycheck.VersionSource, known bool) {
	o, _ := s.settings.portal.Attributes()["version"].(types.Object)
	text := func(name string) string {
		v, _ := o.Attributes()[name].(types.String)
		return v.ValueString()
	}
	return deploycheck.VersionSource{Path: text("path"), Header: text("header"), Pointer: text("pointer"), Meta: text("meta")}, fullyKnown(ctx, o)
}
