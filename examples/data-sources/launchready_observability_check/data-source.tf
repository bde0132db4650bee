variable "drill" {
  type    = bool
  default = true
}

# How a person signs in. The identity admin comes from LAUNCHREADY_IDENTITIES.
provider "launchready" {
  portal = {
    base_url = "https://portal.acme.example"
    sign_in = {
      path          = "/api/login"
      token_pointer = "/token"
      second_factor = { path = "/api/login/totp", fields = { ticket = "{{answer:/ticket}}", code = "{{totp}}" } }
    }
  }
  sinks = {
    prometheus = { type = "prometheus", url = "https://prometheus.acme.example" }
    alerts     = { type = "alertmanager", url = "https://alertmanager.acme.example" }
    logs       = { type = "loki", url = "https://loki.acme.example", tenant = "acme" }
  }
  mailboxes = { ops = { imap = "imap.acme.example:993", username = "ops@acme.example", password = var.ops_password } }
}

variable "ops_password" {
  type      = string
  sensitive = true
}

data "launchready_observability_check" "this" {
  enforcement = "report" # a scorecard decides

  enabled   = var.drill
  valid_for = "24h" # who is on call is not woken by each plan

  drills = {
    sign_in = {
      request = {
        path          = "/api/login"
        body          = jsonencode({ email = "{{mark}}@acme.example", password = "{{password}}" })
        repeat        = 8
        expect_status = [401]
      }
      signals = {
        log    = { sink = "logs", query = "{app=\"portal\"}" }
        metric = { sink = "prometheus", query = "sum(http_requests_total{code=\"401\"})" }
        alert  = { mailbox = "ops", contains = "UnauthorizedSpike" }
      }
      within = "10m"
    }
    error = {
      request = { method = "POST", url = "https://staging.acme.example/api/drill/error", identity = "admin", expect_status = [500] }
      signals = { log = { sink = "logs", query = "{app=\"portal\", env=\"staging\"}" } }
    }
  }

  required_alerts = ["401_spike", "403_spike", "5xx_spike", "latency", "bounces", "certificate", "host_down"]
  on_call         = ["ops@acme.example"]
  monitored_hosts = ["acme.example", "portal.acme.example"]
}
