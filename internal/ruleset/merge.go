package ruleset

import (
	"slices"
	"strings"
)

// Position is where in a phase the rules of one owner stand: before the rules
// of others or after them.
type Position string

const (
	First Position = "first"
	Last  Position = "last"
)

// mark begins the ref of every rule that this provider makes.
const mark = "lr_"

// Owner is who declares rules: the kind of resource and its name in the zone.
// Neither may hold an underscore at its end; a name has none at all.
type Owner struct{ Kind, Name string }

// Ref is the ref of the owner's rule of a key.
func (o Owner) Ref(key string) string { return o.prefix() + key }

// Key is the opposite of Ref; ok is false for a rule of somebody else.
func (o Owner) Key(ref string) (key string, ok bool) { return strings.CutPrefix(ref, o.prefix()) }

func (o Owner) prefix() string { return mark + o.Kind + "_" + o.Name + "_" }

// Owns reports whether a rule is the owner's.
func (o Owner) Owns(r Rule) bool { return strings.HasPrefix(r.Ref, o.prefix()) }

// Of returns the owner's rules of a ruleset, in their order.
func (o Owner) Of(rules []Rule) []Rule {
	return slices.DeleteFunc(slices.Clone(rules), func(r Rule) bool { return !o.Owns(r) })
}

// Claim is what an owner wants to stand in a phase: exactly these rules of its
// own, in this order. No rules take all of its own away.
type Claim struct {
	Owner    Owner
	Position Position
	Rules    []Rule
}

// Merge brings claims into the rules of a phase. Rules of others keep their
// place and order. The rules of one owner stand together: before all rules that
// are not of this provider, or after them; among those of this provider they
// stay where they are.
func Merge(current []Rule, claims ...Claim) []Rule {
	out := slices.Clone(current)
	for _, c := range claims {
		out = c.into(out)
	}
	return out
}

func (c Claim) into(current []Rule) []Rule {
	before := map[string]Rule{}
	first := -1 // index of the owner's first rule among the others
	var others []Rule
	for _, r := range current {
		if !c.Owner.Owns(r) {
			others = append(others, r)
			continue
		}
		before[r.Ref] = r
		if first < 0 {
			first = len(others)
		}
	}
	block := make([]Rule, len(c.Rules))
	for i, r := range c.Rules {
		block[i] = r
		if old, ok := before[r.Ref]; ok {
			block[i].ID = old.ID
			if old.Same(r) {
				block[i] = old // with all the server has added
			}
		}
	}
	return slices.Insert(others, place(others, c.Position, first), block...)
}

// place is the index at which a block goes into the rules of others: where it
// was, if that is within the run of this provider's rules at the end it is
// wanted at, else at the inner side of that run.
func place(others []Rule, position Position, was int) int {
	ours := OfProvider
	if position == Last {
		run := len(others)
		for run > 0 && ours(others[run-1]) {
			run--
		}
		if was >= run {
			return was
		}
		return len(others)
	}
	run := 0
	for run < len(others) && ours(others[run]) {
		run++
	}
	if was >= 0 && was <= run {
		return was
	}
	return run
}

// Edit is the one call that turns a ruleset into another. Exactly one of its
// fields is set, or none where nothing differs.
type Edit struct {
	Add    *Rule
	After  string // of Add: the id of the rule before it; "" = it is the first
	Change *Rule  // with its id
	Remove string // the id
	Whole  []Rule // all rules, where more than one differs
}

// None reports whether there is nothing to do.
func (e Edit) None() bool {
	return e.Add == nil && e.Change == nil && e.Remove == "" && e.Whole == nil
}

// Difference returns the smallest edit. A call for one rule cannot harm rules
// that somebody else writes at the same time, a call for all can.
func Difference(current, wanted []Rule) Edit {
	if equalRules(current, wanted) {
		return Edit{}
	}
	ids := func(rules []Rule) (out []string) {
		for _, r := range rules {
			out = append(out, r.ID)
		}
		return out
	}
	whole := Edit{Whole: append([]Rule{}, wanted...)}
	switch len(wanted) - len(current) {
	case 0:
		if !slices.Equal(ids(current), ids(wanted)) {
			return whole
		}
		var edit Edit
		for i := range wanted {
			if wanted[i].Same(current[i]) {
				continue
			}
			if edit.Change != nil {
				return whole
			}
			edit.Change = &wanted[i]
		}
		return edit
	case 1:
		for i, r := range wanted {
			if r.ID != "" {
				continue
			}
			if !equalRules(current, slices.Delete(slices.Clone(wanted), i, i+1)) {
				return whole
			}
			edit := Edit{Add: &wanted[i]}
			if i > 0 {
				edit.After = wanted[i-1].ID
			}
			return edit
		}
	case -1:
		for i, r := range current {
			if equalRules(slices.Delete(slices.Clone(current), i, i+1), wanted) {
				return Edit{Remove: r.ID}
			}
		}
	}
	return whole
}

// OfProvider reports whether a rule is of this provider, whoever its owner is.
func OfProvider(r Rule) bool { return strings.HasPrefix(r.Ref, mark) }

// NameOf returns the name of the owner of a rule of a kind; ok is false for a rule
// of another.
func NameOf(kind string, r Rule) (name string, ok bool) {
	rest, ours := strings.CutPrefix(r.Ref, mark+kind+"_")
	name, _, keyed := strings.Cut(rest, "_") // a name has no underscore
	return name, ours && keyed
}

// After returns the enabled rules that are not of this provider and stand after
// one of the owner's.
func After(rules []Rule, owner Owner) []Rule {
	var out []Rule
	seen := false
	for _, r := range rules {
		seen = seen || owner.Owns(r)
		if seen && r.Enabled && !OfProvider(r) {
			out = append(out, r)
		}
	}
	return out
}

// Before returns the enabled rules that are not of this provider and stand before
// one of the owner's.
func Before(rules []Rule, owner Owner) []Rule {
	reversed := slices.Clone(rules)
	slices.Reverse(reversed)
	out := After(reversed, owner)
	slices.Reverse(out)
	return out
}

// PositionOf tells where an owner's rules stand among those of others; told is
// false where there are none of either, or they stand between.
func PositionOf(owner Owner, rules []Rule) (where Position, told bool) {
	before, after, others := false, false, false
	seen := false
	for _, r := range rules {
		switch {
		case owner.Owns(r):
			seen, before = true, others
		case OfProvider(r):
		default:
			others = true
			after = seen
		}
	}
	switch {
	case !seen || before == after:
		return "", false
	case before:
		return Last, true
	}
	return First, true
}

// Holds reports whether a ruleset is as a claim wants it.
func (c Claim) Holds(rules []Rule) bool {
	return slices.EqualFunc(c.Owner.Of(rules), c.Rules, Rule.Same)
}

// Rebase returns what a phase should hold after a write of all its rules turned
// out to have been made from a stale read: before is what the write replaced,
// written what it left, now what is there. What others changed, added or deleted
// in between counts again, and so does what they did since.
func Rebase(before, written, now []Rule) []Rule {
	has := func(rules []Rule, id string) bool {
		return slices.ContainsFunc(rules, func(r Rule) bool { return r.ID == id })
	}
	var out []Rule
	for _, r := range before {
		if !has(now, r.ID) {
			if has(written, r.ID) {
				continue // deleted since
			}
			r = r.Fresh()
		}
		out = append(out, r)
	}
	for _, r := range now {
		if !has(written, r.ID) && !has(before, r.ID) {
			out = append(out, r)
		}
	}
	return out
}
