package api

import (
	"cmp"
	"slices"
	"strings"
	"sync"
	"time"

	"github.com/launchready/terraform-provider-launchready/internal/sandbox/zone"
)

// Account holds the zones that tokens of one user reach. It is safe for
// concurrent use.
type Account struct {
	ID, Name string

	mu      sync.RWMutex
	zones   []*zone.Zone
	created map[string]time.Time // by zone id
}

// NewAccount returns an account with zones. An empty id is filled in.
func NewAccount(id, name string, zones ...*zone.Zone) *Account {
	if id == "" {
		id = NewID()
	}
	if name == "" {
		name = "Sandbox account"
	}
	a := &Account{ID: id, Name: name, created: map[string]time.Time{}}
	for _, z := range zones {
		a.AddZone(z)
	}
	return a
}

// AddZone adds a zone. Zones of one name may be added, as at Cloudflare.
func (a *Account) AddZone(z *zone.Zone) {
	a.mu.Lock()
	defer a.mu.Unlock()
	a.zones = append(a.zones, z)
	a.created[z.ID] = now()
}

// addNew adds a zone unless the account has one of that name.
func (a *Account) addNew(z *zone.Zone) bool {
	a.mu.Lock()
	defer a.mu.Unlock()
	if slices.ContainsFunc(a.zones, func(o *zone.Zone) bool { return o.Name == z.Name }) {
		return false
	}
	a.zones = append(a.zones, z)
	a.created[z.ID] = now()
	return true
}

// removeZone reports whether the zone was there.
func (a *Account) removeZone(z *zone.Zone) bool {
	a.mu.Lock()
	defer a.mu.Unlock()
	before := len(a.zones)
	a.zones = slices.DeleteFunc(a.zones, func(o *zone.Zone) bool { return o == z })
	delete(a.created, z.ID)
	return len(a.zones) < before
}

// Zones returns the zones in the order of their names.
func (a *Account) Zones() []*zone.Zone {
	a.mu.RLock()
	defer a.mu.RUnlock()
	return slices.SortedFunc(slices.Values(a.zones), func(x, y *zone.Zone) int {
		return cmp.Or(cmp.Compare(x.Name, y.Name), cmp.Compare(x.ID, y.ID))
	})
}

// Zone returns a zone by its id, or nil.
func (a *Account) Zone(id string) *zone.Zone {
	a.mu.RLock()
	defer a.mu.RUnlock()
	for _, z := range a.zones {
		if z.ID == id {
			return z
		}
	}
	return nil
}

func (a *Account) createdOn(z *zone.Zone) time.Time {
	a.mu.RLock()
	defer a.mu.RUnlock()
	return a.created[z.ID]
}

// hasSubzone tells whether a name under z is a zone of its own.
func (a *Account) hasSubzone(z *zone.Zone, name string) bool {
	a.mu.RLock()
	defer a.mu.RUnlock()
	return name != z.Name && slices.ContainsFunc(a.zones, func(o *zone.Zone) bool { return o.Name == name })
}

// now is the time as the API writes it.
func now() time.Time { return time.Now().UTC().Truncate(time.Microsecond) }

// zoneView is a zone as the API shows it.
type zoneView struct {
	ID                  string         `json:"id"`
	Name                string         `json:"name"`
	Status              string         `json:"status"`
	Paused              bool           `json:"paused"`
	Type                string         `json:"type"`
	DevelopmentMode     int            `json:"development_mode"` // seconds left
	NameServers         []string       `json:"name_servers"`
	OriginalNameServers []string       `json:"original_name_servers"`
	OriginalRegistrar   *string        `json:"original_registrar"`
	OriginalDNSHost     *string        `json:"original_dnshost"`
	ModifiedOn          time.Time      `json:"modified_on"`
	CreatedOn           time.Time      `json:"created_on"`
	ActivatedOn         *time.Time     `json:"activated_on"`
	Meta                map[string]any `json:"meta"`
	Owner               map[string]any `json:"owner"`
	Account             map[string]any `json:"account"`
	Permissions         []string       `json:"permissions"`
	Plan                map[string]any `json:"plan"`
}

func (a *Account) view(z *zone.Zone) zoneView {
	created := a.createdOn(z)
	modified, activated := z.Dates()
	v := zoneView{
		ID: z.ID, Name: z.Name, Status: z.Status(), Paused: z.Paused(), Type: "full",
		NameServers: z.NameServers, OriginalNameServers: []string{"ns1.registrar.example", "ns2.registrar.example"},
		CreatedOn: created, ModifiedOn: modified,
		Meta: map[string]any{
			"step": 2, "custom_certificate_quota": 0, "page_rule_quota": 3, "phishing_detected": false,
		},
		Owner:   map[string]any{"id": nil, "type": "user", "email": nil},
		Account: map[string]any{"id": a.ID, "name": a.Name},
		// Of the user's role, not of the token.
		Permissions: []string{
			"#dns_records:edit", "#dns_records:read", "#zone:edit", "#zone:read", "#zone_settings:edit", "#zone_settings:read",
		},
		Plan: planView(z.Plan),
	}
	if z.Status() == zone.Active {
		v.ActivatedOn = &activated
	}
	if developing(z) {
		v.DevelopmentMode = 10800 // three hours, all of them left
	}
	return v
}

// listZones filters by name, with the operators of the documentation, and by
// status and account. Zones out of the token's scope are not there.
func listZones(c *call) (*envelope, *Error) {
	p, err := readPaging(c, 20, 5, 50)
	if err != nil {
		return nil, err
	}
	q := c.URL.Query()
	views := []zoneView{}
	for _, z := range c.server.account.Zones() {
		if !c.token.covers(z) || !nameFits(q.Get("name"), z.Name) {
			continue
		}
		if s := q.Get("status"); s != "" && s != z.Status() {
			continue
		}
		if id := q.Get("account.id"); id != "" && id != c.server.account.ID {
			continue
		}
		views = append(views, c.server.account.view(z))
	}
	return pageOf(views, p), nil
}

func nameFits(filter, name string) bool {
	filter = strings.ToLower(filter)
	operator, value, has := strings.Cut(filter, ":")
	switch {
	case filter == "":
		return true
	case !has:
		return filter == name
	}
	switch operator {
	case "contains":
		return strings.Contains(name, value)
	case "starts_with":
		return strings.HasPrefix(name, value)
	case "ends_with":
		return strings.HasSuffix(name, value)
	case "equal":
		return name == value
	case "not_equal":
		return name != value
	default:
		return false
	}
}

func getZone(c *call) (*envelope, *Error) { return success(c.server.account.view(c.zone)), nil }

// Dump is a zone with all it holds, for those who look at the sandbox.
type Dump struct {
	Zone     any            `json:"zone"`
	Records  any            `json:"records"`
	Settings any            `json:"settings"`
	DNSSEC   any            `json:"dnssec"`
	Rulesets []zone.Ruleset `json:"rulesets"`
}

// Dump returns a zone as the API would show it.
func (s *Server) Dump(z *zone.Zone) Dump {
	views := []recordView{}
	for _, r := range sorted(z.Records(), "type", false) {
		views = append(views, viewOf(r))
	}
	rulesets := []zone.Ruleset{}
	for _, name := range z.Phases() {
		if r, ok := z.Ruleset(name); ok {
			rulesets = append(rulesets, shown(r))
		}
	}
	return Dump{Zone: s.account.view(z), Records: views, Settings: allSettings(z), DNSSEC: dnssecViewOf(z), Rulesets: rulesets}
}
