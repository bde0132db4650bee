package sandbox

import "github.com/launchready/terraform-provider-launchready/internal/sandbox/portal"

// traps are ways in which a sound portal differs from what a check may expect.
// They are switched as faults are, and are none.
func traps() []Fault {
	mk := func(name, does string, s portal.Switch) Fault {
		return Fault{Name: name, Breaks: does, Rules: []string{}, Scope: ScopePortal, Trap: true, apply: all(portalSwitch(s), stagingSwitch(s))}
	}
	return []Fault{
		mk("trap_soft_404", "No fault: what there is not is answered 200 with a page or JSON that says so.", portal.TrapSoft404),
		mk("trap_error_200", "No fault: what the API refuses is answered 200 with an error in its body.", portal.TrapError200),
		mk("trap_volatile", "No fault: every page and JSON has a time, a request id, a nonce, a tip and a count.", portal.TrapVolatile),
		mk("trap_slow", "No fault: answers take 150 to 400 ms.", portal.TrapSlow),
		mk("trap_csrf", "No fault: writes by cookie need a token that is good for one request.", portal.TrapCSRF),
		mk("trap_spa", "No fault: unknown pages and that of the administrators are one shell for everyone, which gets its data from the API.", portal.TrapSPA),
	}
}

func trapNames() []string {
	var out []string
	for _, t := range append(traps(), supportTraps()...) {
		out = append(out, t.Name)
	}
	return out
}
