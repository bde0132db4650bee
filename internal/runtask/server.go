package runtask

import (
	"context"
	"errors"
	"io"
	"log/slog"
	"net/http"
	"strconv"
	"sync"
	"time"
)

const (
	userAgent   = "launchready-run-task (+https://github.com/launchready/terraform-provider-launchready)"
	longestBody = 1 << 20 // of a run task request
)

// Options say whom a server answers, and its bounds.
type Options struct {
	Key        []byte   // HMAC key of the run task; at least 16 bytes
	Hosts      []string // that callbacks and plans are at; default app.terraform.io
	StoreHosts []string // that the API may redirect to for a plan; default archivist.terraform.io
	Transport  http.RoundTripper
	Workers    int           // runs that are judged at once; default 4
	Queue      int           // runs that wait; more are asked to come again; default 64
	Deadline   time.Duration // for one run; default 8 minutes: after 10 a run is given up
	Pause      time.Duration // before the first repetition; default 1 second
	PlanLimit  int64         // longest plan in bytes; default 256 MiB
	Log        *slog.Logger
}

// Server takes run task requests and answers them at their callback.
type Server struct {
	options Options
	client  *http.Client
	queue   chan request
	wait    sync.WaitGroup
	stop    context.CancelFunc
	mu      sync.RWMutex
	closed  bool
}

// New starts the workers of a server. Close ends them.
func New(o Options) (*Server, error) {
	if len(o.Key) < 16 {
		return nil, errors.New("the HMAC key must be 16 bytes or longer: without one anybody can ask for answers in your name")
	}
	if len(o.Hosts) == 0 {
		o.Hosts = []string{"app.terraform.io"}
		if o.StoreHosts == nil {
			o.StoreHosts = []string{"archivist.terraform.io"}
		}
	}
	defaultTo(&o.Workers, 4)
	defaultTo(&o.Queue, 64)
	defaultTo(&o.Deadline, 8*time.Minute)
	defaultTo(&o.Pause, time.Second)
	defaultTo(&o.PlanLimit, 256<<20)
	if o.Log == nil {
		o.Log = slog.New(slog.DiscardHandler)
	}
	if o.Transport == nil {
		o.Transport = http.DefaultTransport
	}
	s := &Server{options: o, queue: make(chan request, o.Queue), client: &http.Client{
		Transport: o.Transport, Timeout: 2 * time.Minute,
		// Where a redirect leads is looked at before it is followed.
		CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse },
	}}
	ctx, stop := context.WithCancel(context.Background())
	s.stop = stop
	for range o.Workers {
		s.wait.Go(func() {
			for r := range s.queue {
				s.work(ctx, r)
			}
		})
	}
	return s, nil
}

func defaultTo[T comparable](value *T, fallback T) {
	var zero T
	if *value == zero {
		*value = fallback
	}
}

// Close answers what waits, until the context ends.
func (s *Server) Close(ctx context.Context) {
	s.mu.Lock()
	if !s.closed {
		s.closed = true
		close(s.queue)
	}
	s.mu.Unlock()
	done := make(chan struct{})
	go func() { s.wait.Wait(); close(done) }()
	select {
	case <-done:
	case <-ctx.Done():
	}
	s.stop()
	<-done
}

// ServeHTTP takes a request. It answers at once: the verdict follows by the callback.
func (s *Server) ServeHTTP(w http.ResponseWriter, req *http.Request) {
	if req.Method == http.MethodGet && req.URL.Path == "/healthz" {
		w.WriteHeader(http.StatusOK)
		return
	}
	if req.Method != http.MethodPost {
		w.Header().Set("Allow", http.MethodPost)
		http.Error(w, "run tasks are POSTed", http.StatusMethodNotAllowed)
		return
	}
	body, err := io.ReadAll(http.MaxBytesReader(w, req.Body, longestBody))
	if err != nil {
		http.Error(w, "the request is longer than "+strconv.Itoa(longestBody)+" bytes or was cut off", http.StatusRequestEntityTooLarge)
		return
	}
	if !signed(body, req.Header.Get(SignatureHeader), s.options.Key) {
		s.options.Log.Warn("refused: the signature is not right")
		http.Error(w, "the signature is not that of the HMAC key", http.StatusUnauthorized)
		return
	}
	r, err := parse(body, s.options.Hosts)
	if err != nil {
		s.options.Log.Warn("refused", "run", cut(plain(r.RunID), 100), "reason", err.Error())
		http.Error(w, err.Error(), http.StatusUnprocessableEntity)
		return
	}
	if r.Stage == stageTest {
		w.WriteHeader(http.StatusOK)
		return
	}
	if !s.enqueue(r) {
		w.Header().Set("Retry-After", "30")
		http.Error(w, "too many runs wait", http.StatusServiceUnavailable)
		return
	}
	w.WriteHeader(http.StatusOK)
}

func (s *Server) enqueue(r request) bool {
	s.mu.RLock()
	defer s.mu.RUnlock()
	if s.closed {
		return false
	}
	select {
	case s.queue <- r:
		return true
	default:
		return false
	}
}

// work judges a run and answers. A plan that cannot be read does not pass.
func (s *Server) work(ctx context.Context, r request) {
	ctx, cancel := context.WithTimeout(ctx, s.options.Deadline)
	defer cancel()
	log := s.options.Log.With("run", cut(plain(r.RunID), 100), "workspace", cut(plain(r.Workspace), 100), "stage", cut(plain(r.Stage), 20))
	v := s.judge(ctx, r)
	if err := s.answer(ctx, r, v); err != nil {
		log.Error("not answered", "reason", err.Error())
		return
	}
	log.Info("answered", "passed", v.Passed, "message", v.Message)
}

func (s *Server) judge(ctx context.Context, r request) Verdict {
	if r.Stage != stagePostPlan && r.Stage != stagePreApply {
		return failed("There is no plan to judge at stage " + cut(plain(r.Stage), 20) + ": run this task after the plan (post-plan), or before the apply.")
	}
	p, err := s.plan(ctx, r)
	if err != nil {
		return failed("The plan could not be read, and unknown is not open: " + err.Error())
	}
	return Judge(p)
}
