# Plan Enterprise tells of rates of 5xx, and of attacks.

variables {
  zone      = "acme.example"
  name      = "acme"
  tier      = "enterprise"
  monitors  = { portal = { url = "https://portal.acme.example/" } }
  alerts_to = ["ops@agency.example"]
}

run "every_alert_there_is" {
  command = apply

  assert {
    condition     = join(",", keys(output.alerts)) == "attack,certificate,ddos,down,edge_errors,origin_errors,unreachable"
    error_message = "Alerts: ${jsonencode(output.alerts)}"
  }

  assert {
    condition     = length(output.lost) == 0
    error_message = "Lost: ${jsonencode(output.lost)}"
  }
}
