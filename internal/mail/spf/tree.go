package spf

import (
	"fmt"
	"iter"
	"net/netip"
	"slices"
	"strings"
	"unicode/utf8"
)

// treeWidth leaves room for the frames that a tree is shown in.
const treeWidth = 62

// treeLines bounds the text of a tree that somebody else may have made huge.
const treeLines = 60

// String is the tree with what each term costs, readable at 80 columns within a diagnostic:
// the look-ups of a term with all below it, right-aligned, and what is wrong.
func (t *Tree) String() string {
	var b strings.Builder
	lines := 0
	line := func(left, right string) {
		if lines++; lines > treeLines {
			return
		}
		const room = treeWidth - 4
		if n := utf8.RuneCountInString(left); n > room {
			left = string([]rune(left)[:room-3]) + "..."
		}
		row := fmt.Sprintf("%s%s%4s", left, strings.Repeat(" ", room-utf8.RuneCountInString(left)), right)
		b.WriteString(strings.TrimRight(row, " ") + "\n")
	}
	total := fmt.Sprintf("%s: %d of %d look-ups", t.Root.Name, t.Lookups, LookupLimit)
	if t.Incomplete() || t.Dynamic {
		total = fmt.Sprintf("%s: at least %d of %d look-ups", t.Root.Name, t.Lookups, LookupLimit)
	}
	if over := -t.Headroom(); over > 0 {
		total += fmt.Sprintf(", %d too many", over)
	}
	if t.Voids > 0 {
		total += fmt.Sprintf(", %d of %d void", t.Voids, VoidLimit)
	}
	line(total, "")
	t.Root.render(line, "")
	if lines > treeLines {
		fmt.Fprintf(&b, "... %d more lines\n", lines-treeLines)
	}
	return b.String()
}

func (n *Node) render(line func(left, right string), indent string) {
	switch {
	case n.Err != nil:
		line(indent+"`- cannot be parsed: "+n.Err.Error(), "")
	case len(n.Records) > 1:
		line(fmt.Sprintf("%s`- %d SPF records", indent, len(n.Records)), "")
	case n.Record == nil:
		line(indent+"`- no SPF record", "")
	}
	for i, br := range n.Branches {
		branch, below := "|- ", "|  "
		if i == len(n.Branches)-1 {
			branch, below = "`- ", "   "
		}
		text := indent + branch + br.Term.Text
		switch {
		case br.Dead:
			text += "  (never tested)"
		case br.Note != "" && (br.Child == nil || br.Child.Err == nil && br.Child.Record != nil):
			text += "  (" + br.Note + ")"
		}
		cost := ""
		if br.Total > 0 {
			cost = fmt.Sprint(br.Total)
		}
		line(text, cost)
		if br.Child != nil {
			br.Child.render(line, indent+below)
		}
	}
}

// Nodes goes through all records of the tree, parents first.
func (t *Tree) Nodes() iter.Seq[*Node] {
	return func(yield func(*Node) bool) { t.Root.each(yield) }
}

func (n *Node) each(yield func(*Node) bool) bool {
	if !yield(n) {
		return false
	}
	for _, b := range n.Branches {
		if b.Child != nil && !b.Child.each(yield) {
			return false
		}
	}
	return true
}

// Shadow is what a term takes away from those after it: the first match wins,
// and this one is no pass.
type Shadow struct {
	Term    Term
	Network netip.Prefix
}

// Passing is a live term whose match means pass.
type Passing struct {
	Node   *Node
	Branch Branch
	Before []Shadow // tested before it
}

// Shadowed returns the first network of the term, or of what it includes, that
// an earlier term takes away as a whole.
func (p Passing) Shadowed() (Shadow, bool) {
	var found Shadow
	p.Branch.each(p.Before, func(network netip.Prefix, before []Shadow) bool {
		i := slices.IndexFunc(before, func(s Shadow) bool { return within(network, s.Network) })
		if i >= 0 {
			found = before[i]
		}
		return i < 0
	})
	return found, found.Network.IsValid()
}

// each goes through the networks of a branch and of all below it, with what is
// tested before each.
func (b Branch) each(before []Shadow, yield func(netip.Prefix, []Shadow) bool) {
	if b.Term.Network.IsValid() && !yield(b.Term.Network.Masked(), before) {
		return
	}
	if b.Child == nil {
		return
	}
	b.Child.passing(before, func(p Passing) bool {
		return !p.Branch.Term.Network.IsValid() || yield(p.Branch.Term.Network.Masked(), p.Before)
	})
}

// shadows are the networks that the term certainly matches.
func (b Branch) shadows() []Shadow {
	var out []Shadow
	add := func(network netip.Prefix) { out = append(out, Shadow{b.Term, network}) }
	if (b.Term.Mechanism == A || b.Term.Mechanism == MX) && b.Void != Void {
		if b.Term.Bits4 == 0 && b.Void != VoidForV4 {
			add(netip.PrefixFrom(netip.IPv4Unspecified(), 0))
		}
		if b.Term.Bits6 == 0 && b.Void != VoidForV6 {
			add(netip.PrefixFrom(netip.IPv6Unspecified(), 0))
		}
	}
	b.each(nil, func(network netip.Prefix, _ []Shadow) bool {
		add(network)
		return true
	})
	return out
}

// Passes goes through the live terms whose match means pass: those of the
// root, of includes with a "+", and of redirects.
func (t *Tree) Passes() iter.Seq[Passing] {
	return func(yield func(Passing) bool) { t.Root.passing(nil, yield) }
}

func (n *Node) passing(before []Shadow, yield func(Passing) bool) bool {
	before = slices.Clip(before) // what this record adds is not seen outside
	for _, b := range n.Branches {
		if b.Dead {
			continue
		}
		if b.Term.Mechanism != "" && b.Term.Qualifier != Pass {
			before = append(before, b.shadows()...)
			continue
		}
		if !yield(Passing{n, b, before}) || b.Child != nil && !b.Child.passing(before, yield) {
			return false
		}
	}
	return true
}

// Effective is Passes without what is tested before.
func (t *Tree) Effective() iter.Seq2[*Node, Branch] {
	return func(yield func(*Node, Branch) bool) {
		t.Root.passing(nil, func(p Passing) bool { return yield(p.Node, p.Branch) })
	}
}

// Networks are the ip4 and ip6 networks that pass, anywhere in the tree,
// without those that an earlier term takes away.
func (t *Tree) Networks() []netip.Prefix {
	var out []netip.Prefix
	for p := range t.Passes() {
		if !p.Branch.Term.Network.IsValid() {
			continue
		}
		if _, shadowed := p.Shadowed(); !shadowed {
			out = append(out, p.Branch.Term.Network.Masked())
		}
	}
	return out
}

// Covers reports whether every network of others lies within one of ours.
func Covers(ours, others []netip.Prefix) bool {
	for _, o := range others {
		if !slices.ContainsFunc(ours, func(p netip.Prefix) bool { return within(o, p) }) {
			return false
		}
	}
	return len(others) > 0
}
