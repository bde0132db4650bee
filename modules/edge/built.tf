# What this module has built, for a handover document.
locals {
  deployed = {
    "firewall"         = flatten(launchready_zone_waf.this[*].deployed_rules)
    "rate limit"       = flatten(launchready_zone_rate_limits.this[*].deployed_rules)
    "DDoS protection"  = flatten(launchready_zone_ddos_protection.this[*].deployed_rules)
    "cache"            = flatten(launchready_zone_cache.this[*].deployed_rules)
    "redirect"         = flatten(launchready_zone_redirects.this[*].deployed_rules)
    "response headers" = flatten(launchready_zone_response_headers.this[*].deployed_rules)
  }
}

output "built" {
  description = "What this module has built, as the module handover takes it."
  value = {
    title = "Edge"
    rules = merge([for kind, rules in local.deployed : { for i, r in rules : "${kind} ${i + 1}" => {
      kind = kind, name = coalesce(r.description, r.ref), expression = r.expression, action = replace(r.action, "_", " ")
    } }]...)
    settings = { for p in launchready_zone_origin_protection.this[*] : "Certificate that the edge shows the origin" => p.authenticated_origin_pulls ? "Cloudflare's (authenticated origin pulls)" : "none" }
    limits   = local.lost
  }
}
