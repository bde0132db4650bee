package monitor

import (
	"context"
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
