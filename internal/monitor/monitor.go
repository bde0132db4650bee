// Package monitor is uptime monitors: what one is, what a service allows it to
// be, and the services themselves behind one interface, one file a service.
//
// A new service is one file: a type with the methods of Backend that turns a
// Monitor into the service's own form and back.
package monitor

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"slices"
	"time"
)

// Monitor is what is watched, in words that hold for every service. The zero
// value of a field leaves it to the service, unless it says otherwise.
type Monitor struct {
	ID      string // the service's; empty before it is created
	Name    string
	URL     string // http or https, absolute; may have a path and a query
	Address string // host or IP address to connect to instead of the URL's host
	Method  string // GET, HEAD, ...; upper case

	Interval time.Duration // between two checks
	Timeout  time.Duration // of one check

	Status []string // that count as up: codes such as "200", classes such as "2xx"
	Body   string   // text that the answer's body holds when all is well
	// CertificateDays is how long before the certificate expires an alert is sent; 0 is never.
	CertificateDays int
	Regions         []string // that it is watched from, in the service's words, sorted
	Headers         map[string]string
	FollowRedirects bool // whether the answer after redirects is judged
	IgnoreTLS       bool // whether a certificate that is not valid is no failure
	Paused          bool // nothing is checked
	// Contacts are whom the service alerts of its own accord: ids or addresses of
	// its contacts (UptimeRobot), the id of an escalation policy (Better Stack).
	// Nil leaves them to the service. Always nil for a service whose alerts are
	// policies of their own (Cloudflare).
	Contacts []string
}

// Clone returns a copy that shares nothing.
func (m Monitor) Clone() Monitor {
	m.Status, m.Regions, m.Headers = slices.Clone(m.Status), slices.Clone(m.Regions), maps.Clone(m.Headers)
	m.Contacts = slices.Clone(m.Contacts)
	return m
}

// State is what a service says of a target.
type State string

// States. A word that a service adds later is kept as it comes.
const (
	Up      State = "up"
	Down    State = "down"
	Paused  State = "paused"
	Pending State = "pending" // not checked yet, or in doubt
)

// Seen is a monitor as a service shows it, whoever made it.
type Seen struct {
	Monitor
	State       State
	LastChecked time.Time // zero where the service does not say
	// Kind is the service's word for a monitor that is none of HTTP, such as ping.
	Kind string
	// Team says that the service alerts the team, or whoever is on call in it.
	Team bool
}

// Backend is a service that watches. Its methods are safe for concurrent use.
// Every error of a call is an *Error.
type Backend interface {
	// Name is the word for it in configuration, such as "betterstack".
	Name() string
	// Limits says what the service allows: with the account's plan, where it tells.
	Limits(ctx context.Context) (Limits, error)
	// Create makes a monitor and returns it as the service then shows it.
	Create(ctx context.Context, m Monitor) (Seen, error)
	// Read returns a monitor; the error says so (NotFound) where it is gone.
	Read(ctx context.Context, id string) (Seen, error)
	// Update brings the monitor of m.ID into the form of m.
	Update(ctx context.Context, m Monitor) (Seen, error)
	// Delete removes a monitor. One that is gone already is no error.
	Delete(ctx context.Context, id string) error
	// List returns every monitor, in order of names and then ids.
	List(ctx context.Context) ([]Seen, error)
}

// Find returns the one monitor of an id or else of a name.
func Find(ctx context.Context, b Backend, nameOrID string) (Seen, error) {
	all, err := b.List(ctx)
	if err != nil {
		return Seen{}, err
	}
	var named []Seen
	for _, s := range all {
		if s.ID == nameOrID {
			return s, nil
		}
		if s.Name == nameOrID {
			named = append(named, s)
		}
	}
	switch len(named) {
	case 0:
		return Seen{}, &Error{Backend: b.Name(), Operation: "find monitor " + nameOrID, Status: 404, Message: fmt.Sprintf("none of the %d monitors that are there has that name or id", len(all))}
	case 1:
		return named[0], nil
	}
	ids := make([]string, len(named))
	for i, s := range named {
		ids[i] = s.ID
	}
	return Seen{}, &Error{Backend: b.Name(), Operation: "find monitor " + nameOrID, Status: 409, Message: fmt.Sprintf("%d monitors have that name; name it by its id, one of %v", len(named), ids)}
}

// IsNotFound reports whether a monitor is gone.
func IsNotFound(err error) bool {
	var e *Error
	return errors.As(err, &e) && e.NotFound()
}
