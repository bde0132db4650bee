package emailauth

import (
	"context"
	"fmt"
	"net"
	"net/netip"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/launchready/terraform-provider-launchready/internal/mail/dmarc"
	"github.com/launchready/terraform-provider-launchready/internal/probe"
	"github.com/launchready/terraform-provider-launchready/internal/readiness"
)

// fixture is a world of DNS and what the check must say of it. The zone file
// carries both: lines that begin with "; want", "; domain" and so on.
type fixture struct {
	spec  Spec
	world *world
	want  []string // "rule subject status severity"
}

// readFixture reads testdata/<name>.zone. The directives are:
//
//	; domain NAME                  the domain to check (default acme.example)
//	; senders KEY...               ; selectors NAME...   ; subdomains NAME...   ; minimum POLICY
//	; returnpath NAME...           ; parked NAME...      ; require WHAT...      ; address ADDRESS
//	; page URL STATUS TYPE BODY    what is served, with \n for line ends; STATUS may be a kind of failure
//	; server HOST STATE            a mail server: trusted, foreign (its certificate), plain (no STARTTLS)
//	; broken NAME STATUS           every question for the name ends in STATUS
//	; want RULE SUBJECT STATUS SEVERITY
//
// Every finding that is neither pass nor not_applicable must be wanted, and
// every wanted one found.
func readFixture(t testing.TB, path string) fixture {
	t.Helper()
	text, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	f := fixture{spec: Spec{Domain: "acme.example"}, world: readWorld(t, path)}
	for line := range strings.Lines(string(text)) {
		words := strings.Fields(line)
		if len(words) < 3 || words[0] != ";" {
			continue
		}
		switch args := words[2:]; words[1] {
		case "domain":
			f.spec.Domain = args[0]
		case "senders":
			f.spec.Senders = args
		case "selectors":
			f.spec.DKIMSelectors = args
		case "subdomains":
			f.spec.SendingSubdomains = args
		case "minimum":
			f.spec.MinimumPolicy = dmarc.Policy(args[0])
		case "returnpath":
			f.spec.ReturnPaths = args
		case "parked":
			f.spec.Parked = args
		case "require":
			f.spec.Require = args
		case "address":
			f.spec.Addresses = append(f.spec.Addresses, netip.MustParseAddr(args[0]))
		case "page":
			f.world.page(t, line, args)
		case "server":
			f.world.mailServers[args[0]] = args[1]
		case "broken":
			f.world.broken[args[0]] = args[1]
		case "want":
			if len(args) != 4 {
				t.Fatalf("%s: %q: rule, subject, status and severity are wanted", path, line)
			}
			f.want = append(f.want, strings.Join(args, " "))
		}
	}
	slices.Sort(f.want)
	return f
}

func TestFixtures(t *testing.T) {
	t.Parallel()
	paths, err := filepath.Glob("testdata/*.zone")
	if err != nil || len(paths) == 0 {
		t.Fatal("no fixtures", err)
	}
	for _, path := range paths {
		t.Run(strings.TrimSuffix(filepath.Base(path), ".zone"), func(t *testing.T) {
			t.Parallel()
			f := readFixture(t, path)
			result := execute(t, f)
			var got []string
			for _, finding := range result.Findings {
				if finding.Status != readiness.Pass && finding.Status != readiness.NotApplicable {
					got = append(got, strings.Join([]string{finding.Rule, finding.Subject, string(finding.Status), string(finding.Severity)}, " "))
				}
			}
			slices.Sort(got)
			got = slices.Compact(got)
			if diff := cmp.Diff(f.want, got); diff != "" {
				t.Errorf("findings (-want +got):\n%s\n%s", diff, explain(result))
			}
			checkDiscipline(t, result)
			if again := execute(t, f); cmp.Diff(result.Findings, again.Findings) != "" {
				t.Error("a second run finds something else")
			}
		})
	}
}

func execute(t *testing.T, f fixture) readiness.Result {
	t.Helper()
	result, err := Definition.Execute(context.Background(), f.world, f.spec)
	if err != nil {
		t.Fatal(err)
	}
	return result
}

// checkDiscipline holds what every run must hold, whatever it found.
func checkDiscipline(t *testing.T, result readiness.Result) {
	t.Helper()
	reported := map[string]bool{}
	for _, f := range result.Findings {
		reported[f.Rule] = true
		switch {
		case strings.Contains(f.Message, "came to no verdict"):
			t.Errorf("%s was never reported", f.Rule)
		case f.Message == "" || f.Subject == "":
			t.Errorf("%s has no message or no subject", f.Rule)
		case strings.HasSuffix(f.Message, "."):
			t.Errorf("%s: the message ends in a full stop: %q", f.Rule, f.Message)
		}
		for line := range strings.Lines(f.Message) {
			if strings.HasPrefix(line, " ") && len(line) > 65 {
				t.Errorf("%s: a line of %d columns does not fit a diagnostic: %q", f.Rule, len(line), line)
			}
		}
		if strings.Contains(f.Message, "MIIE") {
			t.Errorf("%s: the message repeats key material: %q", f.Rule, f.Message)
		}
	}
	for _, rule := range Definition.Rules {
		if !reported[rule.ID] {
			t.Errorf("%s was not reported", rule.ID)
		}
	}
	for key, value := range result.Observed {
		if strings.Contains(value, "MIIE") {
			t.Errorf("observed %s repeats key material", key)
		}
	}
}

func explain(result readiness.Result) string {
	var b strings.Builder
	for _, f := range result.Findings {
		if f.Status != readiness.Pass && f.Status != readiness.NotApplicable {
			b.WriteString(f.Summary() + "\n")
		}
	}
	return b.String()
}

func TestDefinition(t *testing.T) {
	t.Parallel()
	if err := Definition.Validate(); err != nil {
		t.Error(err)
	}
	if _, err := readiness.NewCatalogue(Definition.Rules); err != nil {
		t.Error(err)
	}
}

// TestEveryRuleHasAFailure holds that the fixtures violate each rule at least once.
func TestEveryRuleHasAFailure(t *testing.T) {
	t.Parallel()
	paths, _ := filepath.Glob("testdata/*.zone")
	failed := map[string]bool{}
	for _, path := range paths {
		for _, want := range readFixture(t, path).want {
			if words := strings.Fields(want); words[2] == "fail" {
				failed[words[0]] = true
			}
		}
	}
	for _, rule := range Definition.Rules {
		if !failed[rule.ID] {
			t.Errorf("no fixture violates %s", rule.ID)
		}
	}
}

// TestSilenceIsNeverAVerdict holds that no rule passes or fails where the DNS
// answers nothing at all.
func TestSilenceIsNeverAVerdict(t *testing.T) {
	t.Parallel()
	for _, status := range []string{"timeout", "servfail", "refused", "not_reached", "bad_answer"} {
		f := fixture{
			spec:  Spec{Domain: "acme.example", Senders: []string{"google_workspace"}, DKIMSelectors: []string{"s1"}, SendingSubdomains: []string{"mail"}},
			world: &world{broken: map[string]string{"*": status}},
		}
		result := execute(t, f)
		checkDiscipline(t, result)
		for _, finding := range result.Findings {
			if finding.Status != readiness.Inconclusive && !(finding.Status == readiness.NotApplicable && unasked(finding)) {
				t.Errorf("%s: %s %s is %s: %s", status, finding.Rule, finding.Subject, finding.Status, finding.Message)
			}
		}
	}
}

// unasked reports whether a rule does not apply for what the user did not ask
// for, which no answer of the DNS would change.
func unasked(f readiness.Finding) bool {
	return slices.ContainsFunc([]string{" is not required", " is declared", "no return path is declared", "is not known: see mta_sts.record"}, func(why string) bool { return strings.Contains(f.Message, why) })
}

// counting counts the questions that are asked.
type counting struct {
	*world
	questions atomic.Int64
}

func (c *counting) Lookup(ctx context.Context, name string, typ probe.RecordType) probe.Answer {
	c.questions.Add(1)
	return c.world.Lookup(ctx, name, typ)
}

// TestSilenceIsNotWaitedFor holds that servers that never answer are asked few
// questions, whatever a record or a user lists.
func TestSilenceIsNotWaitedFor(t *testing.T) {
	t.Parallel()
	spec := Spec{Domain: "acme.example"}
	for i := range 40 {
		spec.SendingSubdomains = append(spec.SendingSubdomains, fmt.Sprintf("n%d", i))
		spec.DKIMSelectors = append(spec.DKIMSelectors, fmt.Sprintf("s%d", i))
	}
	w := &counting{world: &world{broken: map[string]string{"*": "timeout"}}}
	if _, err := Definition.Execute(context.Background(), w, spec); err != nil {
		t.Fatal(err)
	}
	if n := w.questions.Load(); n > 32 {
		t.Errorf("%d questions were asked", n)
	}
}

// TestReportHostsAreBounded holds that a record cannot make the check ask
// hosts by the thousand.
func TestReportHostsAreBounded(t *testing.T) {
	t.Parallel()
	if text := explain(execute(t, readFixture(t, "testdata/dmarc-rua-many.zone"))); !strings.Contains(text, "the 2 after the first 10 were not asked") {
		t.Error(text)
	}
}

// TestDeadResolverIsNamed holds that findings that could not be decided say
// which resolver did not answer.
func TestDeadResolverIsNamed(t *testing.T) {
	t.Parallel()
	// A socket that is connected to another peer keeps its port and refuses.
	conn, err := net.Dial("udp", "127.0.0.1:9")
	if err != nil {
		t.Fatal(err)
	}
	defer conn.Close()
	address := conn.LocalAddr().String()
	client, err := probe.New(probe.Config{Resolvers: []string{address}, Timeout: 10 * time.Second})
	if err != nil {
		t.Fatal(err)
	}
	result, err := Definition.Execute(context.Background(), client, Spec{Domain: "acme.example", DKIMSelectors: []string{"s1"}})
	if err != nil {
		t.Fatal(err)
	}
	for _, f := range result.Findings {
		if unasked(f) {
			continue
		}
		if f.Status != readiness.Inconclusive || !strings.HasPrefix(f.Message, "TXT ") && !strings.HasPrefix(f.Message, "MX ") || !strings.HasSuffix(f.Message, ": no resolver could be reached ("+address+")") {
			t.Errorf("%s: %s", f.Rule, f.Message)
		}
	}
}

// TestWideNetworksAreOneFinding holds that a record of many wide networks makes
// one finding with their list.
func TestWideNetworksAreOneFinding(t *testing.T) {
	t.Parallel()
	f := readFixture(t, "testdata/spf-wide-many.zone")
	var messages []string
	for _, finding := range execute(t, f).Findings {
		if finding.Rule == "spf.wide_range" {
			messages = append(messages, finding.Message)
		}
	}
	want := []string{"wider than /16 (IPv4) or /32 (IPv6): ip4:198.0.0.0/9, ip4:203.0.0.0/12, ip6:2a00:4000::/20"}
	if diff := cmp.Diff(want, messages); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
}

// TestOddDomainsDoNotCrash holds that no name that a user may write ends in a crash.
func TestOddDomainsDoNotCrash(t *testing.T) {
	t.Parallel()
	for _, domain := range []string{"", ".", "localhost", "a..b", "-", "_dmarc.acme.example", "com", "co.uk", "github.io", strings.Repeat("a.", 130) + "example", strings.Repeat("x", 70) + ".example", "\u202e.example", "192.0.2.1"} {
		f := fixture{spec: Spec{Domain: domain, SendingSubdomains: []string{"", "x.y"}, DKIMSelectors: []string{"", "_domainkey", "a b"}}, world: &world{}}
		if _, err := Definition.Execute(context.Background(), f.world, f.spec); err != nil {
			t.Errorf("%q: %v", domain, err)
		}
	}
}
