package edgecheck

import (
	"fmt"
	"net/http"
	"slices"
	"strconv"
	"strings"

	"github.com/launchready/terraform-provider-launchready/internal/probe"
	"github.com/launchready/terraform-provider-launchready/internal/readiness"
)

// verdict is what one rule says of one subject.
type verdict struct {
	status   readiness.Status
	severity readiness.Severity // empty = the rule's own
	message  string
}

func pass(message string) verdict { return verdict{status: readiness.Pass, message: message} }
func fail(message string) verdict { return verdict{status: readiness.Fail, message: message} }
func unclear(message string) verdict {
	return verdict{status: readiness.Inconclusive, message: message}
}
func inapplicable(message string) verdict {
	return verdict{status: readiness.NotApplicable, message: message}
}

// weight orders verdicts: what is worse counts.
func (v verdict) weight() int {
	switch v.status {
	case readiness.Fail:
		return 3
	case readiness.Inconclusive:
		return 2
	case readiness.Pass:
		return 1
	default:
		return 0
	}
}

// worst joins verdicts of one rule: the worst status counts, with all that was
// said of that status.
func worst(otherwise verdict, all ...verdict) verdict {
	out := verdict{}
	var told []string
	for _, v := range all {
		if v.weight() > out.weight() || out.status == "" {
			out, told = v, nil
		}
		if v.status == out.status && !slices.Contains(told, v.message) {
			told = append(told, v.message)
		}
	}
	if out.status == "" {
		return otherwise
	}
	out.message = strings.Join(told, "; ")
	return out
}

func say(report *readiness.Recorder, rule, subject string, v verdict) {
	switch v.status {
	case readiness.Pass:
		report.Pass(rule, subject, v.message)
	case readiness.Fail:
		report.FailAs(rule, subject, v.severity, v.message, "")
	case readiness.NotApplicable:
		report.NotApplicable(rule, subject, v.message)
	default:
		report.Inconclusive(rule, subject, v.message)
	}
}

// unusable says why an answer says nothing of the site; empty if it does.
func unusable(x probe.Exchange) string {
	switch probe.Classify(x, probe.Reference{}) {
	case probe.EdgeBlock:
		return "the edge answered in place of the site: exempt this machine from its challenges, by address or by a secret header"
	case probe.Throttled:
		if x.Status == http.StatusServiceUnavailable {
			return "the host answers with status 503 and a time to come back: it is being maintained, or the requests of the check are throttled"
		}
		return "the requests of the check are throttled: exempt this machine from the limit, or run again later"
	case probe.Failed:
		switch x.Failure {
		case probe.FailNone:
			return fmt.Sprintf("the host answers with status %d", x.Status)
		case probe.FailScope:
			return x.Detail
		}
		return "no answer over https: " + x.Detail
	}
	if x.Failure == probe.FailRedirects {
		return x.Detail
	}
	return ""
}

func succeeded(x probe.Exchange) bool {
	return x.Failure == probe.FailNone && x.Status >= 200 && x.Status <= 299
}

// stored reports whether an answer came out of a cache, and by which sign.
func stored(x probe.Exchange) (sign string, ok bool) {
	switch status := strings.ToUpper(x.Header.Get("Cf-Cache-Status")); status {
	case "HIT", "STALE", "UPDATING", "REVALIDATED":
		return "cf-cache-status: " + status, true
	}
	if age, err := strconv.Atoi(strings.TrimSpace(x.Header.Get("Age"))); err == nil && age > 0 {
		return "an Age above 0", true
	}
	return "", false
}
