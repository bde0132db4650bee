resource "launchready_uptime_monitor" "origin" {
  name    = "portal-origin"
  url     = "https://portal.acme.example/healthz"
  address = "198.51.100.10"
}

resource "launchready_alert_destination" "ops" {
  zone  = "acme.example"
  email = "ops@agency.example"
}

resource "launchready_alert_policy" "origin_down" {
  zone         = "acme.example"
  name         = "acme.example: origin is down"
  alert_type   = "health_check_status_notification"
  destinations = [launchready_alert_destination.ops.id]
  filters = {
    health_check_id = [launchready_uptime_monitor.origin.id]
    status          = ["Unhealthy", "Healthy"]
  }
}

# An address alone will do.
resource "launchready_alert_policy" "ddos" {
  zone         = "acme.example"
  name         = "acme.example: attack"
  alert_type   = "dos_attack_l7"
  destinations = ["ops@agency.example"]
}
