package spf

import "strings"

// prefetch asks what the terms of a record need first, beside one another.
func (w *walker) prefetch(n *Node) {
	var list []question
	terms := w.terms
	for _, b := range n.Branches {
		if b.Dead || !b.Term.Queries() {
			continue
		}
		if terms++; terms > maxTerms {
			break
		}
		target := n.Name
		if b.Term.Domain != nil {
			var static bool
			if target, static = b.Term.Domain.Static(n.Name); !static {
				continue
			}
		}
		if !validName(target) {
			continue
		}
		switch b.Term.Mechanism {
		case A:
			list = append(list, question{"A", target}, question{"AAAA", target})
		case Exists:
			list = append(list, question{"A", target})
		case MX:
			list = append(list, question{"MX", target})
		case PTR:
		default: // include and redirect
			if strings.Contains(target, ".") {
				list = append(list, question{"TXT", target})
			}
		}
	}
	w.r.prefetch(w.ctx, list)
}

// data asks for what the term would match, to find void look-ups.
func (w *walker) data(b *Branch, path []string) {
	unknown := func(typ string, err error) {
		b.Note = w.problem(Unknown, path, b.Term.Text, "%s %s: %s", typ, b.Target, reason(err))
	}
	hosts := []string{b.Target}
	switch b.Term.Mechanism {
	case PTR:
		b.Note = "depends on the client"
		return
	case Exists:
		addrs, err := w.r.LookupNetIP(w.ctx, "ip4", b.Target)
		switch {
		case err != nil && !notFound(err):
			unknown("A", err)
		case len(addrs) == 0:
			w.void(b, Void)
		}
		return
	case MX:
		mx, err := w.r.LookupMX(w.ctx, b.Target)
		switch {
		case err != nil && !notFound(err):
			unknown("MX", err)
			return
		case len(mx) == 0:
			w.void(b, Void)
			return
		case len(mx) > MXLimit:
			b.Note = w.problem(MXCount, path, b.Term.Text, "%s has %d MX names, more than %d", b.Target, len(mx), MXLimit)
			return
		}
		hosts = nil
		for _, one := range mx {
			if host := targetName(one.Host); validName(host) {
				hosts = append(hosts, host)
			}
		}
		if len(hosts) == 0 {
			b.Note = "null MX: never matches"
			return
		}
	}
	var list []question
	for _, host := range hosts {
		list = append(list, question{"A", host}, question{"AAAA", host})
	}
	w.r.prefetch(w.ctx, list)
	v4, v6 := false, false
	for _, host := range hosts {
		for _, network := range []string{"ip4", "ip6"} {
			addrs, err := w.r.LookupNetIP(w.ctx, network, host)
			if err != nil && !notFound(err) {
				unknown(recordType(network), err)
				return
			}
			if len(addrs) > 0 {
				v4, v6 = v4 || network == "ip4", v6 || network == "ip6"
			}
		}
	}
	switch {
	case !v4 && !v6:
		w.void(b, Void)
	case !v6:
		w.void(b, VoidForV6)
	case !v4:
		w.void(b, VoidForV4)
	}
}

// void notes a void look-up; each term counts once.
func (w *walker) void(b *Branch, kind VoidKind) {
	b.Void = kind
	switch kind {
	case Void:
		b.Note = "void"
		w.tree.Voids++
		w.tree.VoidsV4++
		w.tree.VoidsV6++
	case VoidForV4:
		w.tree.VoidsV4++
	case VoidForV6:
		w.tree.VoidsV6++
	}
}
