package provider_test

import (
	"flag"
	"maps"
	"regexp"
	"slices"
	"strings"
	"sync"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/launchready/terraform-provider-launchready/internal/provider"
	"github.com/launchready/terraform-provider-launchready/internal/readiness"
	"github.com/launchready/terraform-provider-launchready/internal/sandbox"
)

// isRate reports whether a fault is one of the rate limits.
func isRate(f sandbox.Fault) bool {
	return slices.ContainsFunc(f.Rules, func(rule string) bool { return strings.HasPrefix(rule, "rate.") })
}

// Every fault of the sandbox is found by the rules that claim it, and by no
// other; the healthy client is silent, and so is one with traps.
func TestVerdicts(t *testing.T) {
	table := verdictTable(t)
	faults := map[string]sandbox.Fault{}
	for _, f := range sandbox.Faults() {
		faults[f.Name] = f
		rows := table[f.Name]
		if f.Trap {
			if len(rows) > 0 {
				t.Errorf("%s is no fault, but testdata/verdicts wants it reported", f.Name)
			}
			table[f.Name] = []verdict{}
		}
		for _, rule := range f.Rules {
			if !slices.ContainsFunc(rows, func(v verdict) bool { return v.rule == rule && v.status == f.Status }) {
				t.Errorf("fault %s: %s must be reported as %s, but no row of testdata/verdicts says so", f.Name, rule, f.Status)
			}
		}
	}
	var names []string
	for _, name := range slices.Sorted(maps.Keys(table)) {
		if _, isFault := faults[name]; isFault || slices.Contains(sandbox.States(), name) {
			names = append(names, name)
			continue
		}
		t.Errorf("testdata/verdicts names %q, which is neither a fault nor a state", name)
	}
	names = slices.DeleteFunc(names, func(name string) bool { return !chosen(name) })
	runs := startVerdicts(t, names, faults)
	for _, name := range names {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			results, ok := <-runs[name]
			if !ok {
				t.Fatal("the checks did not end: see above")
			}
			want, got := withoutFitting(table[name], violations(results))
			want, got = sortVerdicts(want), sortVerdicts(got)
			if diff := cmp.Diff(want, got, cmp.AllowUnexported(verdict{})); diff != "" {
				t.Errorf("(-want +got)\n%s\n%s", diff, explain(results))
			}
			// What was right or wrong is all that a result depends on.
			if again, ok := <-runs[name]; ok {
				if diff := cmp.Diff(findings(results), findings(again)); diff != "" {
					t.Errorf("a second run differs (-first +second)\n%s", diff)
				}
			}
		})
	}
}

// chosen reports whether -run leaves a state or fault in: to look at one nobody
// should have to start them all.
func chosen(name string) bool {
	_, pattern, found := strings.Cut(flag.Lookup("test.run").Value.String(), "/")
	match, err := regexp.MatchString(pattern, name)
	return !found || err != nil || match
}

// verdictsAtOnce bounds the clients that are checked side by side: they wait for
// most of their time. Where sign-ins are tested they wait longer still; bursts
// are not bounded.
const (
	verdictsAtOnce = 6
	patientAtOnce  = 12
)

// startVerdicts runs all checks on each state or fault, on the healthy client and
// that of launch day twice. What shows by how long answers take comes last, when
// nothing else keeps the machine busy.
func startVerdicts(t *testing.T, names []string, faults map[string]sandbox.Fault) map[string]chan []readiness.Result {
	slots, patient := make(chan struct{}, verdictsAtOnce), make(chan struct{}, patientAtOnce)
	out := map[string]chan []readiness.Result{}
	var others, burst sync.WaitGroup
	for _, name := range names { // before anybody waits for them
		if !isTimed(name) {
			others.Add(1)
		}
		if isRate(faults[name]) {
			burst.Add(1)
		}
	}
	for _, name := range names {
		results := make(chan []readiness.Result, 2)
		out[name] = results
		timed, bursts := isTimed(name), isRate(faults[name])
		go func() {
			defer close(results)
			if bursts {
				defer burst.Done()
			}
			switch {
			case timed:
				others.Wait()
			case isAuthentication(faults[name]) || faults[name].Trap || name == sandbox.Traps:
				burst.Wait() // what a brake says of time shows on a machine that has some
				patient <- struct{}{}
				defer func() { <-patient }()
			case !bursts && name != sandbox.Healthy:
				burst.Wait()
				slots <- struct{}{}
				defer func() { <-slots }()
			}
			if !timed {
				defer others.Done()
			}
			verdictsOf(t, name, faults[name], bursts || name == sandbox.Healthy, results)
		}()
	}
	return out
}

// isTimed reports whether a fault shows by how long answers take.
func isTimed(name string) bool {
	return strings.HasSuffix(name, "_timing") || strings.HasPrefix(name, "latency_")
}

// verdictsOf runs the checks that can see a fault, or all where there is none.
func verdictsOf(t *testing.T, name string, fault sandbox.Fault, bursts bool, results chan<- []readiness.Result) {
	twice := name == sandbox.Healthy || name == sandbox.LaunchDay
	s := newTarget(t, sandbox.Options{State: name, EdgeSpeed: rateSpeed})
	for range map[bool]int{true: 2, false: 1}[twice] {
		switch fault.Scope { // what no request to the edge can meet
		case sandbox.ScopeRunbook, sandbox.ScopeOperation:
			results <- applicationResults(t, s, name, fault)
			return
		}
		all := clientResults(t, s)
		if fault.Scope == sandbox.ScopeMail || twice {
			all = append(all, deliveryResult(t, s))
		}
		if bursts {
			all = append(all, rateResult(t, s))
		}
		results <- append(all, applicationResults(t, s, name, fault)...)
	}
}

// A client in order is silent on every plan: none has what another lacks by
// fault of its own.
func TestHealthyPlans(t *testing.T) {
	for _, plan := range []string{"pro", "business", "enterprise"} { // TestVerdicts has the free one
		t.Run(plan, func(t *testing.T) {
			t.Parallel()
			results := clientResults(t, newTarget(t, sandbox.Options{State: sandbox.Healthy, Plan: plan}))
			if got := violations(results); len(got) > 0 {
				t.Error(explain(results))
			}
		})
	}
}

// Definitions are complete, and the catalogue takes them all.
func TestDefinitions(t *testing.T) {
	for _, info := range provider.Checks() {
		if err := info.Validate(); err != nil {
			t.Errorf("%s: %v", info.Name, err)
		}
	}
	if _, err := provider.Catalogue(); err != nil {
		t.Error(err)
	}
}
