output "ready" {
  description = "What checks of these settings depend on: `depends_on = [module.tls.ready]`."
  value       = true
  depends_on  = [launchready_zone_tls.this]
}
