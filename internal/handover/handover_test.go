package handover

import (
	"bytes"
	"encoding/json"
	"io"
	"slices"
	"strings"
	"testing"
	"time"

	"golang.org/x/net/html"

	"github.com/launchready/terraform-provider-launchready/internal/readiness"
)

var today = time.Date(2026, 11, 23, 12, 0, 0, 0, time.UTC)

func day(t *testing.T, s string) readiness.Date {
	t.Helper()
	d, err := readiness.ParseDate(s)
	if err != nil {
		t.Fatal(err)
	}
	return d
}

const hostile = "<script>alert(1)</script> | [x](javascript:y) `z` *w* @team"

// scorecardJSON is the JSON report of a scorecard with a finding of every status.
func scorecardJSON(t *testing.T) string {
	t.Helper()
	c, err := readiness.NewCatalogue(readiness.GovernanceRules(), readiness.AttestedRules())
	if err != nil {
		t.Fatal(err)
	}
	finding := func(rule string, severity readiness.Severity, status readiness.Status, subject, message string) readiness.Finding {
		return readiness.Finding{Rule: rule, Area: readiness.TLS, Severity: severity, Subject: subject, Status: status, Message: message, Remedy: "mend " + rule}
	}
	waived := finding("tls.hsts_missing", readiness.High, readiness.Waived, "old.acme.example", "no HSTS")
	waived.Waiver = "the old portal goes in spring (Ada Operator, until 2027-03-31)"
	commented := finding("tls.hsts_short", readiness.High, readiness.Waived, "x.acme.example", "short")
	commented.Waiver = "a comment on its line says allow"
	card := readiness.Decide(c, []readiness.Result{{Check: "tls", Area: readiness.TLS, Target: "acme.example", Findings: []readiness.Finding{
		finding("tls.chain", readiness.High, readiness.Pass, "portal.acme.example", "fine"),
		finding("tls.weak_cipher", readiness.Low, readiness.Fail, "portal.acme.example", hostile+"\na table"),
		waived, commented,
	}}}, readiness.Policy{Require: []readiness.Area{readiness.TLS}, FailOn: readiness.High}, today)
	text, err := json.Marshal(struct {
		FormatVersion int    `json:"format_version"`
		Name          string `json:"name"`
		readiness.Scorecard
		Criteria     []readiness.Criterion   `json:"criteria"`
		Deliverables []readiness.Deliverable `json:"deliverables"`
	}{
		7, card.Name(), card,
		[]readiness.Criterion{{ID: "L4", Title: "valid TLS on every domain and subdomain", Status: readiness.Pass}},
		[]readiness.Deliverable{{ID: "ssl", Title: "SSL", Done: true, Status: readiness.Pass}, {ID: "caching", Title: "Caching", Status: readiness.NotApplicable}},
	})
	if err != nil {
		t.Fatal(err)
	}
	return string(text)
}

func input(t *testing.T) Input {
	t.Helper()
	return Input{
		Client: "Acme Members", Portal: "https://portal.acme.example", Scorecard: scorecardJSON(t),
		Parts: map[string]Part{
			"monitoring": {Monitors: []Monitor{{"portal", "https://portal.acme.example/readyz", "betterstack", "60s"}}, Alerts: []Alert{{"certificate", "universal_ssl_event_type", []string{"ops@agency.example"}}}},
			"dns":        {Records: []Record{{Name: "portal.acme.example", Type: "A", Content: "198.51.100.10", Proxied: true, Purpose: "the portal"}, {Name: "acme.example", Type: "CAA", Content: "0 issue \"letsencrypt.org\""}}},
			"email": {Records: []Record{
				{Name: "_dmarc.static.acme.example", Type: "TXT", Content: "v=DMARC1; p=reject"},
				{Name: "_dmarc.acme.example", Type: "TXT", Content: "v=DMARC1; p=quarantine; rua=mailto:dmarc@acme.example"},
				{Name: "google._domainkey.acme.example", Type: "TXT", Content: "v=DKIM1; k=rsa; p=" + strings.Repeat("MIIBIjANBgkqhkiG9w0B", 12)},
			}},
			"tls":   {Settings: []Setting{{"Lowest TLS version", "1.2"}, {"HTTP Strict Transport Security", "31536000 seconds"}}},
			"edge":  {Rules: []Rule{{"firewall", "scanners", `http.request.uri.path in {"/wp-login.php" "/.env"}`, "block"}}, Limits: []string{"Slow guessing is not stopped."}},
			"empty": {},
		},
		Owners: map[string]Owner{"registrar": {What: "Domain at the registrar", Name: "Acme Ltd, Jane Doe", Contact: "jane@acme.example"}, "hosting": {Name: "Example Agency"}},
		Credentials: map[string]Credential{
			"cloudflare_token": {What: "API token of Cloudflare", Place: "1Password, vault Acme, item Cloudflare", Owner: "Ada Operator", UsedBy: "Terraform in CI", Rotated: day(t, "2026-06-01"), Every: 90},
			"mail_api":         {Place: "https://vault.agency.example/ui/vault/secrets/kv/show/acme/postmark"},
		},
		Reviews:      map[string]Review{"dmarc": {Due: "2026-12-15", Owner: "Ada Operator"}, "contract": {What: "Renew the contract of the mail service", Due: "2027-05-01"}},
		Runbook:      &Runbook{Files: []string{"refunds.md"}, Reviewed: "2026-11-16", Sections: []Section{{Topic: "refunds", Place: "refunds.md: Refunds", Owner: "Ines Moreau", Contact: "billing@acme.example", Time: "2 business days", Escalate: "the amount is above 500 euros", Steps: []string{"Find the invoice.", hostile}}, {Topic: "resets", Place: "resets.md", Hidden: true}}},
		Waivers:      []readiness.Waiver{{Rule: "tls.hsts_missing", Subject: "old.*", Reason: "the old portal goes in spring", Owner: "Ada Operator", Expires: day(t, "2027-03-31")}, {Rule: "dns.caa", Subject: "*", Reason: "later", Owner: "Ada Operator", Expires: day(t, "2026-11-01")}},
		Attestations: []readiness.Attestation{{Rule: "support.drill", Statement: "Each page was followed on staging.", Owner: "Ada Operator", Evidence: "https://wiki.agency.example/acme", Expires: day(t, "2027-06-30")}},
		Certificates: map[string]readiness.Date{"portal.acme.example": day(t, "2027-02-01"), "acme.example": day(t, "2027-02-01")},
	}
}

func document(t *testing.T) Document {
	t.Helper()
	d, err := Make(input(t), today)
	if err != nil {
		t.Fatal(err)
	}
	return d
}

func TestReviews(t *testing.T) {
	var got []string
	for _, r := range document(t).Reviews {
		line := r.Due + " " + r.ID
		if r.Overdue {
			line += " overdue"
		}
		got = append(got, line)
	}
	want := []string{
		"2026-08-30 credential:cloudflare_token overdue",
		"2026-11-01 waiver:dns.caa:* overdue",
		"2026-12-15 dmarc",
		"2027-02-01 certificate:acme.example",
		"2027-02-14 runbook",
		"2027-03-31 waiver:tls.hsts_missing:old.*",
		"2027-05-01 contract",
		"2027-06-30 attestation:support.drill",
		" credential:mail_api",
		" dkim",
	}
	if !slices.Equal(got, want) {
		t.Errorf("got\n%s\nwant\n%s", strings.Join(got, "\n"), strings.Join(want, "\n"))
	}
}

func TestDMARCStep(t *testing.T) {
	for text, want := range map[string]string{
		"v=DMARC1; p=none":            "none to quarantine",
		"v=DMARC1; p=quarantine":      "quarantine to reject",
		"v=DMARC1; p=reject":          "",
		"v=DMARC1; p=reject; t=y":     "test mode",
		"v=DMARC1; p=nonsense; sp=no": "",
	} {
		if got := dmarcStep(text); want == "" && got != "" || !strings.Contains(got, want) {
			t.Errorf("%s: %q", text, got)
		}
	}
}

func TestWaivers(t *testing.T) {
	d := document(t)
	if len(d.Waivers) != 3 || d.Waivers[0].Findings != 1 || d.Waivers[0].Expired || !d.Waivers[1].Expired || d.Waivers[1].Findings != 0 || d.Waivers[2].Expires != "" {
		t.Errorf("%+v", d.Waivers)
	}
	// Without declared ones, those of the scorecard are shown.
	in := input(t)
	in.Waivers, in.Attestations = nil, nil
	d, err := Make(in, today)
	if err != nil || len(d.Waivers) != 2 || d.Waivers[0].Owner != "Ada Operator" || d.Waivers[0].Expires != "2027-03-31" || d.Waivers[0].Reason != "the old portal goes in spring" {
		t.Errorf("%v %+v", err, d.Waivers)
	}
}

func TestMissing(t *testing.T) {
	d, err := Make(Input{}, today)
	if err != nil {
		t.Fatal(err)
	}
	all := strings.Join(d.Missing, "\n")
	for _, want := range []string{"no scorecard", "nothing is listed", "nobody is named", "no place is named", "A runbook"} {
		if !strings.Contains(all, want) {
			t.Errorf("lacks %q:\n%s", want, all)
		}
	}
	all = strings.Join(document(t).Missing, "\n")
	for _, want := range []string{"A contact of whoever owns: Hosting.", "An owner of the credentials: Mail api.", "A day for: Rotate: Mail api; Rotate the DKIM keys: google."} {
		if !strings.Contains(all, want) {
			t.Errorf("lacks %q:\n%s", want, all)
		}
	}
}

func TestBadScorecard(t *testing.T) {
	for text, want := range map[string]string{
		"launch.json":                           "attribute json",
		`{}`:                                    "attribute json",
		`{"format_version":99,"decision":"go"}`: "format 99",
	} {
		if _, err := Make(Input{Scorecard: text}, today); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%s: %v", text, err)
		}
	}
}

func TestHTML(t *testing.T) {
	text, err := HTML(document(t), Options{GeneratedAt: today})
	if err != nil {
		t.Fatal(err)
	}
	ids, links := map[string]bool{}, map[string]bool{}
	for tokens := html.NewTokenizer(bytes.NewReader(text)); ; {
		kind := tokens.Next()
		if kind == html.ErrorToken {
			if tokens.Err() != io.EOF {
				t.Fatal(tokens.Err())
			}
			break
		}
		token := tokens.Token()
		if kind != html.StartTagToken && kind != html.SelfClosingTagToken {
			continue
		}
		if token.Data == "script" || token.Data == "link" || token.Data == "img" {
			t.Errorf("the page holds %s", token)
		}
		for _, a := range token.Attr {
			switch {
			case a.Key == "id":
				if ids[a.Val] {
					t.Errorf("two elements have the id %s", a.Val)
				}
				ids[a.Val] = true
			case a.Key == "href" && strings.HasPrefix(a.Val, "#"):
				links[a.Val[1:]] = true
			case a.Key == "src" || strings.HasPrefix(a.Key, "on") || a.Key == "href" && a.Val != "https://portal.acme.example":
				t.Errorf("the page loads or runs something: %s", token)
			}
		}
	}
	for link := range links {
		if !ids[link] {
			t.Errorf("a link leads to #%s, which is not there", link)
		}
	}
	for _, want := range []string{"Acme Members", "gate open", "198.51.100.10", "As of 23 November 2026", "1Password, vault Acme", "2027-03-31", "overdue", "Ines Moreau", "no day agreed", "not shown", "valid TLS on every domain"} {
		if !strings.Contains(string(text), want) {
			t.Errorf("the page lacks %q", want)
		}
	}
	if without, _ := HTML(document(t), Options{}); strings.Contains(string(without), "As of") {
		t.Error("a rendering without a time shows one")
	}
}

func TestMarkdown(t *testing.T) {
	text, err := Markdown(document(t), Options{})
	if err != nil {
		t.Fatal(err)
	}
	for _, want := range []string{"# Handover: Acme Members", "**Gate: open.**", "| portal.acme.example | A | 198.51.100.10 | yes | the portal |", "- [x] SSL", "- [ ] Caching", "2026-11-01 (expired)", "1. Find the invoice.", "## Where credentials are kept"} {
		if !strings.Contains(string(text), want) {
			t.Errorf("lacks %q:\n%s", want, text)
		}
	}
	for _, bad := range []string{"<script>", "[x](", " *w* ", "@team"} {
		if strings.Contains(string(text), bad) {
			t.Errorf("%q is not inert", bad)
		}
	}
}

// The same input makes the same document, whatever the order of maps.
func TestDeterministic(t *testing.T) {
	for _, form := range []string{".html", ".md"} {
		first, err := Render(form, document(t), Options{})
		if err != nil {
			t.Fatal(err)
		}
		for range 20 {
			if again, _ := Render(form, document(t), Options{}); !bytes.Equal(first, again) {
				t.Fatalf("%s differs from run to run", form)
			}
		}
	}
	if _, err := Render("handover.pdf", Document{}, Options{}); err == nil || !strings.Contains(err.Error(), ".html") {
		t.Errorf("an unknown ending: %v", err)
	}
}
