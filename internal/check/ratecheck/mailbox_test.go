package ratecheck

import (
	"context"
	"net/http"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/launchready/terraform-provider-launchready/internal/probe"
)

// post is a world with a mailbox that its portal writes to.
type post struct {
	*world
	lock    sync.Mutex
	letters []probe.Letter
	failure probe.MailFailure
}

func (p *post) send(to string) {
	p.lock.Lock()
	defer p.lock.Unlock()
	p.letters = append(p.letters, probe.Letter{Raw: []byte("To: " + to + "\r\n\r\nreset"), Arrived: time.Now()})
}

func (p *post) OpenMailbox(context.Context, probe.MailAccount) (probe.Mailbox, probe.MailFailure) {
	return p, p.failure
}

func (p *post) Next(context.Context) probe.MailNews {
	p.lock.Lock()
	defer p.lock.Unlock()
	news := p.letters
	p.letters = nil
	return probe.MailNews{Letters: news}
}

func (p *post) Close() {}

// What a burst sends to one mailbox is counted.
func TestMailbox(t *testing.T) {
	t.Parallel()
	const mine = "launch-test@inbox.example"
	accepted := func(w http.ResponseWriter) { w.WriteHeader(http.StatusAccepted) }
	every := func(p *post, span time.Duration) handler { // one letter in a while
		win := newWindow(1, span)
		return func(w http.ResponseWriter, a attempt) {
			if _, over := win.over(a.account()); !over {
				win.count(a.account())
				p.send(a.email)
			}
			accepted(w)
		}
	}
	flood := func(p *post) handler {
		return func(w http.ResponseWriter, a attempt) { p.send(a.email); accepted(w) }
	}
	for name, test := range map[string]struct {
		handler       func(*post) handler
		failure       probe.MailFailure
		fails, untold []string
	}{
		"one a minute": {handler: func(p *post) handler { return every(p, time.Minute) }},
		"flooded":      {handler: flood, fails: []string{"mail_bomb", "missing"}},
		"flooded to 8": {handler: func(p *post) handler { return limited(8, 2*time.Second, byIP, always, flood(p)) }, fails: []string{"mail_bomb"}},
		"others get mail": {handler: func(p *post) handler {
			return limited(8, 2*time.Second, byIP, always, func(w http.ResponseWriter, a attempt) {
				if a.n == 1 {
					p.send(a.email)
				}
				p.send("somebody.else@acme.example")
				accepted(w)
			})
		}},
		"unreadable": {handler: func(p *post) handler { return limited(8, 2*time.Second, byIP, always, flood(p)) },
			failure: probe.MailFailure{Kind: probe.FailAuth, Detail: "the server refused the password"}, untold: []string{"mail_bomb"}},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			p := &post{failure: test.failure}
			p.world = newWorld(t, test.handler(p), nil)
			e := plain()
			e.Kind, e.Body, e.Mailbox = Reset, `{"email":"{{account}}"}`, &Mailbox{Address: mine}
			result, err := Definition.Execute(t.Context(), p, Spec{Endpoints: []Endpoint{e}, MaximumLockout: 10 * time.Second})
			if err != nil {
				t.Fatal(err)
			}
			failed, untold := verdicts(result)
			if !slices.Equal(failed, test.fails) || !slices.Equal(untold, test.untold) {
				t.Errorf("failed %v, want %v; untold %v, want %v\n%s", failed, test.fails, untold, test.untold, explain(result))
			}
			if strings.Contains(explain(result), mine) {
				t.Error("the mailbox's address is shown")
			}
		})
	}
}

// What cannot work is said before anything is sent.
func TestValidate(t *testing.T) {
	t.Parallel()
	change := func(f func(*Endpoint)) Endpoint { e := endpoint(); f(&e); return e }
	for want, e := range map[string]Endpoint{
		"is no address":                      change(func(e *Endpoint) { e.URL = "/api/login" }),
		"no mark may stand in the host":      change(func(e *Endpoint) { e.URL = "https://{{account}}.example.com/" }),
		"between 2 and 80":                   change(func(e *Endpoint) { e.Requests = 81 }),
		"unknown kind":                       change(func(e *Endpoint) { e.Kind = "sign-up" }),
		"5m at most":                         change(func(e *Endpoint) { e.Within = time.Hour }),
		"seen with two":                      change(func(e *Endpoint) { e.Accounts = e.Accounts[:1] }),
		"two different accounts":             change(func(e *Endpoint) { e.Accounts[1] = e.Accounts[0] }),
		"stands nowhere":                     change(func(e *Endpoint) { e.Body = "{}" }),
		"only with two test accounts":        change(func(e *Endpoint) { e.Accounts, e.Scope = nil, ByAccount }),
		"none is sent to invented addresses": change(func(e *Endpoint) { e.Accounts, e.Kind = nil, Invite }),
		"that of the first account":          change(func(e *Endpoint) { e.Mailbox = &Mailbox{Address: "x@example.com"} }),
	} {
		if err := e.Validate(); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%v, want %s", err, want)
		}
	}
	if err := endpoint().Validate(); err != nil {
		t.Error(err)
	}
	w := newWorld(t, login, nil)
	result := w.run(t, change(func(e *Endpoint) { e.Requests = 81 }))
	if failed, untold := verdicts(result); w.requests != 0 || len(failed) > 0 || len(untold) != len(Definition.Rules) {
		t.Errorf("%d requests, failed %v, untold %v", w.requests, failed, untold)
	}
	if _, err := Definition.Execute(t.Context(), w, Spec{Disabled: true, Endpoints: []Endpoint{endpoint()}}); err != nil || w.requests != 0 {
		t.Errorf("turned off: %d requests, %v", w.requests, err)
	}
}

func TestKindOf(t *testing.T) {
	t.Parallel()
	for path, want := range map[string]Kind{
		"/login": Login, "/api/auth/token": Login, "/session": Login, "/api/password-reset": Reset, "/auth/forgot": Reset, "/api/invites": Invite,
		"/api/resend-code": Code, "/2fa": Code, "/api/posts": API, "/": API, "/authors": API,
	} {
		if got := KindOf(path); got != want {
			t.Errorf("%s: %s, want %s", path, got, want)
		}
	}
}
