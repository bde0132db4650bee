package readiness

import (
	"encoding/json"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

func result(check string, area Area, findings ...Finding) Result {
	return Result{Check: check, Area: area, Target: "acme.example", Findings: findings}
}

func TestDecide(t *testing.T) {
	c := testCatalogue(t)
	mailOK := result("email_auth", EmailAuth, finding("spf.missing", EmailAuth, High, Pass, "acme.example"))
	tlsOK := result("tls", TLS, finding("tls.chain", TLS, Critical, Pass, "acme.example"))
	mfa := Attestation{Rule: "authn.operator_mfa", Statement: "all on", Owner: "cto", Evidence: "https://wiki", Expires: date(t, "2027-06-30")}
	single := Attestation{Rule: "authn.single_implementation", Statement: "one", Owner: "cto", Evidence: "https://wiki", Expires: date(t, "2027-06-30")}
	expired := mfa
	expired.Expires = date(t, "2026-11-22")
	override := &Override{Reason: "launch party", Owner: "ceo", Expires: date(t, "2026-11-23")}
	stale := &Override{Reason: "launch party", Owner: "ceo", Expires: date(t, "2026-11-22")}

	for name, test := range map[string]struct {
		results []Result
		policy  Policy
		gate    Gate
		want    []string // "rule subject" of the violations
	}{
		"all good":                  {[]Result{mailOK, tlsOK}, Policy{Require: []Area{EmailAuth, TLS}}, Open, nil},
		"a required area is silent": {[]Result{mailOK}, Policy{Require: []Area{EmailAuth, TLS}}, Blocked, []string{"gate.area_uncovered tls"}},
		"nothing at all":            {nil, Policy{Require: []Area{TLS}}, Blocked, []string{"gate.area_uncovered tls"}},
		"a check that looked at nothing": {[]Result{result("tls", TLS, finding("tls.chain", TLS, Critical, NotApplicable, "x"))},
			Policy{Require: []Area{TLS}}, Blocked, []string{"gate.area_uncovered tls"}},
		"an empty result": {[]Result{result("tls", TLS)}, Policy{Require: []Area{TLS}}, Blocked, []string{"gate.area_uncovered tls"}},
		"a violation in an area that is not required": {[]Result{result("tls", TLS, finding("tls.chain", TLS, Critical, Fail, "x"))},
			Policy{Require: []Area{}}, Blocked, []string{"tls.chain x"}},
		"a low violation": {[]Result{result("tls", TLS, finding("tls.no_tls13", TLS, Low, Fail, "x"))}, Policy{Require: []Area{TLS}}, Open, nil},
		"could not be tested": {[]Result{result("tls", TLS, finding("tls.chain", TLS, Critical, Inconclusive, "x"))},
			Policy{Require: []Area{TLS}}, Blocked, []string{"tls.chain x"}},
		"waived": {[]Result{result("tls", TLS, finding("tls.chain", TLS, Critical, Fail, "x"))},
			Policy{Require: []Area{TLS}, Waivers: []Waiver{{Rule: "tls.chain", Subject: "*", Reason: "r", Owner: "o", Expires: date(t, "2026-12-01")}}}, Open, nil},
		"waived by an expired waiver": {[]Result{result("tls", TLS, finding("tls.chain", TLS, Critical, Fail, "x"))},
			Policy{Require: []Area{TLS}, Waivers: []Waiver{{Rule: "tls.chain", Subject: "*", Reason: "r", Owner: "o", Expires: date(t, "2026-11-01")}}},
			Blocked, []string{"tls.chain x", "gate.waiver_expired tls.chain *"}},
		"attested": {nil, Policy{Require: []Area{Authentication}, Attestations: []Attestation{mfa, single}}, Open, nil},
		"a question that nobody answered": {nil, Policy{Require: []Area{Authentication}, Attestations: []Attestation{single}},
			Blocked, []string{"authn.operator_mfa attestation"}},
		"attested too long ago": {nil, Policy{Require: []Area{Authentication}, Attestations: []Attestation{expired, single}},
			Blocked, []string{"authn.operator_mfa attestation", "gate.attestation_expired authn.operator_mfa"}},
		"an attestation of what a check decides": {[]Result{result("tls", TLS, finding("tls.chain", TLS, Critical, Inconclusive, "x"))},
			Policy{Require: []Area{TLS}, Attestations: []Attestation{{Rule: "tls.chain", Expires: date(t, "2027-06-30")}}}, Blocked, []string{"tls.chain x"}},
		"an attestation never contradicts a check": {
			[]Result{result("x", Authentication, finding("authn.operator_mfa", Authentication, High, Fail, "registrar"))},
			Policy{Require: []Area{Authentication}, Attestations: []Attestation{mfa, single}}, Blocked, []string{"authn.operator_mfa registrar"}},
		"overridden":               {nil, Policy{Require: []Area{TLS}, Override: override}, Overridden, []string{"gate.area_uncovered tls"}},
		"an override that expired": {nil, Policy{Require: []Area{TLS}, Override: stale}, Blocked, []string{"gate.area_uncovered tls"}},
		"what is said of a waiver is no evidence": {[]Result{result("tls", TLS, finding("tls.chain", TLS, Critical, NotApplicable, "x"),
			Finding{Rule: WaiverUnused, Area: TLS, Severity: Info, Status: Fail, Subject: "y"})}, Policy{Require: []Area{TLS}}, Blocked, []string{"gate.area_uncovered tls"}},
		"findings of another area": {[]Result{result("tls", TLS, finding("spf.ptr", EmailAuth, Medium, Pass, "x"))},
			Policy{Require: []Area{TLS}}, Blocked, []string{"gate.area_uncovered tls"}},
		"a waiver of the gate's own rule": {[]Result{result("tls", TLS, finding("tls.chain", TLS, Critical, Pass, "x"),
			Finding{Rule: WaiverExpired, Area: TLS, Severity: High, Status: Fail, Subject: "y"})},
			Policy{Require: []Area{TLS}, Waivers: []Waiver{{Rule: WaiverExpired, Subject: "*", Expires: date(t, "2027-01-01")}}}, Blocked, []string{"gate.waiver_expired y"}},
		"nothing required and nothing checked":    {nil, Policy{Require: []Area{}}, Blocked, []string{"gate.area_uncovered launch"}},
		"an expired attestation that was renewed": {nil, Policy{Require: []Area{Authentication}, Attestations: []Attestation{expired, mfa, single}}, Open, nil},
		"nothing to override":                     {[]Result{tlsOK}, Policy{Require: []Area{TLS}, Override: override}, Open, nil},
	} {
		test.policy.FailOn = High
		s := Decide(c, test.results, test.policy, today)
		if s.Gate != test.gate {
			t.Errorf("%s: gate %s, want %s", name, s.Gate, test.gate)
		}
		var got []string
		for _, f := range s.Violations {
			got = append(got, f.Rule+" "+f.Subject)
		}
		slices.Sort(got)
		want := slices.Sorted(slices.Values(test.want))
		if diff := cmp.Diff(want, got); diff != "" {
			t.Errorf("%s: violations (-want +got)\n%s", name, diff)
		}
		if len(s.Areas) != 10 {
			t.Errorf("%s: %d areas", name, len(s.Areas))
		}
	}
}

// A whole launch is held to all eight criteria: an area that is covered by
// something else does not speak for one.
func TestAllEightCriteria(t *testing.T) {
	c := testCatalogue(t)
	var results []Result
	for _, criterion := range launchCriteria() {
		for _, group := range criterion.evidence {
			rule := strings.ReplaceAll(group[0], "*", "owner")
			area := criterion.areas[0]
			if strings.HasPrefix(rule, "obs.") {
				area = Observability
			}
			results = append(results, result(rule, area, finding(rule, area, High, Pass, "x")))
		}
	}
	results = append(results, result("rate_limit", RateLimiting, finding("rate.missing", RateLimiting, High, Pass, "x")),
		result("authz", Authorization, finding("authz.list_leaks", Authorization, High, Pass, "x")))
	var attestations []Attestation
	for _, rule := range AttestedRules() {
		attestations = append(attestations, Attestation{Rule: rule.ID, Statement: "yes", Owner: "cto", Evidence: "https://wiki", Expires: date(t, "2027-06-30")})
	}
	without := func(rule string) []Result {
		return slices.DeleteFunc(slices.Clone(results), func(r Result) bool { return r.Check == rule })
	}
	waiver := Waiver{Rule: CriterionUndecided, Subject: "L7", Reason: "r", Owner: "o", Expires: date(t, "2027-01-31")}
	for name, test := range map[string]struct {
		results []Result
		require []Area
		waivers []Waiver
		want    []string
	}{
		"all eight":                       {results, Areas(), nil, nil},
		"nobody has measured":             {without("latency.p95"), Areas(), nil, []string{"criteria.undecided L7"}},
		"nobody has read the history":     {without("secrets.in_history"), Areas(), nil, []string{"criteria.undecided L2"}},
		"deploys that nothing is tied to": {without("deploy.alert_link"), Areas(), nil, []string{"criteria.undecided L6"}},
		"not a whole launch":              {without("latency.p95"), Areas()[:9], nil, nil},
		"waived":                          {without("latency.p95"), Areas(), []Waiver{waiver}, nil},
		"a violation stands for itself":   {append(without("latency.p95"), result("latency", Observability, finding("latency.p95", Observability, High, Fail, "x"))), Areas(), nil, []string{"latency.p95 x"}},
		"not testable, which is said":     {append(without("latency.p95"), result("latency", Observability, finding("latency.p95", Observability, High, Inconclusive, "x"))), Areas(), nil, []string{"latency.p95 x"}},
		"not applicable is not decided":   {append(without("latency.p95"), result("latency", Observability, finding("latency.p95", Observability, High, NotApplicable, "x"))), Areas(), nil, []string{"criteria.undecided L7"}},
	} {
		s := Decide(c, test.results, Policy{Require: test.require, FailOn: High, Waivers: test.waivers, Attestations: attestations}, today)
		var got []string
		for _, f := range s.Violations {
			got = append(got, f.Rule+" "+f.Subject)
		}
		if diff := cmp.Diff(test.want, got); diff != "" {
			t.Errorf("%s (-want +got)\n%s", name, diff)
		}
	}
}

// The score explains; these are the properties that keep it honest.
func TestScore(t *testing.T) {
	c := testCatalogue(t)
	score := func(findings ...Finding) int {
		return Decide(c, []Result{result("tls", TLS, findings...)}, Policy{Require: []Area{TLS}, FailOn: High}, today).Score
	}
	good := finding("tls.no_tls13", TLS, Low, Pass, "x")
	for name, test := range map[string]struct {
		findings []Finding
		want     int
	}{
		"all pass":                        {[]Finding{good, finding("tls.chain", TLS, Critical, Pass, "x")}, 100},
		"a failed critical caps at 39":    {append(manyPasses(30), finding("tls.chain", TLS, Critical, Fail, "x")), 39},
		"a failed high caps at 69":        {append(manyPasses(30), finding("tls.high", TLS, High, Fail, "x")), 69},
		"an unknown caps at 79":           {append(manyPasses(30), finding("tls.medium", TLS, Medium, Inconclusive, "x")), 79},
		"an unknown high like a failed":   {append(manyPasses(30), finding("tls.high", TLS, High, Inconclusive, "x")), 69},
		"and an unknown critical":         {append(manyPasses(30), finding("tls.chain", TLS, Critical, Inconclusive, "x")), 39},
		"a note that is unsure is none":   {[]Finding{good, finding("tls.note", TLS, Info, Inconclusive, "x")}, 100},
		"a waiver costs half":             {[]Finding{finding("tls.a", TLS, High, Pass, "x"), finding("tls.b", TLS, High, Waived, "x")}, 75},
		"many subjects lose once":         {[]Finding{finding("tls.a", TLS, Low, Fail, "x"), finding("tls.a", TLS, Low, Fail, "y"), finding("tls.b", TLS, Low, Pass, "x")}, 50},
		"the worst subject counts":        {[]Finding{finding("tls.a", TLS, Low, Pass, "x"), finding("tls.a", TLS, Low, Fail, "y"), finding("tls.b", TLS, Low, Pass, "x")}, 50},
		"not applicable leaves both sums": {[]Finding{finding("tls.a", TLS, Low, NotApplicable, "x"), finding("tls.b", TLS, Low, Pass, "x")}, 100},
	} {
		if got := score(test.findings...); got != test.want {
			t.Errorf("%s: score %d, want %d", name, got, test.want)
		}
	}
	if measured, not := score(good, finding("tls.a", TLS, High, Fail, "x")), score(good, finding("tls.a", TLS, High, Inconclusive, "x")); not > measured {
		t.Errorf("not measuring scores %d, failing %d", not, measured)
	}
	// An answer about an area that nobody asked for is no evidence of readiness.
	single := Attestation{Rule: "authn.single_implementation", Statement: "one", Owner: "cto", Evidence: "https://wiki", Expires: date(t, "2027-06-30")}
	half := []Finding{finding("tls.a", TLS, Low, Fail, "x"), finding("tls.b", TLS, Low, Pass, "x")}
	if s := Decide(c, []Result{result("tls", TLS, half...)}, Policy{Require: []Area{TLS}, FailOn: High, Attestations: []Attestation{single}}, today); s.Score != 50 {
		t.Errorf("an attestation of another area makes the score %d, want 50", s.Score)
	}
	// One bad area holds the whole down, however good the others are.
	bad := result("email_auth", EmailAuth, finding("dmarc.missing", EmailAuth, Critical, Fail, "x"))
	s := Decide(c, []Result{bad, result("tls", TLS, good)}, Policy{Require: []Area{EmailAuth, TLS}, FailOn: High}, today)
	if s.Score > s.Areas[3].Score+aboveWorst {
		t.Errorf("overall %d with an area at %d", s.Score, s.Areas[3].Score)
	}
}

// A threshold that nobody knows must not open the gate.
func TestUnknownThreshold(t *testing.T) {
	for _, threshold := range []Severity{"", "High", "none"} {
		if !finding("a.b", TLS, Low, Fail, "x").Blocks(threshold) {
			t.Errorf("a failure passes at threshold %q", threshold)
		}
	}
}

func manyPasses(n int) []Finding {
	var out []Finding
	for i := range n {
		out = append(out, finding("tls.p"+strings.Repeat("x", i+1), TLS, Critical, Pass, "x"))
	}
	return out
}

func TestExplain(t *testing.T) {
	c := testCatalogue(t)
	long := finding("spf.missing", EmailAuth, High, Fail, "acme.example")
	long.Message = "the record v=spf1 " + strings.Repeat("include:_spf.example.com ", 12) + "is too long"
	s := Decide(c, []Result{
		result("email_auth", EmailAuth, long, finding("dmarc.missing", EmailAuth, Critical, Inconclusive, "acme.example"), finding("spf.ptr", EmailAuth, Medium, Waived, "acme.example")),
		result("tls", TLS, finding("tls.chain", TLS, Critical, Fail, "portal.acme.example")),
	}, Policy{Require: []Area{EmailAuth, TLS}, FailOn: High}, today)
	if got, want := s.Headline(), "gate blocked: acme.example has 3 violations in 2 of 10 areas"; got != want {
		t.Errorf("headline %q, want %q", got, want)
	}
	text := s.Explain([]string{"launch-report.html"})
	for i, line := range strings.Split(strings.TrimRight(text, "\n"), "\n") {
		if len(line) > Width {
			t.Errorf("line %d is %d wide: %s", i+1, len(line), line)
		}
		if line != "" && line[0] != ' ' {
			t.Errorf("line %d does not begin with a space: the command line would wrap it: %s", i+1, line)
		}
	}
	for _, want := range []string{"tls.chain", "portal.acme.example", "fix: mend tls.chain", "1 waived, 1 could not be tested", "launch-report.html", "override = { ... }", "terraform destroy -refresh=false"} {
		if !strings.Contains(text, want) {
			t.Errorf("text lacks %q:\n%s", want, text)
		}
	}
	if strings.Index(text, "dmarc.missing") > strings.Index(text, "spf.missing") {
		t.Errorf("not worst first:\n%s", text)
	}
}

// An estimate stays on one line, wherever the line ends.
func TestEstimatesAreNotBroken(t *testing.T) {
	for n := range 60 {
		f := finding("tls."+strings.Repeat("x", n+1), TLS, High, Fail, "a")
		s := Decide(testCatalogue(t), []Result{result("tls", TLS, f)}, Policy{Require: []Area{TLS}, FailOn: High}, today)
		text := s.Explain(nil)
		if !regexp.MustCompile(`\([0-9.-]+ h\)`).MatchString(text) || !regexp.MustCompile(`[0-9.-]+ hours\.`).MatchString(text) || strings.Contains(text, hard) {
			t.Fatalf("%s", text)
		}
	}
}

// A client is called by its domain, whatever else was looked at.
func TestName(t *testing.T) {
	for want, targets := range map[string][]string{
		"acme.example": {"portal.acme.example", "runbook", "../portal", "acme.example"},
		"runbook":      {"runbook", "C:\\work\\acme.example"},
		"the launch":   nil,
	} {
		if got := (Scorecard{Targets: targets}).Name(); got != want {
			t.Errorf("%v: %q, want %q", targets, got, want)
		}
	}
}

// Each point is traced to a finding: the lines of an area add up to its score.
func TestScoreLines(t *testing.T) {
	s := Decide(testCatalogue(t), []Result{result("tls", TLS,
		finding("tls.chain", TLS, Critical, Pass, "a"), finding("tls.chain", TLS, Critical, Inconclusive, "b"), finding("tls.chain", TLS, Low, Fail, "c"),
		finding("tls.no_tls13", TLS, Low, Waived, "a"), finding("tls.name", TLS, High, Pass, "a"), finding("tls.key", TLS, High, NotApplicable, "a"),
	)}, Policy{Require: []Area{TLS}, FailOn: High}, today)
	row := s.Areas[4]
	want := []ScoreLine{
		{Rule: "tls.chain", Severity: Critical, Status: Inconclusive, Subject: "b", Subjects: 3, Possible: 20, Lost: 20},
		{Rule: "tls.no_tls13", Severity: Low, Status: Waived, Subject: "a", Subjects: 1, Possible: 2, Lost: 1},
		{Rule: "tls.name", Severity: High, Status: Pass, Subject: "a", Subjects: 1, Possible: 10},
	}
	if diff := cmp.Diff(want, row.Lines); diff != "" {
		t.Errorf("lines (-want +got)\n%s", diff)
	}
	if row.Possible != 32 || row.Lost != 21 || row.Score != 34 || row.Limit != capCritical || row.LimitedBy != "tls.chain" {
		t.Errorf("row: %+v", row)
	}
	if diff := cmp.Diff(ScoreBasis{Areas: 1, Mean: 34, Limit: 64}, s.Basis); diff != "" {
		t.Errorf("basis (-want +got)\n%s", diff)
	}
}

// A big client is decided in no time: rules on hundreds of hosts.
func BenchmarkDecide(b *testing.B) {
	c, err := NewCatalogue(GovernanceRules(), AttestedRules())
	if err != nil {
		b.Fatal(err)
	}
	var findings []Finding
	for i := range 2000 {
		f := finding("tls.rule"+strconv.Itoa(i%40), TLS, Severities()[i%5], Statuses()[i%5], "host"+strconv.Itoa(i/40)+".acme.example")
		findings = append(findings, f)
	}
	results := []Result{result("tls", TLS, findings...)}
	for b.Loop() {
		Decide(c, results, Policy{Require: Areas(), FailOn: High, HourlyRate: 100}, today)
	}
}

// Programs read lists: none is null in JSON, with or without something in it.
func TestNoNullLists(t *testing.T) {
	for _, results := range [][]Result{nil, {result("tls", TLS, finding("tls.chain", TLS, Critical, Pass, "a"))}} {
		text, err := json.Marshal(Decide(testCatalogue(t), results, Policy{Require: []Area{TLS}, FailOn: High, Baseline: &Baseline{Gate: Open}}, today))
		if err != nil {
			t.Fatal(err)
		}
		if i := strings.Index(strings.ReplaceAll(string(text), `"window":null`, ""), "null"); i >= 0 {
			t.Errorf("a null near %s", text[max(0, i-80):min(len(text), i+20)])
		}
	}
}

// What a target says of itself cannot drive the terminal it is shown in.
func TestExplainIsPlain(t *testing.T) {
	f := finding("tls.chain", TLS, Critical, Fail, "a\x1b[2Jb")
	f.Message, f.Remedy = "seen \x1b]0;x\x07 \u202e backwards\ttab\r", "mend\x00"
	s := Decide(testCatalogue(t), []Result{result("tls", TLS, f)}, Policy{Require: []Area{TLS}, FailOn: High}, today)
	summary, detail := Tell([]Finding{f})
	for _, text := range []string{s.Explain(nil), summary, detail} {
		if strings.ContainsAny(text, "\x1b\x07\u202e\x00\r\t") {
			t.Errorf("%q", text)
		}
	}
}

// The text goes by area, the area with the worst first, and says what to begin with.
func TestExplainByArea(t *testing.T) {
	broken := finding("spf.missing", EmailAuth, High, Fail, "acme.example")
	other := broken
	other.Subject = "mail.acme.example"
	var untested []Finding
	for _, rule := range []string{"tls.chain", "tls.name"} {
		f := finding(rule, TLS, Critical, Inconclusive, "portal.acme.example")
		f.Message, f.Remedy = "no answer", MakeTestable
		untested = append(untested, f)
	}
	s := Decide(testCatalogue(t), []Result{result("email_auth", EmailAuth, broken, other), result("tls", TLS, append(untested, finding("tls.key_weak", TLS, High, Fail, "portal.acme.example"))...)},
		Policy{Require: []Area{EmailAuth, TLS}, FailOn: High, Baseline: &Baseline{Gate: Blocked, Targets: []string{"acme.example"}, Findings: []Finding{broken}}}, today)
	text := s.Explain(nil)
	at := 0
	for _, want := range []string{
		"  TLS: 3 violations, score 0/100\n", "  critical  tls.chain ", "could not be tested: no answer", "nor could tls.name", "fix: Mend what kept",
		"  high      tls.key_weak ", "\n\n  E-mail authentication: 2 violations", "  high      spf.missing ", "also mail.acme.example", "fix: mend spf.missing",
		"Mend first: tls.chain (0.25-", "Since the baseline: 0 mended, 4 new, 1 still open.",
	} {
		i := strings.Index(text[at:], want)
		if i < 0 {
			t.Fatalf("%q does not come next in\n%s", want, text)
		}
		at += i
	}
}
