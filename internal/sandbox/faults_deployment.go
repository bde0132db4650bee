package sandbox

import (
	"crypto/tls"
	"errors"
	"fmt"
	"net/http"
	"time"

	"github.com/launchready/terraform-provider-launchready/internal/sandbox/api"
	"github.com/launchready/terraform-provider-launchready/internal/sandbox/edge"
	"github.com/launchready/terraform-provider-launchready/internal/sandbox/portal"
	"github.com/launchready/terraform-provider-launchready/internal/sandbox/zone"
)

// phaseResponse is where headers of answers are changed.
const phaseResponse = "http_response_headers_transform"

// deploymentFaults are what goes wrong between a release that was tried and the
// one that members use.
func deploymentFaults() []Fault {
	mk := func(scope Scope, name, breaks string, apply step, rules ...string) Fault {
		return Fault{Name: name, Breaks: breaks, Rules: rules, Status: "fail", Scope: scope, apply: apply}
	}
	live := func(name, breaks string, s portal.Switch, rules ...string) Fault {
		return mk(ScopePortal, name, breaks, portalSwitch(s), rules...)
	}
	tried := func(name, breaks string, s portal.Switch, rules ...string) Fault {
		return mk(ScopePortal, name, breaks, stagingSwitch(s), rules...)
	}
	work := func(name, breaks string, apply step, rules ...string) Fault {
		return mk(ScopeWork, name, breaks, apply, rules...)
	}
	unseen := func(f Fault) Fault { f.Status = "inconclusive"; return f }
	onStaging := func(phase string, r zone.Rule) step {
		return func(w *world) (func() error, error) {
			r.Expression = fmt.Sprintf("http.host eq %q", stagingHost(w.domain))
			return rules(phase, oneMore(r))(w)
		}
	}
	return []Fault{
		mk(ScopePortal, "wrong_version", "Production was left on the release before.", released("1.4.1", production), "deploy.version_expected"),
		live("version_untold", "Nothing says which release runs.", portal.ReleaseUntold, "deploy.version_endpoint"),
		live("split_deploy", "One of two machines was left on the release before.", portal.SplitDeploy, "deploy.version_endpoint", "deploy.version_expected"),
		mk(ScopeZone, "version_cached", "The edge keeps the answer that tells the release, of the release before.", keptRelease, "deploy.version_endpoint"),
		mk(ScopePortal, "staging_older", "Staging was left on the release before.", released("1.4.1", staging), "deploy.version_parity"),

		mk(ScopeZone, "staging_without_hsts", "A rule takes Strict-Transport-Security from what staging answers.", onStaging(phaseResponse, zone.Rule{Action: "rewrite", ActionParameters: rawJSON(map[string]any{
			"headers": map[string]any{"Strict-Transport-Security": map[string]any{"operation": "remove"}},
		})}), "deploy.header_parity"),
		tried("staging_without_policy", "Staging sends no Content-Security-Policy.", portal.PolicyMissing, "deploy.header_parity"),
		mk(ScopeEdge, "staging_old_tls", "The edge takes TLS 1.0 for staging.", edgeFault(edge.StagingOldTLS), "deploy.tls_parity"),
		mk(ScopeZone, "staging_not_proxied", "Staging's record is not proxied: visitors come past the edge.", records("staging", "A", record{Content: shopIP}),
			"deploy.dns_parity", "deploy.tls_parity"),
		tried("staging_other_routes", "Staging has no page of prices.", portal.RouteMissing, "deploy.route_parity"),
		tried("staging_indexable", "Search engines may index staging.", portal.Indexable, "deploy.staging_public"),
		tried("staging_has_production_data", "Staging runs on a copy of production's data.", portal.ProductionData, "deploy.staging_public"),
		unseen(tried("staging_behind_access", "Cloudflare Access stands before staging, and the check has no token for it.", portal.AccessWall, "deploy.header_parity", "deploy.route_parity", "deploy.version_parity")),
		unseen(tried("staging_behind_login", "Staging shows strangers a sign-in of its own.", portal.LoginWall, "deploy.header_parity", "deploy.route_parity", "deploy.version_parity")),

		work("variable_missing", "A variable is not set in production.", noVariable(productionFile, "MAIL_TOKEN"), "deploy.env_parity"),
		work("variable_missing_on_staging", "A variable is not set on staging.", noVariable(stagingFile, "MAIL_TOKEN"), "deploy.env_parity"),
		work("variable_nowhere", "The example has a variable that is set nowhere.", variable(exampleFile, "FEATURE_FLAGS_URL", ""), "deploy.env_parity"),
		work("variable_undocumented", "The example lacks a variable that is set.", noVariable(exampleFile, "MAIL_TOKEN"), "deploy.env_parity"),
		work("variable_empty", "A variable is empty in production.", variable(productionFile, "STRIPE_SECRET_KEY", ""), "deploy.env_parity"),
		work("secret_for_browsers", "A secret has a name that the build puts into the script.",
			all(variable(exampleFile, "VITE_STRIPE_SECRET_KEY", ""), variable(productionFile, "VITE_STRIPE_SECRET_KEY", "set"), variable(stagingFile, "VITE_STRIPE_SECRET_KEY", "set")), "deploy.env_client_secret"),
		live("test_keys_live", "The script was built with a key for tests.", portal.TestKeys, "deploy.test_keys_live"),
		live("staging_host_live", "Production's pages load from staging.", portal.StagingHost, "deploy.test_keys_live"),
		live("local_address_live", "Production's pages name a developer's machine.", portal.LocalAddress, "deploy.test_keys_live"),

		live("debug_page", "Errors are shown by the debugger of the framework.", portal.DebugMode, "deploy.debug_on"),
		live("stack_trace", "What fails shows a stack trace.", portal.StackTraces, "deploy.debug_on"),
		live("tools_served", "A page to try the API with is served to everyone.", portal.ToolsServed, "deploy.debug_on"),
		live("hot_reload", "Production's pages load a developer's tool.", portal.HotReload, "deploy.debug_on"),
		live("banner_left", "A banner of the last maintenance was left.", portal.BannerLeft, "deploy.maintenance_left"),
		live("maintenance_left", "The maintenance mode of a page was left on.", portal.MaintenanceOn, "deploy.maintenance_left"),

		live("migrations_pending", "The database is not as the release wants it.", portal.MigrationsOpen, "deploy.migration_pending"),
		tried("health_shallow", "The endpoint that says whether the portal is ready looks at nothing.", portal.HealthShallow, "deploy.health_shallow"),
		unseen(tried("drill_ignored", "There is no way to let a dependency of staging fail.", portal.DrillIgnored, "deploy.health_shallow")),
		live("health_tells", "The health endpoint shows the settings to everyone.", portal.HealthTells, "deploy.health_shallow"),
		live("previous_release_gone", "The release before was not kept.", portal.PreviousGone, "deploy.rollback_missing"),
		live("rollback_never_drilled", "Nobody has ever gone back to the release before.", portal.RollbackUndone, "deploy.rollback_missing"),
		live("rollback_drilled_long_ago", "Somebody went back more than a year ago.", portal.RollbackStale, "deploy.rollback_missing"),
		work("deploy_unmarked", "The last deploy left no marker.", deployUnmarked, "deploy.alert_link"),
		live("assets_mixed", "One of two machines serves another build of the script.", portal.AssetsMixed, "deploy.drift"),
	}
}

// keptRelease lets the edge keep what the release before said of itself.
func keptRelease(w *world) (func() error, error) {
	keep := zone.Rule{Description: "Make it fast", Action: "set_cache_settings", ActionParameters: rawJSON(map[string]any{
		"cache": true, "edge_ttl": map[string]any{"mode": "override_origin", "default": 7200}, "browser_ttl": map[string]any{"mode": "respect_origin"},
	}), Expression: `http.request.uri.path eq "/version"`}
	keep.ID = api.NewID()
	return all(
		rules(phaseCache, oneMore(keep)),
		func(w *world) (func() error, error) {
			back, err := released("1.4.1", production)(w)
			if err != nil {
				return nil, err
			}
			if err := visitOnce(w, "/version"); err != nil {
				return nil, err
			}
			return func() error { return nil }, back()
		},
	)(w)
}

// visitOnce asks the edge for a path of the portal, as the first visitor does.
func visitOnce(w *world, path string) error {
	host := w.under("portal")
	client := &http.Client{Timeout: 10 * time.Second, Transport: &http.Transport{
		DisableKeepAlives: true, TLSClientConfig: &tls.Config{ServerName: host, InsecureSkipVerify: true}, //nolint:gosec // the edge of this sandbox
	}}
	req, err := http.NewRequest(http.MethodGet, "https://"+w.edge.TLSAddr()+path, nil)
	if err != nil {
		return err
	}
	req.Host = host
	resp, err := client.Do(req)
	if err != nil {
		return err
	}
	if resp.StatusCode != http.StatusOK {
		return errors.Join(fmt.Errorf("%s is answered %s", path, resp.Status), resp.Body.Close())
	}
	return resp.Body.Close()
}
