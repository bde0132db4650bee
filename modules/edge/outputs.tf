output "lost" {
  description = "What the plan of the zone does not have, and what that costs."
  value       = local.lost
}

output "rate_limits" {
  description = "Rate limits as the plan has them, by the name of the strictest limit in each."
  value       = local.on == 0 ? {} : local.limits
}

output "origin" {
  description = "What the origin needs to answer the edge alone: ranges, the certificate of the edge's authority, and snippets for nginx, nftables and ufw. Null without hosts."
  value = one([for p in launchready_zone_origin_protection.this : {
    ipv4_cidrs       = p.ipv4_cidrs
    ipv6_cidrs       = p.ipv6_cidrs
    pull_certificate = p.pull_certificate
    nginx_http       = p.nginx_http
    nginx_server     = p.nginx_server
    nftables         = p.nftables
    ufw              = p.ufw
  }])
}

output "expressions" {
  description = "Expressions of all rules that this module owns, by ref."
  value = { for r in concat(
    flatten(launchready_zone_waf.this[*].deployed_rules),
    flatten(launchready_zone_rate_limits.this[*].deployed_rules),
    flatten(launchready_zone_cache.this[*].deployed_rules),
    flatten(launchready_zone_redirects.this[*].deployed_rules),
    flatten(launchready_zone_response_headers.this[*].deployed_rules),
  ) : r.ref => r.expression }
}

output "ready" {
  description = "What checks of the edge depend on: `depends_on = [module.edge.ready]`."
  value       = true
  depends_on = [
    launchready_zone_waf.this, launchready_zone_rate_limits.this, launchready_zone_ddos_protection.this, launchready_zone_cache.this,
    launchready_zone_redirects.this, launchready_zone_response_headers.this, launchready_zone_origin_protection.this,
  ]
}
