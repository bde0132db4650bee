package readiness

import (
	"encoding/json"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

func TestChanges(t *testing.T) {
	waiver := func(f []Finding) []Finding {
		for i := range f {
			f[i].Status, f[i].Waiver = Waived, "why (who, until 2027-01-31)"
		}
		return f
	}
	for name, test := range map[string]struct {
		then, now []Finding
		want      string // "list rule subject" in order, mended, new, still_open, gone
	}{
		"mended":                       {on("tls.chain fail", "a"), on("tls.chain pass", "a"), "mended tls.chain a"},
		"new":                          {on("tls.chain pass", "a"), on("tls.chain fail", "a"), "new tls.chain a"},
		"new subject":                  {nil, on("tls.chain fail", "a"), "new tls.chain a"},
		"still open":                   {on("tls.chain fail", "a"), on("tls.chain fail", "a"), "still_open tls.chain a"},
		"not testable any more":        {on("tls.chain fail", "a"), on("tls.chain inconclusive", "a"), "still_open tls.chain a"},
		"tested at last, and fine":     {on("tls.chain inconclusive", "a"), on("tls.chain pass", "a"), "mended tls.chain a"},
		"nobody looked":                {on("tls.chain fail", "a"), nil, "gone tls.chain a"},
		"does not apply any more":      {on("tls.chain fail", "a"), on("tls.chain not_applicable", "a"), "gone tls.chain a"},
		"another host is no proof":     {on("tls.chain fail", "a.acme.example"), on("tls.chain pass", "b.acme.example"), "gone tls.chain a.acme.example"},
		"its host passes":              {on("tls.mixed_active fail", "a.acme.example/x"), on("tls.mixed_active pass", "a.acme.example"), "mended tls.mixed_active a.acme.example/x"},
		"a host of a like name":        {on("tls.mixed_active fail", "a.acme.example.org/x"), on("tls.mixed_active pass", "a.acme.example"), "gone tls.mixed_active a.acme.example.org/x"},
		"the domain passes":            {on("dns.dangling fail", "old.acme.example"), on("dns.dangling pass", "acme.example"), "mended dns.dangling old.acme.example"},
		"what was checked passes":      {on("secrets.in_tree fail", "config/.env"), on("secrets.in_tree pass", "../portal"), "mended secrets.in_tree config/.env"},
		"waived since":                 {on("tls.chain fail", "a"), waiver(on("tls.chain fail", "a")), "still_open tls.chain a"},
		"waived all the time":          {waiver(on("tls.chain fail", "a")), waiver(on("tls.chain fail", "a")), ""},
		"a waiver that ran out":        {waiver(on("tls.chain fail", "a")), on("tls.chain fail", "a"), "still_open tls.chain a"},
		"waived, then mended":          {waiver(on("tls.chain fail", "a")), on("tls.chain pass", "a"), "mended tls.chain a"},
		"waived, then not looked at":   {waiver(on("tls.chain fail", "a")), nil, ""},
		"an area that is covered now":  {[]Finding{finding(AreaUncovered, TLS, Critical, Fail, "tls")}, on("tls.chain pass", "a"), "mended gate.area_uncovered tls"},
		"an area nobody asks for now":  {[]Finding{finding(AreaUncovered, TLS, Critical, Fail, "tls")}, nil, "gone gate.area_uncovered tls"},
		"attested anew":                {[]Finding{finding(AttestationExpired, Support, High, Fail, "support.x")}, on("support.x pass", attested), "mended gate.attestation_expired support.x"},
		"an attestation taken away":    {[]Finding{finding(AttestationExpired, Support, High, Fail, "support.x")}, nil, "gone gate.attestation_expired support.x"},
		"worst first":                  {nil, append(on("tls.hsts_short fail low", "a"), on("tls.chain fail critical", "b")...), "new tls.chain b, new tls.hsts_short a"},
		"one of two on a subject left": {on("tls.chain fail", "a", "a"), on("tls.chain fail", "a"), "still_open tls.chain a"},
	} {
		c := changes(Baseline{Findings: test.then}, Scorecard{Findings: test.now, Targets: []string{"acme.example", "../portal"}})
		var got []string
		for _, list := range []struct {
			name     string
			findings []Finding
		}{{"mended", c.Mended}, {"new", c.New}, {"still_open", c.StillOpen}, {"gone", c.Gone}} {
			for _, f := range list.findings {
				got = append(got, list.name+" "+f.Rule+" "+f.Subject)
			}
		}
		if diff := cmp.Diff(test.want, strings.Join(got, ", ")); diff != "" {
			t.Errorf("%s: (-want +got)\n%s", name, diff)
		}
	}
	// That one domain passes says nothing of another, of which nobody asked.
	two := []string{"acme.example", "acme.org"}
	c := changes(Baseline{Targets: two, Findings: on("dns.dangling fail", "old.acme.org")},
		Scorecard{Targets: two[:1], Findings: on("dns.dangling pass", "acme.example")})
	if len(c.Mended) != 0 || len(c.Gone) != 1 {
		t.Errorf("a domain that nobody looked at: mended %v, gone %v", c.Mended, c.Gone)
	}
	if changes(Baseline{Targets: []string{"other.example"}}, Scorecard{Targets: []string{"acme.example"}}) != nil {
		t.Error("two launches were compared")
	}
}

func TestParseBaseline(t *testing.T) {
	for name, test := range map[string]struct{ text, want string }{
		"no JSON":                {"Launch report", "malformed at byte 1"},
		"cut off":                {`{"format_version": 1, "gate": "op`, "breaks off"},
		"another document":       {`{"version": "2.1.0"}`, "no format_version"},
		"a newer version":        {`{"format_version": 99, "gate": "open"}`, "written by a newer one"},
		"a version that is none": {`{"format_version": -1, "gate": "open"}`, "there is no format_version -1"},
		"no gate":                {`{"format_version": 1}`, "no gate"},
		"no rule":                {`{"format_version": 1, "gate": "open", "findings": [{"status": "pass"}]}`, "findings[0]"},
		"another shape":          {`{"format_version": 1, "gate": "open", "findings": {}}`, "findings is a object"},
	} {
		if _, err := ParseBaseline([]byte(test.text)); err == nil || !strings.Contains(err.Error(), test.want) {
			t.Errorf("%s: error %v, want one with %q", name, err, test.want)
		}
	}
	s := Decide(testCatalogue(t), []Result{result("tls", TLS, seen("tls.chain fail critical")...)}, Policy{Require: []Area{TLS}, FailOn: High}, today)
	for _, version := range ReportFormats() {
		text, err := json.Marshal(struct {
			FormatVersion int `json:"format_version"`
			Scorecard
		}{version, s})
		if err != nil {
			t.Fatal(err)
		}
		b, err := ParseBaseline(text)
		if err != nil {
			t.Fatal(err)
		}
		again := Decide(testCatalogue(t), []Result{result("tls", TLS, seen("tls.chain fail critical")...)}, Policy{Require: []Area{TLS}, FailOn: High, Baseline: &b}, today)
		if c := again.Changes; c == nil || !c.Comparable || c.Gate != Blocked || len(c.StillOpen) != 1 || len(c.New)+len(c.Mended)+len(c.Gone) != 0 {
			t.Errorf("the same again: %+v", c)
		}
	}
}

func FuzzParseBaseline(f *testing.F) {
	f.Add([]byte(`{"format_version": 1, "gate": "open", "findings": [{"rule": "tls.chain", "status": "pass", "severity": "high"}]}`))
	f.Add([]byte(`{"format_version": 2, "gate": "blocked", "targets": ["a"]}`))
	f.Fuzz(func(t *testing.T, text []byte) {
		b, err := ParseBaseline(text)
		if err == nil {
			changes(b, Scorecard{Targets: b.Targets, Findings: b.Findings})
			changes(Baseline{}, Scorecard{Findings: b.Findings})
		}
	})
}

func TestExpiring(t *testing.T) {
	waive := func(rule, subject, expires string) Waiver {
		return Waiver{Rule: rule, Subject: subject, Reason: "why (really)", Owner: "who", Expires: date(t, expires)}
	}
	own := waive("spf.ptr", "*", "2026-12-20")
	checked := on("tls.no_tls13 waived low", "a")
	checked[0].Waiver = waive("tls.no_tls13", "*", "2026-11-23").Note()
	inline := on("tls.no_tls13 waived low", "b")
	inline[0].Waiver = "accepted in the file beside it"
	ptr := on("spf.ptr fail medium", "acme.example")
	s := Decide(testCatalogue(t), []Result{result("tls", TLS, append(checked, inline...)...), result("email_auth", EmailAuth, ptr...)}, Policy{
		FailOn: High, ExpiryWarning: 30 * 24 * 60 * 60 * 1e9,
		Waivers: []Waiver{own, waive("spf.missing", "*", "2026-11-22"), waive("dmarc.missing", "*", "2027-12-31")},
		Attestations: []Attestation{
			{Rule: "authn.operator_mfa", Statement: "on", Owner: "cto", Evidence: "https://wiki", Expires: date(t, "2026-12-22")},
			{Rule: "support.no_database_edits", Statement: "never", Owner: "cto", Evidence: "https://wiki", Expires: date(t, "2026-12-24")},
		},
	}, today)
	all := []Expiry{
		{Kind: "waiver", Rule: "tls.no_tls13", Subject: "a", Text: "why (really)", Owner: "who", Expires: "2026-11-23"},
		{Kind: "waiver", Rule: "spf.ptr", Subject: "*", Text: "why (really)", Owner: "who", Expires: "2026-12-20"},
		{Kind: "attestation", Rule: "authn.operator_mfa", Text: "on", Evidence: "https://wiki", Owner: "cto", Expires: "2026-12-22"},
		{Kind: "attestation", Rule: "support.no_database_edits", Text: "never", Evidence: "https://wiki", Owner: "cto", Expires: "2026-12-24"},
		{Kind: "waiver", Rule: "dmarc.missing", Subject: "*", Text: "why (really)", Owner: "who", Expires: "2027-12-31"},
	}
	if diff := cmp.Diff(all, s.Standing); diff != "" {
		t.Errorf("standing (-want +got)\n%s", diff)
	}
	if diff := cmp.Diff(all[:3], s.Expiring); diff != "" {
		t.Errorf("expiring (-want +got)\n%s", diff)
	}
}

func TestCatalogueVersion(t *testing.T) {
	a, b := testCatalogue(t), testCatalogue(t)
	if a.Version() != b.Version() {
		t.Error("one catalogue, two versions")
	}
	rule := func(severity Severity, title string) string {
		c, err := NewCatalogue([]Rule{{ID: "tls.chain", Area: TLS, Severity: severity, Title: title, Remedy: "r", References: []string{"r"}}})
		if err != nil {
			t.Fatal(err)
		}
		return c.Version()
	}
	if rule(High, "t") == rule(Critical, "t") {
		t.Error("a rule that weighs otherwise is another version")
	}
	if rule(High, "t") != rule(High, "better words") {
		t.Error("better words are no other version")
	}
}
