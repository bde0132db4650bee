package provider

import (
	"crypto/sha256"
	"encoding/hex"
	"maps"
	"slices"
	"sync"

	"github.com/hashicorp/terraform-plugin-go/tftypes"

	"github.com/launchready/terraform-provider-launchready/internal/cloudflare"
)

// ownership keeps the resources of one run out of each other's way. Terraform
// plans and applies resources side by side and in no order that a provider
// could know, and tells it neither a resource's address nor what other
// resources hold. So each says what it declares, holds and means to adopt, and
// whoever comes second and disagrees reports it. A resource is told from
// another by the fingerprint of its configuration.
type ownership struct {
	mu       sync.Mutex
	declared map[string]declaration // what must be declared once
	held     map[string]string      // id of a record in a state that stays -> who holds it
	wanted   map[string]string      // id of a record to be adopted -> who adopts it
	written  map[string]bool        // ids of records created or adopted in this process
	doomed   map[string]string      // id of a record to be deleted as nobody's -> by whom
	leaving  map[string]int         // ids of records that are about to change or go -> by how many
	locks    map[string]*sync.Mutex
	given    map[string]map[string]cloudflare.Record // of a zone, by id: records as they were before this process changed or deleted them
	counts   map[string]map[string]int               // rules that are planned in a phase of a zone, by whom
}

func newOwnership() *ownership {
	return &ownership{
		declared: map[string]declaration{}, held: map[string]string{}, wanted: map[string]string{},
		written: map[string]bool{}, doomed: map[string]string{}, leaving: map[string]int{}, locks: map[string]*sync.Mutex{},
		given: map[string]map[string]cloudflare.Record{}, counts: map[string]map[string]int{},
	}
}

// fingerprint stands for a resource: the same before and after a replacement.
func fingerprint(config tftypes.Value) string {
	sum := sha256.Sum256([]byte(config.String()))
	return hex.EncodeToString(sum[:])
}

// condemn says that a resource is going to delete a record that nobody declares;
// false if another one keeps it.
func (o *ownership) condemn(id, who string) bool {
	o.mu.Lock()
	defer o.mu.Unlock()
	o.doomed[id] = who
	other, ok := o.held[id]
	return !ok || other == who
}

// condemned reports whether another resource is going to delete the record.
func (o *ownership) condemned(id, who string) bool {
	o.mu.Lock()
	defer o.mu.Unlock()
	other, ok := o.doomed[id]
	return ok && other != who
}

// declaration is who declares a thing, and whether it is in the state already.
type declaration struct {
	who    string
	exists bool
	made   int // how often it is planned to be created
}

// declare says that a resource declares a thing that exists once. first is
// false if another has declared it; both tells whether both are in the state.
func (o *ownership) declare(what, who string, exists bool) (first, both bool) {
	o.mu.Lock()
	defer o.mu.Unlock()
	other, ok := o.declared[what]
	if ok && other.who != who {
		return false, exists && other.exists
	}
	if !exists {
		other.made++
	}
	o.declared[what] = declaration{who, exists || other.exists, other.made}
	// Who is planned to be created twice without having been there is a copy of
	// itself; a replacement was there.
	return other.made < 2 || other.exists || exists, false
}

// hold says that a resource has a record and keeps it; false if another means
// to adopt it.
func (o *ownership) hold(id, who string) bool {
	o.mu.Lock()
	defer o.mu.Unlock()
	o.held[id] = who
	other, ok := o.wanted[id]
	return !ok || other == who
}

// adopt says that a resource means to adopt a record; false if another keeps it.
func (o *ownership) adopt(id, who string) bool {
	o.mu.Lock()
	defer o.mu.Unlock()
	o.wanted[id] = who
	other, ok := o.held[id]
	return !ok || other == who
}

// holder reports whether a resource keeps the record.
func (o *ownership) holder(id string) bool {
	o.mu.Lock()
	defer o.mu.Unlock()
	_, ok := o.held[id]
	return ok
}

// write marks a record as created or adopted in this run, or takes that back.
func (o *ownership) write(id string, done bool) {
	o.mu.Lock()
	defer o.mu.Unlock()
	o.written[id] = done
}

// wrote reports whether a record was created or adopted in this run.
func (o *ownership) wrote(id string) bool {
	o.mu.Lock()
	defer o.mu.Unlock()
	return o.written[id]
}

// leave says that a record is about to change or to go: who wants what it has
// need not wait, for both travel in one transaction. The function returned takes
// that back.
func (o *ownership) leave(id string) (stay func()) {
	o.mu.Lock()
	defer o.mu.Unlock()
	o.leaving[id]++
	return func() {
		o.mu.Lock()
		defer o.mu.Unlock()
		o.leaving[id]--
	}
}

// leaves reports whether a record is about to change or to go.
func (o *ownership) leaves(id string) bool {
	o.mu.Lock()
	defer o.mu.Unlock()
	return o.leaving[id] > 0
}

// give keeps what a record says that is about to change or to go: who takes its
// place may come too late to read it in the zone.
func (o *ownership) give(zoneID string, r cloudflare.Record) {
	o.mu.Lock()
	defer o.mu.Unlock()
	if o.given[zoneID] == nil {
		o.given[zoneID] = map[string]cloudflare.Record{}
	}
	if _, ok := o.given[zoneID][r.ID]; !ok { // what it said at first is what the plan saw
		o.given[zoneID][r.ID] = r
	}
}

// before are the records of a zone that this process has changed or deleted, as
// they were.
func (o *ownership) before(zoneID string) []cloudflare.Record {
	o.mu.Lock()
	defer o.mu.Unlock()
	return slices.Collect(maps.Values(o.given[zoneID]))
}

// lock keeps an adoption and a deletion of one record apart.
func (o *ownership) lock(id string) (unlock func()) {
	o.mu.Lock()
	l, ok := o.locks[id]
	if !ok {
		l = &sync.Mutex{}
		o.locks[id] = l
	}
	o.mu.Unlock()
	l.Lock()
	return l.Unlock
}

// plan says how many rules a resource plans in a phase of a zone.
func (o *ownership) plan(phase, who string, rules int) {
	o.mu.Lock()
	defer o.mu.Unlock()
	if o.counts[phase] == nil {
		o.counts[phase] = map[string]int{}
	}
	o.counts[phase][who] = rules
}

// planned counts the rules that resources have planned in a phase so far.
func (o *ownership) planned(phase string) (n int) {
	o.mu.Lock()
	defer o.mu.Unlock()
	for _, rules := range o.counts[phase] {
		n += rules
	}
	return n
}
