output "hosts" {
  description = "Full names of the web hosts, by key."
  value       = { for key, record in launchready_dns_record.web : key => record.fqdn }
}

output "redirect_hosts" {
  description = "Names that only redirect, by key: what redirect rules are written for."
  value       = var.redirect_hosts
}

output "ds" {
  description = "DS record for the registrar, where DNSSEC is on."
  value       = one(launchready_zone_dnssec.this[*].ds)
}

output "ready" {
  description = "What checks of these records depend on: `depends_on = [module.dns.ready]`."
  value       = true
  depends_on  = [launchready_dns_record.web, launchready_zone_records.this, launchready_zone_dnssec.this]
}
