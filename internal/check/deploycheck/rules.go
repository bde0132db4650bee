package deploycheck

import "github.com/launchready/terraform-provider-launchready/internal/readiness"

const (
	ruleVersionEndpoint = "deploy.version_endpoint"
	ruleVersionExpected = "deploy.version_expected"
	ruleVersionParity   = "deploy.version_parity"
	ruleEnvParity       = "deploy.env_parity"
	ruleEnvClient       = "deploy.env_client_secret"
	ruleTestKeys        = "deploy.test_keys_live"
	ruleDebug           = "deploy.debug_on"
	ruleHeaderParity    = "deploy.header_parity"
	ruleTLSParity       = "deploy.tls_parity"
	ruleDNSParity       = "deploy.dns_parity"
	ruleRouteParity     = "deploy.route_parity"
	ruleStagingPublic   = "deploy.staging_public"
	ruleRollback        = "deploy.rollback_missing"
	ruleMigration       = "deploy.migration_pending"
	ruleHealth          = "deploy.health_shallow"
	ruleAlertLink       = "deploy.alert_link"
	ruleDrift           = "deploy.drift"
	ruleMaintenance     = "deploy.maintenance_left"
	ruleDevMode         = "deploy.dev_mode"
)

// rules are all that the check can report. The page of each is rules/<id>.md.
func rules() []readiness.Rule {
	rule := func(id string, severity readiness.Severity, title, remedy string, references ...string) readiness.Rule {
		return readiness.Rule{ID: id, Area: readiness.Deployment, Severity: severity, Title: title, Remedy: remedy, References: references}
	}
	// What a probe cannot always see, a person may answer for.
	attestable := func(r readiness.Rule) readiness.Rule { r.Attestable = true; return r }
	return []readiness.Rule{
		rule(ruleVersionEndpoint, readiness.Medium,
			"production does not say which release it is, or gives two answers",
			"Answer with the release in GET /version, in the header X-Release or in <meta name=\"release\">, and let no cache keep it.",
			"CIS-8-16.8", "API9:2023"),
		attestable(rule(ruleVersionExpected, readiness.High,
			"production does not run the release that was meant",
			"Deploy the release, or set expected_version to the one that is meant, such as the commit that CI deployed.",
			"CIS-8-16.8", "API9:2023")),
		rule(ruleVersionParity, readiness.Medium,
			"staging runs an older release than production",
			"Deploy to staging first, and from there to production. Where releases have no order of their own, name them in release_order.",
			"CIS-8-16.8"),
		attestable(rule(ruleEnvParity, readiness.High,
			"an environment variable is missing, or empty, where another environment has it",
			"Set the variable where it is missing, or say in environment.only_in or environment.ignore that it is meant so. Give names in environment.production, environment.staging or files of them.",
			"ASVS-5.0-13.1.4", "WSTG-CONF-02")),
		rule(ruleEnvClient, readiness.High,
			"a secret has a name that puts it into what browsers load",
			"Rename the variable without the prefix, read it on the server alone, and rotate its value: it has been public.",
			"ASVS-5.0-13.1.4", "API8:2023"),
		rule(ruleTestKeys, readiness.High,
			"production loads test keys, or addresses of a developer's machine or of staging",
			"Set the build variables of production, and build again.",
			"ASVS-5.0-13.4.2", "WSTG-CONF-02"),
		rule(ruleDebug, readiness.High,
			"production shows what is for developers: a debugger, stack traces, tools",
			"Turn the framework's debug mode off, show errors as a plain page, and serve tools to nobody outside.",
			"ASVS-5.0-13.4.2", "ASVS-5.0-13.4.5", "WSTG-CONF-02", "WSTG-ERRH-02", "API8:2023"),
		rule(ruleHeaderParity, readiness.Medium,
			"staging and production protect answers in different ways",
			"Build both from the same modules, such as launchready_zone_response_headers and launchready_zone_tls, and the same configuration.",
			"WSTG-CONF-02", "API8:2023"),
		rule(ruleTLSParity, readiness.Medium,
			"staging and production differ in TLS",
			"Build both from the same modules, such as launchready_zone_tls.",
			"ASVS-5.0-12.1.1", "API8:2023"),
		rule(ruleDNSParity, readiness.Medium,
			"staging and production are reached in different ways",
			"Give both names the same kind of record: proxied or not, IPv6 or not.",
			"API9:2023"),
		rule(ruleRouteParity, readiness.Medium,
			"a path answers otherwise on staging than in production",
			"Deploy the same release with the same routes, or take the path out of production.paths.",
			"API9:2023"),
		rule(ruleStagingPublic, readiness.Medium,
			"staging is open to search engines or to everyone, or has production's data",
			"Put staging behind Cloudflare Access or a password, or send X-Robots-Tag: noindex, and fill it with data that is made up.",
			"WSTG-CONF-05", "API9:2023", "ASVS-5.0-13.4.5"),
		attestable(rule(ruleRollback, readiness.High,
			"nobody knows that the release before can be brought back",
			"Keep the release before, bring it back once on staging, and set rollback.previous and rollback.drilled, or rollback.endpoint.",
			"CIS-8-11.5")),
		attestable(rule(ruleMigration, readiness.High,
			"changes of the database wait for being made, or it is not known",
			"Run the migrations before the release, and let the health endpoint say that none is pending; or attest that they are made in steps which both releases bear.",
			"CIS-8-16.8")),
		rule(ruleHealth, readiness.Medium,
			"the health endpoints say nothing of what the portal depends on, or say too much",
			"Answer GET /readyz with 503 while a dependency is down, and tell strangers no more than that. Show it with staging.drill.",
			"CIS-8-8.2", "WSTG-INFO-05"),
		attestable(rule(ruleAlertLink, readiness.High,
			"deploys are not tied to alerts",
			"Let each deploy leave a marker where alerts come from, and name it in alert_link, or an alert policy for deploys.",
			"CIS-8-8.11", "Launch scorecard, deployment")),
		attestable(rule(ruleDrift, readiness.Medium,
			"what runs is not what was declared or built",
			"Apply the plan, or deploy everywhere. Name a plan as JSON in drift_plan.",
			"CIS-8-16.8")),
		rule(ruleMaintenance, readiness.Medium,
			"a maintenance page or banner was left",
			"End the maintenance mode.",
			"Launch scorecard, deployment"),
		rule(ruleDevMode, readiness.Medium,
			"Cloudflare's development mode is on",
			"Set development_mode = \"off\": it takes the cache away from every visitor for three hours.",
			"Launch scorecard, deployment"),
	}
}
