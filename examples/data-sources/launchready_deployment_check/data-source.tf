provider "launchready" {
  portal = { base_url = "https://portal.acme.example" }

  probe = { allowed_hosts = ["*.acme.example"] }

  # Credentials come from variables or LAUNCHREADY_IDENTITIES, never from here.
  identities = {
    staging = { headers = { CF-Access-Client-Id = var.access_id, CF-Access-Client-Secret = var.access_secret } }
    robot   = { bearer_token = var.robot_token }
  }

  sinks = { prometheus = { type = "prometheus", url = "https://prometheus.acme.example" } }
}

data "launchready_deployment_check" "portal" {
  enforcement = "report"

  # What CI has deployed.
  expected_version = var.release

  production = { paths = ["/", "/login", "/pricing", "/api/me"] }

  staging = {
    url      = "https://staging.acme.example"
    identity = "staging"

    drill = {
      dependency = "database"
      identity   = "robot"
      break      = { method = "PUT", path = "/drill/dependencies/database", body = jsonencode({ state = "down" }) }
      restore    = { method = "PUT", path = "/drill/dependencies/database", body = jsonencode({ state = "up" }) }
    }
  }

  # Names alone: the values of these files are kept nowhere.
  environment = {
    example_files   = ["${path.module}/.env.example"]
    production_file = "${path.module}/production.names"
    staging_file    = "${path.module}/staging.names"
    required        = ["DATABASE_URL", "SESSION_SECRET"]
    only_in         = { production = ["SENTRY_*"] }
  }

  rollback = {
    previous = "1.4.1"
    drilled  = { date = "2026-10-01", owner = "ops@acme.example", restored_in = "4m" }
  }

  alert_link = { sink = "prometheus", query = "deploy_info{version=\"{{release}}\"}" }
}

variable "release" { type = string }

variable "robot_token" {
  type      = string
  sensitive = true
}

variable "access_id" {
  type      = string
  sensitive = true
}

variable "access_secret" {
  type      = string
  sensitive = true
}
