package spf

import (
	"context"
	"errors"
	"fmt"
	"net/netip"
	"strings"
)

// Result is the outcome of an evaluation (RFC 7208 section 2.6).
type Result string

const (
	ResultNone      Result = "none"
	ResultNeutral   Result = "neutral"
	ResultPass      Result = "pass"
	ResultFail      Result = "fail"
	ResultSoftFail  Result = "softfail"
	ResultTempError Result = "temperror"
	ResultPermError Result = "permerror"
)

// Evaluation is what a receiver concludes for one message.
type Evaluation struct {
	Result      Result
	Explanation string // of the domain's owner, on fail only; may be empty
	Problem     string // why the result is an error or none
	Lookups     int    // terms that caused DNS queries
	Voids       int    // of these, terms that found nothing
	Trace       []Step // in the order of evaluation, if WithTrace asked for it
}

// Step is one term that was tested.
type Step struct {
	Domain  string // whose record the term stands in
	Depth   int    // 0 for the first record
	Term    string
	Target  string // expanded name that was asked for, if any
	Matched bool
	Note    string // what came of it
}

// Option changes how an evaluation is done.
type Option func(*evaluator)

// WithTrace keeps every step of the evaluation.
func WithTrace() Option { return func(e *evaluator) { e.tracing = true } }

// WithReceiver names the evaluating host for the macro %{r}.
func WithReceiver(name string) Option { return func(e *evaluator) { e.receiver = name } }

// WithTimestamp gives the seconds since 1970 for the macro %{t}.
func WithTimestamp(seconds int64) Option { return func(e *evaluator) { e.timestamp = seconds } }

// Evaluate is check_host (RFC 7208 section 4) for a client address, its HELO
// name and the MAIL FROM address; an empty one means postmaster at the HELO
// name. The caller bounds the time by ctx; at least 20 seconds should be
// allowed. What could not be asked ends as temperror.
func Evaluate(ctx context.Context, r Resolver, ip netip.Addr, helo, sender string, opts ...Option) Evaluation {
	e := &evaluator{
		ctx: ctx, resolver: r, ip: ip.Unmap().WithZone(""), helo: strings.TrimSuffix(helo, "."),
		receiver: "unknown",
	}
	for _, opt := range opts {
		opt(e)
	}
	if sender == "" {
		sender = "postmaster@" + e.helo
	}
	e.local, e.domain = "postmaster", sender
	if i := strings.LastIndexByte(sender, '@'); i >= 0 {
		e.domain = sender[i+1:]
		if i > 0 {
			e.local = sender[:i]
		}
	}
	e.domain = strings.TrimSuffix(e.domain, ".")
	out := e.checkHost(e.domain, 0)
	e.out.Result, e.out.Problem = out.result, out.problem
	if out.result == ResultFail && out.exp != nil {
		e.out.Explanation = e.explanation(out.exp, out.expDomain)
	}
	return e.out
}

type evaluator struct {
	ctx                 context.Context
	resolver            Resolver
	ip                  netip.Addr
	helo, local, domain string
	receiver            string
	timestamp           int64
	tracing             bool
	out                 Evaluation
}

// outcome is the result of one check_host with what explains it.
type outcome struct {
	result    Result
	problem   string
	exp       *Domain
	expDomain string
}

// stop carries an error result up from a term.
type stop struct {
	result  Result
	problem string
}

func (s stop) Error() string { return s.problem }

func permerror(format string, args ...any) error {
	return stop{ResultPermError, fmt.Sprintf(format, args...)}
}

func temperror(what string, err error) error {
	return stop{ResultTempError, what + ": " + reason(err)}
}

func (e *evaluator) checkHost(domain string, depth int) outcome {
	name := targetName(domain)
	if !validName(name) || !strings.Contains(name, ".") || strings.HasPrefix(name, "[") {
		return outcome{result: ResultNone, problem: fmt.Sprintf("%q is not a domain name", domain)}
	}
	txt, err := e.resolver.LookupTXT(e.ctx, name)
	if err != nil && !notFound(err) {
		return outcome{result: ResultTempError, problem: "TXT " + name + ": " + reason(err)}
	}
	records := Select(txt)
	switch len(records) {
	case 0:
		return outcome{result: ResultNone, problem: name + " has no SPF record"}
	case 1:
	default:
		return outcome{result: ResultPermError, problem: fmt.Sprintf("%s has %d SPF records", name, len(records))}
	}
	record, err := Parse(records[0])
	if err != nil {
		return outcome{result: ResultPermError, problem: name + ": " + err.Error()}
	}
	out, err := e.record(record, domain, depth)
	if err != nil {
		s := stop{ResultTempError, err.Error()}
		errors.As(err, &s)
		return outcome{result: s.result, problem: s.problem}
	}
	return out
}

func (e *evaluator) record(r *Record, domain string, depth int) (outcome, error) {
	name := targetName(domain)
	for i := range r.Terms {
		t := &r.Terms[i]
		if t.Mechanism == "" {
			continue
		}
		if err := e.ctx.Err(); err != nil {
			return outcome{}, temperror("evaluation", err)
		}
		step := Step{Domain: name, Depth: depth, Term: t.Text}
		index := e.trace(step)
		err := e.match(*t, domain, depth, &step)
		if e.tracing {
			if err != nil {
				step.Note = err.Error()
			}
			e.out.Trace[index] = step
		}
		if err != nil {
			return outcome{}, err
		}
		if !step.Matched {
			continue
		}
		out := outcome{result: qualified(t.Qualifier)}
		if exp, ok := r.modifier(Exp); ok {
			out.exp, out.expDomain = exp.Domain, domain
		}
		return out, nil
	}
	redirect, ok := r.Redirect()
	if !ok {
		return outcome{result: ResultNeutral}, nil
	}
	if err := e.count(redirect); err != nil {
		return outcome{}, err
	}
	target := e.expand(redirect.Domain, domain)
	e.trace(Step{Domain: name, Depth: depth, Term: redirect.Text, Target: target, Matched: true})
	out := e.checkHost(target, depth+1)
	if out.result == ResultNone {
		return outcome{}, permerror("redirect to %s, which has no SPF record", target)
	}
	return out, nil
}

// trace keeps a step where it is wanted, and says where.
func (e *evaluator) trace(step Step) int {
	if e.tracing {
		e.out.Trace = append(e.out.Trace, step)
	}
	return len(e.out.Trace) - 1
}

func qualified(q Qualifier) Result {
	switch q {
	case Fail:
		return ResultFail
	case SoftFail:
		return ResultSoftFail
	case Neutral:
		return ResultNeutral
	}
	return ResultPass
}

// count adds a term that queries the DNS and refuses the one over the limit.
func (e *evaluator) count(t Term) error {
	e.out.Lookups++
	if e.out.Lookups > LookupLimit {
		return permerror("more than %d look-ups, at %s", LookupLimit, t.Text)
	}
	return nil
}

// void adds a term that found nothing. Each term counts once.
func (e *evaluator) void(t Term, step *Step) error {
	step.Note = "void look-up"
	e.out.Voids++
	if e.out.Voids > VoidLimit {
		return permerror("more than %d void look-ups, at %s", VoidLimit, t.Text)
	}
	return nil
}
