output "gate" {
  description = "\"open\", \"blocked\" or \"overridden\"."
  value       = module.verify.gate
}

output "score" {
  description = "0 to 100."
  value       = module.verify.score
}

output "violations" {
  description = "What blocks, worst first."
  value       = module.verify.violations
}

output "markdown" {
  description = "The report as Markdown."
  value       = module.verify.markdown
}

output "portal" {
  description = "Address of the portal."
  value       = "https://${local.portal}"
}

output "mta_sts_policy" {
  description = "Text to serve at https://mta-sts.<domain>/.well-known/mta-sts.txt; null without MTA-STS."
  value       = module.email.mta_sts_policy
}

output "ready" {
  description = "What further checks of what this module builds depend on."
  value       = true
  depends_on  = [module.dns.ready, module.email.ready, module.tls.ready, module.edge.ready, module.monitoring.ready]
}

output "ds" {
  description = "DS record for the registrar, where the zone is signed."
  value       = module.dns.ds
}

output "lost" {
  description = "What the Cloudflare plan of the zone does not have, and what that costs."
  value       = concat(module.edge.lost, module.monitoring.lost)
}

output "monitors" {
  description = "Ids of the uptime monitors at their service, by key."
  value       = module.monitoring.monitors
}

output "alerts" {
  description = "Kinds of alert that Cloudflare sends, by name."
  value       = module.monitoring.alerts
}

output "origin_protection" {
  description = "What the origin needs to answer the edge alone: ranges, a certificate, and snippets for nginx, nftables and ufw. Null where nothing is proxied."
  value       = module.edge.origin
}
