resource "launchready_alert_policy" "origin_down" {
  zone         = "acme.example"
  name         = "acme.example: origin is down"
  alert_type   = "health_check_status_notification"
  destinations = [launchready_alert_destination.ops.id, launchready_alert_destination.pager.id]
  filters = {
    health_check_id = [launchready_uptime_monitor.origin.id]
    status          = ["Unhealthy", "Healthy"]
  }
}

resource "launchready_alert_policy" "ddos" {
  zone         = "acme.example"
  name         = "acme.example: attack"
  alert_type   = "dos_attack_l7"
  destinations = ["ops@agency.example"]
}
