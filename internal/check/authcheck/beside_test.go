package authcheck

import (
	"bytes"
	"fmt"
	"io"
	"net/http"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/launchready/terraform-provider-launchready/internal/probe"
	"github.com/launchready/terraform-provider-launchready/internal/readiness"
)

// watched is a portal of short sessions that has one more account, and remembers
// whether a short session lived while a password was guessed.
type watched struct {
	timed
	blocks bool // once somebody guesses, no session is taken until all is guessed
	brake  int  // status for whatever is asked for a second after eight guesses; 0 = there is no brake

	mu      sync.Mutex
	guesses int
	until   time.Time // of the brake
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
	if r.URL.Path == "/login" && !mine {
		time.Sleep(60 * time.Millisecond) // a password hash
	}
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.brake > 0 && time.Now().Before(p.until) {
		if p.brake == http.StatusTooManyRequests { // whoever asks waits anew
			p.until = time.Now().Add(time.Second)
			w.Header().Set("Retry-After", "1")
		}
		w.WriteHeader(p.brake)
		return
	}
	switch {
	case r.URL.Path == "/login" && !mine:
		if p.guesses++; p.guesses%8 == 0 {
			p.until = time.Now().Add(time.Second)
		}
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
		portal         *watched
		mutable        string
		beside         bool
		idle, absolute readiness.Status
	}{
		"an account of others":       {&watched{}, "dora@example.com", true, readiness.Pass, readiness.Pass},
		"it never ends":              {&watched{timed: timed{endless: "idle"}}, "dora@example.com", true, readiness.Fail, readiness.Pass},
		"the guesses are in the way": {&watched{blocks: true}, "dora@example.com", true, readiness.Pass, readiness.Pass},
		"the account itself":         {&watched{}, "Mira+test@example.com", false, readiness.Pass, readiness.Pass},
		"a brake for everything":     {&watched{brake: http.StatusTooManyRequests}, "dora@example.com", true, readiness.Pass, readiness.Pass},
		"everything is refused":      {&watched{brake: http.StatusForbidden, timed: timed{endless: "absolute"}}, "dora@example.com", true, readiness.Pass, readiness.Fail},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s := spec(probe.Portal{SignIn: probe.SignInRequest{Path: "/login"}, WhoAmI: "/me"})
			s.Short = &ShortSession{Header: http.Header{"X-Short": {"yes"}}, Idle: shortIdle, Absolute: shortAbsolute}
			mutable := s.Actor
			mutable.Name, mutable.Identity.Username, mutable.Portal.WhoAmI = "other", test.mutable, ""
			s.Mutable = &mutable
			got, result := statuses(t, serve(t, test.portal.ServeHTTP), s)
			guesses := readiness.Pass
			if test.portal.brake == http.StatusForbidden { // a ban without a word
				guesses = readiness.Inconclusive
			}
			if got[ruleIdle] != test.idle || got[ruleAbsolute] != test.absolute || got[ruleDefaults] != guesses || got[ruleEnumLogin] == readiness.Inconclusive && guesses == readiness.Pass && test.beside {
				for _, f := range result.Findings {
					t.Log(f.Rule, f.Subject, f.Status, f.Message)
				}
				t.Errorf("idle %s, absolute %s, well-known passwords %s, known addresses %s", got[ruleIdle], got[ruleAbsolute], got[ruleDefaults], got[ruleEnumLogin])
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

// Nothing goes on beside the waiting where it may be on the account that is waited for.
func TestApart(t *testing.T) {
	t.Parallel()
	box := probe.MailAccount{Server: "imap.example.com:993"}
	named := func(name string) *probe.Actor { return &probe.Actor{Identity: probe.Identity{Username: name}} }
	for name, test := range map[string]struct {
		change func(*Spec)
		want   bool
	}{
		"others":                 {func(*Spec) {}, true},
		"nothing to wait for":    {func(s *Spec) { s.Short = nil }, false},
		"nobody may be changed":  {func(s *Spec) { s.Mutable = nil }, false},
		"a token to be changed":  {func(s *Spec) { s.Mutable.Identity.BearerToken = "t" }, false},
		"nobody's name":          {func(s *Spec) { s.Mutable.Identity.Username = "" }, false},
		"the same, in capitals":  {func(s *Spec) { s.Mutable.Identity.Username = "MIRA@example.com " }, false},
		"the same administrator": {func(s *Spec) { s.Admin = named(memberName) }, false},
		"another administrator":  {func(s *Spec) { s.Admin = named("ada@example.com") }, true},
		"letters to the same":    {func(s *Spec) { s.Recovery = &Recovery{Mailbox: box, Address: "mira+letters@example.com"} }, false},
		"letters to another":     {func(s *Spec) { s.Recovery = &Recovery{Mailbox: box, Address: "inbox@example.com"} }, true},
		"letters nobody reads":   {func(s *Spec) { s.Recovery = &Recovery{} }, true},
		"letters, plain names": {func(s *Spec) {
			s.Actor.Identity.Username, s.Mutable.Identity.Username = "mira", "dora"
			s.Recovery = &Recovery{Mailbox: box, Address: "inbox@example.com"}
		}, false},
		"plain names": {func(s *Spec) { s.Actor.Identity.Username, s.Mutable.Identity.Username = "mira", "dora" }, true},
	} {
		s := spec(probe.Portal{})
		s.Mutable, s.Short = named("dora@example.com"), &ShortSession{Idle: time.Second}
		test.change(&s)
		if got := (&bench{spec: s}).apart(); got != test.want {
			t.Errorf("%s: %v", name, got)
		}
	}
}
