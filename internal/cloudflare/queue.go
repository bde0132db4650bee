package cloudflare

import (
	"context"
	"slices"
	"sync"
	"sync/atomic"
	"time"
)

// Times of collecting writes into batches. Terraform writes ten records at a
// time unless told otherwise: the first batch waits for who else comes, the
// next ones for as many as the last one had.
const (
	firstWindow  = 250 * time.Millisecond
	nextWindow   = time.Second
	lull         = 5 * time.Millisecond // after the expected number, for one more
	queueMaximum = 200                  // a batch's size on every plan
)

// queue collects the writes of single records of one zone that come at the same
// time, and sends them one batch after the other.
type queue struct {
	client *Client
	zoneID string

	mu       sync.Mutex
	pending  []*queued
	working  bool
	arrived  chan struct{} // has room for one: something was added
	expected int           // size of the last batch
}

// queued is a write and who waits for it.
type queued struct {
	op   Op
	ctx  context.Context
	done chan outcome // has room for one
}

type outcome struct {
	record Record
	err    error
}

// queues are by zone.
type queues struct {
	mu sync.Mutex
	of map[string]*queue
}

func (q *queues) get(c *Client, zoneID string) *queue {
	q.mu.Lock()
	defer q.mu.Unlock()
	if q.of == nil {
		q.of = map[string]*queue{}
	}
	if q.of[zoneID] == nil {
		q.of[zoneID] = &queue{client: c, zoneID: zoneID, arrived: make(chan struct{}, 1)}
	}
	return q.of[zoneID]
}

// write queues an operation and waits for what comes of it. A caller that gives
// up before its batch is sent takes its operation back; afterwards the call is
// cut short once all have given up.
func (q *queue) write(ctx context.Context, op Op) (Record, error) {
	w := &queued{op: op, ctx: ctx, done: make(chan outcome, 1)}
	q.mu.Lock()
	q.pending = append(q.pending, w)
	if !q.working {
		q.working = true
		go q.work()
	}
	q.mu.Unlock()
	select {
	case q.arrived <- struct{}{}:
	default:
	}
	select {
	case out := <-w.done:
		return out.record, out.err
	case <-ctx.Done():
	}
	q.mu.Lock()
	at := slices.Index(q.pending, w)
	if at >= 0 {
		q.pending = slices.Delete(q.pending, at, at+1)
	}
	q.mu.Unlock()
	if at >= 0 {
		op := operation{name: op.Title(), zoneID: q.zoneID}
		return Record{}, q.client.failure(op, ctx.Err(), false)
	}
	out := <-w.done // what was done must be known
	return out.record, out.err
}

// work sends batches until nothing is pending.
func (q *queue) work() {
	for {
		q.collect()
		q.mu.Lock()
		n := min(len(q.pending), queueMaximum)
		batch := slices.Clone(q.pending[:n])
		q.pending = slices.Delete(q.pending, 0, n)
		if n == 0 {
			q.working = false
			q.mu.Unlock()
			return
		}
		q.expected = n
		q.mu.Unlock()
		q.send(batch)
	}
}

// collect waits until the batch is as large as it is likely to get.
func (q *queue) collect() {
	if q.client.clock.stopped {
		return
	}
	q.mu.Lock()
	expected := q.expected
	q.mu.Unlock()
	window := nextWindow
	if expected == 0 {
		window = firstWindow
	}
	over := time.NewTimer(window)
	defer over.Stop()
	for {
		q.mu.Lock()
		n := len(q.pending)
		q.mu.Unlock()
		var quiet <-chan time.Time
		switch {
		case n >= queueMaximum:
			return
		case expected > 0 && n >= expected:
			quiet = time.After(lull)
		}
		select {
		case <-q.arrived:
		case <-quiet:
			return
		case <-over.C:
			return
		}
	}
}

// send carries out a batch and tells everyone what came of it.
func (q *queue) send(batch []*queued) {
	ctx, cancel := context.WithCancel(context.WithoutCancel(batch[0].ctx))
	defer cancel()
	var waiting atomic.Int64
	waiting.Store(int64(len(batch)))
	for _, w := range batch {
		stop := context.AfterFunc(w.ctx, func() {
			if waiting.Add(-1) == 0 {
				cancel()
			}
		})
		defer stop()
	}
	slices.SortStableFunc(batch, func(a, b *queued) int { return int(a.op.Kind) - int(b.op.Kind) })
	ops := make([]Op, len(batch))
	for i, w := range batch {
		ops[i] = w.op
	}
	for i, out := range q.client.writeEach(ctx, q.zoneID, ops) {
		batch[i].done <- out
	}
}

// writeEach carries out operations, sorted, in one transaction if they can be,
// and else in ever smaller ones, so that those that are refused keep no other
// from being done. Operations on one name stay together for as long as they
// can: one may make room for the other.
func (c *Client) writeEach(ctx context.Context, zoneID string, ops []Op) []outcome {
	if len(ops) == 1 {
		record, err := c.writeOne(ctx, zoneID, ops[0])
		return []outcome{{record, err}}
	}
	out := make([]outcome, len(ops))
	written, err := c.transact(ctx, zoneID, ops)
	switch {
	case err == nil:
		for i, record := range written {
			out[i] = outcome{record: record}
			if ops[i].Kind != OpDelete {
				out[i].record, out[i].err = c.accepted(ctx, zoneID, ops[i], record)
			}
		}
		return out
	case !ofOneRecord(err):
		for i := range out {
			out[i] = outcome{err: err}
		}
		return out
	}
	for _, part := range split(ops) {
		some := make([]Op, len(part))
		for i, at := range part {
			some[i] = ops[at]
		}
		for i, o := range c.writeEach(ctx, zoneID, some) {
			out[part[i]] = o
		}
	}
	return out
}

// split halves operations by name, or if all are of one name takes each alone,
// and returns their places.
func split(ops []Op) [][]int {
	var names []string
	byName := map[string][]int{}
	for i, o := range ops {
		if byName[o.Record.Name] == nil {
			names = append(names, o.Record.Name)
		}
		byName[o.Record.Name] = append(byName[o.Record.Name], i)
	}
	var parts [][]int
	if len(names) == 1 {
		for i := range ops {
			parts = append(parts, []int{i})
		}
		return parts
	}
	for _, half := range [][]string{names[:len(names)/2], names[len(names)/2:]} {
		var part []int
		for _, name := range half {
			part = append(part, byName[name]...)
		}
		slices.Sort(part)
		parts = append(parts, part)
	}
	return parts
}

// writeOne makes the call for a single record.
func (c *Client) writeOne(ctx context.Context, zoneID string, op Op) (Record, error) {
	switch op.Kind {
	case OpDelete:
		return Record{}, c.deleteRecord(ctx, zoneID, op.Record.ID)
	case OpPatch:
		return c.updateRecord(ctx, zoneID, op.Record)
	default:
		return c.createRecord(ctx, zoneID, op.Record)
	}
}
