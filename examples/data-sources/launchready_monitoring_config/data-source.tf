data "launchready_monitoring_config" "portal" {
  monitors = {
    portal = {
      url              = "https://portal.acme.example/healthz"
      body             = "ok"
      certificate_days = 21
    }
    # Without a session it must be refused.
    api = {
      url      = "https://portal.acme.example/api/me"
      status   = ["401"]
      interval = "30s"
    }
    # Tokens are found by the tools themselves: they stand in no configuration.
    members = {
      url          = "https://portal.acme.example/api/membership"
      bearer_token = { file = "/etc/blackbox/portal.token", environment = "PORTAL_TOKEN" }
    }
  }

  exporters    = { eu = "blackbox-eu:9115", us = "blackbox-us:9115" }
  applications = { portal = { targets = ["10.0.0.5:9100"] } }

  alerts = {
    selector    = { job = "portal" }
    labels      = { team = "ops" }
    runbook_url = "https://wiki.agency.example/acme/runbook"
  }
}

output "prometheus_rules" {
  value = data.launchready_monitoring_config.portal.rules
}
