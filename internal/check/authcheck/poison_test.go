package authcheck

import (
	"cmp"
	"context"
	"fmt"
	"net/http"
	"net/url"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/launchready/terraform-provider-launchready/internal/probe"
	"github.com/launchready/terraform-provider-launchready/internal/readiness"
)

// letterBox is a mailbox that a portal writes to.
type letterBox struct {
	mu   sync.Mutex
	news []probe.Letter
}

func (l *letterBox) put(to, link string) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.news = append(l.news, probe.Letter{Raw: fmt.Appendf(nil, "To: %s\r\nContent-Type: text/plain\r\n\r\nSet a new password: %s\r\n", to, link)})
}

func (l *letterBox) Next(context.Context) probe.MailNews {
	l.mu.Lock()
	defer l.mu.Unlock()
	news := l.news
	l.news = nil
	return probe.MailNews{Letters: news}
}

func (l *letterBox) Close() {}

// A host that a request claims is found in the letter, whatever the portal asks of
// where the request comes from; and one that is not taken is no fault.
func TestPoisoning(t *testing.T) {
	const home = "portal.example.com"
	claimed := func(r *http.Request) string { return cmp.Or(r.Header.Get("X-Forwarded-Host"), r.Host) }
	origin := func(r *http.Request) string {
		u, err := url.Parse(r.Header.Get("Origin"))
		if err != nil {
			return ""
		}
		return u.Host
	}
	checks := map[string]func(r *http.Request) bool{
		"nothing":           func(*http.Request) bool { return true },
		"its own page":      func(r *http.Request) bool { return origin(r) == home },
		"the host's page":   func(r *http.Request) bool { return origin(r) == claimed(r) },
		"no foreign page":   func(r *http.Request) bool { o := origin(r); return o == "" || o == home },
		"no foreign server": func(r *http.Request) bool { return r.Host == home },
	}
	for name, allows := range checks {
		for fault, want := range map[bool]readiness.Status{true: readiness.Fail, false: readiness.Pass} {
			t.Run(fmt.Sprintf("%s, %v", name, fault), func(t *testing.T) {
				t.Parallel()
				box := &letterBox{}
				client := serve(t, func(w http.ResponseWriter, r *http.Request) {
					switch {
					case r.Method != http.MethodPost:
						w.WriteHeader(http.StatusNotFound)
					case !allows(r):
						w.WriteHeader(http.StatusForbidden)
					default:
						host := home
						if fault {
							host = claimed(r)
						}
						box.put(r.PostFormValue("address"), "https://"+host+"/reset?token="+drawn()+drawn()+"7")
					}
				})
				s := spec(probe.Portal{})
				report := readiness.NewRecorder(Definition.Name, Definition.Area, home, Definition.Rules)
				b := &bench{ctx: t.Context(), prober: client, spec: s, report: report, host: home}
				b.spec.Delivery = 5 * time.Second
				p := &post{bench: b, box: box, Recovery: &Recovery{Address: "mira@inbox.example.com", Request: Request{Path: "/forgot", Body: "address={{address}}"}}}
				p.poisoning(home)
				result, err := report.Result() // of the others it says that they have no verdict
				if err != nil {
					t.Fatal(err)
				}
				for _, f := range result.Findings {
					if f.Rule == rulePoisoning && f.Status != want {
						t.Errorf("%s: %s", f.Status, f.Message)
					}
				}
			})
		}
	}
}

// A portal that takes two requests for letters a second is judged as any other.
func TestLettersThatAreBraked(t *testing.T) {
	t.Parallel()
	const home = "portal.example.com"
	for fault, want := range map[bool]readiness.Status{true: readiness.Fail, false: readiness.Pass} {
		t.Run(fmt.Sprint(fault), func(t *testing.T) {
			t.Parallel()
			box := &letterBox{}
			var mu sync.Mutex
			var taken []time.Time
			client := serve(t, func(w http.ResponseWriter, r *http.Request) {
				if r.Method != http.MethodPost {
					w.WriteHeader(http.StatusNotFound)
					return
				}
				mu.Lock()
				defer mu.Unlock()
				if n := len(taken); n >= 2 && time.Since(taken[n-2]) < time.Second {
					w.Header().Set("Retry-After", "1")
					w.WriteHeader(http.StatusTooManyRequests)
					return
				}
				taken = append(taken, time.Now())
				host := home
				if _, port, ok := strings.Cut(r.Host, ":"); fault && ok { // the last that is tried
					host += ":" + port
				}
				box.put(r.PostFormValue("address"), "https://"+host+"/reset?token="+drawn()+drawn()+"7")
			})
			report := readiness.NewRecorder(Definition.Name, Definition.Area, home, Definition.Rules)
			b := &bench{ctx: t.Context(), prober: client, spec: spec(probe.Portal{}), report: report, host: home}
			b.spec.Delivery = 5 * time.Second
			p := &post{bench: b, box: box, Recovery: &Recovery{Address: "mira@inbox.example.com", Request: Request{Path: "/forgot", Body: "address={{address}}"}}}
			p.poisoning(home)
			result, err := report.Result()
			if err != nil {
				t.Fatal(err)
			}
			for _, f := range result.Findings {
				if f.Rule == rulePoisoning && f.Status != want {
					t.Errorf("%s: %s", f.Status, f.Message)
				}
			}
		})
	}
}
