package corscheck

import "github.com/launchready/terraform-provider-launchready/internal/readiness"

const (
	ruleReflects            = "cors.reflects_origin"
	ruleNull                = "cors.null_origin"
	ruleSuffix              = "cors.suffix"
	rulePrefix              = "cors.prefix"
	ruleContains            = "cors.contains"
	ruleSubdomain           = "cors.subdomain"
	ruleHTTP                = "cors.http_downgrade"
	ruleSpecial             = "cors.special_char"
	ruleWildcardCredentials = "cors.wildcard_credentials"
	ruleWildcardPrivate     = "cors.wildcard_private"
	rulePreflight           = "cors.preflight_broad"
	ruleVary                = "cors.vary_missing"
	ruleTrusted             = "cors.trusted_broken"
	ruleThirdParty          = "cors.third_party_trusted"
)

func rules() []readiness.Rule {
	list := []readiness.Rule{
		{
			ID: ruleReflects, Severity: readiness.Critical,
			Title:      "Any origin is allowed, by echoing it",
			Remedy:     "Compare Origin as a whole with a list of exact origins.",
			References: []string{"ASVS-5.0-3.4.2", "WSTG-CLNT-07", "API8:2023"},
		},
		{
			ID: ruleNull, Severity: readiness.Critical,
			Title:      "The origin null is allowed",
			Remedy:     "Compare Origin as a whole with a list of exact origins. null is not an origin of anybody.",
			References: []string{"ASVS-5.0-3.4.2", "WSTG-CLNT-07", "API8:2023"},
		},
		{
			ID: ruleSuffix, Severity: readiness.Critical,
			Title:      "Origins that end like a trusted one are allowed",
			Remedy:     "Compare Origin as a whole with a list of exact origins.",
			References: []string{"ASVS-5.0-3.4.2", "WSTG-CLNT-07", "API8:2023"},
		},
		{
			ID: rulePrefix, Severity: readiness.Critical,
			Title:      "Origins that begin like a trusted one are allowed",
			Remedy:     "Compare Origin as a whole with a list of exact origins.",
			References: []string{"ASVS-5.0-3.4.2", "WSTG-CLNT-07", "API8:2023"},
		},
		{
			ID: ruleContains, Severity: readiness.Critical,
			Title:      "Origins that hold a trusted one, or match its dots, are allowed",
			Remedy:     "Compare Origin as a whole with a list of exact origins. In a regular expression, escape the dots and anchor both ends.",
			References: []string{"ASVS-5.0-3.4.2", "WSTG-CLNT-07", "API8:2023"},
		},
		{
			ID: ruleSubdomain, Severity: readiness.Medium,
			Title:      "Any subdomain is allowed",
			Remedy:     "Compare Origin as a whole with a list of exact origins. Or declare https://*.<domain> in trusted_origins if it is meant.",
			References: []string{"ASVS-5.0-3.4.2", "WSTG-CLNT-07", "API8:2023"},
		},
		{
			ID: ruleHTTP, Severity: readiness.High,
			Title:      "Plain HTTP origins are allowed",
			Remedy:     "Compare Origin as a whole with a list of exact origins. The scheme is part of the origin.",
			References: []string{"ASVS-5.0-3.4.2", "WSTG-CLNT-07", "API8:2023"},
		},
		{
			ID: ruleSpecial, Severity: readiness.Critical,
			Title:      "Origins with special characters are allowed",
			Remedy:     "Compare Origin as a whole with a list of exact origins.",
			References: []string{"ASVS-5.0-3.4.2", "WSTG-CLNT-07", "API8:2023"},
		},
		{
			ID: ruleWildcardCredentials, Severity: readiness.High,
			Title:      "The wildcard is sent together with credentials",
			Remedy:     "Send the exact origin, or drop Access-Control-Allow-Credentials.",
			References: []string{"ASVS-5.0-3.4.2", "Fetch standard section 3.3.3", "API8:2023"},
		},
		{
			ID: ruleWildcardPrivate, Severity: readiness.High,
			Title:      "The wildcard is sent with a private answer",
			Remedy:     "Send the exact origin on what needs a token.",
			References: []string{"ASVS-5.0-3.4.2", "WSTG-CLNT-07", "API8:2023"},
		},
		{
			ID: rulePreflight, Severity: readiness.Medium,
			Title:      "Preflights of strangers are approved",
			Remedy:     "Answer preflights of origins that are not trusted without any Access-Control-Allow header, and name only the methods and headers that are needed.",
			References: []string{"ASVS-5.0-3.4.2", "ASVS-5.0-3.5.2", "Fetch standard section 3.3.2"},
		},
		{
			ID: ruleVary, Severity: readiness.Medium,
			Title:      "The answer depends on the origin and caches are not told",
			Remedy:     "Send Vary: Origin on every answer of the endpoint, those without CORS headers too.",
			References: []string{"RFC 9110 section 12.5.5", "Fetch standard section 3.3.4"},
		},
		{
			ID: ruleTrusted, Severity: readiness.High,
			Title:      "A trusted origin is not allowed",
			Remedy:     "Add the origin to the list of the application, with its scheme and port, and let its preflight pass.",
			References: []string{"Fetch standard section 3.3", "ASVS-5.0-3.4.2"},
		},
		{
			ID: ruleThirdParty, Severity: readiness.Low,
			Title:      "Origins of development or of shared hosting are allowed",
			Remedy:     "Take localhost, preview hosts and tunnels out of the list on production.",
			References: []string{"ASVS-5.0-3.4.2", "WSTG-CLNT-07", "API8:2023"},
		},
	}
	for i := range list {
		list[i].Area = readiness.Edge
	}
	return list
}
