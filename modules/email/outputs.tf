output "dkim_selectors" {
  description = "Selectors that the module declares."
  value       = keys(var.dkim)
}

output "spf" {
  description = "The SPF record; null where the module declares none."
  value       = one(launchready_spf_record.this[*].content)
}

output "dmarc" {
  description = "The DMARC record; null where the module declares none."
  value       = one(launchready_dmarc_record.this[*].content)
}

output "return_paths" {
  description = "Full names of the return paths that the module declares."
  value       = distinct([for path in values(var.return_paths) : endswith(path.name, var.zone) ? path.name : "${path.name}.${var.zone}"])
}

output "parked" {
  description = "Names that the module parks."
  value       = var.parked
}

output "mta_sts_policy" {
  description = "Text to serve at mta_sts_policy_url as text/plain; null without MTA-STS."
  value       = one(launchready_mta_sts_records.this[*].policy)
}

output "mta_sts_policy_url" {
  description = "Where senders fetch the MTA-STS policy; null without MTA-STS."
  value       = one(launchready_mta_sts_records.this[*].policy_url)
}

output "ready" {
  description = "What checks of these records depend on: `depends_on = [module.email.ready]`."
  value       = true
  depends_on = [
    launchready_spf_record.this, launchready_dkim_record.this, launchready_dmarc_record.this,
    launchready_dns_record.return_path, launchready_dns_record.return_path_mx, launchready_spf_record.return_path,
    launchready_mta_sts_records.this, launchready_dns_record.mta_sts_host, launchready_tls_rpt_record.this, launchready_bimi_record.this,
    launchready_spf_record.parked, launchready_dmarc_record.parked, launchready_dns_record.parked_mx,
  ]
}
