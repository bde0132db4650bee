# What cannot be meant is refused at once, by a message that says what to write.

variables {
  zone  = "acme.example"
  hosts = ["portal.acme.example"]
}

run "a_zone_with_a_scheme_is_refused" {
  command = plan

  variables {
    zone = "https://acme.example"
  }

  expect_failures = [var.zone]
}

run "a_host_with_a_scheme_is_refused" {
  command = plan

  variables {
    hosts = ["https://portal.acme.example"]
  }

  expect_failures = [var.hosts]
}

run "an_unknown_plan_is_refused" {
  command = plan

  variables {
    tier = "premium"
  }

  expect_failures = [var.tier]
}

run "a_name_with_a_space_is_refused" {
  command = plan

  variables {
    name = "The portal"
  }

  expect_failures = [var.name]
}

run "an_unknown_position_is_refused" {
  command = plan

  variables {
    position = { waf = "middle" }
  }

  expect_failures = [var.position]
}

run "a_limit_needs_paths" {
  command = plan

  variables {
    throttle = { sign_in = { paths = [] } }
  }

  expect_failures = [var.throttle]
}

run "an_unknown_sensitivity_is_refused" {
  command = plan

  variables {
    waf = { owasp = "paranoid" }
  }

  expect_failures = [var.waf]
}

run "a_redirect_leads_to_one_place" {
  command = plan

  variables {
    redirects = { old = { hosts = ["old.acme.example"], to = "https://acme.example/", to_host = "acme.example" } }
  }

  expect_failures = [var.redirects]
}

run "a_redirect_of_everything_is_refused" {
  command = plan

  variables {
    redirects = { all = { to_host = "acme.example" } }
  }

  expect_failures = [var.redirects]
}

run "nothing_is_declared_where_it_is_not_enabled" {
  command = plan

  variables {
    enabled = false

  }

  assert {
    condition     = length(launchready_zone_waf.this) + length(launchready_zone_rate_limits.this) + length(launchready_zone_cache.this) + length(launchready_zone_origin_protection.this) == 0
    error_message = "The module declares something."
  }

  assert {
    condition     = output.ready
    error_message = "Checks wait for something that never comes."
  }
}
