# An audit: a domain and an address in, a scorecard out. Nothing is changed, and
# neither a Cloudflare token nor an account of the portal is needed.

terraform {
  required_version = ">= 1.8"

  required_providers {
    launchready = {
      source = "launchready/launchready"
    }
  }
}

provider "launchready" {
  probe  = { allowed_hosts = var.allowed_hosts }
  portal = { base_url = local.base }
}

locals {
  base = regex("^https://[^/?#]+", var.url)
  host = regex("^https://([^/:?#]+)", var.url)[0]
  path = "/${try(regex("^https://[^/?#]+/([^?#]*)", var.url)[0], "")}"

  # The owner's word that more than single harmless requests may be sent.
  consent = var.allowed_hosts != null
}

# Names and mail.

data "launchready_email_auth_check" "this" {
  domain      = var.domain
  senders     = var.senders
  enforcement = "report"
}

data "launchready_dns_check" "this" {
  domain      = var.domain
  hosts       = [local.host]
  enforcement = "report"
}

# What every visitor meets.

data "launchready_tls_check" "this" {
  hosts       = [local.host]
  pages       = [var.url]
  enforcement = "report"
}

data "launchready_edge_check" "this" {
  hosts       = [local.host]
  origins     = var.origins
  waf_probe   = local.consent
  enforcement = "report"
}

data "launchready_cors_check" "this" {
  endpoints       = { for address in concat([var.url], var.api) : address => { url = address } }
  trusted_origins = var.trusted_origins
  enforcement     = "report"
}

data "launchready_secrets_check" "this" {
  pages       = [var.url]
  hosts       = local.consent ? [local.host] : [] # asked for files such as /.env
  repository  = var.repository
  enforcement = "report"
}

data "launchready_deployment_check" "this" {
  production       = { url = local.base }
  expected_version = var.expected_version
  enforcement      = "report"
}

data "launchready_support_check" "this" {
  count = var.runbook == null ? 0 : 1

  runbook     = var.runbook
  enforcement = "report"
}

# With consent alone.

data "launchready_authorization_check" "this" {
  count = local.consent ? 1 : 0

  public_paths = distinct(concat([local.path], var.public_paths))
  enforcement  = "report"
}

# Before the bursts, which would be measured too.
data "launchready_latency_check" "this" {
  count = local.consent ? 1 : 0
  depends_on = [
    data.launchready_tls_check.this, data.launchready_edge_check.this, data.launchready_cors_check.this,
    data.launchready_secrets_check.this, data.launchready_deployment_check.this, data.launchready_authorization_check.this,
  ]

  actions     = { "first page" = { url = var.url } }
  p95         = var.p95
  duration    = "60s"
  enforcement = "report"
}

# Last: the site may turn this machine away for a while.
data "launchready_rate_limit_check" "this" {
  count      = local.consent && var.sign_in != null ? 1 : 0
  depends_on = [data.launchready_latency_check.this]

  endpoints = { "sign-in" = {
    url      = try(var.sign_in.url, null)
    body     = try(var.sign_in.body, null)
    requests = try(var.sign_in.requests, null)
    within   = try(var.sign_in.within, null)
  } }
  enforcement = "report"
}

locals {
  checks = merge(
    {
      email_auth = data.launchready_email_auth_check.this
      dns        = data.launchready_dns_check.this
      tls        = data.launchready_tls_check.this
      edge       = data.launchready_edge_check.this
      cors       = data.launchready_cors_check.this
      secrets    = data.launchready_secrets_check.this
      deployment = data.launchready_deployment_check.this
    },
    { for c in data.launchready_support_check.this : "support" => c },
    { for c in data.launchready_authorization_check.this : "authorization" => c },
    { for c in data.launchready_latency_check.this : "latency" => c },
    { for c in data.launchready_rate_limit_check.this : "rate_limit" => c },
  )

  # What no visitor can see, and only somebody inside can answer. A finding of these
  # rules that came to no verdict is a question to the owner; one that failed stands.
  inside = [
    "secrets.rotation_plan", "deploy.version_expected", "deploy.env_parity", "deploy.env_client_secret",
    "deploy.rollback_missing", "deploy.migration_pending", "deploy.alert_link", "deploy.health_shallow",
  ]
  questions = flatten([for c in local.checks : [
    for f in c.findings : f if f.status == "inconclusive" && contains(local.inside, f.rule)
  ]])
}

data "launchready_scorecard" "this" {
  checks  = { for name, c in local.checks : name => c.result }
  require = ["email_auth", "tls", "edge"] # of others a launch also requires what people attest
  waivers = [for f in local.questions : {
    rule    = f.rule
    subject = f.subject
    reason  = "An audit from outside cannot see it: ask the owner."
    owner   = var.auditor
    expires = formatdate("YYYY-MM-DD", timeadd(plantimestamp(), "2160h"))
  }]
  report_files = ["audit-report.html", "audit-report.md", "audit-report.json"]
}
