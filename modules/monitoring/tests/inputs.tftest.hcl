# What cannot be meant is refused at once, by a message that says what to write.

variables {
  zone     = "acme.example"
  name     = "acme"
  monitors = {}
}

run "a_zone_with_a_scheme_is_refused" {
  command = plan

  variables {
    zone = "https://acme.example"
  }

  expect_failures = [var.zone]
}

run "a_name_with_a_dot_is_refused" {
  command = plan

  variables {
    name = "acme.example"
  }

  expect_failures = [var.name]
}

run "an_unknown_plan_is_refused" {
  command = plan

  variables {
    tier = "premium"
  }

  expect_failures = [var.tier]
}

run "an_unknown_service_is_refused" {
  command = plan

  variables {
    backend = "pingdom"
  }

  expect_failures = [var.backend]
}

run "an_address_without_scheme_is_refused" {
  command = plan

  variables {
    monitors = { portal = { url = "portal.acme.example" } }
  }

  expect_failures = [var.monitors]
}

run "an_alert_goes_to_an_address" {
  command = plan

  variables {
    alerts_to = ["ops"]
  }

  expect_failures = [var.alerts_to]
}

run "nothing_is_declared_where_it_is_not_enabled" {
  command = plan

  variables {
    enabled   = false
    alerts_to = ["ops@agency.example"]
  }

  assert {
    condition     = length(launchready_alert_policy.this) + length(launchready_uptime_monitor.this) == 0
    error_message = "The module declares something."
  }

  assert {
    condition     = output.ready
    error_message = "Checks wait for something that never comes."
  }
}
