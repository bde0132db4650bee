// Package zone holds the state of the sandbox: one Cloudflare account with its
// zones, records and settings, as the API stores them. The API writes it, the
// DNS server and the edge read it.
package zone

import (
	"encoding/json"
	"sync"
	"time"
)

// Record is a DNS record as Cloudflare's API stores and shows it.
type Record struct {
	ID         string          `json:"id"`
	Name       string          `json:"name"` // FQDN, lower case, no trailing dot
	Type       string          `json:"type"`
	Content    string          `json:"content"`
	Data       json.RawMessage `json:"data,omitempty"`
	Priority   *uint16         `json:"priority,omitempty"`
	TTL        int             `json:"ttl"` // seconds; 1 = automatic
	Proxied    bool            `json:"proxied"`
	Proxiable  bool            `json:"proxiable"`
	Comment    string          `json:"comment"`
	Tags       []string        `json:"tags"`
	Settings   map[string]any  `json:"settings"`
	Meta       map[string]any  `json:"meta"`
	CreatedOn  time.Time       `json:"created_on"`
	ModifiedOn time.Time       `json:"modified_on"`
}

// Setting is one zone setting.
type Setting struct {
	ID         string          `json:"id"`
	Value      json.RawMessage `json:"value"`
	Editable   bool            `json:"editable"`
	ModifiedOn *time.Time      `json:"modified_on"`
}

// Zone is one zone. Its methods are safe for concurrent use; records and
// settings are handed out and taken in as copies.
type Zone struct {
	ID          string
	Name        string
	AccountID   string
	Plan        string // legacy_id: free, pro, business, enterprise
	NameServers []string

	mu          sync.RWMutex
	status      string
	activatedOn time.Time
	modifiedOn  time.Time // of status or paused
	paused      bool
	records     map[string]Record
	settings    map[string]Setting
	rulesets    map[string][]Ruleset // versions by phase, oldest first
	serial      uint32
	signing     signing
}

// The statuses of a zone: one that is pending waits for its domain to be
// delegated to its name servers.
const (
	Active  = "active"
	Pending = "pending"
)

// FirstSerial is what a zone's serial is counted from in its SOA record.
const FirstSerial uint32 = 2300000000

// New returns an empty active zone.
func New(id, name, accountID, plan string) *Zone {
	z := &Zone{
		ID: id, Name: name, AccountID: accountID, Plan: plan,
		NameServers: []string{"ada.ns.cloudflare.com", "bob.ns.cloudflare.com"},
		records:     map[string]Record{}, settings: map[string]Setting{},
		rulesets: map[string][]Ruleset{}, serial: 1,
	}
	z.SetStatus(Active)
	return z
}

// Status tells whether the zone is active, pending ...
func (z *Zone) Status() string {
	z.mu.RLock()
	defer z.mu.RUnlock()
	return z.status
}

// SetStatus makes a zone active once its domain is delegated to it, or takes
// that back.
func (z *Zone) SetStatus(status string) {
	z.mu.Lock()
	defer z.mu.Unlock()
	if status == z.status {
		return
	}
	z.status, z.modifiedOn = status, now()
	if status == Active {
		z.activatedOn = z.modifiedOn
	}
}

// Paused tells whether the proxy is off for every name.
func (z *Zone) Paused() bool {
	z.mu.RLock()
	defer z.mu.RUnlock()
	return z.paused
}

// SetPaused turns the proxy off for every name, or on again.
func (z *Zone) SetPaused(paused bool) {
	z.mu.Lock()
	defer z.mu.Unlock()
	z.paused, z.modifiedOn = paused, now()
}

// Dates returns when the zone last changed and when it became active, which is
// zero for one that never was.
func (z *Zone) Dates() (modifiedOn, activatedOn time.Time) {
	z.mu.RLock()
	defer z.mu.RUnlock()
	return z.modifiedOn, z.activatedOn
}

// now is the time as the API writes it.
func now() time.Time { return time.Now().UTC().Truncate(time.Microsecond) }

// Records returns a copy of all records in no order.
func (z *Zone) Records() []Record {
	z.mu.RLock()
	defer z.mu.RUnlock()
	out := make([]Record, 0, len(z.records))
	for _, r := range z.records {
		out = append(out, r)
	}
	return out
}

// Update runs f on the zone's record map under the write lock: a transaction.
// If f returns an error, the caller must have left the map as it was.
func (z *Zone) Update(f func(records map[string]Record) error) error {
	z.mu.Lock()
	defer z.mu.Unlock()
	if err := f(z.records); err != nil {
		return err
	}
	z.serial++
	return nil
}

// Serial grows with every change of a record.
func (z *Zone) Serial() uint32 {
	z.mu.RLock()
	defer z.mu.RUnlock()
	return z.serial
}

// Snapshot returns a copy of all records in no order with the serial that they
// belong to, so that what is computed from them can be kept until it changes.
func (z *Zone) Snapshot() ([]Record, uint32) {
	z.mu.RLock()
	defer z.mu.RUnlock()
	out := make([]Record, 0, len(z.records))
	for _, r := range z.records {
		out = append(out, r)
	}
	return out, z.serial
}

// Record returns one record by its id.
func (z *Zone) Record(id string) (Record, bool) {
	z.mu.RLock()
	defer z.mu.RUnlock()
	r, ok := z.records[id]
	return r, ok
}

// Setting returns one setting.
func (z *Zone) Setting(id string) (Setting, bool) {
	z.mu.RLock()
	defer z.mu.RUnlock()
	s, ok := z.settings[id]
	return s, ok
}

// PutSetting stores one setting.
func (z *Zone) PutSetting(s Setting) {
	z.mu.Lock()
	defer z.mu.Unlock()
	z.settings[s.ID] = s
}

// Settings returns a copy of all settings in no order.
func (z *Zone) Settings() []Setting {
	z.mu.RLock()
	defer z.mu.RUnlock()
	out := make([]Setting, 0, len(z.settings))
	for _, s := range z.settings {
		out = append(out, s)
	}
	return out
}
