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
	mu   sync.Mutex
	at   time.Time // before it was asked
	name string
	err  error
}

// freshRelease is how long before a check what was read counts. An apply may roll a
// release out between two checks.
const freshRelease = 10 * time.Second

// release is what the portal of the provider block says it runs; "" where it does
// not say, or there is none, as read at since or later. The error says why that
// cannot be told.
func (s *shared) release(ctx context.Context, since time.Time) (string, error) {
	base := s.portalAddress()
	from, told := s.versionSource(ctx)
	switch {
	case s.settings.portal.IsUnknown() || base.IsUnknown() || !told:
		return "", errors.New("portal of the provider block depends on a value that is known only after apply")
	case base.ValueString() == "":
		return "", nil
	}
	if !s.mayAsk(base.ValueString()) {
		return "", nil // it cannot be asked, so that time alone counts
	}
	r := &s.releases
	r.mu.Lock()
	defer r.mu.Unlock()
	if !r.at.IsZero() && !r.at.Before(since) {
		return r.name, r.err
	}
	r.at = time.Now()
	r.name, r.err = deploycheck.Live(ctx, s.prober, base.ValueString(), from)
	return r.name, r.err
}

// untold says why there is no release, where that is known.
func (s *shared) untold() string {
	switch base := s.portalAddress().ValueString(); {
	case base == "":
		return "the provider block has no portal.base_url to ask"
	case !s.mayAsk(base):
		return "probe.allowed_hosts of the provider block leaves portal.base_url out"
	}
	return "it tells none where portal.version of the provider block says, or else at the usual places"
}

// mayAsk reports whether an address is in scope.
func (s *shared) mayAsk(address string) bool {
	u, err := url.Parse(address)
	return err == nil && s.prober.InScope(u.Hostname(), probe.Passive) == nil
}

// portalAddress is portal.base_url of the provider block.
func (s *shared) portalAddress() types.String {
	base, _ := s.settings.portal.Attributes()["base_url"].(types.String)
	return base
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
