package readiness

import (
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// seen makes findings of "rule status" or "rule status severity", on one subject.
func seen(lines ...string) []Finding {
	var out []Finding
	for _, line := range lines {
		words := strings.Fields(line)
		f := finding(words[0], areaOfRule(words[0]), High, Status(words[1]), "acme.example")
		if len(words) > 2 {
			f.Severity = Severity(words[2])
		}
		out = append(out, f)
	}
	return out
}

// areaOfRule is the area of the rules in these tests, by the first part of the id.
func areaOfRule(rule string) Area {
	prefix, _, _ := strings.Cut(rule, ".")
	return map[string]Area{
		"authn": Authentication, "session": Authentication, "authz": Authorization, "secrets": Secrets, "spf": EmailAuth, "dkim": EmailAuth,
		"dmarc": EmailAuth, "delivery": EmailAuth, "tls": TLS, "dns": TLS, "edge": Edge, "cors": Edge, "rate": RateLimiting,
		"obs": Observability, "latency": Observability, "deploy": Deployment, "support": Support,
	}[prefix]
}

func TestCriteria(t *testing.T) {
	mail := []string{"spf.missing pass", "dkim.missing pass", "dmarc.missing pass"}
	with := func(more ...string) []string { return append(append([]string{}, mail...), more...) }
	for name, test := range map[string]struct {
		id       string
		findings []string
		require  []Area
		status   Status
		against  []string
		missing  []string
	}{
		"holds":                              {"L3", mail, nil, Pass, nil, nil},
		"a failure stands against it":        {"L3", with("dmarc.not_enforced fail"), nil, Fail, []string{"dmarc.not_enforced"}, nil},
		"a small failure does not":           {"L3", with("spf.ptr fail medium"), nil, Pass, nil, nil},
		"not testable":                       {"L3", with("dmarc.not_enforced inconclusive"), nil, Inconclusive, []string{"dmarc.not_enforced"}, nil},
		"a failure outweighs":                {"L3", with("dmarc.syntax inconclusive", "dmarc.not_enforced fail"), nil, Fail, []string{"dmarc.not_enforced", "dmarc.syntax"}, nil},
		"a waived failure does not stand":    {"L3", with("dmarc.not_enforced waived"), nil, Waived, nil, nil},
		"a small one that is waived":         {"L3", with("spf.ptr waived medium"), nil, Pass, nil, nil},
		"nothing but somebody's word":        {"L7", []string{"latency.p95 waived low"}, nil, Waived, nil, nil},
		"a failure too small to count":       {"L7", []string{"latency.p95 fail low"}, nil, Inconclusive, nil, []string{"latency.p95"}},
		"a part that nobody looked at":       {"L3", mail[:2], nil, Inconclusive, nil, []string{"dmarc.missing", "delivery.dmarc"}},
		"proof by a message":                 {"L3", []string{"delivery.spf pass", "delivery.dkim pass", "delivery.dmarc pass"}, nil, Pass, nil, nil},
		"nothing looked at, not required":    {"L3", nil, []Area{TLS}, NotApplicable, nil, []string{"spf.missing", "delivery.spf", "dkim.missing", "delivery.dkim", "dmarc.missing", "delivery.dmarc"}},
		"nothing looked at, required":        {"L7", nil, []Area{Observability}, Inconclusive, nil, []string{"latency.p95"}},
		"not applicable is no evidence":      {"L7", []string{"latency.p95 not_applicable"}, []Area{Observability}, Inconclusive, nil, []string{"latency.p95"}},
		"fast":                               {"L7", []string{"latency.p95 pass"}, nil, Pass, nil, nil},
		"a secret that another check saw":    {"L2", []string{"secrets.in_tree pass", "secrets.in_history pass", "secrets.env_file_tracked pass", "obs.secret_in_logs fail critical"}, nil, Fail, []string{"obs.secret_in_logs"}, nil},
		"only what is critical opens a way":  {"L1", []string{"authn.bypass pass critical", "authz.object_anonymous pass critical", "session.fixation fail"}, nil, Pass, nil, nil},
		"a critical way":                     {"L1", []string{"authn.bypass fail critical", "authz.object_anonymous pass critical"}, nil, Fail, []string{"authn.bypass"}, nil},
		"half of it":                         {"L1", []string{"authn.bypass pass critical"}, nil, Inconclusive, nil, []string{"authz.object_*", "authz.function_lower_role", "authz.list_leaks"}},
		"an account that could not be asked": {"L5", []string{"edge.not_proxied pass", "edge.private_cached pass", "edge.ddos_setting not_applicable"}, nil, Inconclusive, nil, []string{"edge.ddos_setting"}},
	} {
		for _, c := range criteria(seen(test.findings...), test.require) {
			if c.ID != test.id {
				continue
			}
			if c.Status != test.status {
				t.Errorf("%s: %s is %s, want %s", name, c.ID, c.Status, test.status)
			}
			if diff := cmp.Diff(append([]string{}, test.against...), c.Against); diff != "" {
				t.Errorf("%s: against (-want +got)\n%s", name, diff)
			}
			if diff := cmp.Diff(append([]string{}, test.missing...), c.Missing); diff != "" {
				t.Errorf("%s: missing (-want +got)\n%s", name, diff)
			}
		}
	}
	if got := criteria(nil, nil); len(got) != 8 || got[0].ID != "L1" || got[7].ID != "L8" {
		t.Errorf("criteria: %+v", got)
	}
}

func TestDeliverables(t *testing.T) {
	for name, test := range map[string]struct {
		id       string
		findings []string
		done     bool
		status   Status
	}{
		"done":                              {"ssl", []string{"tls.chain pass"}, true, Pass},
		"a small failure is a loose end":    {"ssl", []string{"tls.chain pass", "tls.hsts_short fail low"}, false, Fail},
		"a note is none":                    {"ssl", []string{"tls.chain pass", "tls.hsts_short fail info"}, true, Pass},
		"waived is not delivered":           {"ssl", []string{"tls.chain pass", "tls.hsts_short waived low"}, false, Waived},
		"could not be tested":               {"ssl", []string{"tls.chain inconclusive"}, false, Inconclusive},
		"what it rests on was not seen":     {"ssl", []string{"tls.hsts_short pass"}, false, Inconclusive},
		"nothing was looked at":             {"ssl", nil, false, NotApplicable},
		"redirects are not certificates":    {"ssl", []string{"tls.chain pass", "tls.http_no_redirect fail"}, true, Pass},
		"they are redirects":                {"redirects", []string{"tls.chain pass", "tls.http_no_redirect fail"}, false, Fail},
		"mail needs all three":              {"email_authentication", []string{"spf.missing pass", "dmarc.missing pass"}, false, Inconclusive},
		"an origin that tells its address":  {"cloudflare", []string{"edge.not_proxied pass", "dns.origin_leak fail"}, false, Fail},
		"limits of the edge":                {"cloudflare", []string{"edge.not_proxied pass", "rate.ip_missing fail"}, false, Fail},
		"limits of the application":         {"cloudflare", []string{"edge.not_proxied pass", "rate.account_missing fail"}, true, Pass},
		"variables":                         {"environment_variables", []string{"deploy.env_parity pass"}, true, Pass},
		"a release that cannot be got back": {"production_deployment", []string{"deploy.version_expected pass", "deploy.rollback_missing inconclusive"}, false, Inconclusive},
	} {
		for _, d := range deliverables(seen(test.findings...)) {
			if d.ID == test.id && (d.Done != test.done || d.Status != test.status) {
				t.Errorf("%s: %s is done: %v, %s; want %v, %s", name, d.ID, d.Done, d.Status, test.done, test.status)
			}
		}
	}
	if got := deliverables(nil); len(got) != 13 {
		t.Errorf("%d deliverables, want 13", len(got))
	}
}

// An answer that has expired is none any more, wherever its area stands: what
// rests on it is not delivered.
func TestDeliverableOfAnExpiredAnswer(t *testing.T) {
	results := []Result{result("secrets", Secrets, seen("secrets.in_tree pass", "secrets.in_history pass")...)}
	for expires, want := range map[string]Status{"2027-01-31": Pass, "2026-11-22": Inconclusive} {
		for _, require := range [][]Area{{Secrets}, {TLS}} {
			var answers []Attestation
			for _, rule := range []string{"secrets.rotation_plan", "secrets.history_reviewed", "secrets.shared_keys_rotated"} {
				answers = append(answers, Attestation{Rule: rule, Statement: "s", Owner: "cto", Evidence: "https://wiki", Expires: date(t, expires)})
			}
			s := Decide(testCatalogue(t), results, Policy{Require: require, FailOn: High, Attestations: answers}, today)
			for _, d := range s.Deliverables {
				if d.ID == "secrets_review" && (d.Status != want || d.Done != (want == Pass)) {
					t.Errorf("answers until %s, required %v: %+v", expires, require, d)
				}
			}
		}
	}
}
