locals {
  backend = var.backend != null ? var.backend : var.tier == "free" ? null : "cloudflare"

  monitors = !var.enabled || local.backend == null ? {} : var.monitors

  business   = contains(["business", "enterprise"], var.tier)
  enterprise = var.tier == "enterprise"
  alerting   = var.enabled && length(var.alerts_to) > 0

  # What each plan can tell of. Spikes of 401, 403 and bounces are not among it:
  # the application's own metrics show those.
  usual = {
    unreachable   = { on = true, alert_type = "real_origin_monitoring", filters = null }
    ddos          = { on = true, alert_type = "dos_attack_l7", filters = null }
    certificate   = { on = true, alert_type = "universal_ssl_event_type", filters = null }
    attack        = { on = local.business, alert_type = "clickhouse_alert_fw_anomaly", filters = { zones = [var.zone] } }
    origin_errors = { on = local.enterprise, alert_type = "http_alert_origin_error", filters = { zones = [var.zone], slo = ["99.8"] } }
    edge_errors   = { on = local.enterprise, alert_type = "http_alert_edge_error", filters = { zones = [var.zone], slo = ["99.8"] } }
    down = {
      on         = local.backend == "cloudflare" && length(local.monitors) > 0
      alert_type = "health_check_status_notification"
      filters    = { health_check_id = [for m in launchready_uptime_monitor.this : m.id], status = ["Unhealthy", "Healthy"] }
    }
  }

  policies = merge(
    { for name, alert in local.usual : name => { alert_type = alert.alert_type, filters = alert.filters, interval = null } if local.alerting && alert.on && !contains(keys(var.alerts), name) },
    { for name, alert in var.alerts : name => alert if local.alerting && alert != null },
  )

  lost = !var.enabled ? [] : concat(
    local.backend == null ? ["Nothing watches from outside: plan free has no health checks. Name a backend such as \"betterstack\" or \"uptimerobot\", or watch with a tool of your own: launchready_monitoring_config writes its configuration."] : [],
    local.alerting ? [] : ["Nobody is alerted: alerts_to is empty."],
    local.business ? [] : ["Spikes of attacks are not told of: alerts on security events need plan Business."],
    local.enterprise ? [] : ["Rates of 5xx are not told of by Cloudflare: that needs plan Enterprise. Alert on the application's own metrics."],
  )
}

resource "launchready_uptime_monitor" "this" {
  for_each = local.monitors

  backend  = local.backend
  zone     = local.backend == "cloudflare" ? var.zone : null
  name     = "${var.name}-${each.key}"
  url      = each.value.url
  address  = each.value.address
  interval = each.value.interval
  regions  = each.value.regions
  headers  = each.value.headers
  contacts = each.value.contacts
  paused   = each.value.paused

  verify_certificate = each.value.verify_certificate

  expect = {
    status           = each.value.status
    body             = each.value.body
    certificate_days = each.value.certificate_days
  }
}

resource "launchready_alert_policy" "this" {
  for_each = local.policies

  zone         = var.zone
  name         = "${var.name}: ${each.key}"
  alert_type   = each.value.alert_type
  filters      = each.value.filters
  interval     = each.value.interval
  destinations = var.alerts_to
}
