package sandbox

import "github.com/launchready/terraform-provider-launchready/internal/sandbox/portal"

// latencyFaults are those of how long answers take.
func latencyFaults() []Fault {
	mk := func(name, breaks string, s portal.Switch, rules ...string) Fault {
		return Fault{Name: name, Breaks: breaks, Rules: rules, Status: "fail", Scope: ScopePortal, apply: portalSwitch(s)}
	}
	return []Fault{
		mk("latency_slow_profile", "The profile is fetched without an index and takes four seconds.", portal.SlowProfile, "latency.p95"),
		mk("latency_stalls", "One in seventy answers on a membership waits for a lock, six seconds long.", portal.StalledMembers, "latency.tail"),
		mk("latency_errors", "One in five requests for the posts fails, and fast.", portal.PostsFail, "latency.error_rate", "latency.p95"),
		mk("latency_cold_start", "The first answer on a membership waits for a function that starts.", portal.ColdMemberships, "latency.cold_start"),
	}
}
