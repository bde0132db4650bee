package sandbox

import (
	"crypto/rand"
	"fmt"
	"net/http"
	"slices"

	"github.com/launchready/terraform-provider-launchready/internal/sandbox/api"
	"github.com/launchready/terraform-provider-launchready/internal/sandbox/zone"
)

// otherDomain is a zone of the account that is not the client's.
const otherDomain = "elsewhere.example"

// account is the Cloudflare account of the sandbox.
type account struct {
	api            *api.Server
	zone           *zone.Zone   // the client's
	others         []*zone.Zone // of further clients
	full           string       // token that may do everything a launch needs
	readOnly       string       // token that may not write DNS records
	elsewhereToken string       // token for the other zone alone
	withoutCache   string       // token that may not write cache rules
}

func newAccount(o Options, deliver api.Deliver) *account {
	a := &account{
		zone: zone.New(api.NewID(), o.Domain, "", o.Plan),
		full: newToken(), readOnly: newToken(), elsewhereToken: newToken(), withoutCache: newToken(),
	}
	other := zone.New(api.NewID(), otherDomain, "", o.Plan)
	for i := range o.Clients {
		a.others = append(a.others, zone.New(api.NewID(), clientDomain(i), "", o.Plan))
	}
	cloudflare := api.NewAccount("", "Agency", append([]*zone.Zone{a.zone, other}, a.others...)...)
	for _, z := range cloudflare.Zones() {
		z.AccountID = cloudflare.ID
	}
	a.api = api.New(api.Options{
		Account: cloudflare,
		Tokens: []api.Token{
			{Value: a.full, Permissions: api.AllPermissions()},
			{Value: a.readOnly, Permissions: []api.Permission{api.ZoneRead, api.DNSRead, api.SettingsEdit}},
			{Value: a.withoutCache, Permissions: without(api.CacheEdit, api.CacheRead)},
			{Value: a.elsewhereToken, Permissions: api.AllPermissions(), Zones: []string{other.ID}},
		},
		Limit:   api.Limit{Calls: o.LimitCalls, Window: o.LimitWindow},
		Latency: o.Latency, RecordQuota: o.RecordQuota, Deliver: deliver,
	})
	return a
}

// clientDomain is the domain of a further client, by its number from 0.
func clientDomain(i int) string { return fmt.Sprintf("client-%03d.example", i+1) }

// without is everything that a launch needs but one permission.
func without(taken api.Permission, instead ...api.Permission) []api.Permission {
	all := slices.DeleteFunc(api.AllPermissions(), func(p api.Permission) bool { return p == taken })
	return append(all, instead...)
}

// newToken returns a secret in the form of an API token: 40 characters.
func newToken() string { return (rand.Text() + rand.Text())[:40] }

// Token is an API token that may do everything a launch needs.
func (s *Sandbox) Token() string { return s.account.full }

// TokenWithoutDNSEdit is one that may read records but not write them.
func (s *Sandbox) TokenWithoutDNSEdit() string { return s.account.readOnly }

// TokenWithoutCacheEdit is one that may read cache rules but not write them,
// and may do everything else.
func (s *Sandbox) TokenWithoutCacheEdit() string { return s.account.withoutCache }

// TokenForAnotherZone is one that does not reach the client's zone.
func (s *Sandbox) TokenForAnotherZone() string { return s.account.elsewhereToken }

// API is the emulated API, for tests that want more of it than a URL.
func (s *Sandbox) API() *api.Server { return s.account.api }

// putAPIFaults takes one fault, or a list of them; an empty list ends all.
func (s *Sandbox) putAPIFaults(w http.ResponseWriter, r *http.Request) {
	var faults []api.Fault
	if !receiveSome(w, r, "faults", &faults) {
		return
	}
	if err := s.account.api.SetFaults(faults); err != nil {
		complain(w, http.StatusUnprocessableEntity, err)
		return
	}
	w.WriteHeader(http.StatusNoContent)
}
