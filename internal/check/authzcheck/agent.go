package authzcheck

import (
	"context"
	"fmt"
	"maps"
	"net/http"
	"slices"
	"strings"
	"sync"

	"github.com/launchready/terraform-provider-launchready/internal/probe"
)

// agent is who sends requests: an identity with its session, or nobody.
type agent struct {
	name  string
	actor probe.Actor // zero for anonymous

	mu      sync.Mutex
	session probe.Session
	problem string // why it cannot act; empty = it can

	id    string          // of the account, as whoami tells it; empty = not known
	self  map[string]bool // what whoami says of it and not of strangers; nil = not known
	views []view          // of its own: what of them others show too is no evidence
}

func (a *agent) anonymous() bool { return a.name == Anonymous }

// known is the agent with where it belongs, as findings show it.
func (a *agent) known() string {
	if a.actor.Organization != "" {
		return fmt.Sprintf("%s (%s)", a.name, a.actor.Organization)
	}
	return a.name
}

// administers reports whether a role is that of an administrator.
func administers(role string) bool {
	switch strings.NewReplacer("-", "", "_", "", " ", "").Replace(strings.ToLower(role)) {
	case "admin", "administrator", "owner", "root", "superuser", "superadmin", "sysadmin", "staff", "operator", "manager", "support":
		return true
	}
	return false
}

// headers are those of the agent's session.
func (a *agent) headers() http.Header {
	a.mu.Lock()
	defer a.mu.Unlock()
	if a.anonymous() || a.problem != "" {
		return http.Header{}
	}
	return a.session.Header()
}

func (a *agent) trouble() string { a.mu.Lock(); defer a.mu.Unlock(); return a.problem }

func (a *agent) fail(problem string) {
	a.mu.Lock()
	defer a.mu.Unlock()
	if a.problem == "" {
		a.problem = problem
	}
}

// open signs the agent in and learns what whoami says of it.
func (t *tester) open(a *agent) {
	session, err := a.actor.Session(t.ctx, t.prober)
	if err != nil {
		a.fail(fmt.Sprintf("nobody could sign in as %s: %s", a.name, err))
		return
	}
	a.mu.Lock()
	a.session = session
	a.mu.Unlock()
	path := a.actor.Portal.WhoAmI
	if path == "" {
		return
	}
	first := t.send(a, shot{method: http.MethodGet, target: path})
	if !success(first) {
		t.renew(a)
		first = t.send(a, shot{method: http.MethodGet, target: path})
	}
	second := t.send(a, shot{method: http.MethodGet, target: path})
	if !success(first) || !success(second) {
		a.fail(fmt.Sprintf("portal.whoami answers %s to %s, although the sign-in went through", said(first), a.name))
		return
	}
	self := facts(first)
	again, strangers := facts(second), facts(t.stranger(path))
	maps.DeleteFunc(self, func(fact string, _ bool) bool { return !again[fact] || strangers[fact] })
	if len(self) == 0 && success(t.stranger(path)) {
		a.fail(fmt.Sprintf("portal.whoami says the same to %s as to anyone: name a path that only a live session may read", a.name))
		return
	}
	a.self = self
	a.views, a.id = append(a.views, viewOf(first)), accountID(first)
}

// alive reports whether the agent's session still lives. Where there is no
// whoami that is for the owner's controls to tell.
func (t *tester) alive(a *agent) bool {
	path := a.actor.Portal.WhoAmI
	if a.anonymous() || path == "" {
		return true
	}
	x := t.send(a, shot{method: http.MethodGet, target: path})
	if !success(x) {
		return false
	}
	now, common := facts(x), 0
	for fact := range a.self {
		if now[fact] {
			common++
		}
	}
	return 2*common >= len(a.self)
}

// renew opens a session in the place of one that died.
func (t *tester) renew(a *agent) {
	a.mu.Lock()
	dead := a.session
	a.mu.Unlock()
	session, err := a.actor.Renew(t.ctx, t.prober, dead)
	if err != nil {
		a.fail(fmt.Sprintf("the session of %s ended, and nobody could sign in again: %s", a.name, err))
		return
	}
	a.mu.Lock()
	a.session = session
	a.mu.Unlock()
}

// facts are an answer's scalars by their places.
func facts(x probe.Exchange) map[string]bool {
	out := map[string]bool{}
	for _, l := range leavesOf(x) {
		out[l.path+"\x00"+l.value] = true
	}
	return out
}

// newAgents are the identities that routes need, and anonymous.
func newAgents(actors []probe.Actor) map[string]*agent {
	out := map[string]*agent{Anonymous: {name: Anonymous}}
	for _, actor := range actors {
		out[actor.Name] = &agent{name: actor.Name, actor: actor}
	}
	return out
}

// sorted are agents in the order of their names.
func sorted(agents map[string]*agent) []*agent {
	var out []*agent
	for _, name := range slices.Sorted(maps.Keys(agents)) {
		out = append(out, agents[name])
	}
	return out
}

// stranger is what anyone gets at a path: asked once.
func (t *tester) stranger(path string) probe.Exchange {
	anyone := t.agents[Anonymous]
	return t.onceAs(anyone, path, func() probe.Exchange { return t.send(anyone, shot{method: http.MethodGet, target: path}) })
}

// lasting is a context for putting things back: it outlives the check's.
func (t *tester) lasting() (context.Context, context.CancelFunc) {
	return context.WithTimeout(context.WithoutCancel(t.ctx), restoreTime)
}

// accountID is the id that an answer gives its account.
func accountID(x probe.Exchange) string {
	ids := map[string]string{}
	for _, l := range leavesOf(x) {
		ids[strings.ToLower(l.path)] = l.value
	}
	for _, path := range []string{"id", "user.id", "data.id", "record.id", "user_id", "sub", "uuid", "_id"} {
		if ids[path] != "" {
			return ids[path]
		}
	}
	return ""
}
