package spf

import (
	"context"
	"errors"
	"net/netip"
)

// unused is a local part and a host name that nobody has: what is authorised
// for it is authorised for everybody.
const unused = "launchready-control-q7x2k9v4"

// Control is what one term that depends on the message answered for a client
// that nobody can have authorised.
type Control struct {
	Node    *Node // whose record the term stands in
	Term    Term
	Client  netip.Addr
	Target  string // name asked for
	Result  Result // ResultPass if the term lets the client pass
	Problem string // for an error
}

// Controls tries each live term that depends on the message by itself, with
// clients of the documentation ranges (RFC 5737, RFC 3849) that the owner of no
// record has. By itself, because a term before it may match for another reason.
// Healthy records answer with nothing. Of each term the first pass is returned,
// or else the first temperror; anything else is left out.
func (t *Tree) Controls(ctx context.Context, r Resolver) []Control {
	shared := asker(r)
	var out []Control
	seen := map[[2]string]bool{}
	for node, b := range t.Effective() {
		key := [2]string{node.Name, b.Term.Text}
		if !b.Dynamic || seen[key] {
			continue
		}
		seen[key] = true
		var undecided *Control
		passed := false
		for _, client := range []netip.Addr{netip.AddrFrom4([4]byte{192, 0, 2, 1}), netip.AddrFrom16([16]byte{0x20, 1, 0x0d, 0xb8, 15: 1})} {
			e := &evaluator{
				ctx: ctx, resolver: shared, ip: client, helo: unused + ".example", local: unused, domain: t.Root.Name,
				receiver: "unknown",
			}
			c := e.control(b.Term, node.Name)
			c.Node, c.Client = node, client
			if c.Result == ResultPass {
				out, passed = append(out, c), true
				break
			}
			if c.Result == ResultTempError && undecided == nil {
				undecided = &c
			}
		}
		if undecided != nil && !passed {
			out = append(out, *undecided)
		}
	}
	return out
}

// control evaluates one term of the record at domain alone.
func (e *evaluator) control(t Term, domain string) Control {
	c := Control{Term: t, Target: e.expand(t.Domain, domain), Result: ResultNeutral}
	if t.Modifier == Redirect {
		out := e.checkHost(c.Target, 1)
		c.Result, c.Problem = out.result, out.problem
		return c
	}
	var step Step
	switch err := e.match(t, domain, 0, &step); {
	case err != nil:
		c.Result, c.Problem = ResultTempError, err.Error()
		var stopped stop
		if errors.As(err, &stopped) {
			c.Result = stopped.result
		}
	case step.Matched:
		c.Result = ResultPass
	}
	return c
}
