package authcheck

import (
	"cmp"
	"maps"
	"net/http"
	"slices"
	"strings"

	"github.com/launchready/terraform-provider-launchready/internal/probe"
)

// way is one way to sign in, with a session that it gave.
type way struct {
	*bench
	main    bool
	name    string // the subject of its findings
	actor   probe.Actor
	session probe.Session
	opened  []probe.Session // further ones, that nobody signed out
	me      target          // what tells whether a session lives
	cookies []string        // names of the session's cookies, as learned; sorted
	either  bool            // any one of the cookies will do, as a session and a remember-me cookie
	reading bool            // the session is a bearer token
	doubled bool            // the sign-in sets cookies too, which do as well as that token: see browser
	unknown bool            // which cookies make it could not be learned
	refresh *refreshing
}

func (b *bench) way(actor probe.Actor) *way {
	in := actor.Portal.SignIn
	name := b.host
	if in.Path != "" && len(actor.Identity.Direct()) == 0 {
		name = b.subject(http.MethodPost, in.Path)
	}
	return &way{bench: b, main: true, name: name, actor: actor}
}

// tokenWay is the way by which programs sign in; nil if there is none.
func (b *bench) tokenWay() *way {
	if b.spec.Token == nil {
		return nil
	}
	actor := b.spec.Actor
	actor.Portal.SignIn = b.spec.Token.SignIn
	if out := b.spec.Token.SignOut; out != nil {
		actor.Portal.SignOut = *out
	}
	w := b.way(actor)
	w.main = false
	w.refresh = &refreshing{request: b.spec.Token.Refresh, pointer: b.spec.Token.RefreshPointer}
	return w
}

// same reports whether another way is this one: it gives the same token.
func (w *way) same(other *way) bool {
	a, b := w.actor.Portal.SignIn, other.actor.Portal.SignIn
	return w.reading && a.Path == b.Path && cmp.Or(a.Format, "json") == cmp.Or(b.Format, "json") &&
		cmp.Or(a.TokenPointer, b.TokenPointer) == cmp.Or(b.TokenPointer, a.TokenPointer)
}

// learn finds where it shows that a session lives, and which cookies make it.
// It returns what keeps it from that.
func (w *way) learn() (why string) {
	path := w.actor.Portal.WhoAmI
	if path == "" && len(w.spec.ProtectedPaths) > 0 {
		path = w.spec.ProtectedPaths[0]
	}
	if path == "" {
		return "nothing tells whether a session lives: set portal.whoami in provider \"launchready\", or protected_paths"
	}
	var public bool
	w.me, why, public = w.study(path, w.session, w.marker(), w.actor.Identity.Username)
	switch {
	case why != "" && !public:
		return w.me.subject + ": " + why
	case public:
		return w.me.subject + ": " + why
	case w.marker() != "" && w.me.marker != w.marker():
		return w.me.subject + ": the answer to the identity does not hold the marker"
	}
	_, w.reading = w.bearer()
	w.learnCookies()
	w.doubled = w.reading && len(w.cookies) == 0 && !w.me.isOpen() && w.keptByBrowsers()
	return ""
}

// marker is the configured one, which is a text of the identity that it was
// given for and of no other.
func (w *way) marker() string {
	if w.actor.Name != w.spec.Actor.Name {
		return ""
	}
	return w.spec.Marker
}

// learnCookies drops the cookies one by one: those whose loss turns the answer
// into a refusal are the session. Where any of several will do, those that
// suffice alone are.
func (w *way) learnCookies() {
	all := w.session.Cookies()
	without := func(name string) map[string]string {
		out := maps.Clone(all)
		delete(out, name)
		return out
	}
	names := slices.Sorted(maps.Keys(all))
	const most = 12    // cookies that are tried
	if w.me.isOpen() { // who brings a wrong one may be refused all the same
		for _, name := range names[:min(len(names), most)] {
			if w.me.judge(w.look(w.me.url, w.with(credential{cookie: name}, imitation(all[name])))) == refused {
				w.cookies = append(w.cookies, name)
			}
		}
		w.unknown = len(w.cookies) == 0 && !w.reading
		return
	}
	for _, name := range names[:min(len(names), most)] {
		if len(all) == 1 || w.me.judge(w.look(w.me.url, probe.WithCookies(w.session.Header(), without(name)))) == refused {
			w.cookies = append(w.cookies, name)
		}
	}
	if len(w.cookies) > 0 || w.reading {
		return
	}
	for _, name := range names[:min(len(names), most)] {
		if w.me.judge(w.look(w.me.url, probe.WithCookies(w.session.Header(), map[string]string{name: all[name]}))) == granted {
			w.cookies = append(w.cookies, name)
		}
	}
	w.either = len(w.cookies) > 1
	w.unknown = len(all) > 0 && len(w.cookies) == 0
}

const unlearned = "which cookies are the session could not be learned"

// lives reports what the portal says to a session now.
func (w *way) lives(s probe.Session) outcome { return w.me.judge(w.look(w.me.url, s.Header())) }

// bearer is the token of the session, if it is one.
func (w *way) bearer() (string, bool) { return bearerOf(w.session) }

func bearerOf(s probe.Session) (string, bool) {
	kind, token, _ := strings.Cut(s.Header().Get("Authorization"), " ")
	return token, strings.EqualFold(kind, "Bearer") && token != ""
}

// credential is one secret of a session: a bearer token, or the value of a cookie.
type credential struct {
	cookie string // empty = bearer
	value  string
}

// credentials are what makes a session of this way.
func (w *way) credentials(s probe.Session) []credential {
	if token, ok := bearerOf(s); ok {
		return []credential{{value: token}}
	}
	var out []credential
	all := s.Cookies()
	for _, name := range w.cookies {
		if all[name] != "" {
			out = append(out, credential{name, all[name]})
		}
	}
	return out
}

// with is the header of the session with another value of one credential. Others
// that would do in its place are left out: what is tested is the one.
func (w *way) with(c credential, value string) http.Header {
	if c.cookie == "" {
		h := w.session.Header()
		h.Set("Authorization", "Bearer "+value)
		return h
	}
	all := w.session.Cookies()
	if w.either {
		for _, name := range w.cookies {
			delete(all, name)
		}
	}
	all[c.cookie] = value
	return probe.WithCookies(w.session.Header(), all)
}

// again signs in once more, with the same cookies known to be the session.
func (w *way) again() (probe.Session, error) { return w.actor.SignIn(w.ctx, w.prober) }

// living is the session, renewed where it has ended meanwhile.
func (w *way) living() bool {
	if w.lives(w.session) == granted {
		return true
	}
	s, err := w.again()
	if err != nil {
		return false
	}
	w.session = s
	return w.lives(s) == granted
}

// direct reports whether nobody signs in this way: the identity has a token.
func (w *way) direct() bool {
	return len(w.actor.Identity.Direct()) > 0 || w.actor.Portal.SignIn.Format == "basic"
}

// method is that of the sign-out.
func (w *way) signOutSubject() string {
	out := w.actor.Portal.SignOut
	return w.subject(cmp.Or(out.Method, http.MethodPost), out.Path)
}
