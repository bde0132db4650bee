output "monitors" {
  description = "Ids of the monitors at the service, by key."
  value       = { for key, m in launchready_uptime_monitor.this : key => m.id }
}

output "hosts" {
  description = "Hosts that are to be watched: those of `monitors`, whether a service watches them or not."
  value       = sort(distinct([for m in var.monitors : regex("^[a-z]+://([^/:?#]+)", m.url)[0]]))
}

output "alerts" {
  description = "Kinds of alert that are sent, by name."
  value       = { for name, p in launchready_alert_policy.this : name => p.alert_type }
}

output "lost" {
  description = "What the plan, or what is left out, does not have, and what that costs."
  value       = local.lost
}

output "ready" {
  description = "What checks of monitors and alerts depend on: `depends_on = [module.monitoring.ready]`."
  value       = true
  depends_on  = [launchready_uptime_monitor.this, launchready_alert_policy.this]
}
