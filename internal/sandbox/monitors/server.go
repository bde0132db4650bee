// Package monitors stands for two uptime monitoring services: Better Stack, by
// version 2 of its API, and UptimeRobot, by version 3. It follows what they
// publish: https://betterstack.com/docs/uptime/api/monitors/,
// https://betterstack.com/docs/uptime/api/pagination/ and
// https://uptimerobot.com/api/v3/, their errors and limits included, and can be
// told to misbehave as they do now and then. It watches nothing: a monitor that
// is not paused is up.
package monitors

import (
	"encoding/json"
	"fmt"
	"net/http"
	"strconv"
	"strings"
	"sync"
	"time"
)

// Where each API begins, on the server of both.
const (
	BetterStackPath = "/betterstack/api/v2"
	UptimeRobotPath = "/uptimerobot/v3"
)

// Options describe the services. The zero value has empty accounts.
type Options struct {
	BetterStackToken string
	UptimeRobotKey   string
	// UptimeRobotPlan is free or another word; default solo, which has 50
	// monitors and checks each minute.
	UptimeRobotPlan string
	// UptimeRobotCalls in UptimeRobotWindow are what may be asked of UptimeRobot;
	// default 10 a minute on the free plan, else twice the number of monitors.
	UptimeRobotCalls  int
	UptimeRobotWindow time.Duration
	// Contacts are the addresses of UptimeRobot's alert contacts.
	Contacts []string
	// Page is how many monitors a page of UptimeRobot's has; default 50.
	Page int
}

// Server serves both. It is an http.Handler, safe for concurrent use.
type Server struct {
	options Options

	mu     sync.Mutex
	better betterStack
	robot  uptimeRobot
	faults []*Fault
	calls  map[string]int
	window time.Time // of UptimeRobot's limit: its end
	used   int
}

// Fault is one way in which a service misbehaves.
type Fault struct {
	Service    string `json:"service"`     // betterstack or uptimerobot; empty for both
	Method     string `json:"method"`      // of HTTP; empty for every
	Status     int    `json:"status"`      // of the answer
	Body       string `json:"body"`        // json (default), html, text, or broken: half a body
	RetryAfter int    `json:"retry_after"` // the header, in seconds; 0 sends none
	Count      int    `json:"count"`       // calls that are hit; 0 sets no end
	After      bool   `json:"after"`       // the call takes effect first

	hit int
}

// New returns the services.
func New(o Options) *Server {
	if o.UptimeRobotPlan == "" {
		o.UptimeRobotPlan = "solo"
	}
	if o.UptimeRobotCalls == 0 {
		o.UptimeRobotCalls, o.UptimeRobotWindow = 2*robotMonitors, time.Minute
		if o.UptimeRobotPlan == "free" {
			o.UptimeRobotCalls = 10
		}
	}
	if o.Page == 0 {
		o.Page = 50
	}
	if o.Contacts == nil {
		o.Contacts = []string{"ops@inbox.example"}
	}
	return &Server{options: o, better: betterStack{next: 238}, robot: uptimeRobot{next: 800100001}, calls: map[string]int{}}
}

// BetterStackToken is the token of the account.
func (s *Server) BetterStackToken() string { return s.options.BetterStackToken }

// UptimeRobotKey is the key of the account.
func (s *Server) UptimeRobotKey() string { return s.options.UptimeRobotKey }

// SetFaults puts these faults in the place of those set before.
func (s *Server) SetFaults(faults []Fault) error {
	list := make([]*Fault, len(faults))
	for i, f := range faults {
		if f.Status < 200 || f.Status > 599 {
			return fmt.Errorf("monitor fault %d: status %d is not one from 200 to 599", i+1, f.Status)
		}
		list[i] = &f
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	s.faults = list
	return nil
}

// Calls returns how often each method of each service was called, by
// "betterstack GET".
func (s *Server) Calls() map[string]int {
	s.mu.Lock()
	defer s.mu.Unlock()
	out := map[string]int{}
	for label, n := range s.calls {
		out[label] = n
	}
	return out
}

// answer is what a service says.
type answer struct {
	status int
	body   any // nil: none
}

// ServeHTTP answers a call of either service.
func (s *Server) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	s.mu.Lock()
	defer s.mu.Unlock()
	service, path, serve := "betterstack", "", s.serveBetterStack
	if rest, ok := strings.CutPrefix(r.URL.Path, BetterStackPath); ok {
		path = rest
	} else if rest, ok := strings.CutPrefix(r.URL.Path, UptimeRobotPath); ok {
		service, path, serve = "uptimerobot", rest, s.serveUptimeRobot
	} else {
		http.NotFound(w, r)
		return
	}
	s.calls[service+" "+r.Method]++
	fault := s.fault(service, r.Method)
	if fault == nil || fault.After {
		a := serve(w, r, path)
		if fault == nil {
			a.send(w)
			return
		}
	}
	fault.play(w)
}

func (s *Server) fault(service, method string) *Fault {
	for _, f := range s.faults {
		if f.Service != "" && f.Service != service || f.Method != "" && f.Method != method || f.Count > 0 && f.hit >= f.Count {
			continue
		}
		f.hit++
		return f
	}
	return nil
}

func (f *Fault) play(w http.ResponseWriter) {
	if f.RetryAfter > 0 {
		w.Header().Set("Retry-After", strconv.Itoa(f.RetryAfter))
	}
	text := fmt.Sprintf("%d %s", f.Status, http.StatusText(f.Status))
	body, kind := `{"message":"`+text+`","errors":"`+text+`"}`, "application/json; charset=utf-8"
	switch f.Body {
	case "html":
		body, kind = "<!DOCTYPE html><html><head><title>"+text+"</title></head><body><h1>"+text+"</h1></body></html>", "text/html; charset=utf-8"
	case "text":
		body, kind = text, "text/plain; charset=utf-8"
	case "broken":
		body = `{"data": {"id": "1", "attri`
	}
	w.Header().Set("Content-Type", kind)
	w.WriteHeader(f.Status)
	_, _ = w.Write([]byte(body))
}

func (a answer) send(w http.ResponseWriter) {
	if a.body == nil {
		w.WriteHeader(a.status)
		return
	}
	b, err := json.Marshal(a.body)
	if err != nil {
		panic(err) // our own values always marshal
	}
	w.Header().Set("Content-Type", "application/json; charset=utf-8")
	w.WriteHeader(a.status)
	_, _ = w.Write(b)
}

func bearer(r *http.Request) string {
	token, _ := strings.CutPrefix(r.Header.Get("Authorization"), "Bearer ")
	return token
}

// receive reads the JSON of a request.
func receive(r *http.Request) (map[string]json.RawMessage, bool) {
	var in map[string]json.RawMessage
	err := json.NewDecoder(http.MaxBytesReader(nil, r.Body, 1<<20)).Decode(&in)
	return in, err == nil
}
