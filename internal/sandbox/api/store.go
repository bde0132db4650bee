package api

import (
	"net/http"
	"strings"

	"github.com/launchready/terraform-provider-launchready/internal/sandbox/zone"
)

// transaction changes records of one zone: all that is asked of it, or nothing.
// It lives under the zone's write lock.
type transaction struct {
	server  *Server
	zone    *zone.Zone
	limits  limits
	quota   int
	records map[string]zone.Record
	byName  map[string]map[string]bool // ids by name; nil until it pays
	looked  int                        // how often ids were looked for without it
	undo    []undo
}

type undo struct {
	id     string
	before zone.Record
	had    bool
}

// quota is how many records a zone may hold: what its plan says, and those
// that make it large.
func (s *Server) quota(z *zone.Zone, l limits) int {
	s.mu.RLock()
	defer s.mu.RUnlock()
	if s.recordQuota > 0 {
		return s.recordQuota + s.extra[z]
	}
	return l.records + s.extra[z]
}

// change runs f in a transaction.
func (s *Server) change(z *zone.Zone, f func(*transaction) *Error) *Error {
	var failed *Error
	_ = z.Update(func(records map[string]zone.Record) error {
		l := limitsOf(z.Plan)
		tx := &transaction{server: s, zone: z, limits: l, quota: s.quota(z, l), records: records}
		if failed = f(tx); failed != nil {
			tx.rollBack()
			return failed
		}
		return nil
	})
	return failed
}

// named returns the ids of the records of a name. One write looks through the
// zone; a batch makes an index.
func (tx *transaction) named(name string) map[string]bool {
	if tx.looked++; tx.byName == nil && tx.looked > 8 {
		tx.byName = map[string]map[string]bool{}
		for id, r := range tx.records {
			tx.index(id, r.Name)
		}
	}
	if tx.byName != nil {
		return tx.byName[name]
	}
	out := map[string]bool{}
	for id, r := range tx.records {
		if r.Name == name {
			out[id] = true
		}
	}
	return out
}

func (tx *transaction) index(id, name string) {
	if tx.byName == nil {
		return
	}
	if tx.byName[name] == nil {
		tx.byName[name] = map[string]bool{}
	}
	tx.byName[name][id] = true
}

func (tx *transaction) set(r zone.Record) {
	before, had := tx.records[r.ID]
	tx.undo = append(tx.undo, undo{r.ID, before, had})
	if had {
		delete(tx.byName[before.Name], r.ID)
	}
	tx.records[r.ID] = r
	tx.index(r.ID, r.Name)
}

func (tx *transaction) rollBack() {
	for i := len(tx.undo) - 1; i >= 0; i-- {
		if u := tx.undo[i]; u.had {
			tx.records[u.id] = u.before
		} else {
			delete(tx.records, u.id)
		}
	}
}

// create adds a record of the fields that are sent.
func (tx *transaction) create(in input) (zone.Record, *Error) {
	r := blank()
	if err := in.apply(&r); err != nil {
		return r, err
	}
	r.ID, r.CreatedOn = NewID(), now()
	r.ModifiedOn = r.CreatedOn
	if err := tx.put(&r); err != nil {
		return r, err
	}
	if len(tx.records) > tx.quota {
		return r, conflict(codeQuota, "Record quota exceeded.")
	}
	return r, nil
}

// update changes a record: a patch keeps what is not sent, a put resets it.
func (tx *transaction) update(id string, in input, reset bool) (zone.Record, *Error) {
	before, err := tx.writable(id)
	if err != nil {
		return before, err
	}
	r := before
	if reset {
		r = blank()
		r.ID, r.CreatedOn, r.Meta = before.ID, before.CreatedOn, before.Meta
	}
	if err := in.apply(&r); err != nil {
		return r, err
	}
	r.ModifiedOn = now()
	return r, tx.put(&r)
}

// remove deletes a record.
func (tx *transaction) remove(id string) (zone.Record, *Error) {
	before, err := tx.writable(id)
	if err != nil {
		return before, err
	}
	tx.undo = append(tx.undo, undo{id, before, true})
	delete(tx.records, id)
	delete(tx.byName[before.Name], id) // no-op without an index
	return before, nil
}

func (tx *transaction) writable(id string) (zone.Record, *Error) {
	r, ok := tx.records[id]
	if !ok {
		return r, noSuchRecord()
	}
	if isReadOnly(r) {
		return r, &Error{Status: http.StatusForbidden, Code: codeRecordReadOnly, Message: "This record is managed by Cloudflare and cannot be changed."}
	}
	return r, nil
}

// put stores a record after all checks.
func (tx *transaction) put(r *zone.Record) *Error {
	if err := normalise(r, tx.zone.Name, tx.limits); err != nil {
		return err
	}
	if mayProxy(r.Type) && tx.server.account.hasSubzone(tx.zone, r.Name) {
		return conflict(codeSubdomainZone, "NS records with that host already exist.")
	}
	if err := tx.conflicts(*r); err != nil {
		return err
	}
	tx.set(*r)
	return nil
}

// conflicts compares a record with the others of its name.
func (tx *transaction) conflicts(r zone.Record) *Error {
	text := len(textOf(r.Content))
	for id := range tx.named(r.Name) {
		other := tx.records[id]
		if id == r.ID {
			continue
		}
		switch {
		case r.Type == "CNAME" && mayProxy(other.Type):
			return conflict(codeAddressHere, "An A, AAAA, or CNAME record with that host already exists.")
		case other.Type == "CNAME" && mayProxy(r.Type):
			return conflict(codeCNAMEHere, "A CNAME record with that host already exists.")
		case identical(r, other):
			return conflict(codeIdenticalRecord, "An identical record already exists.")
		case sameValue(r, other):
			return conflict(codeRecordExists, "The record already exists.")
		case other.Type == "TXT":
			text += len(textOf(other.Content))
		}
	}
	if r.Type == "TXT" && text > 8192 {
		return invalid(codeValidation, "content", "The TXT records of %s are longer than 8192 characters together.", strings.TrimSuffix(r.Name, "."))
	}
	return nil
}
