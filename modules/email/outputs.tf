output "dkim_selectors" {
  description = "Selectors that the module declares."
  value       = keys(var.dkim)
}

output "spf" {
  description = "The SPF record."
  value       = launchready_spf_record.this.content
}

output "dmarc" {
  description = "The DMARC record."
  value       = launchready_dmarc_record.this.content
}

output "ready" {
  description = "What checks of these records depend on: `depends_on = [module.email.ready]`."
  value       = true
  depends_on  = [launchready_spf_record.this, launchready_dkim_record.this, launchready_dmarc_record.this]
}
