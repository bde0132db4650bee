package spf

import (
	"fmt"
	"net/netip"
	"slices"
	"strings"
)

// IssueKind sorts what Lint finds. None of it is an error of grammar.
type IssueKind string

const (
	Permissive IssueKind = "permissive" // authorises everyone, or nearly
	NoAll      IssueKind = "no_all"     // says nothing of the senders that match nothing
	UsesPTR    IssueKind = "ptr"        // ptr or %{p}: SHOULD NOT be published (section 5.5)
	WideRange  IssueKind = "wide_range" // a network wider than one organisation has
	DeadTerm   IssueKind = "dead_term"  // a term without effect
	Typo       IssueKind = "typo"       // read as an unknown modifier, meant as a mechanism
)

// Issue is one weakness of a record.
type Issue struct {
	Kind    IssueKind
	Term    Term   // zero if the issue is about the whole record
	Message string // with the term as written
}

// Widest networks that one organisation is thought to own. Large providers
// publish wider ones, so this is for records that the client wrote. A choice,
// not a standard.
const (
	WidestV4 = 16
	WidestV6 = 32
)

// Lint judges a parsed record by itself, without the DNS.
func Lint(r *Record) []Issue {
	var out []Issue
	add := func(kind IssueKind, t Term, format string, args ...any) {
		out = append(out, Issue{kind, t, fmt.Sprintf(format, args...)})
	}
	all, hasAll := r.All(), r.All() >= 0
	_, redirects := r.modifier(Redirect)
	switch {
	case hasAll && r.Terms[all].Qualifier == Neutral:
		add(NoAll, r.Terms[all], "?all says nothing of other senders")
	case !hasAll && !redirects:
		add(NoAll, Term{}, "neither all nor redirect ends the record: other senders are neutral")
	}
	for i, t := range r.Terms {
		dead := hasAll && t.Mechanism != "" && i > all
		switch {
		case dead:
			add(DeadTerm, t, "%s stands after %s and is never tested", t.Text, r.Terms[all].Text)
		case t.Modifier == Redirect && hasAll:
			add(DeadTerm, t, "%s is ignored because of %s", t.Text, r.Terms[all].Text)
		case isMechanism(t.Modifier):
			add(Typo, t, "%s is read as an unknown modifier and ignored: write %s:%s", t.Text, t.Modifier, t.Value)
		case t.Modifier == "v":
			add(Typo, t, "the version appears again as %s: two records were pasted into one", t.Text)
		default:
			lintTerm(t, r.Terms[:i], add)
		}
		if t.Mechanism == PTR || t.Domain != nil && t.Domain.Uses('p') {
			add(UsesPTR, t, "%s depends on the reverse DNS of the client", t.Text)
		}
	}
	has := func(kind IssueKind) bool {
		return slices.ContainsFunc(out, func(i Issue) bool { return i.Kind == kind })
	}
	if share := ShareOf(r.networks(Pass)); share.Permissive() && !has(Permissive) {
		add(Permissive, Term{}, "the networks of the record cover %s", share)
	}
	// Whom a neutral term matches never gets to the end of the record.
	if share := ShareOf(r.networks(Neutral)); share.Permissive() && !has(NoAll) {
		add(NoAll, Term{}, "the networks with ? cover %s: of senders there the record says nothing", share)
	}
	return out
}

// networks are the literal networks of the live terms with a qualifier.
func (r *Record) networks(q Qualifier) []netip.Prefix {
	end := len(r.Terms)
	if all := r.All(); all >= 0 {
		end = all + 1
	}
	var out []netip.Prefix
	for _, t := range r.Terms[:end] {
		if t.Network.IsValid() && t.Qualifier == q {
			out = append(out, t.Network)
		}
	}
	return out
}

func lintTerm(t Term, before []Term, add func(IssueKind, Term, string, ...any)) {
	switch t.Mechanism {
	case All:
		if t.Qualifier == Pass {
			add(Permissive, t, "%s authorises every host", t.Text)
		}
		return
	case "":
		return
	}
	for _, b := range before {
		if b.Mechanism == t.Mechanism && b.covers(t) {
			add(DeadTerm, t, "%s is covered by %s before it", t.Text, b.Text)
			return
		}
	}
	bits4, bits6, own := t.widths()
	huge := bits4 <= permissiveBits4 || bits6 <= permissiveBits6
	if own {
		huge = ShareOf([]netip.Prefix{t.Network}).Permissive()
	}
	switch {
	case t.Qualifier == Neutral && huge:
		add(NoAll, t, "%s says nothing of the senders in a large part of all addresses", t.Text)
	case t.Qualifier != Pass:
	case huge:
		add(Permissive, t, "%s authorises a large part of all addresses", t.Text)
	case bits4 < WidestV4 || bits6 < WidestV6:
		add(WideRange, t, "%s is wider than /%d (IPv4) or /%d (IPv6)", t.Text, WidestV4, WidestV6)
	case own && reserved(t.Network):
		add(DeadTerm, t, "%s is a range that no mail comes from over the Internet", t.Text)
	}
}

// widths are the prefix lengths that the term spans; full ones if it has none.
// The last value is set for a literal network.
func (t Term) widths() (bits4, bits6 int, literal bool) {
	switch t.Mechanism {
	case IP4:
		return t.Network.Bits(), 128, true
	case IP6:
		return 32, t.Network.Bits(), true
	case A, MX:
		return t.Bits4, t.Bits6, false
	}
	return 32, 128, false
}

// covers reports whether a term of the same mechanism can match nothing that t
// has not matched before.
func (t Term) covers(u Term) bool {
	if t.Network.IsValid() {
		return t.Network.Bits() <= u.Network.Bits() && t.Network.Masked().Contains(u.Network.Addr())
	}
	same := t.Domain == nil && u.Domain == nil ||
		t.Domain != nil && u.Domain != nil && strings.EqualFold(strings.TrimSuffix(t.Domain.text, "."), strings.TrimSuffix(u.Domain.text, "."))
	return same && t.Bits4 <= u.Bits4 && t.Bits6 <= u.Bits6
}

// reserved reports whether a network is private, loopback, link-local,
// multicast or otherwise never a source on the Internet (RFC 6890). The
// documentation ranges are left alone: they stand for real ones in examples.
func reserved(n netip.Prefix) bool {
	a := n.Masked().Addr()
	if a.IsPrivate() || a.IsLoopback() || a.IsLinkLocalUnicast() || a.IsMulticast() || a.IsUnspecified() && n.Bits() > 1 {
		return true
	}
	if !a.Is4() {
		return a.Is4In6()
	}
	o := a.As4()
	return o[0] == 0 && n.Bits() >= 8 || o[0] == 100 && o[1]&0xc0 == 64 && n.Bits() >= 10 || o[0] >= 240
}
