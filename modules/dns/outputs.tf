output "hosts" {
  description = "Full names of the web hosts, by key."
  value       = { for key, record in launchready_dns_record.web : key => record.fqdn }
}

output "ready" {
  description = "What checks of these records depend on: `depends_on = [module.dns.ready]`."
  value       = true
  depends_on  = [launchready_dns_record.web]
}
