package supportcheck

import (
	"context"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/launchready/terraform-provider-launchready/internal/probe"
	"github.com/launchready/terraform-provider-launchready/internal/readiness"
)

// today is the clock of these tests.
var today = time.Date(2026, 11, 29, 12, 0, 0, 0, time.UTC)

// page is how a world answers for an address.
type page struct {
	status   int
	body     string
	failure  probe.FailureKind
	redirect string
	header   http.Header
}

// world is a network: pages by address, and what names have. What it does not
// know answers 200, takes mail, and has an address.
type world struct {
	probe.Prober
	pages   map[string]page
	names   map[string]probe.LookupStatus // of MX and addresses
	mx      map[string]string             // the one MX host
	active  []string                      // hosts that may be tested
	passive func(host string) bool        // nil = all

	mu    sync.Mutex
	asked map[string]int
}

func (w *world) Now() time.Time { return today }

func (w *world) InScope(host string, intent probe.Intent) error {
	if slices.Contains(w.active, host) || intent == probe.Passive && (w.passive == nil || w.passive(host)) {
		return nil
	}
	return &probe.ScopeError{Host: host, Intent: intent, Argument: "probe.allowed_hosts"}
}

func (w *world) Lookup(_ context.Context, name string, typ probe.RecordType) probe.Answer {
	if status, ok := w.names[name]; ok {
		return probe.Answer{Name: name, Type: typ, Status: status}
	}
	if host, ok := w.mx[name]; ok && typ == probe.TypeMX {
		return probe.Answer{Name: name, Type: typ, Status: probe.Found, Records: []probe.Record{{Host: host}}}
	}
	return probe.Answer{Name: name, Type: typ, Status: probe.Found, Records: []probe.Record{{Host: "mx." + name}}}
}

func (w *world) Fetch(_ context.Context, req probe.Request) probe.Exchange {
	u, err := url.Parse(req.URL)
	if err != nil {
		return probe.Exchange{Failure: probe.FailOther}
	}
	w.mu.Lock()
	if w.asked == nil {
		w.asked = map[string]int{}
	}
	w.asked[req.URL]++
	w.mu.Unlock()
	if w.InScope(u.Hostname(), req.Intent) != nil {
		return probe.Exchange{Failure: probe.FailScope}
	}
	p, ok := w.pages[req.URL]
	if !ok {
		p = page{status: 200, body: "a page"}
	}
	return probe.Exchange{Status: p.status, Failure: p.failure, FinalURL: req.URL, Body: []byte(p.body), Redirect: p.redirect, Header: p.header, Hops: []probe.Hop{{URL: req.URL}}}
}

// judge runs the check on a text and returns its result.
func judge(t *testing.T, w *world, spec Spec) readiness.Result {
	t.Helper()
	if w == nil {
		w = &world{}
	}
	spec.Recheck, spec.Pause = -1, -1
	if spec.Drill == nil {
		spec.Drill = &Drill{Statement: "done", Owner: "Bo", Evidence: "https://wiki.agency.example/", Date: today}
	}
	result, err := Definition.Execute(t.Context(), w, spec)
	if err != nil {
		t.Fatal(err)
	}
	return result
}

// wrong are the findings that neither pass nor do not apply, as "status rule subject".
func wrong(r readiness.Result) []string {
	out := []string{}
	for _, f := range r.Findings {
		if f.Status == readiness.Fail || f.Status == readiness.Inconclusive && f.Severity != readiness.Info {
			out = append(out, string(f.Status)+" "+f.Rule+" "+f.Subject)
		}
	}
	return out
}

// sound is a runbook that nothing is wrong with.
const sound = `# Support

Last reviewed: 2026-11-02

Everybody at the desk may follow these pages, and nobody needs an engineer for them.
What the administrators' page cannot do is built there first. Every case goes into the
list of cases with what was asked, what was done and how long it took, so that the
product can learn from it, and once a month the desk reads the list together. Nobody at
the desk asks for a password, chooses one, or reads one out.

## Password resets

- Owner: Member desk
- Contact: desk@acme.example
- Expected time: 20 minutes

1. Send the member to the [sign-in page](https://portal.acme.example/login).
2. Look up whether mail has bounced.
3. Let the product send the link again.

Escalate when two links are lost.

## Refunds

- Owner: Ines Moreau
- Contact: money@acme.example
- Expected time: 2 business days

1. Find the invoice by its number.
2. Check that nothing was paid back for it yet.
3. Pay it back, and let a second person confirm.

Escalate when a bank disputes it.

## Invites

- Owner: Member desk
- Contact: desk@acme.example
- Expected time: 4 hours

1. Ask whether the invitation is open.
2. Let the administrator invite again.
3. Correct the address of what has bounced.

Escalate when a whole organisation gets none.

## Failed log-ins

- Owner: Member desk
- Contact: desk@acme.example
- Expected time: 30 minutes

1. Ask what the page says.
2. Let them wait for a quarter of an hour.
3. Call the number on file, then take the factor off.

Escalate when more than three members cannot sign in.

## Escalation

- Owner: Ada Lindqvist
- Contact: ops@agency.example
- Expected time: 30 minutes

1. Level 1: the desk, desk@acme.example.
2. Level 2: the operator on call, ops@agency.example.
3. Level 3: Ada Lindqvist, ada@agency.example.

At night begin with level 2.
`

// but is the sound runbook with some texts replaced.
func but(t *testing.T, pairs ...string) Spec {
	t.Helper()
	text := sound
	for i := 0; i < len(pairs); i += 2 {
		if !strings.Contains(text, pairs[i]) {
			t.Fatalf("the sound runbook does not hold %q", pairs[i])
		}
		text = strings.Replace(text, pairs[i], pairs[i+1], 1)
	}
	return Spec{Runbook: text}
}
