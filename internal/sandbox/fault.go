package sandbox

import (
	"cmp"
	"errors"
	"fmt"
	"slices"
	"strings"
	"sync"

	"github.com/launchready/terraform-provider-launchready/internal/sandbox/api"
	"github.com/launchready/terraform-provider-launchready/internal/sandbox/dns"
	"github.com/launchready/terraform-provider-launchready/internal/sandbox/edge"
	"github.com/launchready/terraform-provider-launchready/internal/sandbox/inbox"
	"github.com/launchready/terraform-provider-launchready/internal/sandbox/leaks"
	"github.com/launchready/terraform-provider-launchready/internal/sandbox/portal"
	"github.com/launchready/terraform-provider-launchready/internal/sandbox/relay"
	"github.com/launchready/terraform-provider-launchready/internal/sandbox/runbook"
	"github.com/launchready/terraform-provider-launchready/internal/sandbox/watch"
	"github.com/launchready/terraform-provider-launchready/internal/sandbox/zone"
)

// Scope is the part of the sandbox that a fault is in.
type Scope string

const (
	ScopePortal Scope = "portal" // the application
	ScopeZone   Scope = "zone"   // records and settings, as someone left them at the dashboard
	ScopeDNS    Scope = "dns"    // the name servers
	ScopeEdge   Scope = "edge"   // the edge itself
	ScopeMail   Scope = "mail"   // what is sent, and the service that sends it
	ScopeWork   Scope = "work"   // the repository, and what is beside it

	ScopeOperation Scope = "operation" // what the operators see, and who is woken
	// ScopeRunbook is the handbook of those who help members, and what it leads to.
	ScopeRunbook Scope = "runbook"
)

// Fault is one thing that can be wrong, and who must notice it.
type Fault struct {
	Name   string   `json:"name"`
	Breaks string   `json:"breaks"` // one sentence
	Rules  []string `json:"rules"`  // ids of the rules that must report it
	// Status is what those rules must report: "fail", or "inconclusive" where
	// the fault keeps a check from seeing anything.
	Status string `json:"status,omitempty"`
	Scope  Scope  `json:"scope"`
	// Trap marks what is no fault: a way in which a sound portal differs from
	// what a check may expect. It has no rules and no status; nobody reports it.
	Trap bool `json:"trap,omitempty"`

	// apply brings the fault about and returns how to take it back.
	apply func(*world) (revert func() error, err error)
}

// world is what faults act on.
type world struct {
	domain string
	zone   *zone.Zone
	portal *portal.Portal
	// staging is the portal where releases are tried.
	staging *portal.Portal
	origin  *portal.Origin
	edge    *edge.Server
	dns     *dns.Server
	inbox   *inbox.Server
	relay   *relay.Server
	work    *leaks.Workplace
	watch   *watch.Watch
	runbook *runbook.Folder
	// variables are the names of environment variables of both.
	variables *variables
}

// Faults returns every fault, by area and then in the order of the lists.
func Faults() []Fault {
	return slices.Concat(
		tlsFaults(),
		edgeFaults(),
		headerFaults(),
		corsFaults(),
		rateFaults(),
		limiterFaults(),
		dnsFaults(),
		nameServerFaults(),
		spfFaults(),
		dkimFaults(),
		dmarcFaults(),
		transportFaults(),
		deliveryFaults(),
		authenticationFaults(),
		authorizationFaults(),
		secretFaults(),
		latencyFaults(),
		observabilityFaults(),
		deploymentFaults(),
		supportFaults(),
		traps(),
		supportTraps(),
	)
}

// faultNamed finds a fault.
func faultNamed(name string) (Fault, error) {
	var names []string
	for _, f := range Faults() {
		if f.Name == name {
			return f, nil
		}
		names = append(names, f.Name)
	}
	return Fault{}, fmt.Errorf("unknown fault %q; known are %s", name, strings.Join(names, ", "))
}

// active is a fault that is on.
type active struct {
	name   string
	revert func() error
}

// faultSet keeps the faults that are on, in the order they came.
type faultSet struct {
	mu    sync.Mutex
	world *world
	on    []active
}

// names returns the faults that are on.
func (s *faultSet) names() []string {
	s.mu.Lock()
	defer s.mu.Unlock()
	out := make([]string, 0, len(s.on))
	for _, a := range s.on {
		out = append(out, a.name)
	}
	return out
}

// set leaves exactly the named faults on. Two faults may touch one record, so
// they are taken back in the reverse of the order they came; those that stay
// are brought about again. Names are checked before anything is done.
func (s *faultSet) set(names []string) error {
	wanted := make([]Fault, 0, len(names))
	for _, name := range names {
		f, err := faultNamed(name)
		if err != nil {
			return err
		}
		if !slices.ContainsFunc(wanted, func(w Fault) bool { return w.Name == name }) {
			wanted = append(wanted, f)
		}
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	stays := 0 // the common beginning of what is on and what is wanted
	for stays < len(s.on) && stays < len(wanted) && s.on[stays].name == wanted[stays].Name {
		stays++
	}
	var errs []error
	for _, a := range slices.Backward(s.on[stays:]) {
		if err := a.revert(); err != nil {
			errs = append(errs, fmt.Errorf("take back %s: %w", a.name, err))
		}
	}
	s.on = s.on[:stays]
	for _, f := range wanted[stays:] {
		revert, err := f.apply(s.world)
		if err != nil {
			errs = append(errs, fmt.Errorf("bring about %s: %w", f.Name, err))
			continue
		}
		s.on = append(s.on, active{f.Name, revert})
	}
	return errors.Join(errs...)
}

// The kinds of apply that most faults are made of.

// step is one thing that a fault does.
type step func(*world) (revert func() error, err error)

// all does steps one after the other and takes them back in reverse.
func all(steps ...step) step {
	return func(w *world) (func() error, error) {
		var reverts []func() error
		revert := func() error {
			var errs []error
			for _, f := range slices.Backward(reverts) {
				errs = append(errs, f())
			}
			return errors.Join(errs...)
		}
		for _, s := range steps {
			r, err := s(w)
			if err != nil {
				return nil, errors.Join(err, revert())
			}
			reverts = append(reverts, r)
		}
		return revert, nil
	}
}

// portalSwitch turns on a switch of the portal.
func portalSwitch(s portal.Switch) step {
	return func(w *world) (func() error, error) {
		w.portal.Set(s, true)
		return func() error { w.portal.Set(s, false); return nil }, nil
	}
}

// edgeFault turns on a fault of the edge.
func edgeFault(f edge.Fault) step {
	return func(w *world) (func() error, error) {
		return func() error { return w.edge.SetFault(f, false) }, w.edge.SetFault(f, true)
	}
}

// guard changes what strangers find of the origin.
func guard(g portal.Guard) step {
	return func(w *world) (func() error, error) {
		before := w.origin.Guard()
		w.origin.SetGuard(g)
		return func() error { w.origin.SetGuard(before); return nil }, nil
	}
}

// rules changes the rules of a phase, as someone at the dashboard would, and
// puts back what was there.
func rules(phase string, change func([]zone.Rule) []zone.Rule) step {
	return func(w *world) (func() error, error) {
		before, had := w.zone.Ruleset(phase)
		write := func(f func(*zone.Ruleset)) {
			_, _ = w.zone.UpdateRuleset(phase, func(r *zone.Ruleset) error { f(r); return nil }) // fails only if the function does
		}
		write(func(r *zone.Ruleset) {
			r.ID = cmp.Or(r.ID, api.NewID())
			r.Rules = change(slices.Clone(r.Rules))
		})
		return func() error {
			if !had {
				w.zone.RemoveRuleset(phase)
				return nil
			}
			write(func(r *zone.Ruleset) { r.Rules = before.Rules })
			return nil
		}, nil
	}
}

// setting writes a zone setting.
func setting(id string, value any) step {
	return func(w *world) (func() error, error) {
		restore, err := change(w.zone, id, value)
		return func() error { restore(); return nil }, err
	}
}

// text replaces the TXT records of a name, given without the zone, that begin
// with a prefix. "{domain}" in a value stands for the zone's name.
func text(name, prefix string, values ...string) step {
	return func(w *world) (func() error, error) {
		var with []record
		for _, v := range values {
			with = append(with, record{Type: "TXT", Name: w.under(name), Content: w.expand(v)})
		}
		restore, err := exchange(w.zone, textAt(w.under(name), prefix), with...)
		return func() error { restore(); return nil }, err
	}
}

// records puts records in the place of those of one name and type, which is
// given without the zone. "{domain}" in a content stands for the zone's name.
func records(label, typ string, with ...record) step {
	return func(w *world) (func() error, error) {
		put := make([]record, 0, len(with))
		for _, r := range with {
			r.Type, r.Name, r.Content = typ, w.under(label), w.expand(r.Content)
			put = append(put, r)
		}
		restore, err := exchange(w.zone, at(w.under(label), typ), put...)
		return func() error { restore(); return nil }, err
	}
}

// hostFault lets one of the name servers misbehave.
func hostFault(host dns.Host, f dns.HostFault) step {
	return func(w *world) (func() error, error) {
		w.dns.SetHostFault(host, f, true)
		return func() error { w.dns.SetHostFault(host, f, false); return nil }, nil
	}
}

// zoneFault lets the name servers serve the client's zone wrongly.
func zoneFault(f dns.ZoneFault) step {
	return func(w *world) (func() error, error) {
		w.dns.SetZoneFault(w.domain, f, true)
		return func() error { w.dns.SetZoneFault(w.domain, f, false); return nil }, nil
	}
}

// under returns a name of the zone: "" is the apex.
func (w *world) under(label string) string {
	if label == "" {
		return w.domain
	}
	return label + "." + w.domain
}

func (w *world) expand(s string) string { return strings.ReplaceAll(s, "{domain}", w.domain) }
