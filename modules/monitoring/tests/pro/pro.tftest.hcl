# From plan Pro on Cloudflare watches, and tells of it.

variables {
  zone      = "acme.example"
  name      = "acme"
  tier      = "pro"
  monitors  = { portal = { url = "https://portal.acme.example/readyz", interval = "1m" } }
  alerts_to = ["ops@agency.example"]
}

run "cloudflare_watches" {
  command = apply

  assert {
    condition     = join(",", keys(output.monitors)) == "portal"
    error_message = "Monitors: ${jsonencode(output.monitors)}"
  }

  assert {
    condition     = output.alerts["down"] == "health_check_status_notification" && !contains(keys(output.alerts), "attack")
    error_message = "Alerts: ${jsonencode(output.alerts)}"
  }
}

run "nobody_to_tell_is_said" {
  command = apply

  variables {
    alerts_to = []
  }

  assert {
    condition     = length(output.alerts) == 0 && strcontains(join(" ", output.lost), "Nobody is alerted")
    error_message = "Alerts ${jsonencode(output.alerts)}; lost: ${jsonencode(output.lost)}"
  }
}
