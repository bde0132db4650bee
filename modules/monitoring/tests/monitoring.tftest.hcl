# The sandbox's zone is on plan free, where Cloudflare watches nothing.

variables {
  zone      = "acme.example"
  name      = "acme"
  monitors  = { portal = { url = "https://portal.acme.example/" } }
  alerts_to = ["ops@agency.example"]
}

run "a_free_zone_has_no_monitor_but_alerts" {
  command = apply

  assert {
    condition     = output.monitors == {} && strcontains(join(" ", output.lost), "Nothing watches from outside")
    error_message = "Monitors ${jsonencode(output.monitors)}; lost: ${jsonencode(output.lost)}"
  }

  assert {
    condition     = output.alerts == { certificate = "universal_ssl_event_type", ddos = "dos_attack_l7", unreachable = "real_origin_monitoring" }
    error_message = "Alerts: ${jsonencode(output.alerts)}"
  }

  assert {
    condition     = join(",", output.hosts) == "portal.acme.example"
    error_message = "Hosts: ${jsonencode(output.hosts)}"
  }
}

run "another_service_watches" {
  command = apply

  variables {
    backend = "betterstack"
    monitors = {
      portal = { url = "https://portal.acme.example/", certificate_days = 14 }
      api    = { url = "https://portal.acme.example/healthz", body = "ok", interval = "1m" }
    }
    alerts = {
      ddos      = null
      incidents = { alert_type = "incident_alert" }
    }
  }

  assert {
    condition     = join(",", keys(output.monitors)) == "api,portal"
    error_message = "Monitors: ${jsonencode(output.monitors)}"
  }

  assert {
    condition     = join(",", keys(output.alerts)) == "certificate,incidents,unreachable"
    error_message = "Alerts: ${jsonencode(output.alerts)}"
  }
}

run "nothing_is_left_to_do" {
  command = plan

  variables {
    backend = "betterstack"
    monitors = {
      portal = { url = "https://portal.acme.example/", certificate_days = 14 }
      api    = { url = "https://portal.acme.example/healthz", body = "ok", interval = "1m" }
    }
    alerts = {
      ddos      = null
      incidents = { alert_type = "incident_alert" }
    }
  }

  assert {
    condition     = join(",", keys(output.monitors)) == "api,portal"
    error_message = "Monitors: ${jsonencode(output.monitors)}"
  }
}

run "a_key_with_a_space_is_refused" {
  command = plan

  variables {
    monitors = { "the portal" = { url = "https://portal.acme.example/" } }
  }

  expect_failures = [var.monitors]
}
