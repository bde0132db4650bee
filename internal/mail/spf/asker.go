package spf

import (
	"context"
	"fmt"
	"net"
	"net/netip"
	"slices"
	"strings"
	"sync"

	"golang.org/x/net/publicsuffix"
)

// Bounds of an Asker. A check must end in time whatever somebody else has put
// into the DNS: terms by the hundred, and name servers that never answer.
const (
	maxQuestions    = 300 // asked in all
	maxSilentInZone = 3   // unanswered below one registrable domain
	maxSilent       = 12  // unanswered in all
	batch           = 8   // asked at a time
)

// Asker is a Resolver that asks another one each question once and within
// bounds, so that several walks and evaluations share what is known. A question
// beyond the bounds ends as not answered. Which ones these are depends on the
// order of the questions alone. It is not safe for concurrent use.
type Asker struct {
	r       Resolver
	answers map[question]answer
	asked   int
	silent  map[string]int // unanswered questions by registrable domain
	total   int            // unanswered questions
	reason  string         // of the last of them
}

// question is one question: name is an address in text form for type PTR.
type question struct{ typ, name string }

// answer holds the value of the type that belongs to the question's.
type answer struct {
	value any
	err   error
}

// NewAsker returns an Asker that knows nothing yet.
func NewAsker(r Resolver) *Asker {
	return &Asker{r: r, answers: map[question]answer{}, silent: map[string]int{}}
}

// asker returns r itself if it is an Asker already.
func asker(r Resolver) *Asker {
	if a, ok := r.(*Asker); ok {
		return a
	}
	return NewAsker(r)
}

// prefetch asks what is not known yet, several questions at a time.
func (a *Asker) prefetch(ctx context.Context, questions []question) {
	var fresh []question
	for _, q := range questions {
		if _, known := a.answers[q]; !known && !slices.Contains(fresh, q) {
			fresh = append(fresh, q)
		}
	}
	for some := range slices.Chunk(fresh, batch) {
		answers, left := make([]answer, len(some)), make([]bool, len(some))
		var wg sync.WaitGroup
		for i, q := range some {
			if why := a.refuse(q); why != "" {
				left[i], answers[i].err = true, &net.DNSError{Err: why, Name: q.name, IsTemporary: true}
				continue
			}
			wg.Go(func() { answers[i] = a.put(ctx, q) })
		}
		wg.Wait()
		for i, q := range some {
			a.keep(q, answers[i], left[i])
		}
	}
}

func (a *Asker) ask(ctx context.Context, q question) answer {
	if _, known := a.answers[q]; !known {
		a.prefetch(ctx, []question{q})
	}
	return a.answers[q]
}

// refuse counts a question that is about to be asked, or says why it is not.
func (a *Asker) refuse(q question) string {
	zone := zoneOf(q)
	switch {
	case a.asked >= maxQuestions:
		return fmt.Sprintf("not asked: at most %d questions are asked", maxQuestions)
	case a.silent[zone] >= maxSilentInZone:
		return fmt.Sprintf("not asked after %d questions about %s went unanswered: %s", a.silent[zone], zone, a.reason)
	case a.total >= maxSilent:
		return fmt.Sprintf("not asked after %d questions went unanswered: %s", a.total, a.reason)
	}
	a.asked++
	return ""
}

// keep notes an answer, and whether there was any to a question that was not left out.
func (a *Asker) keep(q question, got answer, left bool) {
	a.answers[q] = got
	if left || got.err == nil || notFound(got.err) {
		return
	}
	a.silent[zoneOf(q)]++
	a.total++
	a.reason = reason(got.err)
}

// zoneOf stands for the name servers that answer a question: those of one
// registrable domain are taken for the same.
func zoneOf(q question) string {
	name := strings.ToLower(strings.TrimSuffix(q.name, "."))
	if zone, err := publicsuffix.EffectiveTLDPlusOne(name); err == nil {
		return zone
	}
	return name
}

func (a *Asker) put(ctx context.Context, q question) (got answer) {
	switch q.typ {
	case "TXT":
		got.value, got.err = a.r.LookupTXT(ctx, q.name)
	case "MX":
		got.value, got.err = a.r.LookupMX(ctx, q.name)
	case "A":
		got.value, got.err = a.r.LookupNetIP(ctx, "ip4", q.name)
	case "AAAA":
		got.value, got.err = a.r.LookupNetIP(ctx, "ip6", q.name)
	case "PTR":
		got.value, got.err = a.r.LookupAddr(ctx, q.name)
	}
	return got
}

func value[T any](got answer) (T, error) {
	v, _ := got.value.(T)
	return v, got.err
}

// LookupTXT implements Resolver.
func (a *Asker) LookupTXT(ctx context.Context, name string) ([][]string, error) {
	return value[[][]string](a.ask(ctx, question{"TXT", name}))
}

// LookupMX implements Resolver.
func (a *Asker) LookupMX(ctx context.Context, name string) ([]*net.MX, error) {
	return value[[]*net.MX](a.ask(ctx, question{"MX", name}))
}

// LookupNetIP implements Resolver.
func (a *Asker) LookupNetIP(ctx context.Context, network, host string) ([]netip.Addr, error) {
	return value[[]netip.Addr](a.ask(ctx, question{recordType(network), host}))
}

// LookupAddr implements Resolver.
func (a *Asker) LookupAddr(ctx context.Context, addr string) ([]string, error) {
	return value[[]string](a.ask(ctx, question{"PTR", addr}))
}
