package api

import (
	"cmp"
	"fmt"
	"maps"

	"github.com/launchready/terraform-provider-launchready/internal/sandbox/zone"
)

// SeedOption says more of a record that is put into a zone.
type SeedOption func(*seed)

type seed struct {
	fields input
	meta   map[string]any
}

// Proxied puts the record behind the edge.
func Proxied() SeedOption { return func(s *seed) { s.fields["proxied"] = raw(true) } }

// Priority sets the preference of MX and URI.
func Priority(p uint16) SeedOption { return func(s *seed) { s.fields["priority"] = raw(p) } }

// Data sets the fields of a type that has them, such as SRV; content is then empty.
func Data(fields any) SeedOption { return func(s *seed) { s.fields["data"] = raw(fields) } }

// Meta sets a field of meta, such as read_only, which no client can set.
func Meta(name string, value any) SeedOption {
	return func(s *seed) { s.meta[name] = value }
}

// Seed puts a record into a zone of the account, through the checks that a
// POST goes through. The error wraps an *Error.
func (s *Server) Seed(z *zone.Zone, typ, name, content string, options ...SeedOption) (zone.Record, error) {
	in := seed{fields: input{"type": raw(typ), "name": raw(name)}, meta: map[string]any{}}
	if content != "" {
		in.fields["content"] = raw(content)
	}
	for _, o := range options {
		o(&in)
	}
	var out zone.Record
	err := s.change(z, func(tx *transaction) (err *Error) {
		if out, err = tx.create(in.fields); err != nil {
			return err
		}
		maps.Copy(out.Meta, in.meta)
		return nil
	})
	if err != nil {
		return out, fmt.Errorf("%s %s: %w", typ, name, err)
	}
	return out, nil
}

// SeedMany puts n records into a zone to make it large: r00000 and on, TXT.
// They do not count against the plan's quota. Not to be called twice for a zone.
func (s *Server) SeedMany(z *zone.Zone, n int) error {
	s.mu.Lock()
	s.extra[z] = n
	s.mu.Unlock()
	err := s.change(z, func(tx *transaction) *Error {
		for i := range n {
			in := input{"type": raw("TXT"), "name": raw(fmt.Sprintf("r%05d", i)), "content": raw(fmt.Sprintf(`"record %d"`, i))}
			if _, err := tx.create(in); err != nil {
				return err
			}
		}
		return nil
	})
	if err != nil {
		return fmt.Errorf("record %w", err)
	}
	return nil
}

// SeedRule puts a rule at the end of a phase's entry point, past all checks
// and hooks, and makes the entry point where there is none. Ref and version
// are filled in where they are empty.
func (s *Server) SeedRule(z *zone.Zone, phase string, rule zone.Rule) zone.Rule {
	rule.ID = cmp.Or(rule.ID, NewID())
	rule.Ref = cmp.Or(rule.Ref, rule.ID)
	rule.Version = cmp.Or(rule.Version, "1")
	rule.LastUpdated = now()
	_, _ = z.UpdateRuleset(phase, func(r *zone.Ruleset) error { // fails only if the function does
		r.ID = cmp.Or(r.ID, NewID())
		r.Rules = append(r.Rules, rule)
		return nil
	})
	return rule
}

// SeedPlan puts into a new zone what Cloudflare deploys by itself on its plan.
func (s *Server) SeedPlan(z *zone.Zone) {
	if _, has := z.Ruleset(managedPhase); has || z.Plan != "free" {
		return
	}
	s.SeedRule(z, managedPhase, zone.Rule{
		Expression: "true", Action: "execute", Enabled: true,
		ActionParameters: raw(map[string]string{"id": FreeManagedRuleset, "version": "latest"}),
	})
}
