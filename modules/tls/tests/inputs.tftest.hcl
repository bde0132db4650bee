# What cannot be meant is refused at once, by a message that says what to write.

variables {
  zone = "acme.example"
}

run "a_zone_with_a_scheme_is_refused" {
  command = plan

  variables {
    zone = "https://acme.example"
  }

  expect_failures = [var.zone]
}

run "an_unknown_mode_is_refused" {
  command = plan

  variables {
    mode = "full_strict"
  }

  expect_failures = [var.mode]
}

run "an_unknown_version_is_refused" {
  command = plan

  variables {
    minimum_version = "TLSv1.2"
  }

  expect_failures = [var.minimum_version]
}

run "a_negative_age_is_refused" {
  command = plan

  variables {
    hsts = { max_age = -1 }
  }

  expect_failures = [var.hsts]
}

run "preload_wants_all_subdomains" {
  command = plan

  variables {
    hsts = { preload = true }
  }

  expect_failures = [var.hsts]
}

run "nothing_is_declared_where_it_is_not_enabled" {
  command = plan

  variables {
    enabled = false

  }

  assert {
    condition     = length(launchready_zone_tls.this) == 0
    error_message = "The module declares something."
  }

  assert {
    condition     = output.ready
    error_message = "Checks wait for something that never comes."
  }
}
