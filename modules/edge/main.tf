locals {
  on = length(var.hosts) > 0 ? 1 : 0

  # What the plans have. launchready_zone_rate_limits says so too, when it is planned.
  rules_allowed = { free = 1, pro = 2, business = 5, enterprise = 100 }[var.tier]
  by_method     = contains(["business", "enterprise"], var.tier)
  by_host       = var.tier != "free"
  managed       = var.tier != "free" && var.waf.managed

  folded = length(var.throttle) > local.rules_allowed

  # One rule in the place of several: every path, the smallest number of requests.
  throttle = length(var.throttle) == 0 ? {} : local.folded ? {
    all = {
      paths    = distinct(flatten([for t in var.throttle : t.paths]))
      methods  = distinct(flatten([for t in var.throttle : t.methods]))
      requests = min([for t in var.throttle : t.requests]...)
      period   = [for t in var.throttle : t.period][0]
      timeout  = null
    }
  } : var.throttle

  lost = local.on == 0 ? [] : concat(
    var.tier == "free" && length(var.throttle) > 0 ? ["Rate limits count over 10 seconds and block for 10 seconds: slow guessing is not stopped. The application must limit attempts per account."] : [],
    local.folded ? ["${length(var.throttle)} rate limits are one of the smallest number of requests, since the plan has ${local.rules_allowed}."] : [],
    !local.by_method && length(var.throttle) > 0 ? ["Rate limits count every method: reading a sign-in page counts as an attempt."] : [],
    !local.by_host && length(var.throttle) > 0 ? ["Rate limits hold for the same paths of every host of the zone."] : [],
    var.tier == "free" ? ["Of the managed rulesets there is the free one alone: it stops a few well-known attacks, not injection in general."] : [],
  )
}

resource "launchready_zone_waf" "this" {
  count = local.on

  zone = var.zone

  managed_rulesets = merge(
    local.managed ? { cloudflare = {} } : {},
    local.managed && var.waf.owasp != null ? { owasp = { sensitivity = var.waf.owasp } } : {},
  )

  rules = concat(
    [for r in var.waf.rules : r],
    length(var.waf.blocked_paths) == 0 ? [] : [{
      ref         = "scanners"
      description = "What scanners look for"
      expression  = null
      hosts       = var.hosts # another host of the zone may well be a WordPress
      paths       = var.waf.blocked_paths
      methods     = null
      action      = "block"
      skip        = null
    }],
  )
}

resource "launchready_zone_rate_limits" "this" {
  count = length(local.throttle) == 0 ? 0 : local.on

  zone = var.zone
  rules = { for name, t in local.throttle : name => {
    hosts    = local.by_host ? var.hosts : null
    paths    = t.paths
    methods  = local.by_method ? t.methods : null
    requests = t.requests
    period   = var.tier == "free" ? "10s" : t.period
    timeout  = var.tier == "free" ? null : t.timeout
  } }
}

resource "launchready_zone_ddos_protection" "this" {
  count = var.ddos == null ? 0 : local.on

  zone        = var.zone
  sensitivity = var.ddos.sensitivity
  action      = var.ddos.action
}

resource "launchready_zone_cache" "this" {
  count = local.on

  zone = var.zone

  static = length(var.cache.static) == 0 ? null : { hosts = var.hosts, paths = var.cache.static }
  bypass = {
    hosts   = var.hosts
    paths   = length(var.cache.private) == 0 ? null : var.cache.private
    cookies = length(var.cache.cookies) == 0 ? null : var.cache.cookies
  }
  tiered_cache = var.cache.tiered
}

resource "launchready_zone_redirects" "this" {
  count = length(var.redirects) == 0 ? 0 : local.on

  zone  = var.zone
  rules = [for name, r in var.redirects : merge(r, { ref = name })]
}

resource "launchready_zone_response_headers" "this" {
  count = local.on

  zone = var.zone

  hosts                               = var.hosts
  content_type_options                = var.headers.content_type_options
  frame_options                       = var.headers.frame_options
  referrer_policy                     = var.headers.referrer_policy
  permissions_policy                  = var.headers.permissions_policy
  content_security_policy             = var.headers.content_security_policy
  content_security_policy_report_only = var.headers.content_security_policy_report_only
  remove                              = var.headers.remove
  remove_leaking                      = true
}

resource "launchready_zone_origin_protection" "this" {
  count = local.on

  zone                       = var.zone
  authenticated_origin_pulls = var.origin_pulls
}
