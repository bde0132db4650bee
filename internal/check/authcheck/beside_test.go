package authcheck

import (
	"bytes"
	"fmt"
	"io"
	"net/http"
	"strings"
	"sync"
	"testing"

	"github.com/launchready/terraform-provider-launchready/internal/probe"
	"github.com/launchready/terraform-provider-launchready/internal/readiness"
)

// watched is a portal of short sessions that has one more account, and remembers
// whether a short session lived while a password was guessed.
type watched struct {
	timed
	blocks bool // once somebody guesses, no session is taken until all is guessed

	mu      sync.Mutex
	guesses int
	done    bool
	during  bool
}

func (p *watched) shortLives() bool {
	p.timed.mu.Lock()
	defer p.timed.mu.Unlock()
	for _, s := range p.sessions {
		if s.short {
			return true
		}
	}
	return false
}

func (p *watched) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	body, _ := io.ReadAll(r.Body)
	r.Body = io.NopCloser(bytes.NewReader(body))
	text, mine := string(body), strings.Contains(string(body), `"`+memberName+`"`) && strings.Contains(string(body), "right-p")
	p.mu.Lock()
	defer p.mu.Unlock()
	switch {
	case r.URL.Path == "/login" && !mine:
		p.guesses++
		p.during = p.during || p.shortLives()
		p.done = p.done || strings.Contains(text, "test@example.com") // the last of the well-known ones
		if strings.Contains(text, "right-p") {
			http.SetCookie(w, &http.Cookie{Name: "other", Value: drawn() + drawn(), Path: "/", Secure: true, HttpOnly: true, SameSite: http.SameSiteLaxMode})
			return
		}
		w.WriteHeader(http.StatusUnauthorized)
	case r.URL.Path == "/me" && p.blocks && p.guesses > 0 && !p.done:
		w.WriteHeader(http.StatusServiceUnavailable)
	default:
		p.timed.ServeHTTP(w, r)
	}
}

// Short sessions end while passwords of others are guessed, and are waited for
// alone where it is their own account, or where the guesses are in the way.
func TestWaitingBeside(t *testing.T) {
	t.Parallel()
	for name, test := range map[string]struct {
		portal  *watched
		mutable string
		beside  bool
		idle    readiness.Status
	}{
		"an account of others":       {&watched{}, "dora@example.com", true, readiness.Pass},
		"it never ends":              {&watched{timed: timed{endless: "idle"}}, "dora@example.com", true, readiness.Fail},
		"the guesses are in the way": {&watched{blocks: true}, "dora@example.com", true, readiness.Pass},
		"the account itself":         {&watched{}, "Mira+test@example.com", false, readiness.Pass},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s := spec(probe.Portal{SignIn: probe.SignInRequest{Path: "/login"}, WhoAmI: "/me"})
			s.Short = &ShortSession{Header: http.Header{"X-Short": {"yes"}}, Idle: shortIdle, Absolute: shortAbsolute}
			mutable := s.Actor
			mutable.Name, mutable.Identity.Username, mutable.Portal.WhoAmI = "other", test.mutable, ""
			s.Mutable = &mutable
			got, result := statuses(t, serve(t, test.portal.ServeHTTP), s)
			if got[ruleIdle] != test.idle || got[ruleAbsolute] != readiness.Pass || got[ruleDefaults] != readiness.Pass {
				for _, f := range result.Findings {
					t.Log(f.Rule, f.Subject, f.Status, f.Message)
				}
				t.Errorf("idle %s, absolute %s, well-known passwords %s", got[ruleIdle], got[ruleAbsolute], got[ruleDefaults])
			}
			if n := fmt.Sprint(test.portal.during); n != fmt.Sprint(test.beside) {
				t.Errorf("passwords are guessed while short sessions live: %s, want %v", n, test.beside)
			}
			seen := map[string]int{}
			for _, f := range result.Findings {
				if seen[f.Rule+f.Subject]++; seen[f.Rule+f.Subject] > 1 {
					t.Errorf("%s of %s is told twice", f.Rule, f.Subject)
				}
			}
		})
	}
}
