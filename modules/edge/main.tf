locals {
  on = var.enabled && length(var.hosts) > 0 ? 1 : 0

  managed = var.tier != "free" && var.waf.managed

  lost = local.on == 0 ? [] : concat(
    var.tier == "free" && length(var.throttle) > 0 ? ["Rate limits count over 10 seconds and block for 10 seconds: slow guessing is not stopped. The application must limit attempts per account."] : [],
    local.limits_lost,
    !local.by_method && length(var.throttle) > 0 ? ["Rate limits count every method: reading a sign-in page counts as an attempt. Where a period had to be shortened, ${local.least} requests pass at least."] : [],
    !local.by_host && length(var.throttle) > 0 ? ["Rate limits hold for the same paths of every host of the zone."] : [],
    var.tier == "free" ? ["Of the managed rulesets there is the free one alone: it stops a few well-known attacks, not injection in general."] : [],
  )

  tiers = ["free", "pro", "business", "enterprise"] # by size
}

data "launchready_zone" "this" {
  count = local.on

  zone = var.zone

  lifecycle {
    postcondition {
      condition     = !contains(local.tiers, self.plan) || index(local.tiers, var.tier) <= try(index(local.tiers, self.plan), 0)
      error_message = "tier is \"${var.tier}\", but zone ${self.name} is on plan ${self.plan}, which has less. Write tier = \"${self.plan}\", or move the zone to plan ${var.tier}."
    }
  }
}

check "tier" {
  assert {
    condition     = alltrue([for z in data.launchready_zone.this : !contains(local.tiers, z.plan) || index(local.tiers, var.tier) >= try(index(local.tiers, z.plan), 0)])
    error_message = "tier is \"${var.tier}\", but the zone is on plan ${join("", data.launchready_zone.this[*].plan)}, which has more. Write tier = \"${join("", data.launchready_zone.this[*].plan)}\" to make use of it."
  }
}

resource "launchready_zone_waf" "this" {
  count = local.on

  zone     = var.zone
  name     = var.name
  position = var.position.waf

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

  depends_on = [data.launchready_zone.this] # a tier that does not fit is said once, there
}

resource "launchready_zone_rate_limits" "this" {
  count = length(local.limits) == 0 ? 0 : local.on

  zone     = var.zone
  name     = var.name
  position = var.position.rate_limits

  rules = { for name, t in local.limits : name => {
    description = t.description
    hosts       = local.by_host ? var.hosts : null
    paths       = t.paths
    methods     = local.by_method ? t.methods : null
    requests    = t.requests
    period      = "${t.seconds}s"
    timeout     = "${t.timeout}s"
  } }

  depends_on = [data.launchready_zone.this]
}

resource "launchready_zone_ddos_protection" "this" {
  count = var.ddos == null ? 0 : local.on

  zone = var.zone
  name = var.name

  sensitivity = var.ddos.sensitivity
  action      = var.ddos.action
}

resource "launchready_zone_cache" "this" {
  count = local.on

  zone     = var.zone
  name     = var.name
  position = var.position.cache

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

  zone     = var.zone
  name     = var.name
  position = var.position.redirects

  rules = [for name, r in var.redirects : merge(r, { ref = name })]
}

resource "launchready_zone_response_headers" "this" {
  count = local.on

  zone     = var.zone
  name     = var.name
  position = var.position.response_headers

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
