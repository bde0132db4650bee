package cloudflare

import (
	"context"
	"sync"
)

// flight lets callers that want the same thing at the same time share one fetch.
// A caller that gives up does not stop the fetch for the others; when the last
// one gives up it is stopped.
type flight[V any] struct {
	mu    sync.Mutex
	calls map[string]*flightCall[V]
}

type flightCall[V any] struct {
	done    chan struct{} // closed when value and err are set
	value   V
	err     error
	waiting int
	cancel  context.CancelFunc
}

func (f *flight[V]) do(ctx context.Context, key string, fetch func(context.Context) (V, error)) (V, error) {
	var none V
	if err := ctx.Err(); err != nil {
		return none, err
	}
	f.mu.Lock()
	call := f.calls[key]
	if call == nil {
		// The fetch keeps the first caller's values, for the log, but not its end.
		shared, cancel := context.WithCancel(context.WithoutCancel(ctx))
		call = &flightCall[V]{done: make(chan struct{}), cancel: cancel}
		if f.calls == nil {
			f.calls = map[string]*flightCall[V]{}
		}
		f.calls[key] = call
		go f.run(shared, key, call, fetch)
	}
	call.waiting++
	f.mu.Unlock()

	select {
	case <-call.done:
		return call.value, call.err
	case <-ctx.Done():
	}
	f.mu.Lock()
	defer f.mu.Unlock()
	call.waiting--
	if call.waiting == 0 {
		call.cancel()
		f.forget(key, call) // who comes next must not join what is being stopped
	}
	return none, ctx.Err()
}

// once is a flight whose successes are kept for the life of the process.
type once[V any] struct {
	flight flight[V]
	mu     sync.Mutex
	known  map[string]V
}

func (o *once[V]) do(ctx context.Context, key string, fetch func(context.Context) (V, error)) (V, error) {
	o.mu.Lock()
	v, ok := o.known[key]
	o.mu.Unlock()
	if ok {
		return v, nil
	}
	v, err := o.flight.do(ctx, key, fetch)
	if err == nil {
		o.mu.Lock()
		defer o.mu.Unlock()
		if o.known == nil {
			o.known = map[string]V{}
		}
		o.known[key] = v
	}
	return v, err
}

func (f *flight[V]) run(ctx context.Context, key string, call *flightCall[V], fetch func(context.Context) (V, error)) {
	defer call.cancel()
	call.value, call.err = fetch(ctx)
	f.mu.Lock()
	f.forget(key, call)
	f.mu.Unlock()
	close(call.done)
}

// forget removes a call; the caller holds mu.
func (f *flight[V]) forget(key string, call *flightCall[V]) {
	if f.calls[key] == call {
		delete(f.calls, key)
	}
}
