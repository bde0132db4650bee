output "gate" {
  description = "Whether what was audited would stand in the way of a launch: open, blocked or overridden."
  value       = data.launchready_scorecard.this.gate
}

output "score" {
  description = "Points out of 100."
  value       = data.launchready_scorecard.this.score
}

output "report" {
  description = "The report to hand over."
  value       = abspath("audit-report.html")
}

output "questions" {
  description = "What only somebody inside can answer."
  value       = [for f in local.questions : "${f.rule}: ${f.message}"]
}

output "not_audited" {
  description = "What was not looked at, and what it takes."
  value = { for what, missing in {
    authentication  = "accounts for tests: launchready_authentication_check"
    "members' data" = "accounts for tests: launchready_authorization_check with routes"
    "public pages"  = local.consent ? null : "the owner's consent: allowed_hosts"
    attacks         = local.consent ? null : "the owner's consent: allowed_hosts"
    latency         = local.consent ? null : "the owner's consent: allowed_hosts"
    rate_limiting   = !local.consent ? "the owner's consent: allowed_hosts" : var.sign_in == null ? "where members sign in: sign_in" : null
    origin          = try(length(var.origins), 0) == 0 ? "the server's addresses: origins" : null
    history         = var.repository == null ? "a clone of the repository: repository" : null
    alerts          = "a failure on purpose: launchready_observability_check with drills"
    "sent mail"     = "a mailbox for tests: launchready_mail_delivery_check"
    support         = var.runbook == null ? "the runbook: runbook" : null
  } : what => missing if missing != null }
}
