package cloudflare

import (
	"context"
	"fmt"
	"net/http"
	"slices"
	"strconv"
	"strings"
	"sync"

	"github.com/launchready/terraform-provider-launchready/internal/ruleset"
)

// ruleWriteTries bounds how often a claim is written again because somebody
// else wrote to the phase at the same time.
const ruleWriteTries = 5

// PutRules brings what an owner claims into a phase of a zone and returns the
// rules as they then are. Claims on one phase that come at the same time travel
// in one call; rules of others stay. A write that was lost to somebody else's,
// or that took theirs away, is found by the version and by reading back, and
// mended.
func (c *Client) PutRules(ctx context.Context, zoneID string, phase ruleset.Phase, claim ruleset.Claim) (ruleset.Ruleset, error) {
	w := &waitingClaim{claim: claim, ctx: ctx, done: make(chan claimed, 1)}
	c.phaseWriters.get(c, zoneID, phase).add(w)
	select {
	case out := <-w.done:
		return out.rules, out.err
	case <-ctx.Done():
		if w.takeBack() {
			op := ruleOperation("write the rules of", http.MethodPut, "", zoneID, phase)
			return ruleset.Ruleset{}, c.failure(op, ctx.Err(), false)
		}
		out := <-w.done // what was done must be known
		return out.rules, out.err
	}
}

// phaseWriters are by zone and phase.
type phaseWriters struct {
	mu sync.Mutex
	of map[string]*phaseWriter
}

func (p *phaseWriters) get(c *Client, zoneID string, phase ruleset.Phase) *phaseWriter {
	key := phaseKey(zoneID, phase)
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.of == nil {
		p.of = map[string]*phaseWriter{}
	}
	if p.of[key] == nil {
		p.of[key] = &phaseWriter{client: c, zoneID: zoneID, phase: phase}
	}
	return p.of[key]
}

// phaseWriter writes the rules of one phase, one call after the other.
type phaseWriter struct {
	client *Client
	zoneID string
	phase  ruleset.Phase

	mu      sync.Mutex
	pending []*waitingClaim
	working bool
}

// waitingClaim is a claim and who waits for it.
type waitingClaim struct {
	claim  ruleset.Claim
	ctx    context.Context
	done   chan claimed // has room for one
	writer *phaseWriter
}

type claimed struct {
	rules ruleset.Ruleset
	err   error
}

func (p *phaseWriter) add(w *waitingClaim) {
	p.mu.Lock()
	defer p.mu.Unlock()
	w.writer = p
	p.pending = append(p.pending, w)
	if !p.working {
		p.working = true
		go p.work()
	}
}

// takeBack withdraws a claim that is not being written yet.
func (w *waitingClaim) takeBack() bool {
	w.writer.mu.Lock()
	defer w.writer.mu.Unlock()
	at := slices.Index(w.writer.pending, w)
	if at >= 0 {
		w.writer.pending = slices.Delete(w.writer.pending, at, at+1)
	}
	return at >= 0
}

func (p *phaseWriter) work() {
	for {
		// Terraform applies resources side by side: the first waits for the others.
		if !p.client.clock.stopped {
			_ = p.client.clock.sleep(context.Background(), firstWindow) // cannot be interrupted
		}
		p.mu.Lock()
		batch := p.pending
		p.pending = nil
		if len(batch) == 0 {
			p.working = false
			p.mu.Unlock()
			return
		}
		p.mu.Unlock()
		p.writeAll(batch)
	}
}

// writeAll writes claims together. A refusal may be for one of them: then each
// is written alone.
func (p *phaseWriter) writeAll(batch []*waitingClaim) {
	ctx, stop := p.context(batch)
	defer stop()
	claims := make([]ruleset.Claim, len(batch))
	for i, w := range batch {
		claims[i] = w.claim
	}
	rules, err := p.client.writeClaims(ctx, p.zoneID, p.phase, claims)
	if e, ok := asError(err); ok && len(batch) > 1 && e.decided() {
		for _, w := range batch {
			p.writeAll([]*waitingClaim{w})
		}
		return
	}
	for _, w := range batch {
		w.done <- claimed{rules, err}
	}
}

// context is that of the first claim, for the log, and ends when all have given up.
func (p *phaseWriter) context(batch []*waitingClaim) (context.Context, context.CancelFunc) {
	ctx, cancel := context.WithCancel(context.WithoutCancel(batch[0].ctx))
	var all sync.WaitGroup
	for _, w := range batch {
		all.Go(func() {
			select {
			case <-w.ctx.Done():
			case <-ctx.Done():
			}
		})
	}
	go func() { all.Wait(); cancel() }()
	return ctx, cancel
}

// writeClaims reads, merges, writes and reads back until every claim holds.
func (c *Client) writeClaims(ctx context.Context, zoneID string, phase ruleset.Phase, claims []ruleset.Claim) (ruleset.Ruleset, error) {
	holds := func(r ruleset.Ruleset) bool {
		return !slices.ContainsFunc(claims, func(claim ruleset.Claim) bool { return !claim.Holds(r.Rules) })
	}
	var stale *staleWrite
	var last error
	for try := range ruleWriteTries {
		// That a phase had no entry point need not be asked again: the creation of a
		// second one is refused.
		current, ok := c.entryPoints.get(phaseKey(zoneID, phase))
		if try > 0 || !ok || current.ID != "" {
			var err error
			if current, err = c.readEntryPoint(ctx, zoneID, phase); err != nil {
				return current, err
			}
		}
		base := current.Rules
		if stale != nil {
			base = ruleset.Rebase(stale.before, stale.written, current.Rules)
		}
		edit := ruleset.Difference(current.Rules, ruleset.Merge(base, claims...))
		if edit.None() {
			return current, nil
		}
		written, err := c.write(ctx, zoneID, current, edit)
		if err != nil {
			if c.mayRewrite(ctx, err) {
				last = err
				continue // what is there now decides
			}
			return ruleset.Ruleset{}, err
		}
		last = nil
		if current.ID == "" && holds(written) {
			c.entryPoints.put(phaseKey(zoneID, phase), written)
			return written, nil // it began with ours, and whoever comes now reads them
		}
		if stale, err = c.staleness(ctx, zoneID, current, written, edit); err != nil {
			return ruleset.Ruleset{}, err
		}
		now, err := c.readEntryPoint(ctx, zoneID, phase)
		switch {
		case err != nil:
			return ruleset.Ruleset{}, err
		case stale != nil:
		case holds(now), now.Version == written.Version:
			// Of one that nobody wrote after us and that does not hold, the server
			// keeps the rules in another form, which the next refresh shows.
			return now, nil
		}
	}
	if last != nil {
		return ruleset.Ruleset{}, last
	}
	op := ruleOperation("write the rules of", http.MethodPut, "", zoneID, phase)
	return ruleset.Ruleset{}, c.failure(op, &inputError{fmt.Sprintf("others kept writing to the rules of %s: ours did not hold %d times in a row. Run again when nobody else works on them", phase, ruleWriteTries)}, false)
}

// mayRewrite reports whether a failed write is to be tried again after a look at
// what is there: somebody was quicker, or the answer was lost.
func (c *Client) mayRewrite(ctx context.Context, err error) bool {
	e, ok := asError(err)
	if !ok || ctx.Err() != nil {
		return false
	}
	return e.has(codeEntryPointExists) || e.Status == http.StatusConflict || e.Status == http.StatusNotFound ||
		e.uncertain && c.clock.sleep(ctx, firstBackoff) == nil
}

// staleWrite is a write of all rules that replaced others than were read.
type staleWrite struct{ before, written []ruleset.Rule }

// write makes the call. A refusal says which rule it is about.
func (c *Client) write(ctx context.Context, zoneID string, current ruleset.Ruleset, edit ruleset.Edit) (ruleset.Ruleset, error) {
	rules := edit.Whole
	switch {
	case edit.Add != nil:
		rules = []ruleset.Rule{*edit.Add}
	case edit.Change != nil:
		rules = []ruleset.Rule{*edit.Change}
	}
	var out ruleset.Ruleset
	var err error
	if current.ID == "" {
		out, err = c.createEntryPoint(ctx, zoneID, current.Phase, rules)
	} else {
		out, err = c.editRules(ctx, zoneID, current, edit)
	}
	if e, ok := asError(err); ok && e.Status == http.StatusBadRequest {
		if at := e.ruleIndex(len(rules)); at >= 0 && at < len(rules) {
			e.Rule = rules[at].Ref
		}
	}
	return out, err
}

// ruleIndex is the index of the rule that an error points at ("/rules/2/expression"),
// of the one that was sent where it points elsewhere; -1 where it cannot be told.
func (e *Error) ruleIndex(sent int) int {
	for _, d := range e.Chain {
		if rest, ok := strings.CutPrefix(d.Pointer, "/rules/"); ok {
			number, _, _ := strings.Cut(rest, "/")
			if n, err := strconv.Atoi(number); err == nil {
				return n
			}
		}
	}
	if sent == 1 {
		return 0
	}
	return -1
}

// staleness tells by the version whether somebody wrote between our read and our
// write of all rules, and what that write then replaced.
func (c *Client) staleness(ctx context.Context, zoneID string, read, written ruleset.Ruleset, edit ruleset.Edit) (*staleWrite, error) {
	was, errWas := strconv.Atoi(read.Version)
	is, errIs := strconv.Atoi(written.Version)
	if edit.Whole == nil || read.ID == "" || errWas != nil || errIs != nil || is <= was+1 {
		return nil, nil //nolint:nilnil,nilerr // no write in between, or a version that is no number
	}
	between, err := c.rulesetVersion(ctx, zoneID, written, is-1)
	if err != nil {
		return nil, fmt.Errorf("find what others wrote meanwhile: %w", err)
	}
	return &staleWrite{before: between.Rules, written: written.Rules}, nil
}
