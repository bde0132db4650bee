package spf

import (
	"context"
	"fmt"
	"slices"
	"strings"
)

// Bounds of a walk. A tree beyond them is broken many times over; what was
// counted until then stays a lower bound.
const (
	maxDepth = 20
	maxTerms = 100
)

// ProblemKind sorts what a walk can find wrong.
type ProblemKind string

const (
	Missing  ProblemKind = "missing"  // no record where one is needed
	Multiple ProblemKind = "multiple" // more than one record
	Syntax   ProblemKind = "syntax"   // the record cannot be parsed
	Loop     ProblemKind = "loop"     // include or redirect leads back
	MXCount  ProblemKind = "mx_count" // an mx has more than MXLimit names
	Unknown  ProblemKind = "unknown"  // the DNS did not answer: temperror
	TooLarge ProblemKind = "too_large"
)

// Problem is one thing wrong somewhere in a tree.
type Problem struct {
	Kind   ProblemKind
	Path   []string // record names from the root to where it is; for a loop, the cycle closes it
	Term   string   // the term that leads there; empty at the root
	Detail string
}

func (p Problem) String() string {
	return strings.Join(p.Path, " -> ") + ": " + p.Detail
}

// VoidKind says whether a term is a void look-up.
type VoidKind string

const (
	NotVoid   VoidKind = ""
	Void      VoidKind = "void"      // nothing for either address family
	VoidForV4 VoidKind = "void_ipv4" // nothing for a client on IPv4
	VoidForV6 VoidKind = "void_ipv6" // nothing for a client on IPv6
)

// Tree is a record with all that it leads to, priced by section 4.6.4.
type Tree struct {
	Root     *Node
	Lookups  int // worst case: every term tested
	Voids    int // certain void look-ups
	VoidsV4  int // for a client on IPv4, the certain ones included
	VoidsV6  int
	Problems []Problem // in the order of the tree
	// Dynamic is set if a branch depends on the message (macros), so that the
	// figures are lower bounds.
	Dynamic bool
}

// Headroom is how many look-ups are left; negative over the limit.
func (t *Tree) Headroom() int { return LookupLimit - t.Lookups }

// Incomplete reports whether the DNS failed to answer somewhere, so that the
// figures are lower bounds.
func (t *Tree) Incomplete() bool { return t.Has(Unknown) }

// Has reports whether a problem of the kind was found.
func (t *Tree) Has(kind ProblemKind) bool {
	return slices.ContainsFunc(t.Problems, func(p Problem) bool { return p.Kind == kind })
}

// Node is one record of the tree.
type Node struct {
	Name     string     // owner of the record
	TXT      [][]string // all TXT records at the name, as character-strings
	Records  []string   // of these, the SPF records
	Record   *Record    // nil unless there is exactly one
	Err      error      // of syntax
	Branches []Branch   // the terms in order of evaluation
}

// Branch is one term of a node.
type Branch struct {
	Term    Term
	Target  string // name asked for; empty if none, or if it depends on the message
	Dynamic bool   // the target depends on the message
	Dead    bool   // never tested: after all, or a redirect beside all
	Cost    int    // look-ups of the term itself
	Total   int    // look-ups of the term and of all below it
	Reach   int    // look-ups used when the term has been tested, in a walk without a match
	Void    VoidKind
	Child   *Node
	Cycle   []string // names of the loop that the term closes
	Note    string   // what is wrong with it, in words
}

// Walk follows a domain's record through every branch. It asks each question
// once, within the bounds of an Asker, which r may be; look-ups that are repeated
// count again, as in an evaluation.
func Walk(ctx context.Context, r Resolver, domain string) *Tree {
	w := &walker{ctx: ctx, r: asker(r), tree: &Tree{}}
	w.tree.Root = w.node(targetName(domain), nil, "")
	return w.tree
}

type walker struct {
	ctx   context.Context
	r     *Asker
	tree  *Tree
	terms int
}

func (w *walker) problem(kind ProblemKind, path []string, term, format string, args ...any) string {
	p := Problem{Kind: kind, Path: slices.Clone(path), Term: term, Detail: fmt.Sprintf(format, args...)}
	w.tree.Problems = append(w.tree.Problems, p)
	return p.Detail
}

// node reads the record at a name. path holds the names above it.
func (w *walker) node(name string, above []string, term string) *Node {
	n := &Node{Name: name}
	path := append(slices.Clone(above), name)
	if !validName(name) || !strings.Contains(name, ".") {
		w.problem(Missing, path, term, "%q is not a domain name", name)
		return n
	}
	txt, err := w.r.LookupTXT(w.ctx, name)
	if err != nil && !notFound(err) {
		w.problem(Unknown, path, term, "TXT %s: %s", name, reason(err))
		return n
	}
	n.TXT, n.Records = txt, Select(txt)
	switch len(n.Records) {
	case 0:
		what := "has no SPF record"
		if err != nil && reason(err) == "NXDOMAIN" {
			what = "does not exist"
		}
		w.problem(Missing, path, term, "%s %s", name, what)
		return n
	case 1:
	default:
		w.problem(Multiple, path, term, "%s has %d SPF records", name, len(n.Records))
		return n
	}
	record, err := Parse(n.Records[0])
	n.Record = record
	if err != nil {
		n.Err = err
		w.problem(Syntax, path, term, "%s", err)
		// A receiver gives up here; what follows in the tree costs nothing.
		return n
	}
	w.branches(n, path)
	return n
}

func (w *walker) branches(n *Node, path []string) {
	all := n.Record.All()
	var redirects []Branch
	for i, t := range n.Record.Terms {
		b := Branch{Term: t}
		switch {
		case t.Modifier == Redirect:
			b.Dead = all >= 0
			redirects = append(redirects, b)
			continue
		case t.Mechanism == "":
			continue
		}
		b.Dead = all >= 0 && i > all
		n.Branches = append(n.Branches, b)
	}
	n.Branches = append(n.Branches, redirects...)
	w.prefetch(n)
	for i := range n.Branches {
		b := &n.Branches[i]
		if !b.Dead && b.Term.Queries() {
			w.follow(b, n.Name, path)
		}
		b.Reach = w.tree.Lookups
	}
}

// follow prices one term that queries the DNS.
func (w *walker) follow(b *Branch, name string, path []string) {
	before := w.tree.Lookups
	defer func() { b.Total = w.tree.Lookups - before }()
	w.tree.Lookups++
	b.Cost = 1
	if w.terms++; w.terms > maxTerms || len(path) > maxDepth {
		b.Note = w.problem(TooLarge, path, b.Term.Text, "the tree was not followed further")
		return
	}
	b.Target = name
	if b.Term.Domain != nil {
		target, static := b.Term.Domain.Static(name)
		if !static {
			b.Target, b.Dynamic, w.tree.Dynamic = "", true, true
			b.Note = "depends on the message"
			return
		}
		b.Target = target
	}
	if b.Term.Mechanism == Include || b.Term.Modifier == Redirect {
		if i := slices.Index(path, b.Target); i >= 0 {
			b.Cycle = append(slices.Clone(path[i:]), b.Target)
			b.Note = w.problem(Loop, append(slices.Clone(path), b.Target), b.Term.Text, "the loop %s never ends", strings.Join(b.Cycle, " -> "))
			return
		}
		problems := len(w.tree.Problems)
		b.Child = w.node(b.Target, path, b.Term.Text)
		for _, p := range w.tree.Problems[problems:] {
			if len(p.Path) == len(path)+1 {
				b.Note = p.Detail
			}
		}
		return
	}
	if !validName(b.Target) {
		b.Note = "not a domain name: never matches"
		return
	}
	w.data(b, path)
}
