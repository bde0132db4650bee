package tlscheck

import (
	"crypto/tls"
	"strings"

	"github.com/launchready/terraform-provider-launchready/internal/check"
	"github.com/launchready/terraform-provider-launchready/internal/probe"
	"github.com/launchready/terraform-provider-launchready/internal/readiness"
)

// verdict is the outcome of one rule at one address.
type verdict struct {
	status   readiness.Status
	severity readiness.Severity // empty: the rule's
	message  string
	remedy   string // empty: the rule's
}

func pass(message string) verdict { return verdict{status: readiness.Pass, message: message} }

func fail(message string) verdict { return verdict{status: readiness.Fail, message: message} }

func unclear(message string) verdict {
	return verdict{status: readiness.Inconclusive, message: message}
}

func inapplicable(message string) verdict {
	return verdict{status: readiness.NotApplicable, message: message}
}

// worse reports whether v stands more against the host than other.
func (v verdict) worse(other verdict) bool {
	rank := map[readiness.Status]int{readiness.Fail: 0, readiness.Inconclusive: 1, readiness.Pass: 2, readiness.NotApplicable: 3}
	if rank[v.status] != rank[other.status] {
		return rank[v.status] < rank[other.status]
	}
	if v.severity == other.severity {
		return false
	}
	// Where a rule lowers some of its failures, one at its own severity is worse.
	if v.severity == "" || other.severity == "" {
		return v.severity == ""
	}
	return v.severity.AtLeast(other.severity)
}

// say reports a verdict.
func say(report *readiness.Recorder, rule, subject string, v verdict) {
	switch v.status {
	case readiness.Fail:
		report.FailAs(rule, subject, v.severity, v.message, v.remedy)
	case readiness.Pass:
		report.Pass(rule, subject, v.message)
	case readiness.NotApplicable:
		report.NotApplicable(rule, subject, v.message)
	default:
		report.Inconclusive(rule, subject, v.message)
	}
}

// judgeConnection decides the rules of certificate and protocol at each
// address that answered; the worst address counts.
func (h *hostCheck) judgeConnection(facts []probe.TLSFacts, reach reachability) {
	switch reach {
	case reachable:
	case unknownHost:
		check.Each(connectionRules(), h.host, "no TLS service could be reached to look at", h.report.Inconclusive)
		return
	default:
		check.Each(connectionRules(), h.host, "there is no TLS service to look at", h.report.NotApplicable)
		return
	}
	judges := map[string]func(probe.TLSFacts) (verdict, bool){
		ruleChain:       always(judgeChain),
		ruleName:        always(judgeName),
		ruleExpiry:      always(func(f probe.TLSFacts) verdict { return judgeExpiry(f, h.spec.MinimumDaysLeft) }),
		ruleProtocolOld: always(func(f probe.TLSFacts) verdict { return judgeProtocol(f, h.spec.minimumVersion()) }),
		ruleNoTLS13:     always(judgeTLS13),
		ruleKeyWeak:     always(judgeKeys),
		ruleCipherWeak:  judgeCiphers,
	}
	for rule, judge := range judges {
		var worst verdict
		judged := false
		for _, f := range facts {
			if f.Failure != probe.FailNone {
				continue
			}
			if v, ok := judge(f); ok && (!judged || v.worse(worst)) {
				worst, judged = v, true
			}
		}
		if !judged {
			worst = unclear("no address that was asked answered")
		}
		say(h.report, rule, h.host, worst)
	}
}

func always(judge func(probe.TLSFacts) verdict) func(probe.TLSFacts) (verdict, bool) {
	return func(f probe.TLSFacts) (verdict, bool) { return judge(f), true }
}

func judgeProtocol(f probe.TLSFacts, minimum uint16) verdict {
	var accepted, open []string
	for v := uint16(tls.VersionTLS10); v < minimum; v++ {
		switch outcome := f.Versions[v]; {
		case outcome == probe.VersionAccepted || f.Version == v:
			accepted = append(accepted, tls.VersionName(v))
		case outcome != probe.VersionRefused:
			open = append(open, tls.VersionName(v))
		}
	}
	switch {
	case len(accepted) > 0:
		verb := " completes"
		if len(accepted) > 1 {
			verb = " complete"
		}
		return fail(enumerate(accepted) + verb + " a handshake; the minimum is " + tls.VersionName(minimum))
	case len(open) > 0:
		return unclear(enumerate(open) + ": the server answered neither yes nor no")
	default:
		return pass("no version below " + tls.VersionName(minimum) + " completes a handshake")
	}
}

// enumerate joins words as prose does: a, b and c.
func enumerate(words []string) string {
	last := len(words) - 1
	if last < 1 {
		return strings.Join(words, "")
	}
	return strings.Join(words[:last], ", ") + " and " + words[last]
}

func judgeTLS13(f probe.TLSFacts) verdict {
	switch {
	case f.Version == tls.VersionTLS13 || f.Versions[tls.VersionTLS13] == probe.VersionAccepted:
		return pass("TLS 1.3 is offered")
	case f.Versions[tls.VersionTLS13] == probe.VersionRefused:
		return fail("TLS 1.3 is refused; " + tls.VersionName(f.Version) + " was negotiated")
	default:
		return unclear("TLS 1.3: the server answered neither yes nor no")
	}
}

func judgeCiphers(f probe.TLSFacts) (verdict, bool) {
	if len(f.Suites) != len(suiteGroups()) {
		return verdict{}, false // a sibling of the address that was asked
	}
	broken, static, aead := f.Suites[0], f.Suites[1], f.Suites[2]
	v := pass("neither broken ciphers nor key exchange without forward secrecy are taken")
	switch {
	case broken.Outcome == probe.VersionAccepted:
		v = fail(suiteName(broken.Suite) + " is accepted")
		v.severity = readiness.High
	case static.Outcome == probe.VersionAccepted:
		v = fail(suiteName(static.Suite) + " is accepted: no forward secrecy")
		v.severity = readiness.Medium
	case broken.Outcome != probe.VersionRefused || static.Outcome != probe.VersionRefused:
		v = unclear("weak cipher suites: the server answered neither yes nor no")
	case f.Version < tls.VersionTLS13 && aead.Outcome == probe.VersionRefused:
		v = fail("only CBC cipher suites are accepted, such as " + suiteName(f.Suite))
		v.severity = readiness.Medium
	}
	return v, true
}
