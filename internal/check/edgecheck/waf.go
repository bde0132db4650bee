package edgecheck

import (
	"cmp"
	"context"
	"net/http"
	"net/url"
	"strings"
	"sync"

	"github.com/launchready/terraform-provider-launchready/internal/check"
	"github.com/launchready/terraform-provider-launchready/internal/probe"
)

// signature is a text that every managed ruleset knows and that does nothing
// in a query that nobody reads.
type signature struct{ kind, text string }

func signatures() []signature {
	return []signature{
		{"cross-site scripting", "<script>alert(1)</script>"},
		{"SQL injection", "' OR 1=1--"},
		{"path traversal", "../../etc/passwd"},
		{"Log4Shell", "${jndi:ldap://127.0.0.1/}"},
	}
}

// judgeWAF decides edge.waf_absent: what is harmful on its face is stopped at
// the edge, and what is not, is not. A refusal by the application proves nothing.
func (h *hostCheck) judgeWAF(ctx context.Context) verdict {
	switch {
	case !h.spec.WAFProbe:
		return inapplicable("waf_probe is off: no attack is tried")
	case !h.behind:
		return inapplicable("the host is not behind the edge")
	}
	home, err := url.Parse(at("https", h.host, "/"))
	if err != nil {
		return unclear("the host cannot be written as an address")
	}
	control := h.attack(ctx, with(home, "lr", "hello"+random()), nil)
	if why := unusable(control); why != "" {
		return unclear(why)
	}
	if to, err := url.Parse(control.Redirect); control.Redirect != "" && err == nil && check.CanonicalHost(to.Hostname()) != h.host && byEdge(control) {
		return inapplicable("the edge itself leads from here to another host, before its firewall is asked: there is no application to protect")
	}
	all := signatures()
	answers := make([]probe.Exchange, len(all))
	var side sync.WaitGroup
	for i, s := range all {
		side.Go(func() { answers[i] = h.attack(ctx, with(home, "lr", s.text), nil) })
	}
	side.Wait()
	var stopped, let, odd []string
	for i, x := range answers {
		switch {
		case x.Challenged() || ownAnswer(x, control):
			stopped = append(stopped, all[i].kind)
		case unusable(x) == "" && sameAnswer(x, control):
			let = append(let, all[i].kind)
		default:
			odd = append(odd, all[i].kind)
		}
	}
	h.report.Observe(h.host+" waf", "stopped: "+cmp.Or(strings.Join(stopped, ", "), "none")+"; let through: "+cmp.Or(strings.Join(let, ", "), "none"))
	switch {
	case len(stopped) > 0:
		return pass("attack signatures are stopped at the edge")
	case len(odd) == 0:
		return fail("every attack signature (" + strings.Join(let, ", ") + ") is answered as a harmless request is")
	default:
		return unclear("no attack signature is stopped at the edge, but not all are answered as a harmless request is: the application may refuse them (" + strings.Join(odd, ", ") + ")")
	}
}

// sameAnswer compares what an application says to a signature with what it says
// to a harmless word: the status, and where it leads but for the query.
func sameAnswer(x, control probe.Exchange) bool {
	bare := func(target string) string { address, _, _ := strings.Cut(target, "?"); return address }
	return x.Status == control.Status && bare(x.Redirect) == bare(control.Redirect)
}

// ownAnswer reports a refusal that the edge words as its owner told it to, with
// any status from 400 to 499: what comes from the origin has a cf-cache-status,
// and the edge's own has none.
func ownAnswer(x, control probe.Exchange) bool {
	refusal := x.Status >= http.StatusBadRequest && x.Status < http.StatusInternalServerError && x.Status != http.StatusTooManyRequests
	return refusal && byEdge(x) && control.Header.Get("Cf-Cache-Status") != ""
}
