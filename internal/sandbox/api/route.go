package api

import "strings"

// route is one operation of the API.
type route struct {
	method, template string // template without BasePath
	permission       Permission
	public           bool // answered without credentials
	verify           bool // tells whether a token is valid
	serve            func(*call) (*envelope, *Error)
}

// routes returns every operation. Built at each call: the list is short, and
// nothing is kept at start-up.
func routes() []route {
	const (
		record  = "/zones/{zone_id}/dns_records/{dns_record_id}"
		setting = "/zones/{zone_id}/settings/{setting_id}"
		pulls   = "/zones/{zone_id}/" + zonePulls
		entry   = "/zones/{zone_id}/rulesets/phases/{ruleset_phase}/entrypoint"
		ruleset = "/zones/{zone_id}/rulesets/{ruleset_id}"
		rule    = "/zones/{zone_id}/rulesets/{ruleset_id}/rules/{rule_id}"

		health   = "/zones/{zone_id}/healthchecks"
		alerts   = "/accounts/{account_id}/alerting/v3"
		webhooks = alerts + "/destinations/webhooks"
		policies = alerts + "/policies"
	)
	return []route{
		{method: "GET", template: "/ips", public: true, serve: getIPs},
		{method: "GET", template: "/user/tokens/verify", verify: true, serve: verifyUserToken},
		{method: "GET", template: "/accounts/{account_id}/tokens/verify", verify: true, serve: verifyAccountToken},
		{method: "GET", template: "/zones", permission: ZoneRead, serve: listZones},
		{method: "POST", template: "/zones", permission: ZoneEdit, serve: createZone},
		{method: "GET", template: "/zones/{zone_id}", permission: ZoneRead, serve: getZone},
		{method: "PATCH", template: "/zones/{zone_id}", permission: ZoneEdit, serve: editZone},
		{method: "DELETE", template: "/zones/{zone_id}", permission: ZoneEdit, serve: deleteZone},
		{method: "GET", template: "/zones/{zone_id}/dnssec", permission: DNSRead, serve: getDNSSEC},
		{method: "PATCH", template: "/zones/{zone_id}/dnssec", permission: DNSEdit, serve: patchDNSSEC},
		{method: "DELETE", template: "/zones/{zone_id}/dnssec", permission: DNSEdit, serve: deleteDNSSEC},
		{method: "GET", template: "/zones/{zone_id}/dns_records", permission: DNSRead, serve: listRecords},
		{method: "POST", template: "/zones/{zone_id}/dns_records", permission: DNSEdit, serve: createRecord},
		{method: "POST", template: "/zones/{zone_id}/dns_records/batch", permission: DNSEdit, serve: batchRecords},
		{method: "GET", template: "/zones/{zone_id}/dns_records/export", permission: DNSRead, serve: exportRecords},
		{method: "GET", template: record, permission: DNSRead, serve: getRecord},
		{method: "PATCH", template: record, permission: DNSEdit, serve: patchRecord},
		{method: "PUT", template: record, permission: DNSEdit, serve: putRecord},
		{method: "DELETE", template: record, permission: DNSEdit, serve: deleteRecord},
		{method: "GET", template: "/zones/{zone_id}/settings", permission: SettingsRead, serve: listSettings},
		{method: "GET", template: setting, permission: SettingsRead, serve: getSetting},
		{method: "PATCH", template: setting, permission: SettingsEdit, serve: patchSetting},
		{method: "GET", template: "/zones/{zone_id}/" + tieredCaching, permission: SettingsRead, serve: getTieredCaching},
		{method: "PATCH", template: "/zones/{zone_id}/" + tieredCaching, permission: SettingsEdit, serve: patchTieredCaching},
		{method: "GET", template: "/zones/{zone_id}/" + smartTopology, permission: SettingsRead, serve: getSmartTopology},
		{method: "PATCH", template: "/zones/{zone_id}/" + smartTopology, permission: SettingsEdit, serve: patchSmartTopology},
		{method: "GET", template: pulls + "/settings", permission: SSLRead, serve: getPulls},
		{method: "PUT", template: pulls + "/settings", permission: SSLEdit, serve: putPulls},
		{method: "GET", template: pulls, permission: SSLRead, serve: listPullCertificates},
		{method: "POST", template: pulls, permission: SSLEdit, serve: createPullCertificate},
		{method: "GET", template: pulls + "/{certificate_id}", permission: SSLRead, serve: getPullCertificate},
		{method: "DELETE", template: pulls + "/{certificate_id}", permission: SSLEdit, serve: deletePullCertificate},
		{method: "GET", template: health, permission: HealthRead, serve: listHealthChecks},
		{method: "POST", template: health, permission: HealthEdit, serve: createHealthCheck},
		{method: "GET", template: health + "/{healthcheck_id}", permission: HealthRead, serve: getHealthCheck},
		{method: "PUT", template: health + "/{healthcheck_id}", permission: HealthEdit, serve: putHealthCheck},
		{method: "PATCH", template: health + "/{healthcheck_id}", permission: HealthEdit, serve: patchHealthCheck},
		{method: "DELETE", template: health + "/{healthcheck_id}", permission: HealthEdit, serve: deleteHealthCheck},
		{method: "GET", template: alerts + "/available_alerts", permission: AlertsRead, serve: inAccount(listAlertKinds)},
		{method: "GET", template: alerts + "/history", permission: AlertsRead, serve: inAccount(listHistory)},
		{method: "GET", template: alerts + "/destinations/eligible", permission: AlertsRead, serve: inAccount(listEligible)},
		{method: "GET", template: alerts + "/destinations/pagerduty", permission: AlertsRead, serve: inAccount(listPagerDuty)},
		{method: "GET", template: webhooks, permission: AlertsRead, serve: inAccount(listWebhooks)},
		{method: "POST", template: webhooks, permission: AlertsEdit, serve: inAccount(createWebhook)},
		{method: "GET", template: webhooks + "/{webhook_id}", permission: AlertsRead, serve: inAccount(getWebhook)},
		{method: "PUT", template: webhooks + "/{webhook_id}", permission: AlertsEdit, serve: inAccount(putWebhook)},
		{method: "DELETE", template: webhooks + "/{webhook_id}", permission: AlertsEdit, serve: inAccount(deleteWebhook)},
		{method: "GET", template: policies, permission: AlertsRead, serve: inAccount(listPolicies)},
		{method: "POST", template: policies, permission: AlertsEdit, serve: inAccount(createPolicy)},
		{method: "GET", template: policies + "/{policy_id}", permission: AlertsRead, serve: inAccount(getPolicy)},
		{method: "PUT", template: policies + "/{policy_id}", permission: AlertsEdit, serve: inAccount(putPolicy)},
		{method: "DELETE", template: policies + "/{policy_id}", permission: AlertsEdit, serve: inAccount(deletePolicy)},
		// Which permission a ruleset asks for depends on its phase.
		{method: "GET", template: "/zones/{zone_id}/rulesets", serve: listRulesets},
		{method: "POST", template: "/zones/{zone_id}/rulesets", serve: createRuleset},
		{method: "GET", template: entry, serve: getEntryPoint},
		{method: "PUT", template: entry, serve: putEntryPoint},
		{method: "GET", template: ruleset, serve: getRuleset},
		{method: "PUT", template: ruleset, serve: putRuleset},
		{method: "DELETE", template: ruleset, serve: deleteRuleset},
		{method: "GET", template: ruleset + "/versions", serve: listVersions},
		{method: "GET", template: ruleset + "/versions/{ruleset_version}", serve: getVersion},
		{method: "POST", template: ruleset + "/rules", serve: createRule},
		{method: "PATCH", template: rule, serve: patchRule},
		{method: "DELETE", template: rule, serve: deleteRule},
	}
}

// match finds the route of a request. A literal segment is preferred to a
// parameter, so that /dns_records/batch is not taken for a record.
func match(method, path string) (found route, params map[string]string, ok bool) {
	rest, under := strings.CutPrefix(path, BasePath)
	if !under {
		return route{}, nil, false
	}
	segments := strings.Split(rest, "/")
	for _, r := range routes() {
		if r.method != method {
			continue
		}
		if p, hit := fit(strings.Split(r.template, "/"), segments); hit && (!ok || len(p) < len(params)) {
			found, params, ok = r, p, true
		}
	}
	return found, params, ok
}

func fit(template, segments []string) (map[string]string, bool) {
	if len(template) != len(segments) {
		return nil, false
	}
	params := map[string]string{}
	for i, t := range template {
		if name, isParam := strings.CutPrefix(t, "{"); isParam {
			params[strings.TrimSuffix(name, "}")] = segments[i]
		} else if t != segments[i] {
			return nil, false
		}
	}
	return params, true
}
