package provider_test

import (
	"bufio"
	"context"
	"flag"
	"fmt"
	"maps"
	"net/http"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/launchready/terraform-provider-launchready/internal/check/authcheck"
	"github.com/launchready/terraform-provider-launchready/internal/check/authzcheck"
	"github.com/launchready/terraform-provider-launchready/internal/check/corscheck"
	"github.com/launchready/terraform-provider-launchready/internal/check/dnscheck"
	"github.com/launchready/terraform-provider-launchready/internal/check/edgecheck"
	"github.com/launchready/terraform-provider-launchready/internal/check/emailauth"
	"github.com/launchready/terraform-provider-launchready/internal/check/maildelivery"
	"github.com/launchready/terraform-provider-launchready/internal/check/obscheck"
	"github.com/launchready/terraform-provider-launchready/internal/check/ratecheck"
	"github.com/launchready/terraform-provider-launchready/internal/check/secretscheck"
	"github.com/launchready/terraform-provider-launchready/internal/check/tlscheck"
	"github.com/launchready/terraform-provider-launchready/internal/mail/dmarc"
	"github.com/launchready/terraform-provider-launchready/internal/probe"
	"github.com/launchready/terraform-provider-launchready/internal/readiness"
	"github.com/launchready/terraform-provider-launchready/internal/sandbox"
)

// verdict is one line of the table: with this fault on, this rule says this of
// this subject. Everything that is not in the table must pass.
type verdict struct{ rule, subject, status string }

// verdictTable reads testdata/verdicts/*.txt. A line is
//
//	fault  rule  subject  status
//
// and a line "fault  -" says that the checks must be silent. A * in rule or
// subject stands for any run of characters: such a row stands for all findings
// that it fits, of which there must be one. A word that begins with # starts a
// comment.
func verdictTable(t *testing.T) map[string][]verdict {
	t.Helper()
	files, err := filepath.Glob("testdata/verdicts/*.txt")
	if err != nil || len(files) == 0 {
		t.Fatalf("no verdicts: %v", err)
	}
	out := map[string][]verdict{}
	for _, name := range files {
		f, err := os.Open(name)
		if err != nil {
			t.Fatal(err)
		}
		defer f.Close()
		scanner := bufio.NewScanner(f)
		for n := 1; scanner.Scan(); n++ {
			line, _, _ := strings.Cut(scanner.Text(), "#")
			switch words := strings.Fields(line); {
			case len(words) == 0:
			case len(words) == 2 && words[1] == "-":
				out[words[0]] = []verdict{}
			case len(words) == 4:
				out[words[0]] = append(out[words[0]], verdict{words[1], words[2], words[3]})
			default:
				t.Fatalf("%s:%d: want fault, rule, subject, status: %q", name, n, line)
			}
		}
	}
	return out
}

// prober sees the network as a client's configuration says.
func (s target) prober(t *testing.T) *probe.Client {
	t.Helper()
	prober, err := probe.New(probe.Config{
		AllowedHosts: []string{s.Domain(), "*." + s.Domain()}, Resolvers: []string{s.Resolver()},
		ConnectTo: s.ConnectTo(), CABundle: s.CAPEM(), Timeout: 2 * time.Second,
	})
	if err != nil {
		t.Fatal(err)
	}
	return prober
}

// deliveryResult lets the portal send a password reset and an invitation that
// bounces. The wait is short: the sandbox delivers at once, or not at all.
func deliveryResult(t *testing.T, s target) readiness.Result {
	t.Helper()
	inbox := s.Mailboxes()["inbox"]
	portal := "https://portal." + s.Domain()
	robot := http.Header{"Authorization": {"Bearer " + s.Identities()["robot"].BearerToken}}
	result, err := maildelivery.Definition.Execute(t.Context(), s.prober(t), maildelivery.Spec{
		Mailbox: maildelivery.Mailbox{Account: probe.MailAccount{Server: inbox.IMAP, Username: inbox.Username, Password: inbox.Password}, Address: inbox.Address},
		Trigger: maildelivery.Trigger{Request: &maildelivery.Request{URL: portal + "/api/password-reset", Body: `{"email":"{{recipient}}"}`}},
		Within:  4 * time.Second, FromDomain: s.Domain(), LinkHosts: []string{"portal." + s.Domain()}, DKIMSelectors: []string{"20260301093000pm"},
		Bounce: &maildelivery.Bounce{
			Recipient: "no-such-member-{{token}}@" + s.Domain(), Within: 4 * time.Second,
			Trigger: &maildelivery.Trigger{Request: &maildelivery.Request{URL: portal + "/api/invites", Header: robot, Body: `{"email":"{{recipient}}"}`}},
			Request: &maildelivery.Poll{URL: portal + "/api/mail/suppressions?address={{recipient}}", Header: robot, Contains: `"suppressed":true`},
		},
	})
	if err != nil {
		t.Fatal(err)
	}
	return result
}

// rateSpeed makes ten seconds of the sandbox's rate limits one.
const rateSpeed = 10

// rateResult sends bursts to the sign-in, to the recovery of a password, whose
// mail is counted, and to the resending of a code.
func rateResult(t *testing.T, s target) readiness.Result {
	t.Helper()
	portal, people, inbox := "https://portal."+s.Domain(), s.Identities(), s.Mailboxes()["inbox"]
	robot := http.Header{"Authorization": {"Bearer " + people["robot"].BearerToken}}
	base := ratecheck.Endpoint{Requests: 30, Within: 3 * time.Second, Control: &ratecheck.Control{URL: portal + "/api/me", Header: robot}}
	login, reset, resend := base, base, base
	login.URL, login.Body = portal+"/api/login", `{"email":"{{account}}","password":"{{password}}"}`
	for _, name := range []string{"member_a", "member_b"} {
		login.Accounts = append(login.Accounts, ratecheck.Account{Address: people[name].Username, Password: people[name].Password})
	}
	reset.URL, reset.Body = portal+"/api/password-reset", `{"email":"{{account}}"}`
	reset.Mailbox = &ratecheck.Mailbox{Account: probe.MailAccount{Server: inbox.IMAP, Username: inbox.Username, Password: inbox.Password}, Address: inbox.Address}
	resend.URL, resend.Body = portal+"/api/resend-code", `{"email":"nobody@`+s.Domain()+`"}`
	result, err := ratecheck.Definition.Execute(t.Context(), s.prober(t), ratecheck.Spec{
		Endpoints: []ratecheck.Endpoint{login, resend, reset}, MaximumLockout: 20 * time.Second,
	})
	if err != nil {
		t.Fatal(err)
	}
	return result
}

// isRate reports whether a fault is one of the rate limits.
func isRate(f sandbox.Fault) bool {
	return slices.ContainsFunc(f.Rules, func(rule string) bool { return strings.HasPrefix(rule, "rate.") })
}

// clientResults runs the checks as a client's configuration would ask for them.
func clientResults(t *testing.T, s target) []readiness.Result {
	t.Helper()
	prober := s.prober(t)
	ctx, cancel := context.WithTimeout(context.Background(), 2*time.Minute)
	defer cancel()
	mail, err := emailauth.Definition.Execute(ctx, prober, emailauth.Spec{
		Domain: s.Domain(), Senders: []string{"google_workspace", "postmark"}, DKIMSelectors: []string{"google"}, MinimumPolicy: dmarc.Quarantine,
		ReturnPaths: []string{"pm-bounces"},
	})
	if err != nil {
		t.Fatal(err)
	}
	spec := tlscheck.DefaultSpec("portal." + s.Domain())
	spec.Pages = []string{"/", "/welcome"}
	tls, err := tlscheck.Definition.Execute(ctx, prober, spec)
	if err != nil {
		t.Fatal(err)
	}
	names, err := dnscheck.Definition.Execute(ctx, prober, dnscheck.Spec{
		Domain: s.Domain(), Listed: true, Records: s.listing(), Hosts: []string{s.Domain(), "portal." + s.Domain()},
		Expected: []dnscheck.Expected{{Name: "portal." + s.Domain(), Type: "A", Proxied: true}},
	})
	if err != nil {
		t.Fatal(err)
	}
	edge, err := edgecheck.Definition.Execute(ctx, prober, s.edgeSpec(ctx, prober))
	if err != nil {
		t.Fatal(err)
	}
	robot := http.Header{"Authorization": {"Bearer " + s.Identities()["robot"].BearerToken}}
	endpoint := func(path string) corscheck.Endpoint {
		return corscheck.Endpoint{URL: "https://portal." + s.Domain() + path, Header: robot, Identity: "robot"}
	}
	cors, err := corscheck.Definition.Execute(ctx, prober, corscheck.Spec{
		Endpoints:      map[string]corscheck.Endpoint{"me": endpoint("/api/me"), "posts": endpoint("/api/posts")},
		TrustedOrigins: []string{"https://app." + s.Domain()},
	})
	if err != nil {
		t.Fatal(err)
	}
	return []readiness.Result{mail, tls, names, edge, cors}
}

// listing is the zone as its owner's configuration reads it from the API.
func (s target) listing() []dnscheck.Record {
	s.t.Helper()
	var all []struct {
		Type, Name, Content string
		TTL                 int64
		Proxied             bool
		Priority            *int
	}
	s.call(http.MethodGet, "/zones/"+s.zoneID()+"/dns_records?per_page=5000", nil, &all)
	out := make([]dnscheck.Record, len(all))
	for i, r := range all {
		if r.Priority != nil && (r.Type == "MX" || r.Type == "URI") {
			r.Content = fmt.Sprintf("%d %s", *r.Priority, r.Content)
		}
		out[i] = dnscheck.Record{Name: r.Name, Type: r.Type, Content: r.Content, TTL: r.TTL, Proxied: r.Proxied}
	}
	return out
}

// violations are the findings that neither pass nor do not apply. Whether times
// tell anything is a matter of how busy the machine is.
func violations(results []readiness.Result) []verdict {
	out := []verdict{}
	for _, r := range results {
		for _, f := range r.Findings {
			busy := f.Status == readiness.Inconclusive && strings.HasSuffix(f.Subject, " (time)")
			if f.Status != readiness.Pass && f.Status != readiness.NotApplicable && !busy {
				out = append(out, verdict{f.Rule, strings.ReplaceAll(f.Subject, " ", "_"), string(f.Status)})
			}
		}
	}
	return out
}

// withoutFitting takes rows with a * and the findings that they fit out of what
// is wanted and what was got. A row that fits nothing stays.
func withoutFitting(want, got []verdict) (exact, rest []verdict) {
	fits := func(pattern, text string) bool {
		parts := strings.Split(pattern, "*")
		for i := range parts {
			parts[i] = regexp.QuoteMeta(parts[i])
		}
		return regexp.MustCompile("^" + strings.Join(parts, ".*") + "$").MatchString(text)
	}
	exact, rest = []verdict{}, slices.Clone(got)
	for _, w := range want {
		n := len(rest)
		if strings.Contains(w.rule+w.subject, "*") {
			rest = slices.DeleteFunc(rest, func(g verdict) bool {
				return g.status == w.status && fits(w.rule, g.rule) && fits(w.subject, g.subject)
			})
		}
		if len(rest) == n {
			exact = append(exact, w)
		}
	}
	return exact, rest
}

func sortVerdicts(v []verdict) []verdict {
	out := slices.Clone(v)
	slices.SortFunc(out, func(a, b verdict) int {
		return strings.Compare(a.rule+" "+a.subject+" "+a.status, b.rule+" "+b.subject+" "+b.status)
	})
	return slices.Compact(out)
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
func isTimed(name string) bool { return strings.HasSuffix(name, "_timing") }

// verdictsOf runs the checks that can see a fault, or all where there is none.
func verdictsOf(t *testing.T, name string, fault sandbox.Fault, bursts bool, results chan<- []readiness.Result) {
	twice := name == sandbox.Healthy || name == sandbox.LaunchDay
	s := newTarget(t, sandbox.Options{State: name, EdgeSpeed: rateSpeed})
	for range map[bool]int{true: 2, false: 1}[twice] {
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

// findings are what was found, but for what depends on how busy the machine is.
func findings(results []readiness.Result) [][]readiness.Finding {
	var out [][]readiness.Finding
	for _, r := range results {
		out = append(out, slices.DeleteFunc(slices.Clone(r.Findings), func(f readiness.Finding) bool { return strings.HasSuffix(f.Subject, " (time)") }))
	}
	return out
}

func explain(results []readiness.Result) string {
	var b strings.Builder
	for _, r := range results {
		for _, f := range r.Findings {
			if f.Status.Violates() {
				fmt.Fprintf(&b, "%s %s: %s: %s\n", f.Status, f.Rule, f.Subject, f.Message)
			}
		}
	}
	return b.String()
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
	for name, err := range map[string]error{"email_auth": emailauth.Definition.Validate(), "tls": tlscheck.Definition.Validate(), "dns": dnscheck.Definition.Validate(), "mail_delivery": maildelivery.Definition.Validate(), "edge": edgecheck.Definition.Validate(), "cors": corscheck.Definition.Validate(), "rate_limit": ratecheck.Definition.Validate(),
		"authentication": authcheck.Definition.Validate(), "authorization": authzcheck.Definition.Validate(), "secrets": secretscheck.Definition.Validate(), "observability": obscheck.Definition.Validate()} {
		if err != nil {
			t.Errorf("%s: %v", name, err)
		}
	}
}
