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

// Effective goes through the live terms whose match means pass: those of the
// root, of includes with a "+", and of redirects.
func (t *Tree) Effective() iter.Seq2[*Node, Branch] {
	return func(yield func(*Node, Branch) bool) { t.Root.effective(yield) }
}

func (n *Node) effective(yield func(*Node, Branch) bool) bool {
	for _, b := range n.Branches {
		if b.Dead || b.Term.Mechanism != "" && b.Term.Qualifier != Pass {
			continue
		}
		if !yield(n, b) || b.Child != nil && !b.Child.effective(yield) {
			return false
		}
	}
	return true
}

// Networks are the ip4 and ip6 networks that pass, anywhere in the tree.
func (t *Tree) Networks() []netip.Prefix {
	var out []netip.Prefix
	for _, b := range t.Effective() {
		if b.Term.Network.IsValid() {
			out = append(out, b.Term.Network.Masked())
		}
	}
	return out
}

// Covers reports whether every network of others lies within one of ours.
func Covers(ours, others []netip.Prefix) bool {
	for _, o := range others {
		if !slices.ContainsFunc(ours, func(p netip.Prefix) bool { return p.Bits() <= o.Bits() && p.Contains(o.Addr()) }) {
			return false
		}
	}
	return len(others) > 0
}
