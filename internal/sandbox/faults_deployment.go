package sandbox

import (
	"github.com/launchready/terraform-provider-launchready/internal/sandbox/portal"
)

// deploymentFaults are what goes wrong between a release that was tried and the
// one that members use.
func deploymentFaults() []Fault {
	mk := func(scope Scope, name, breaks string, apply step, rules ...string) Fault {
		return Fault{Name: name, Breaks: breaks, Rules: rules, Status: "fail", Scope: scope, apply: apply}
	}
	live := func(name, breaks string, s portal.Switch, rules ...string) Fault {
		return mk(ScopePortal, name, breaks, portalSwitch(s), rules...)
	}
	return []Fault{
		mk(ScopePortal, "wrong_version", "Production was left on the release before.", released("1.4.1", production), "deploy.version_expected"),
		live("version_untold", "Nothing says which release runs.", portal.ReleaseUntold, "deploy.version_endpoint"),
		live("split_deploy", "One of two machines was left on the release before.", portal.SplitDeploy, "deploy.version_endpoint", "deploy.version_expected"),
	}
}
