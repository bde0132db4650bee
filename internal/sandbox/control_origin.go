package sandbox

import (
	"fmt"
	"net/http"
	"slices"

	"github.com/launchready/terraform-provider-launchready/internal/sandbox/portal"
)

// GuardOrigin changes what strangers find of the origin, as its owner would at
// the firewall.
func (s *Sandbox) GuardOrigin(g portal.Guard) error {
	if all := []portal.Guard{portal.Closed, portal.Forbidden, portal.Open}; !slices.Contains(all, g) {
		return fmt.Errorf("unknown guard %q; known are %v", g, all)
	}
	s.origin.SetGuard(g)
	return nil
}

// VerifyPulls lets the origin answer only those who show the edge's client
// certificate, which it does while the zone has Authenticated Origin Pulls on.
func (s *Sandbox) VerifyPulls(on bool) {
	if !on {
		s.origin.RequireClientCertificate(nil)
		return
	}
	s.origin.RequireClientCertificate(s.world.edge.PullRoots())
}

// putOrigin changes how the origin protects itself: {"guard","verify_pulls"};
// what is not named stays.
func (s *Sandbox) putOrigin(w http.ResponseWriter, r *http.Request) {
	var in struct {
		Guard       *portal.Guard `json:"guard"`
		VerifyPulls *bool         `json:"verify_pulls"`
	}
	if !receive(w, r, &in) {
		return
	}
	if in.Guard != nil {
		if err := s.GuardOrigin(*in.Guard); err != nil {
			complain(w, http.StatusUnprocessableEntity, err)
			return
		}
	}
	if in.VerifyPulls != nil {
		s.VerifyPulls(*in.VerifyPulls)
	}
	w.WriteHeader(http.StatusNoContent)
}
