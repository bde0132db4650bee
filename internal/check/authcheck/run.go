package authcheck

import (
	"context"
	"errors"
	"net/http"
	"sync"
	"sync/atomic"

	"github.com/launchready/terraform-provider-launchready/internal/check"
	"github.com/launchready/terraform-provider-launchready/internal/probe"
	"github.com/launchready/terraform-provider-launchready/internal/readiness"
)

// bench is one run under way.
type bench struct {
	ctx    context.Context
	prober probe.Prober
	spec   Spec
	report *readiness.Recorder
	host   string
	// waits are for tests that do little but wait: see way.side.
	waits sync.WaitGroup
	// reached is the recovery by an address that a letter came to; nil = none did.
	reached *Recovery
	doubted atomic.Bool // something was left undecided that another try may decide
}

// mostRequests is enough for all that is tried, with as many series of requests
// for each comparison of times as a noisy way to the portal needs.
const mostRequests = 1200

func run(ctx context.Context, p probe.Prober, spec Spec, report *readiness.Recorder) {
	budget := check.NewBudgetOf(p, mostRequests)
	defer budget.Tell(report)
	b := &bench{ctx: ctx, prober: &patient{Prober: sharing{budget}, left: mostWaiting}, spec: spec.withDefaults(), report: report, host: hostOf(spec.Actor.Portal.BaseURL)}
	all := func(why string) {
		for _, r := range rules() {
			b.unclear(r.ID, b.host, why)
		}
	}
	switch {
	case spec.Disabled:
		all("the test is turned off")
		return
	case b.host == "":
		all("portal.base_url is not set in provider \"launchready\"")
		return
	}
	main := b.way(spec.Actor)
	defer b.waits.Wait()
	if !main.open() {
		return
	}
	tokens := b.tokenWay()
	if tokens != nil && main.same(tokens) { // judged once, with what is known of its refresh token
		main.refresh, main.actor.Portal.SignOut, tokens = tokens.refresh, tokens.actor.Portal.SignOut, nil
	}
	var ways []*way // whose sessions are seen to end by themselves
	main.bypass()
	if main.judgeWay() {
		ways = append(ways, main)
	}
	if main.doubled {
		main.judgeBrowser()
	} else {
		main.judgeCookies()
		main.judgeCSRF()
	}
	if tokens != nil && tokens.open() && tokens.judgeWay() {
		ways = append(ways, tokens)
	}
	judgeTokens(main, tokens)
	b.beside(ways, func() {
		b.recover() // which addresses are known shows by their letters
		b.enumerate(main)
		b.administrators(main, tokens)
		b.changes()
		b.defaults(main) // last: wrong passwords for ten names are what brakes are made for
	})
}

func (b *bench) pass(rule, subject, message string) { b.report.Pass(rule, subject, message) }
func (b *bench) fail(rule, subject, message string) { b.report.Fail(rule, subject, message) }
func (b *bench) none(rule, subject, message string) { b.report.NotApplicable(rule, subject, message) }

// unclear leaves a rule undecided, with what mends the reason.
func (b *bench) unclear(rule, subject, message string) {
	b.doubted.Store(true)
	b.report.InconclusiveAs(rule, subject, message, check.RemedyFor(message, lastResort, causes, check.SignInCauses, check.NetworkCauses))
}

// ask leaves a rule undecided for want of an input, and says which.
func (b *bench) ask(rule, subject, message string) {
	b.report.InconclusiveAs(rule, subject, message, "Give the check what it needs: "+message+".")
}

// at is an address on the portal.
func (b *bench) at(path string) string { return trimSlash(b.spec.Actor.Portal.BaseURL) + path }

// subject names a request of the portal.
func (b *bench) subject(method, path string) string {
	if method == "" {
		method = http.MethodPost
	}
	return method + " " + b.host + plainPath(path)
}

// open signs in and sees that the session can be told from none. It reports
// authn.login_works, and the rest as inconclusive where it cannot go on.
func (w *way) open() bool {
	session, err := w.actor.SignIn(w.ctx, w.prober)
	why := ""
	switch {
	case errors.Is(err, probe.ErrNoSignIn), errors.Is(err, probe.ErrNoCredentials):
		why = "nobody can sign in: " + err.Error()
		w.unclear(ruleLogin, w.name, why)
	case errors.Is(err, probe.ErrThrottled), errors.Is(err, probe.ErrNoAnswer) && !w.broken():
		why = err.Error()
		w.unclear(ruleLogin, w.name, why)
	case err != nil:
		why = "the identity cannot sign in: " + err.Error()
		w.fail(ruleLogin, w.name, why)
	default:
		w.session = session
		if why = w.learn(); why != "" {
			w.unclear(ruleLogin, w.name, why)
		}
	}
	if why == "" {
		if len(w.actor.Identity.Direct()) > 0 {
			w.none(ruleLogin, w.name, "the identity has a token or headers of its own")
		} else {
			w.pass(ruleLogin, w.name, "the identity signs in, and is told from a stranger")
		}
		return true
	}
	if w.main {
		for _, r := range rules() {
			if r.ID != ruleLogin {
				w.unclear(r.ID, w.host, "nothing can be tested before somebody can sign in")
			}
		}
		return false
	}
	for _, rule := range wayRules {
		w.unclear(rule, w.name, "nothing can be tested before somebody can sign in")
	}
	return false
}

// broken reports whether it is the sign-in that fails, and not the whole portal.
func (w *way) broken() bool {
	x := w.prober.Fetch(w.ctx, probe.Request{URL: w.at("/"), Intent: probe.Active, Retry: true})
	return x.Status > 0 && x.Status < 500 && !x.Challenged() && !x.Throttled()
}
