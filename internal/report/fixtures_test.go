package report

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/launchready/terraform-provider-launchready/internal/readiness"
)

// hostile is a text from a target that wants to be more than text.
const hostile = "script </style><script>alert(1)</script> | [x](javascript:y) `z` *w* @team <!-- \"'&amp; \x00\x1b[31m ]]> ${{ secrets.X }}"

// blockedCard is a scorecard with everything in it that a report can show, and
// figures that no change of an estimate moves.
func blockedCard(t testing.TB) readiness.Scorecard {
	t.Helper()
	s := decidedCard(t)
	fillOutcome(&s)
	return s
}

// decidedCard is a blocked scorecard as the domain decides it.
func decidedCard(t testing.TB) readiness.Scorecard {
	t.Helper()
	earlier := readiness.Baseline{FormatVersion: 2, Gate: readiness.Blocked, Score: 12, Targets: []string{"acme.example"}, Findings: []readiness.Finding{
		finding(readiness.TLS, "tls.mixed_active", readiness.High, "portal.acme.example/welcome", readiness.Fail, "as now"),
		finding(readiness.TLS, "tls.expiry", readiness.High, "portal.acme.example", readiness.Fail, "7 days left"),
		finding(readiness.TLS, "tls.gone", readiness.High, "old.acme.example", readiness.Fail, "nobody looks at it now"),
	}}
	return decide(t, launchDay(), readiness.Policy{
		Require: readiness.Areas(), FailOn: readiness.High,
		Waivers:       []readiness.Waiver{{Rule: "headers.csp", Subject: "*", Reason: "the theme's vendor ships a policy in March", Owner: "Ada Byron, Northwind", Expires: date(t, "2027-03-31")}},
		Attestations:  []readiness.Attestation{{Rule: "authn.operator_mfa", Statement: "Every admin account of registrar, Cloudflare, hosting, mail and payments has a second factor", Owner: "Grace H.", Evidence: "https://wiki.acme.example/mfa", Expires: date(t, "2026-12-10")}},
		ExpiryWarning: 30 * 24 * time.Hour, HourlyRate: 140, Baseline: &earlier,
	})
}

// openCard is a scorecard with nothing against the launch.
func openCard(t testing.TB) readiness.Scorecard {
	t.Helper()
	var results []readiness.Result
	for _, area := range readiness.Areas() {
		r := readiness.Result{Check: string(area), Area: area, Target: "acme.example"}
		for i := range 8 {
			r.Findings = append(r.Findings, finding(area, fmt.Sprintf("%s.rule_%d", area, i), readiness.High, "portal.acme.example", readiness.Pass, "seen to work, and to be refused where it must be"))
		}
		results = append(results, r)
	}
	// What the eight launch criteria rest on.
	for area, rules := range map[readiness.Area][]string{
		readiness.Authentication: {"authn.bypass"}, readiness.Authorization: {"authz.list_leaks"}, readiness.TLS: {"tls.chain", "tls.name", "tls.expiry"},
		readiness.Secrets:       {"secrets.in_tree", "secrets.in_history", "secrets.env_file_tracked"},
		readiness.EmailAuth:     {"spf.missing", "dkim.missing", "dmarc.missing"},
		readiness.Edge:          {"edge.not_proxied", "edge.private_cached", "edge.ddos_setting"},
		readiness.Observability: {"obs.alert_rules", "latency.p95"}, readiness.Deployment: {"deploy.alert_link"},
		readiness.Support: {"support.section.resets", "support.section.refunds", "support.section.invites", "support.section.failed_logins", "support.section.escalation"},
	} {
		r := readiness.Result{Check: string(area) + "_more", Area: area, Target: "acme.example"}
		for _, rule := range rules {
			r.Findings = append(r.Findings, finding(area, rule, readiness.High, "portal.acme.example", readiness.Pass, "seen to hold"))
		}
		results = append(results, r)
	}
	var attestations []readiness.Attestation
	for _, rule := range readiness.AttestedRules() {
		attestations = append(attestations, readiness.Attestation{Rule: rule.ID, Statement: "So it is", Owner: "Grace H.", Evidence: "https://wiki.acme.example/" + rule.ID, Expires: date(t, "2027-06-30")})
	}
	return decide(t, results, readiness.Policy{Require: readiness.Areas(), FailOn: readiness.High, Attestations: attestations})
}

// overriddenCard is a blocked scorecard for which somebody broke the glass.
func overriddenCard(t testing.TB) readiness.Scorecard {
	t.Helper()
	s := blockedCard(t)
	s.Gate = readiness.Overridden
	s.Override = &readiness.Override{Reason: "the campaign is on air tonight", Owner: "CTO", Expires: date(t, "2026-12-01")}
	return s
}

// manyCard is a scorecard of n findings, a third of which block.
func manyCard(t testing.TB, n int) readiness.Scorecard {
	t.Helper()
	results := map[readiness.Area]*readiness.Result{}
	areas := readiness.Areas()
	for i := range n {
		area := areas[i%len(areas)]
		if results[area] == nil {
			results[area] = &readiness.Result{Check: string(area), Area: area, Target: "acme.example"}
		}
		status := readiness.Pass
		switch {
		case i%3 == 0:
			status = readiness.Fail
		case i%30 == 1:
			status = readiness.Inconclusive
		}
		f := finding(area, fmt.Sprintf("%s.rule_%d", area, i%60), readiness.High, fmt.Sprintf("host-%d.acme.example", i), status, "what was seen there, in a sentence of a usual length & with <signs>")
		results[area].Findings = append(results[area].Findings, f)
	}
	var all []readiness.Result
	for _, area := range areas {
		if results[area] != nil {
			all = append(all, *results[area])
		}
	}
	s := decide(t, all, readiness.Policy{Require: areas, FailOn: readiness.High})
	fillOutcome(&s)
	return s
}

func decide(t testing.TB, results []readiness.Result, policy readiness.Policy) readiness.Scorecard {
	t.Helper()
	own := []readiness.Rule{{ID: "headers.csp", Area: readiness.Edge, Severity: readiness.High, Title: "no policy", Remedy: "set one", References: []string{"W3C CSP 3"}}}
	c, err := readiness.NewCatalogue(readiness.GovernanceRules(), readiness.AttestedRules(), own)
	if err != nil {
		t.Fatal(err)
	}
	return readiness.Decide(c, results, policy, today)
}

func date(t testing.TB, s string) readiness.Date {
	t.Helper()
	d, err := readiness.ParseDate(s)
	if err != nil {
		t.Fatal(err)
	}
	return d
}

func finding(area readiness.Area, rule string, severity readiness.Severity, subject string, status readiness.Status, message string) readiness.Finding {
	f := readiness.Finding{Area: area, Rule: rule, Severity: severity, Subject: subject, Status: status, Message: message, Reference: readiness.RulePage(rule)}
	if status.Violates() {
		f.Remedy = "Mend " + rule + " where it is made, then plan again."
	}
	return f
}

// launchDay is what checks find on a portal that was put together in a hurry.
func launchDay() []readiness.Result {
	result := func(check string, area readiness.Area, target string, findings ...readiness.Finding) readiness.Result {
		for i := range findings {
			findings[i].Area = area
		}
		return readiness.Result{Check: check, Area: area, Target: target, Findings: findings}
	}
	type s = readiness.Status
	f := func(rule string, severity readiness.Severity, subject string, status s, message, remedy string) readiness.Finding {
		return readiness.Finding{Rule: rule, Severity: severity, Subject: subject, Status: status, Message: message, Remedy: remedy, Reference: readiness.RulePage(rule)}
	}
	passed := func(rule, subject, message string) readiness.Finding {
		return f(rule, readiness.High, subject, readiness.Pass, message, "")
	}
	const fail, none = readiness.Fail, readiness.Inconclusive
	return []readiness.Result{
		result("authentication", readiness.Authentication, "portal.acme.example",
			f("session.survives_logout", readiness.Critical, "portal.acme.example", fail, "after signing out, the old session still read GET /api/me", "End the session on the server at sign-out: delete it from the store, not only the cookie."),
			passed("authn.bypass", "GET portal.acme.example/account", "anonymous was sent to /login; member_a got the page"),
			passed("authn.enum_login", "POST portal.acme.example/api/login", "the same answer for an address that exists and one that does not")),
		result("authorization", readiness.Authorization, "portal.acme.example",
			f("authz.object_cross_org", readiness.Critical, "GET portal.acme.example/api/posts/{id}", fail, "member_b (south) was given north's post; 404 was expected\nidentity  organization  answer  marker\nmember_a  north         200     seen\nmember_b  south         200     seen\nanonymous -             401     -", "Check the owner in the handler of GET /api/posts/{id}, on the server."),
			passed("authz.role", "GET portal.acme.example/api/admin/users", "member_a was refused with 403; admin was let in")),
		result("secrets", readiness.Secrets, "../portal",
			f("secrets.in_tree", readiness.Critical, "src/payments.js", fail, "stripe live key in line 12, fingerprint 3f9c2a7d", "Revoke the key, take it from the environment, then commit."),
			f("secrets.in_history", readiness.High, "src/payments.js@1f0c9b2", fail, "stripe live key in line 12, fingerprint 3f9c2a7d", "Revoke the key: what is in the history is known."),
			passed("secrets.env_file_tracked", "repository", "no file of variables is tracked")),
		result("email_auth", readiness.EmailAuth, "acme.example",
			f("dmarc.not_enforced", readiness.High, "acme.example", fail, "p=none; wanted quarantine or stricter", `launchready_dmarc_record.policy = "quarantine"`),
			f("mta_sts.absent", readiness.Low, "acme.example", fail, "there is no policy", "Publish launchready_mta_sts_records."),
			passed("spf.valid", "acme.example", "v=spf1 include:_spf.google.com -all; 3 of 10 look-ups")),
		result("tls", readiness.TLS, "portal.acme.example",
			f("tls.mixed_active", readiness.High, "portal.acme.example/welcome", fail, "script http://cdn.acme.example/app.js", "Load the script by https."),
			f("tls.hostile", readiness.High, "portal.acme.example/<b>"+strings.Repeat("a-very-long-path/", 12), fail, hostile, "mend "+hostile),
			passed("tls.expiry", "portal.acme.example", "valid for more than 21 days")),
		result("edge", readiness.Edge, "portal.acme.example",
			f("headers.csp", readiness.High, "portal.acme.example", fail, "there is no Content-Security-Policy", "Set one."),
			passed("edge.waf_absent", "portal.acme.example", "a probe that only a firewall refuses was refused"),
			passed("edge.private_cached", "portal.acme.example/account", "not kept by the edge")),
		result("rate_limiting", readiness.RateLimiting, "portal.acme.example",
			f("rate.missing", readiness.High, "POST portal.acme.example/api/login", none, "the host did not answer within 10s", readiness.MakeTestable),
			f("rate.header_bypass", readiness.High, "POST portal.acme.example/api/login", none, "the host did not answer within 10s", readiness.MakeTestable),
			f("rate.retry_after", readiness.Low, "POST portal.acme.example/api/login", none, "the host did not answer within 10s", readiness.MakeTestable)),
		result("observability", readiness.Observability, "portal.acme.example",
			f("latency.p95", readiness.Medium, "GET portal.acme.example/api/profile", fail, "more than 5 % of the answers took longer than 500ms", "Look at the queries of this action first."),
			passed("obs.drill_alert", "failed_logins/alertmanager", "the alert reached its destination")),
		result("deployment", readiness.Deployment, "portal.acme.example",
			passed("deploy.version_expected", "portal.acme.example/version", "the version is the intended one"),
			f("deploy.rollback", readiness.Medium, "v41", readiness.NotApplicable, "rollback is not set", "")),
		result("support", readiness.Support, "runbook",
			f("support.placeholder", readiness.Medium, "money.md", fail, "placeholders stand in line 7: TODO; line 9: <phone>", "Replace each by what holds."),
			passed("support.section.resets", "resets", "the runbook has a section about resets")),
	}
}

// fillOutcome sets what stands beyond the gate, as a scorecard of a busy launch
// has it.
func fillOutcome(s *readiness.Scorecard) {
	s.Catalogue = "1.4"
	criterion := func(id, title string, status readiness.Status, evidence int, against ...string) readiness.Criterion {
		return readiness.Criterion{ID: id, Title: title, Status: status, Evidence: evidence, Against: against}
	}
	const pass, fail, none, waived = readiness.Pass, readiness.Fail, readiness.Inconclusive, readiness.Waived
	s.Criteria = []readiness.Criterion{
		criterion("L1", "no critical way around authentication", fail, 12, "authz.object_cross_org", "session.survives_logout"),
		criterion("L2", "no secret exposed in code, history, logs, build output or environment files", fail, 9, "secrets.in_history", "secrets.in_tree"),
		criterion("L3", "SPF, DKIM and DMARC pass for transactional mail", fail, 21, "dmarc.not_enforced"),
		criterion("L4", "valid TLS on every domain and subdomain", pass, 40),
		criterion("L5", "Cloudflare in front of the origin, sane caching, DDoS protection on", pass, 33),
		criterion("L6", "production deploys are tied to monitored alerts", pass, 6),
		criterion("L7", "p95 of the core portal actions below 500 ms", none, 0, "latency.p95"),
		criterion("L8", "a written way through resets, refunds, invites and failed log-ins", pass, 8),
	}
	deliverable := func(id, title string, status readiness.Status, evidence, against []string) readiness.Deliverable {
		return readiness.Deliverable{ID: id, Title: title, Status: status, Done: status == pass, Evidence: evidence, Against: against}
	}
	s.Deliverables = []readiness.Deliverable{
		deliverable("dns_cleanup", "DNS clean-up", pass, []string{"dns.delegation", "dns.takeover"}, nil),
		deliverable("redirects", "Redirects", pass, []string{"tls.redirect"}, nil),
		deliverable("subdomains", "Subdomains", pass, []string{"dns.takeover"}, nil),
		deliverable("cloudflare", "Cloudflare", pass, []string{"edge.not_proxied"}, nil),
		deliverable("ssl", "SSL", fail, []string{"tls.expiry"}, []string{"tls.mixed_active"}),
		deliverable("caching", "Caching", pass, []string{"edge.private_cached"}, nil),
		deliverable("ddos", "DDoS protection", waived, nil, nil),
		deliverable("email", "SPF, DKIM and DMARC", fail, []string{"spf.valid"}, []string{"dmarc.not_enforced"}),
		deliverable("deployment", "Production deployment", pass, []string{"deploy.version_expected"}, nil),
		deliverable("environment", "Environment variables", none, nil, []string{"deploy.env_parity"}),
		deliverable("secrets", "Secrets review", fail, nil, []string{"secrets.in_history", "secrets.in_tree"}),
		deliverable("monitoring", "Uptime monitoring", pass, []string{"obs.monitored"}, nil),
		deliverable("handover", "Handover checklist", readiness.NotApplicable, nil, nil),
	}
	for i := range s.Areas {
		row := &s.Areas[i]
		row.Limit = 100
		if row.Failed > 0 {
			row.Limit = 69
		}
		row.Lines = nil
		for _, f := range s.Findings {
			if f.Area != row.Area || f.Status == readiness.NotApplicable {
				continue
			}
			line := readiness.ScoreLine{Rule: f.Rule, Severity: f.Severity, Status: f.Status, Subject: f.Subject, Subjects: 1, Possible: 2 * f.Severity.Weight()}
			if f.Status.Violates() {
				line.Lost = line.Possible
			}
			row.Lines = append(row.Lines, line)
		}
	}
	task := func(rule string, area readiness.Area, severity readiness.Severity, status readiness.Status, blocks bool, title, remedy string, low, high float64, subjects ...string) readiness.Task {
		return readiness.Task{Rule: rule, Area: area, Severity: severity, Status: status, Blocks: blocks, Title: title, Remedy: remedy, Subjects: subjects,
			Hours: readiness.Range{Low: low, High: high}, Cost: &readiness.Range{Low: low * 140, High: high * 140}, Exposure: "member", Risk: 2.5}
	}
	sprint := func(id, title string, w *readiness.Window, tasks ...readiness.Task) readiness.Sprint {
		out := readiness.Sprint{ID: id, Title: title, Window: w, Tasks: tasks, Cost: &readiness.Range{}}
		for _, one := range tasks {
			out.Hours.Low += one.Hours.Low
			out.Hours.High += one.Hours.High
			if one.Blocks {
				out.Blocking++
			}
		}
		out.Cost.Low, out.Cost.High = out.Hours.Low*140, out.Hours.High*140
		return out
	}
	s.Work = readiness.WorkPlan{HourlyRate: 140, Recommendation: "Bring a senior engineer before the launch: authentication and secrets have critical faults.", Sprints: []readiness.Sprint{
		sprint("tls", "TLS, forced HTTPS, mixed content", &readiness.Window{From: 0, To: 8},
			task("tls.mixed_active", readiness.TLS, readiness.High, fail, true, "a page loads a script without encryption", "Load the script by https.", 1, 2.25, "portal.acme.example/welcome", "portal.acme.example/news")),
		sprint("email", "SPF, DKIM, DMARC, bounces", &readiness.Window{From: 4, To: 16},
			task("dmarc.not_enforced", readiness.EmailAuth, readiness.High, fail, true, "DMARC is not enforced", `launchready_dmarc_record.policy = "quarantine"`, 2, 6, "acme.example"),
			task("mta_sts.absent", readiness.EmailAuth, readiness.Low, fail, false, "there is no MTA-STS policy", "Publish launchready_mta_sts_records.", 1, 2, "acme.example")),
		sprint("secrets", "Environment variables, secret clean-up", &readiness.Window{From: 4, To: 20},
			task("secrets.in_tree", readiness.Secrets, readiness.Critical, fail, true, "a secret stands in the repository", "Revoke the key, take it from the environment, then commit.", 2, 3, "src/payments.js")),
		sprint("edge", "Cloudflare: proxy, WAF, cache, DDoS", &readiness.Window{From: 4, To: 16},
			task("rate.missing", readiness.RateLimiting, readiness.High, none, true, "log-in is not throttled", readiness.MakeTestable, 1, 2, "POST portal.acme.example/api/login")),
		sprint("monitoring", "Uptime, alert routing", &readiness.Window{From: 12, To: 24},
			task("latency.p95", readiness.Observability, readiness.Medium, fail, false, "the slowest answers take too long", "Look at the queries of this action first.", 2, 6, "GET portal.acme.example/api/profile")),
		sprint("application", "Authentication and authorization of the application", nil,
			task("authz.object_cross_org", readiness.Authorization, readiness.Critical, fail, true, "a member reads what belongs to another organisation", "Check the owner in the handler of GET /api/posts/{id}, on the server.", 4, 16, "GET portal.acme.example/api/posts/{id}"),
			task("session.survives_logout", readiness.Authentication, readiness.Critical, fail, true, "a session outlives its sign-out", "End the session on the server at sign-out.", 4, 16, "portal.acme.example")),
	}}
	s.Work.Cost = &readiness.Range{}
	for _, one := range s.Work.Sprints {
		s.Work.Hours.Low += one.Hours.Low
		s.Work.Hours.High += one.Hours.High
	}
	s.Work.Cost.Low, s.Work.Cost.High = s.Work.Hours.Low*140, s.Work.Hours.High*140
	s.Standing = []readiness.Expiry{
		{Kind: "attestation", Rule: "authn.operator_mfa", Text: "Every admin account of every tool has a second factor", Owner: "Grace H.", Evidence: "https://wiki.acme.example/mfa", Expires: "2026-12-10"},
		{Kind: "waiver", Rule: "headers.csp", Subject: "*", Text: "the theme's vendor ships a policy in March", Owner: "Ada Byron, Northwind", Expires: "2027-03-31"},
	}
	s.Expiring = s.Standing[:1]
	s.Basis = readiness.ScoreBasis{Areas: 10, Mean: 47, Limit: 30, LimitedBy: readiness.RateLimiting}
	c := &readiness.Changes{Since: "2026-11-16T09:30:00Z", Gate: readiness.Blocked, Score: 24, Comparable: true}
	for i, f := range s.Violations {
		switch i % 3 {
		case 0:
			c.StillOpen = append(c.StillOpen, f)
		case 1:
			c.New = append(c.New, f)
		default:
			f.Rule = "tls.earlier"
			c.Mended = append(c.Mended, f)
		}
	}
	s.Changes = c
}
