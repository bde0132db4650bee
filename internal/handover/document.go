// Package handover makes the document that whoever built a portal leaves with
// whoever runs it: what was built, what was verified, who owns what, where
// credentials are kept, how members are helped, what was accepted for a time,
// and what must be looked at next. It is pure: the same input at the same day
// makes the same document.
package handover

import (
	"cmp"
	"maps"
	"slices"
	"strings"
	"time"

	"github.com/launchready/terraform-provider-launchready/internal/readiness"
)

// Input is what the document is made of. Maps are by keys of the user's, which
// name a thing where nothing else does: "mail_api" is "Mail api".
type Input struct {
	Client    string // its name; empty = the scorecard's
	Portal    string // address; may be empty
	Scorecard string // JSON report of the scorecard; empty = nothing was verified

	Parts       map[string]Part
	Owners      map[string]Owner
	Credentials map[string]Credential
	Reviews     map[string]Review // further ones, or dates and owners for those that follow from the rest

	Runbook  *Runbook
	RunEvery int // days between two reviews of the runbook; 0 = DefaultRunEvery

	Waivers      []readiness.Waiver
	Attestations []readiness.Attestation
	Certificates map[string]readiness.Date // last days, by host
}

// DefaultRunEvery is how many days may pass between two reviews of a runbook,
// as the check support has it.
const DefaultRunEvery = 90

// Document is what is rendered.
type Document struct {
	Client, Portal string
	Verified       *Verified // nil: there is no scorecard
	Parts          []Part
	Owners         []Owner
	Credentials    []Credential
	Runbook        *Runbook
	Waivers        []Waiver
	Attestations   []Attestation
	Reviews        []Review // those with a date first, by it
	Missing        []string // what a handover should say and this one does not
}

// Part is one part of what was built, such as DNS.
type Part struct {
	Key, Title string
	Records    []Record
	Settings   []Setting
	Rules      []Rule
	Monitors   []Monitor
	Alerts     []Alert
	Limits     []string // what it does not do, and what that costs
}

// Empty reports whether nothing is said of a part.
func (p Part) Empty() bool {
	return len(p.Records)+len(p.Settings)+len(p.Rules)+len(p.Monitors)+len(p.Alerts)+len(p.Limits) == 0
}

// Record is a DNS record.
type Record struct {
	Name, Type, Content string
	Proxied             bool
	Purpose             string // what it is for; may be empty
}

// Setting is one setting in words: "Lowest TLS version", "1.2".
type Setting struct{ Name, Value string }

// Rule is a rule of the edge.
type Rule struct{ Kind, Name, Expression, Action string }

// Monitor watches an address.
type Monitor struct{ Name, URL, Service, Interval string }

// Alert tells somebody of something.
type Alert struct {
	Name, Kind string
	To         []string
}

// Owner answers for something.
type Owner struct{ Key, What, Name, Contact, Note string }

// Credential is where something secret is kept, and never what it is.
type Credential struct {
	Key, What, Place, Owner, UsedBy string
	Rotated                         readiness.Date // zero = not known
	Every                           int            // days between two rotations; 0 = not agreed
	Due                             string         // 2027-01-31; empty = not known
}

// Runbook is how members are helped.
type Runbook struct {
	Files    []string
	Sections []Section
	Reviewed string // last day of review, 2027-01-31; empty if it does not say
	Gaps     []string
}

// Section is what the runbook says of a topic.
type Section struct {
	Topic, Place, Owner, Contact, Time, Escalate string
	Steps                                        []string
	Hidden                                       bool // it holds what looks like a credential, and is not shown
}

// Review is what must be looked at again.
type Review struct {
	ID, What, Owner string
	Due             string // 2027-01-31; empty: nobody has agreed on a day
	Overdue         bool
}

// Make makes the document at a time. The error is about the scorecard.
func Make(in Input, now time.Time) (Document, error) {
	verified, err := readScorecard(in.Scorecard)
	if err != nil {
		return Document{}, err
	}
	d := Document{Client: in.Client, Portal: in.Portal, Verified: verified, Runbook: in.Runbook}
	if verified != nil {
		d.Client = cmp.Or(d.Client, verified.Name)
	}
	d.Client = cmp.Or(d.Client, "the portal")
	d.Parts = parts(in.Parts)
	for _, key := range slices.Sorted(maps.Keys(in.Owners)) {
		o := in.Owners[key]
		o.Key, o.What = key, cmp.Or(o.What, humanize(key))
		d.Owners = append(d.Owners, o)
	}
	for _, key := range slices.Sorted(maps.Keys(in.Credentials)) {
		c := in.Credentials[key]
		c.Key, c.What = key, cmp.Or(c.What, humanize(key))
		c.Due = later(c.Rotated.String(), c.Every)
		d.Credentials = append(d.Credentials, c)
	}
	d.Waivers = waivers(in.Waivers, verified, now)
	d.Attestations = attestations(in.Attestations, verified, now)
	d.Reviews = reviews(in, d, now)
	d.Missing = missing(d)
	return d, nil
}

// order is that of the parts which the modules have; others follow by name.
var order = []string{"dns", "email", "tls", "edge", "monitoring"}

func parts(all map[string]Part) []Part {
	var out []Part
	for _, key := range slices.SortedFunc(maps.Keys(all), func(a, b string) int {
		return cmp.Or(cmp.Compare(position(a), position(b)), cmp.Compare(a, b))
	}) {
		p := all[key]
		if p.Empty() {
			continue
		}
		p.Key, p.Title = key, cmp.Or(p.Title, titles[key], humanize(key))
		slices.SortStableFunc(p.Records, func(a, b Record) int {
			return cmp.Or(cmp.Compare(turned(a.Name), turned(b.Name)), cmp.Compare(a.Type, b.Type), cmp.Compare(a.Content, b.Content))
		})
		slices.SortStableFunc(p.Settings, func(a, b Setting) int { return cmp.Compare(a.Name, b.Name) })
		slices.SortStableFunc(p.Rules, func(a, b Rule) int { return cmp.Or(cmp.Compare(a.Kind, b.Kind), cmp.Compare(a.Name, b.Name)) })
		slices.SortStableFunc(p.Monitors, func(a, b Monitor) int { return cmp.Compare(a.Name, b.Name) })
		slices.SortStableFunc(p.Alerts, func(a, b Alert) int { return cmp.Compare(a.Name, b.Name) })
		out = append(out, p)
	}
	return out
}

var titles = map[string]string{"dns": "DNS", "email": "E-mail", "tls": "TLS", "edge": "Edge", "monitoring": "Monitoring"}

func position(key string) int {
	if i := slices.Index(order, key); i >= 0 {
		return i
	}
	return len(order)
}

// turned is a name from its end: acme.example before portal.acme.example.
func turned(name string) string {
	labels := strings.Split(name, ".")
	slices.Reverse(labels)
	return strings.Join(labels, ".")
}

// humanize makes words of a key: "cloudflare_api" is "Cloudflare api".
func humanize(key string) string {
	words := strings.Join(strings.Fields(strings.NewReplacer("_", " ", "-", " ").Replace(key)), " ")
	if words == "" {
		return key
	}
	first := []rune(words)
	return strings.ToUpper(string(first[:1])) + string(first[1:])
}

// later is a day some days after another; empty where either is not known.
func later(day string, days int) string {
	at, err := time.Parse(time.DateOnly, day)
	if err != nil || days <= 0 {
		return ""
	}
	return at.AddDate(0, 0, days).Format(time.DateOnly)
}

// over reports whether a day has passed; one that is not known has not.
func over(day string, now time.Time) bool {
	date, err := readiness.ParseDate(day)
	return err == nil && date.Over(now)
}
