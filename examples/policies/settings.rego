# What your agency demands. This is the one file to edit.
package launchready.settings

import rego.v1

# Areas of the scorecard that every client must have covered.
required_areas := {
	"authentication", "authorization", "secrets", "email_auth", "tls",
	"edge", "rate_limiting", "observability", "deployment", "support",
}

# Checks whose results every scorecard must count. Two checks may cover one area, so
# that the areas alone do not show a check that was taken out.
required_checks := {
	"authentication", "authorization", "cors", "deployment", "dns", "edge", "email_auth",
	"latency", "mail_delivery", "observability", "rate_limit", "secrets", "support", "tls",
}

# The least severity that must block: critical, high, medium, low or info.
fail_on := "high"

# Whether a scorecard may be set to "warn" or "report". With true, these policies are
# the only gate: a blocked one no longer fails the plan, so that every plan reaches
# them and its report is complete.
allow_report := false

# Waivers of one plan, those of checks and those of the scorecard together.
maximum_waivers := 5

# How far ahead a waiver may expire, in days.
maximum_waiver_days := 180

# References (`ref`) of exceptions and skip rules of the WAF that are agreed on.
allowed_waf_exceptions := set()

# Whether a run may destroy all that a workspace manages.
allow_destroy := false
