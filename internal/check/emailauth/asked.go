package emailauth

import (
	"context"
	"strings"
	"sync"

	"github.com/launchready/terraform-provider-launchready/internal/mail/dmarc"
	"github.com/launchready/terraform-provider-launchready/internal/probe"
)

const (
	// inFlight is how many questions are out beside one another.
	inFlight = 16
	// patience is how many questions about one registered domain may end without
	// any answer before no more are asked: each costs the whole time-out.
	patience = 3
)

// once is a prober that asks the DNS each question one time in a run, however
// many rules want to know; who asks meanwhile waits for the same answer. What is
// not asked any more, because servers stay silent, has the answer of the others.
type once struct {
	probe.Prober
	slots   chan struct{}
	mu      sync.Mutex
	answers map[askedFor]func() probe.Answer
	silence map[string][]probe.Answer // unanswered, by registered domain
}

type askedFor struct {
	name string
	typ  probe.RecordType
}

func newOnce(p probe.Prober) *once {
	return &once{Prober: p, slots: make(chan struct{}, inFlight), answers: map[askedFor]func() probe.Answer{}, silence: map[string][]probe.Answer{}}
}

// Lookup implements probe.Prober.
func (o *once) Lookup(ctx context.Context, name string, typ probe.RecordType) probe.Answer {
	q := askedFor{canonical(name), typ}
	o.mu.Lock()
	answer, ok := o.answers[q]
	if !ok {
		answer = sync.OnceValue(func() probe.Answer { return o.ask(ctx, q) })
		o.answers[q] = answer
	}
	o.mu.Unlock()
	return answer()
}

func (o *once) ask(ctx context.Context, q askedFor) probe.Answer {
	o.slots <- struct{}{}
	defer func() { <-o.slots }()
	zone := dmarc.OrganizationalDomain(q.name)
	if i := strings.Index(q.name, "_domainkey."); i >= 0 {
		zone = q.name[i:] // often delegated apart
	}
	o.mu.Lock()
	silence := o.silence[zone]
	o.mu.Unlock()
	if len(silence) >= patience {
		same := silence[0]
		return probe.Answer{Name: q.name, Type: q.typ, Status: same.Status, Resolver: same.Resolver, Detail: same.Detail}
	}
	answer := o.Prober.Lookup(ctx, q.name, q.typ)
	if answer.Status == probe.TimedOut || answer.Status == probe.NotReached {
		o.mu.Lock()
		o.silence[zone] = append(o.silence[zone], answer)
		o.mu.Unlock()
	}
	return answer
}

// warm asks what will be wanted anyway, so that the rules, which read one
// answer after the other, wait for none of them. It returns at once.
func (s *session) warm(typ probe.RecordType, names ...string) {
	for _, name := range names {
		s.warming.Go(func() { s.prober.Lookup(s.ctx, name, typ) })
	}
}
