package portal

import (
	"context"
	"encoding/json"
	"net/http"
	"regexp"
	"strings"
	"time"
)

// Event is one thing that the operators of the portal want to know of: a line
// of its log.
type Event struct {
	Time      time.Time `json:"time"`
	Level     string    `json:"level"` // info, warning, error
	Event     string    `json:"event"`
	Outcome   string    `json:"outcome,omitempty"` // success, failure
	User      string    `json:"user,omitempty"`    // as the visitor says, or who it is
	SourceIP  string    `json:"source_ip,omitempty"`
	RequestID string    `json:"request_id,omitempty"`
	Method    string    `json:"method,omitempty"`
	Route     string    `json:"route,omitempty"`
	Status    int       `json:"status,omitempty"`
	UserAgent string    `json:"user_agent,omitempty"`

	// Faults: what no log may hold.
	Password      string `json:"password,omitempty"`
	Authorization string `json:"authorization,omitempty"`
}

// The events.
const (
	EventStarted     = "portal_started"
	EventSignedIn    = "login_succeeded"
	EventSignInFails = "login_failed"
	EventRefused     = "access_denied"
	EventError       = "server_error"
	EventBounced     = "mail_bounced"
	EventInvited     = "member_invited"
)

// Faults of what the operators see.
const (
	LogSilent         Switch = "log_silent"          // nothing but the start is logged
	LogWithoutFields  Switch = "log_without_fields"  // failed sign-ins are logged without who and from where
	LogPasswords      Switch = "log_passwords"       // failed sign-ins are logged with the password
	LogAuthorization  Switch = "log_authorization"   // refusals are logged with the header Authorization
	LogUnescaped      Switch = "log_unescaped"       // line breaks of visitors are line breaks of the log
	RefusalsUncounted Switch = "refusals_uncounted"  // answers of 401 are in no metric
	BouncesUncounted  Switch = "bounces_uncounted"   // mail that bounces is neither counted nor told
	StackTraceShown   Switch = "stack_trace_shown"   // answers of 500 show where the program was
	DrillRouteGone    Switch = "drill_route_missing" // the route that fails on purpose is not there
)

// Listener is told of every event. line is how it stands in the log, line break
// included; empty if it is not logged.
type Listener func(e Event, line string)

// ReportTo tells the portal whom to tell of events.
func (p *Portal) ReportTo(l Listener) {
	p.mu.Lock()
	p.listener = l
	p.mu.Unlock()
	p.tell(Event{Level: "info", Event: EventStarted, Outcome: "success"})
}

// tell reports an event.
func (p *Portal) tell(e Event) {
	p.mu.RLock()
	listener := p.listener
	p.mu.RUnlock()
	if listener == nil {
		return
	}
	e.Time = p.options.Now().UTC()
	if e.Event != EventSignInFails || !p.On(LogPasswords) {
		e.Password = ""
	}
	if e.Event != EventRefused && e.Event != EventSignInFails || !p.On(LogAuthorization) {
		e.Authorization = ""
	}
	logged := e
	if p.On(LogWithoutFields) && e.Event == EventSignInFails { // the mark of a request is all that is left
		logged.SourceIP, logged.Outcome, logged.User = "", "", ""
	}
	line, err := json.Marshal(logged)
	if err != nil || p.On(LogSilent) && e.Event != EventStarted {
		line = nil
	}
	text := string(line)
	if p.On(LogUnescaped) {
		text = strings.NewReplacer(`\n`, "\n", `\"`, `"`).Replace(text)
	}
	if text != "" {
		text += "\n"
	}
	listener(e, text)
}

// about fills an event with what a request says of itself.
func (p *Portal) about(r *http.Request, e Event) Event {
	e.SourceIP, e.Method, e.UserAgent = p.network(r), r.Method, r.UserAgent()
	e.Authorization = r.Header.Get("Authorization")
	if v := visitOf(r); v != nil {
		e.RequestID = v.id
	}
	return e
}

// visit is what is noted of a request while it is served.
type visit struct {
	id    string // of the request
	route string // the pattern that serves it
	told  bool   // an event of its own has said what came of it
}

type visitKey struct{}

func visitOf(r *http.Request) *visit {
	v, _ := r.Context().Value(visitKey{}).(*visit)
	return v
}

// soundRequestID is one of a visitor's that may stand in a log.
var soundRequestID = regexp.MustCompile(`^[A-Za-z0-9._-]{4,64}$`)

// newVisit begins the notes about a request.
func newVisit(r *http.Request) (*visit, *http.Request) {
	v := &visit{id: r.Header.Get("X-Request-Id")}
	if !soundRequestID.MatchString(v.id) {
		v.id = newLetterToken()[:16]
	}
	return v, r.WithContext(context.WithValue(r.Context(), visitKey{}, v))
}

// routed notes which route serves a request.
func routed(mux http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		mux.ServeHTTP(w, r)
		if v := visitOf(r); v != nil {
			v.route = r.Pattern
		}
	})
}

// signInTold reports what came of a sign-in.
func (p *Portal) signInTold(r *http.Request, email, password string, ok bool) {
	e := Event{Level: "warning", Event: EventSignInFails, Outcome: "failure", User: email, Password: password, Status: http.StatusUnauthorized}
	if ok {
		e = Event{Level: "info", Event: EventSignedIn, Outcome: "success", User: email}
	}
	if v := visitOf(r); v != nil {
		v.told = true
	}
	p.tell(p.about(r, e))
}
