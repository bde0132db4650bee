package monitor

import (
	"context"
	"encoding/json"
	"fmt"
	"html"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"sync"
	"time"
)

// UptimeRobotName is the word for UptimeRobot in configuration.
const UptimeRobotName = "uptimerobot"

// uptimeRobotURL is where version 3 of its API lives (https://uptimerobot.com/api/v3/).
// Version 2 is served still, and no longer changed.
const uptimeRobotURL = "https://api.uptimerobot.com/v3"

// uptimeRobot is UptimeRobot.
type uptimeRobot struct {
	rest rest

	mu       sync.Mutex
	contacts []uptimeRobotContact // nil until they are read
}

// NewUptimeRobot returns UptimeRobot. It does no I/O.
func NewUptimeRobot(a Access) Backend {
	r := newRest(UptimeRobotName, uptimeRobotURL, a)
	r.explain = explainUptimeRobot
	r.fields = map[string]string{
		"url": "url", "friendlyName": "name", "interval": "interval", "timeout": "timeout", "httpMethodType": "method",
		"successHttpResponseCodes": "expect.status", "keywordValue": "expect.body", "config": "expect.certificate_days", "sslExpirationReminder": "expect.certificate_days",
		"regionData": "regions", "customHttpHeaders": "headers", "assignedAlertContacts": "contacts",
	}
	return &uptimeRobot{rest: r}
}

func (u *uptimeRobot) Name() string { return UptimeRobotName }

// Limits asks for the account's plan and contacts
// (https://uptimerobot.com/pricing: the free plan checks each 5 minutes, the
// largest each 30 seconds).
func (u *uptimeRobot) Limits(ctx context.Context) (Limits, error) {
	var me struct {
		Monitors     int `json:"monitorsCount"`
		Limit        int `json:"monitorLimit"`
		Subscription struct {
			Plan  string `json:"plan"`
			Limit int    `json:"monitorLimit"`
		} `json:"activeSubscription"`
	}
	if err := u.rest.call(ctx, "read the account", http.MethodGet, "/user/me", nil, &me); err != nil {
		return Limits{}, err
	}
	contacts, err := u.allContacts(ctx)
	if err != nil {
		return Limits{}, err
	}
	l := Limits{
		Monitors: max(me.Limit, me.Subscription.Limit), Used: me.Monitors,
		MinInterval: 30 * time.Second, MaxInterval: 24 * time.Hour, MinTimeout: time.Second, MaxTimeout: time.Minute,
		Methods: []string{"GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"},
		Regions: []string{"na", "eu", "as", "oc"}, Classes: true, Certificates: true, Contacts: 100, KnownContacts: []string{},
	}
	if strings.EqualFold(me.Subscription.Plan, "free") {
		l.Plan, l.MinInterval = "UptimeRobot's free plan", 5*time.Minute
	}
	for _, c := range contacts {
		l.KnownContacts = append(l.KnownContacts, c.word())
	}
	slices.Sort(l.KnownContacts)
	return l, nil
}

// uptimeRobotContact is someone who can be alerted. Type and status are words, or
// the numbers of version 2.
type uptimeRobotContact struct {
	ID     looseText `json:"id"`
	Type   looseText `json:"type"`
	Value  string    `json:"value"`
	Status looseText `json:"status"`
}

// word is how configuration names a contact: by its address if it is an e-mail
// contact, else by its id.
func (c uptimeRobotContact) word() string {
	if (strings.EqualFold(string(c.Type), "email") || c.Type == "2") && c.Value != "" {
		return c.Value
	}
	return string(c.ID)
}

func (c uptimeRobotContact) active() bool {
	return strings.EqualFold(string(c.Status), "active") || c.Status == "2"
}

// allContacts reads the contacts once.
func (u *uptimeRobot) allContacts(ctx context.Context) ([]uptimeRobotContact, error) {
	u.mu.Lock()
	defer u.mu.Unlock()
	if u.contacts != nil {
		return u.contacts, nil
	}
	list := []uptimeRobotContact{}
	if err := u.rest.call(ctx, "list the contacts", http.MethodGet, "/user/alert-contacts", nil, &list); err != nil {
		return nil, err
	}
	u.contacts = list
	return list, nil
}

// uptimeRobotMonitor is a monitor as the API has it. Times are in seconds.
type uptimeRobotMonitor struct {
	Name     string                  `json:"friendlyName"`
	URL      string                  `json:"url"`
	Type     string                  `json:"type"`
	Interval int                     `json:"interval"`
	Timeout  int                     `json:"timeout"`
	Method   string                  `json:"httpMethodType"`
	Codes    []string                `json:"successHttpResponseCodes"`
	Headers  map[string]string       `json:"customHttpHeaders"`
	CheckSSL bool                    `json:"checkSSLErrors"`
	Reminder bool                    `json:"sslExpirationReminder"`
	Domain   bool                    `json:"domainExpirationReminder"`
	Follow   bool                    `json:"followRedirections"`
	Contacts []uptimeRobotAssignment `json:"assignedAlertContacts"`

	KeywordType  *string            `json:"keywordType,omitempty"`
	KeywordCase  json.RawMessage    `json:"keywordCaseType,omitempty"` // 0 minds the case
	KeywordValue string             `json:"keywordValue,omitempty"`
	Config       *uptimeRobotConfig `json:"config,omitempty"`

	RegionData *uptimeRobotRegions `json:"regionData,omitempty"` // written
	// Read only.
	Regional json.RawMessage `json:"regionalData,omitempty"`
	ID       looseText       `json:"id,omitempty"`
	Status   string          `json:"status,omitempty"`
}

type uptimeRobotConfig struct {
	Days []int `json:"sslExpirationPeriodDays"`
}

type uptimeRobotRegions struct {
	Regions []string `json:"REGION"`
	Manual  bool     `json:"MANUAL_SELECTED"`
}

// uptimeRobotAssignment is who is alerted how many minutes after a failure, and
// how often again.
type uptimeRobotAssignment struct {
	ID         looseText `json:"alertContactId"`
	Threshold  int       `json:"threshold"`
	Recurrence int       `json:"recurrence"`
}

// explainUptimeRobot reads {"message": text or list, "error", "statusCode"}. The
// first word of a message about a property is its name.
func explainUptimeRobot(body []byte) (message, field string) {
	var answer struct {
		Message json.RawMessage `json:"message"`
		Error   string          `json:"error"`
	}
	if json.Unmarshal(body, &answer) != nil {
		return "", ""
	}
	var list []string
	if json.Unmarshal(answer.Message, &message) != nil && json.Unmarshal(answer.Message, &list) == nil {
		message = strings.Join(list, "; ")
	}
	if message == "" {
		return answer.Error, ""
	}
	field, _, _ = strings.Cut(message, " ")
	field, _, _ = strings.Cut(field, ".")
	return message, field
}

func (u *uptimeRobot) wire(ctx context.Context, m Monitor) (uptimeRobotMonitor, error) {
	w := uptimeRobotMonitor{
		Name: m.Name, URL: m.URL, Type: "HTTP", Interval: int(m.Interval / time.Second), Timeout: int(m.Timeout / time.Second),
		Method: m.Method, Codes: m.Status, Headers: map[string]string{}, Follow: m.FollowRedirects,
		CheckSSL: !m.IgnoreTLS && strings.HasPrefix(m.URL, "https:"), Reminder: m.CertificateDays > 0, Contacts: []uptimeRobotAssignment{},
	}
	if w.Codes == nil {
		w.Codes = []string{}
	}
	for name, value := range m.Headers {
		w.Headers[name] = value
	}
	if m.Body != "" {
		// Alert when the text is not there.
		w.Type, w.KeywordType, w.KeywordCase, w.KeywordValue = "KEYWORD", new("ALERT_NOT_EXISTS"), json.RawMessage("1"), m.Body
	}
	w.Config = &uptimeRobotConfig{Days: []int{}}
	if m.CertificateDays > 0 {
		w.Config.Days = []int{m.CertificateDays}
	}
	if len(m.Regions) > 0 {
		w.RegionData = &uptimeRobotRegions{Regions: m.Regions, Manual: true}
	}
	contacts, err := u.allContacts(ctx)
	if err != nil {
		return w, err
	}
	for _, c := range contacts {
		// A monitor that nobody is assigned to alerts nobody.
		if m.Contacts == nil && c.active() || slices.Contains(m.Contacts, c.word()) {
			w.Contacts = append(w.Contacts, uptimeRobotAssignment{ID: c.ID})
		}
	}
	if m.Contacts != nil && len(w.Contacts) < len(m.Contacts) {
		return w, &Error{Backend: UptimeRobotName, Operation: "describe monitor " + m.Name, Field: "contacts", Message: fmt.Sprintf("not each of %s is a contact of the account", strings.Join(m.Contacts, ", "))}
	}
	return w, nil
}

func (u *uptimeRobot) seen(w uptimeRobotMonitor, contacts []uptimeRobotContact) Seen {
	s := Seen{State: uptimeRobotState(w.Status)}
	// The API may escape what people wrote as if it were HTML.
	s.ID, s.Name, s.URL, s.Method = string(w.ID), html.UnescapeString(w.Name), html.UnescapeString(w.URL), w.Method
	s.Interval, s.Timeout = time.Duration(w.Interval)*time.Second, time.Duration(w.Timeout)*time.Second
	s.Status, s.FollowRedirects = slices.Clone(w.Codes), w.Follow
	s.IgnoreTLS, s.Paused = !w.CheckSSL && strings.HasPrefix(s.URL, "https:"), s.State == Paused
	if w.Reminder && w.Config != nil && len(w.Config.Days) > 0 {
		s.CertificateDays = slices.Max(w.Config.Days)
	}
	for name, value := range w.Headers {
		if s.Headers == nil {
			s.Headers = map[string]string{}
		}
		s.Headers[http.CanonicalHeaderKey(name)] = value // the API has names in lower case
	}
	s.Regions = uptimeRobotRegionsOf(w.Regional)
	s.Contacts = []string{}
	for _, a := range w.Contacts {
		word := string(a.ID)
		for _, c := range contacts {
			if c.ID == a.ID {
				word = c.word()
			}
		}
		s.Contacts = append(s.Contacts, word)
	}
	slices.Sort(s.Contacts)
	switch {
	case w.Type == "KEYWORD" && (w.KeywordType == nil || *w.KeywordType == "ALERT_NOT_EXISTS"):
		s.Body = html.UnescapeString(w.KeywordValue)
	case w.Type != "HTTP":
		s.Kind = strings.ToLower(w.Type)
	}
	return s
}

// uptimeRobotRegionsOf reads the regions that were chosen: an object, or one
// region as text. Those that the service chose are none.
func uptimeRobotRegionsOf(raw json.RawMessage) []string {
	var one string
	if json.Unmarshal(raw, &one) == nil && one != "" {
		return []string{one}
	}
	var r uptimeRobotRegions
	if json.Unmarshal(raw, &r) != nil || !r.Manual {
		return nil
	}
	return slices.Sorted(slices.Values(r.Regions))
}

func uptimeRobotState(status string) State {
	switch strings.ToUpper(status) {
	case "UP":
		return Up
	case "DOWN":
		return Down
	case "PAUSED":
		return Paused
	case "STARTED", "NOT_CHECKED_YET", "LOOKS_DOWN", "":
		return Pending
	}
	return State(strings.ToLower(status))
}

// one makes a call that answers one monitor.
func (u *uptimeRobot) one(ctx context.Context, operation, method, path string, in any) (Seen, error) {
	var out uptimeRobotMonitor
	if err := u.rest.call(ctx, operation, method, path, in, &out); err != nil {
		return Seen{}, err
	}
	contacts, err := u.allContacts(ctx)
	return u.seen(out, contacts), err
}

func (u *uptimeRobot) Create(ctx context.Context, m Monitor) (Seen, error) {
	w, err := u.wire(ctx, m)
	if err != nil {
		return Seen{}, err
	}
	s, err := u.one(ctx, "create monitor "+m.Name, http.MethodPost, "/monitors", w)
	if err != nil {
		return s, err
	}
	return u.settle(ctx, s, m)
}

func (u *uptimeRobot) Read(ctx context.Context, id string) (Seen, error) {
	return u.one(ctx, "read monitor "+id, http.MethodGet, "/monitors/"+url.PathEscape(id), nil)
}

func (u *uptimeRobot) Update(ctx context.Context, m Monitor) (Seen, error) {
	w, err := u.wire(ctx, m)
	if err != nil {
		return Seen{}, err
	}
	s, err := u.one(ctx, "update monitor "+m.Name, http.MethodPatch, "/monitors/"+url.PathEscape(m.ID), w)
	if err != nil {
		return s, err
	}
	return u.settle(ctx, s, m)
}

// settle pauses or starts a monitor, which is a call of its own.
func (u *uptimeRobot) settle(ctx context.Context, s Seen, m Monitor) (Seen, error) {
	if s.Paused == m.Paused {
		return s, nil
	}
	verb := "start"
	if m.Paused {
		verb = "pause"
	}
	settled, err := u.one(ctx, verb+" monitor "+m.Name, http.MethodPost, "/monitors/"+url.PathEscape(s.ID)+"/"+verb, struct{}{})
	if err != nil {
		return s, err // which was made: its id must not be lost
	}
	return settled, nil
}

func (u *uptimeRobot) Delete(ctx context.Context, id string) error {
	err := u.rest.call(ctx, "delete monitor "+id, http.MethodDelete, "/monitors/"+url.PathEscape(id), nil, nil)
	if IsNotFound(err) {
		return nil
	}
	return err
}

// List follows the cursor that stands in nextLink; the link itself is not
// followed, since it could lead the key elsewhere.
func (u *uptimeRobot) List(ctx context.Context) ([]Seen, error) {
	contacts, err := u.allContacts(ctx)
	if err != nil {
		return nil, err
	}
	var all []Seen
	cursor, before := "", map[string]bool{}
	for range maxPages {
		path := "/monitors"
		if cursor != "" {
			path += "?cursor=" + url.QueryEscape(cursor)
		}
		var out struct {
			Data     []uptimeRobotMonitor `json:"data"`
			NextLink *string              `json:"nextLink"`
			Next     *int64               `json:"nextCursorId"`
		}
		if err := u.rest.call(ctx, "list monitors", http.MethodGet, path, nil, &out); err != nil {
			return nil, err
		}
		for _, w := range out.Data {
			all = append(all, u.seen(w, contacts))
		}
		cursor = ""
		if out.Next != nil {
			cursor = strconv.FormatInt(*out.Next, 10)
		} else if out.NextLink != nil {
			if link, err := url.Parse(*out.NextLink); err == nil {
				cursor = link.Query().Get("cursor")
			}
		}
		if cursor == "" || before[cursor] {
			return sortSeen(all), nil
		}
		before[cursor] = true
	}
	return nil, tooManyPages(UptimeRobotName)
}
