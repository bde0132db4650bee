package sandbox

import (
	"fmt"
	"net/http"
	"slices"

	"github.com/launchready/terraform-provider-launchready/internal/sandbox/zone"
)

// putRecord saves one record as a person at the dashboard would, or as
// Cloudflare itself where the body has meta:
// {"type","name","content","proxied","priority","ttl","meta"}. The content of a
// type with data is in master-file form; an empty one deletes the record.
func (s *Sandbox) putRecord(w http.ResponseWriter, r *http.Request) {
	var in record
	if !receive(w, r, &in) {
		return
	}
	done(w, edit(s.world.zone, in))
}

// putStatus makes a zone of the account active or pending:
// {"status","zone"}, where zone is the client's unless it is named.
func (s *Sandbox) putStatus(w http.ResponseWriter, r *http.Request) {
	var in struct{ Status, Zone string }
	if !receive(w, r, &in) {
		return
	}
	done(w, s.SetZoneStatus(in.Zone, in.Status))
}

// putDS puts a zone's DS record at its parent or takes it away:
// {"published","zone"}, where zone is the client's unless it is named.
func (s *Sandbox) putDS(w http.ResponseWriter, r *http.Request) {
	var in struct {
		Published bool
		Zone      string
	}
	if !receive(w, r, &in) {
		return
	}
	done(w, s.PublishDS(in.Zone, in.Published))
}

// SetZoneStatus makes a zone of the account active, as if its owner had changed
// the name servers at the registrar, or pending again. An empty name is the
// client's zone.
func (s *Sandbox) SetZoneStatus(name, status string) error {
	z, err := s.zoneNamed(name)
	if err != nil {
		return err
	}
	if status != zone.Active && status != zone.Pending {
		return fmt.Errorf("status %q is neither %s nor %s", status, zone.Active, zone.Pending)
	}
	z.SetStatus(status)
	return nil
}

// PublishDS puts the DS record of a signed zone at its parent, as its owner
// would at the registrar, or takes it away. An empty name is the client's zone.
func (s *Sandbox) PublishDS(name string, published bool) error {
	z, err := s.zoneNamed(name)
	if err != nil {
		return err
	}
	return z.PublishDS(published)
}

func (s *Sandbox) zoneNamed(name string) (*zone.Zone, error) {
	if name == "" {
		name = s.options.Domain
	}
	zones := s.account.api.Account().Zones()
	at := slices.IndexFunc(zones, func(z *zone.Zone) bool { return z.Name == canonical(name) })
	if at < 0 {
		return nil, fmt.Errorf("the account has no zone %s", name)
	}
	return zones[at], nil
}

// done says that something was done, or why it was not.
func done(w http.ResponseWriter, err error) {
	if err != nil {
		complain(w, http.StatusUnprocessableEntity, err)
		return
	}
	w.WriteHeader(http.StatusNoContent)
}
