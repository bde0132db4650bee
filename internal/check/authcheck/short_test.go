package authcheck

import (
	"fmt"
	"net/http"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/launchready/terraform-provider-launchready/internal/probe"
	"github.com/launchready/terraform-provider-launchready/internal/readiness"
)

const (
	shortIdle     = time.Second
	shortAbsolute = 3 * time.Second
)

// timed is a portal whose sessions end: a short one after its two limits.
type timed struct {
	endless string      // idle, absolute: the limit that is not kept
	pause   func()      // before an answer about a session
	busy    func() bool // whether an answer is that the server is busy
	single  bool        // a sign-in ends the sessions before it

	mu       sync.Mutex
	sessions map[string]*timedSession
}

type timedSession struct {
	short        bool
	opened, used time.Time
}

func (p *timed) alive(id string) bool {
	p.mu.Lock()
	defer p.mu.Unlock()
	s := p.sessions[id]
	now := time.Now()
	if s == nil || s.short && (p.endless != "idle" && now.Sub(s.used) > shortIdle || p.endless != "absolute" && now.Sub(s.opened) > shortAbsolute) {
		delete(p.sessions, id)
		return false
	}
	s.used = now
	return true
}

func (p *timed) start(short bool) string {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.sessions == nil || p.single {
		p.sessions = map[string]*timedSession{}
	}
	id := drawn() + drawn()
	p.sessions[id] = &timedSession{short, time.Now(), time.Now()}
	return id
}

func (p *timed) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	switch r.URL.Path {
	case "/login":
		body := make([]byte, 1000)
		n, _ := r.Body.Read(body)
		if !strings.Contains(string(body[:n]), memberName) || !strings.Contains(string(body[:n]), "right-p") {
			w.WriteHeader(http.StatusUnauthorized)
			return
		}
		http.SetCookie(w, &http.Cookie{Name: "sid", Value: p.start(r.Header.Get("X-Short") != ""), Path: "/", Secure: true, HttpOnly: true, SameSite: http.SameSiteLaxMode})
	case "/me":
		if p.pause != nil {
			p.pause()
		}
		if p.busy != nil && p.busy() {
			w.WriteHeader(http.StatusServiceUnavailable)
			return
		}
		c, err := r.Cookie("sid")
		if err != nil || !p.alive(c.Value) {
			w.WriteHeader(http.StatusUnauthorized)
			return
		}
		fmt.Fprintf(w, `{"email":%q}`, memberName)
	default:
		w.WriteHeader(http.StatusNotFound)
	}
}

// Short sessions are seen to end, each by its own limit, side by side; and a
// portal that stands still for longer than a session lives is asked again.
func TestShortSessions(t *testing.T) {
	t.Parallel()
	stalls := func(nth ...int) func() { // at those looks at a session
		var mu sync.Mutex
		looks := 0
		return func() {
			mu.Lock()
			looks++
			stall := slices.Contains(nth, looks)
			mu.Unlock()
			if stall {
				time.Sleep(shortIdle + 300*time.Millisecond)
			}
		}
	}
	count := func(say func(n int) bool) func() bool {
		var mu sync.Mutex
		looks := 0
		return func() bool {
			mu.Lock()
			defer mu.Unlock()
			looks++
			return say(looks)
		}
	}
	stumbles := func(nth ...int) func() bool {
		return count(func(n int) bool { return slices.Contains(nth, n) })
	}
	lateFirst := func(sessions int) func() { // by less than a session lives
		first := count(func(n int) bool { return n > 10 && n <= 10+2*sessions })
		return func() {
			if first() {
				time.Sleep(shortIdle * 9 / 10)
			}
		}
	}
	for name, test := range map[string]struct {
		portal         *timed
		idle, absolute readiness.Status
	}{
		"both end":                     {&timed{}, readiness.Pass, readiness.Pass},
		"no idle limit":                {&timed{endless: "idle"}, readiness.Fail, readiness.Pass},
		"no absolute limit":            {&timed{endless: "absolute"}, readiness.Pass, readiness.Fail},
		"stands still now and then":    {&timed{pause: stalls(14, 15, 18)}, readiness.Pass, readiness.Pass},
		"stands still, and never ends": {&timed{endless: "absolute", pause: stalls(14, 15, 18)}, readiness.Pass, readiness.Fail},
		"the first looks are late":     {&timed{pause: lateFirst(2)}, readiness.Pass, readiness.Pass},
		"stumbles, and never ends":     {&timed{endless: "absolute", busy: stumbles(18, 20, 22)}, readiness.Pass, readiness.Fail},
		"one session at a time":        {&timed{single: true}, readiness.Pass, readiness.Pass},
		"one at a time, which is idle": {&timed{single: true, endless: "idle"}, readiness.Fail, readiness.Pass},
		"one at a time, endless":       {&timed{single: true, endless: "absolute"}, readiness.Pass, readiness.Fail},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s := spec(probe.Portal{SignIn: probe.SignInRequest{Path: "/login"}, WhoAmI: "/me"})
			s.Short = &ShortSession{Header: http.Header{"X-Short": {"yes"}}, Idle: shortIdle, Absolute: shortAbsolute}
			got, result := statuses(t, serve(t, test.portal.ServeHTTP), s)
			if got[ruleIdle] != test.idle || got[ruleAbsolute] != test.absolute {
				for _, f := range result.Findings {
					if f.Rule == ruleIdle || f.Rule == ruleAbsolute {
						t.Log(f.Rule, f.Status, f.Message)
					}
				}
				t.Errorf("idle %s, absolute %s; want %s and %s", got[ruleIdle], got[ruleAbsolute], test.idle, test.absolute)
			}
		})
	}
}

// A word that comes with one answer in three, whatever the address, is no sign;
// one that comes with every known address is.
func TestSignUpOfManyWords(t *testing.T) {
	t.Parallel()
	tips := []string{"alpha", "beta", "gamma"}
	order := []int{0, 1, 0, 2, 1, 0} // by chance the known ones get alpha at first
	for name, test := range map[string]struct {
		told bool
		want readiness.Status
	}{"tips": {false, readiness.Pass}, "told": {true, readiness.Fail}} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			asked := 0
			portal := djangoLike("")
			s := spec(djangoPortal)
			s.SignUp = &Request{Path: "/join/", Body: "email={{address}}"}
			all, _ := statuses(t, serve(t, func(w http.ResponseWriter, r *http.Request) {
				if r.URL.Path != "/join/" {
					portal(w, r)
					return
				}
				known := r.PostFormValue("email") == memberName
				tip := tips[(asked*7+asked/6*asked)%3]
				if asked < len(order) {
					tip = tips[order[asked]]
				}
				asked++
				text := "Look into your mailbox. " + tip
				if known && test.told {
					text += " welcome back"
				}
				fmt.Fprint(w, text)
			}), s)
			if all[ruleEnumSignUp] != test.want {
				t.Errorf("%s", all[ruleEnumSignUp])
			}
		})
	}
}
