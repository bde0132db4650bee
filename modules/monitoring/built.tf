# What this module has built, for a handover document.
output "built" {
  description = "What this module has built, as the module handover takes it."
  value = {
    title    = "Monitoring"
    monitors = { for key, m in launchready_uptime_monitor.this : m.name => { url = m.url, service = m.backend, interval = coalesce(m.interval, "the service's default") } }
    alerts   = { for key, p in launchready_alert_policy.this : p.name => { kind = replace(p.alert_type, "_", " "), to = p.destinations } }
    limits   = local.lost
  }
}
