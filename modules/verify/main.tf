# Every check reports and the scorecard decides, so that one plan shows the
# violations of all areas at once.

data "launchready_email_auth_check" "this" {
  domain             = var.domain
  senders            = var.senders
  dkim_selectors     = var.dkim_selectors
  minimum_policy     = var.minimum_policy
  return_paths       = var.return_paths
  sending_subdomains = var.sending_subdomains
  addresses          = var.mail_addresses
  parked             = var.parked
  require            = var.require_mail
  enforcement        = "report"
  wait_for           = { timeout = var.wait, interval = "2s", after_changes = true }
}

# Proof by a message: sent by the product, read in a mailbox.
data "launchready_mail_delivery_check" "this" {
  count = var.delivery == null ? 0 : 1

  mailbox           = var.delivery.mailbox
  trigger           = { request = var.delivery.request, smtp = var.delivery.smtp }
  within            = var.delivery.within
  from_domain       = coalesce(var.delivery.from_domain, var.domain)
  valid_for         = var.delivery.valid_for != null ? var.delivery.valid_for : var.valid_for
  dkim_selectors    = var.delivery.dkim_selectors
  trusted_receivers = var.delivery.trusted_receivers
  link_hosts        = var.delivery.link_hosts
  bounce            = var.delivery.bounce
  enforcement       = "report"
}

data "launchready_tls_check" "this" {
  hosts             = var.hosts
  pages             = var.pages
  minimum_version   = var.require_tls.minimum_version
  minimum_days_left = var.require_tls.minimum_days_left
  hsts              = var.require_tls.hsts
  enforcement       = "report"
  wait_for          = { timeout = var.wait, interval = "2s", after_changes = true }
}

data "launchready_dns_check" "this" {
  domain      = var.domain
  records     = var.records
  expected    = var.expected
  hosts       = var.hosts
  require     = var.require_dns
  enforcement = "report"
  wait_for    = { timeout = var.wait, interval = "2s", after_changes = true }
}

data "launchready_edge_check" "this" {
  count = length(local.edge_hosts) == 0 ? 0 : 1

  hosts         = local.edge_hosts
  origins       = var.origins
  private_paths = var.private_paths
  static_paths  = var.static_paths
  waf_probe     = var.waf_probe
  identity      = var.identity
  marker        = var.marker
  enforcement   = "report"
  wait_for      = { timeout = var.wait, interval = "2s", after_changes = true }
}

data "launchready_cors_check" "this" {
  count = var.cors == null ? 0 : 1

  endpoints       = var.cors.endpoints
  trusted_origins = var.cors.trusted_origins
  enforcement     = "report"
  wait_for        = { timeout = var.wait, interval = "2s", after_changes = true }
}

# Before the checks that are refused a lot: an alert that is on already is not sent again.
data "launchready_observability_check" "this" {
  count = var.observability == null ? 0 : 1
  depends_on = [
    data.launchready_edge_check.this, data.launchready_cors_check.this, data.launchready_mail_delivery_check.this,
  ]

  enabled         = try(var.observability.enabled, null)
  valid_for       = try(var.observability.valid_for, var.valid_for)
  drills          = try(var.observability.drills, null)
  required_alerts = try(var.observability.required_alerts, null)
  alert_names     = try(var.observability.alert_names, null)
  on_call         = try(var.observability.on_call, null)
  monitored_hosts = try(var.observability.monitored_hosts, null)
  rule_sinks      = try(var.observability.rule_sinks, null)
  enforcement     = "report"
}

# Before the checks that load the portal or this machine. Handshakes, a letter and
# the drills beside it are no load.
data "launchready_latency_check" "this" {
  count      = var.latency == null ? 0 : 1
  depends_on = [data.launchready_edge_check.this, data.launchready_cors_check.this]

  enabled          = try(var.latency.enabled, null)
  valid_for        = try(var.latency.valid_for, var.valid_for)
  actions          = try(var.latency.actions, null)
  p95              = try(var.latency.p95, null)
  rate             = try(var.latency.rate, null)
  duration         = try(var.latency.duration, null)
  maximum_requests = try(var.latency.maximum_requests, null)
  baseline         = try(var.latency.baseline, null)
  maximum_baseline = try(var.latency.maximum_baseline, null)
  enforcement      = "report"
}

data "launchready_deployment_check" "this" {
  count = var.deployment == null ? 0 : 1

  production       = try(var.deployment.production, null)
  staging          = try(var.deployment.staging, null)
  expected_version = try(var.deployment.expected_version, null)
  rollout_until    = try(var.deployment.rollout_until, null)
  release_order    = try(var.deployment.release_order, null)
  environment      = try(var.deployment.environment, null)
  rollback         = try(var.deployment.rollback, null)
  alert_link       = try(var.deployment.alert_link, null)
  drift_plan       = try(var.deployment.drift_plan, null)
  enforcement      = "report"
}

data "launchready_support_check" "this" {
  count = var.support == null ? 0 : 1

  runbook            = try(var.support.runbook, null)
  topics             = try(var.support.topics, null)
  words              = try(var.support.words, null)
  maximum_age        = try(var.support.maximum_age, null)
  minimum_levels     = try(var.support.minimum_levels, null)
  link_hosts_ignored = try(var.support.link_hosts_ignored, null)
  link_recheck       = try(var.support.link_recheck, null)
  drill              = try(var.support.drill, null)
  self_service       = try(var.support.self_service, null)
  status_page        = try(var.support.status_page, null)
  security_txt_hosts = try(var.support.security_txt_hosts, null)
  enforcement        = "report"
}

data "launchready_authorization_check" "this" {
  count      = var.authorization == null ? 0 : 1
  depends_on = [data.launchready_observability_check.this, data.launchready_latency_check.this]

  routes       = try(var.authorization.routes, null)
  openapi      = try(var.authorization.openapi, null)
  bindings     = try(var.authorization.bindings, null)
  public_paths = try(var.authorization.public_paths, null)
  public_allow = try(var.authorization.public_allow, null)
  allow_writes = try(var.authorization.allow_writes, null)
  enforcement  = "report"
}

data "launchready_secrets_check" "this" {
  count      = var.secrets == null ? 0 : 1
  depends_on = [data.launchready_latency_check.this]

  repository  = try(var.secrets.repository, null)
  history     = try(var.secrets.history, null)
  paths       = try(var.secrets.paths, null)
  logs        = try(var.secrets.logs, null)
  pages       = try(var.secrets.pages, null)
  identity    = try(var.secrets.identity, null)
  asset_hosts = try(var.secrets.asset_hosts, null)
  hosts       = try(var.secrets.hosts, null)
  config      = try(var.secrets.config, null)
  ignore_file = try(var.secrets.ignore_file, null)
  public_keys = try(var.secrets.public_keys, null)
  rotation    = try(var.secrets.rotation, null)
  cache       = try(var.secrets.cache, null)
  timeout     = try(var.secrets.timeout, null)
  enforcement = "report"
}

# After the other checks that sign in: it tries wrong passwords, which may be
# answered by a brake.
data "launchready_authentication_check" "this" {
  count = var.authentication == null ? 0 : 1
  depends_on = [
    data.launchready_edge_check.this, data.launchready_cors_check.this, data.launchready_authorization_check.this,
    data.launchready_mail_delivery_check.this,
  ]

  enabled                 = try(var.authentication.enabled, null)
  valid_for               = try(var.authentication.valid_for, var.valid_for)
  identity                = try(var.authentication.identity, null)
  marker                  = try(var.authentication.marker, null)
  protected_paths         = try(var.authentication.protected_paths, null)
  admin                   = try(var.authentication.admin, null)
  admin_paths             = try(var.authentication.admin_paths, null)
  mfa_roles               = try(var.authentication.mfa_roles, null)
  mutable                 = try(var.authentication.mutable, null)
  sensitive_changes       = try(var.authentication.sensitive_changes, null)
  recovery                = try(var.authentication.recovery, null)
  sign_up                 = try(var.authentication.sign_up, null)
  token_sign_in           = try(var.authentication.token_sign_in, null)
  maximum_idle            = try(var.authentication.maximum_idle, null)
  maximum_absolute        = try(var.authentication.maximum_absolute, null)
  short_session           = try(var.authentication.short_session, null)
  membership_is_sensitive = try(var.authentication.membership_is_sensitive, null)
  default_credentials     = try(var.authentication.default_credentials, null)
  replication             = try(var.authentication.replication, null)
  enforcement             = "report"
}

# Bursts come last: an address that is throttled spoils the other checks.
data "launchready_rate_limit_check" "this" {
  count = length(var.endpoints) == 0 ? 0 : 1
  depends_on = [
    data.launchready_mail_delivery_check.this, data.launchready_tls_check.this, data.launchready_edge_check.this, data.launchready_cors_check.this,
    data.launchready_authorization_check.this, data.launchready_authentication_check.this, data.launchready_secrets_check.this,
  ]

  endpoints       = var.endpoints
  maximum_lockout = var.maximum_lockout
  valid_for       = var.valid_for
  enforcement     = "report"
}

locals {
  edge_hosts = var.edge_hosts == null ? var.hosts : var.edge_hosts

  # What is checked must be covered.
  require = var.require != null ? var.require : concat(
    ["email_auth", "tls"],
    length(local.edge_hosts) > 0 ? ["edge"] : [],
    length(var.endpoints) > 0 ? ["rate_limiting"] : [],
    var.authentication != null ? ["authentication"] : [],
    var.authorization != null ? ["authorization"] : [],
    var.secrets != null ? ["secrets"] : [],
    var.observability != null || var.latency != null ? ["observability"] : [],
    var.deployment != null ? ["deployment"] : [],
    var.support != null ? ["support"] : [],
  )
}

data "launchready_scorecard" "this" {
  checks = merge(
    {
      email_auth = data.launchready_email_auth_check.this.result
      tls        = data.launchready_tls_check.this.result
      dns        = data.launchready_dns_check.this.result
    },
    var.delivery == null ? {} : { mail_delivery = data.launchready_mail_delivery_check.this[0].result },
    length(local.edge_hosts) == 0 ? {} : { edge = data.launchready_edge_check.this[0].result },
    var.cors == null ? {} : { cors = data.launchready_cors_check.this[0].result },
    var.authentication == null ? {} : { authentication = data.launchready_authentication_check.this[0].result },
    var.authorization == null ? {} : { authorization = data.launchready_authorization_check.this[0].result },
    var.secrets == null ? {} : { secrets = data.launchready_secrets_check.this[0].result },
    var.observability == null ? {} : { observability = data.launchready_observability_check.this[0].result },
    var.latency == null ? {} : { latency = data.launchready_latency_check.this[0].result },
    var.deployment == null ? {} : { deployment = data.launchready_deployment_check.this[0].result },
    var.support == null ? {} : { support = data.launchready_support_check.this[0].result },
    length(var.endpoints) == 0 ? {} : { rate_limit = data.launchready_rate_limit_check.this[0].result },
    var.checks,
  )
  require        = local.require
  waivers        = var.waivers
  attestations   = var.attestations
  report_files   = var.report_files
  baseline       = var.baseline
  hourly_rate    = var.hourly_rate
  expiry_warning = var.expiry_warning
  enforcement    = var.enforcement

  effort_overrides = var.effort_overrides
}
