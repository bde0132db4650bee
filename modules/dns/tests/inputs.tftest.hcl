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

run "an_origin_with_a_scheme_is_refused" {
  command = plan

  variables {
    web_hosts = { portal = { name = "portal", origin = "https://acme.hosting.example" } }
  }

  expect_failures = [var.web_hosts]
}

run "another_way_to_meet_a_record_is_refused" {
  command = plan

  variables {
    web_hosts = { portal = { name = "portal", origin = "198.51.100.10", on_conflict = "replace" } }
  }

  expect_failures = [var.web_hosts]
}

run "a_redirect_with_a_scheme_is_refused" {
  command = plan

  variables {
    redirect_hosts = { old = "https://old.acme.example" }
  }

  expect_failures = [var.redirect_hosts]
}

run "a_parked_name_with_a_path_is_refused" {
  command = plan

  variables {
    parked = ["static/"]
  }

  expect_failures = [var.parked]
}

run "a_record_without_content_is_refused" {
  command = plan

  variables {
    records = { docs = { name = "docs", type = "CNAME" } }
  }

  expect_failures = [var.records]
}

run "a_priority_of_its_own_is_refused" {
  command = plan

  variables {
    records = { mx = { name = "@", type = "MX", content = "mail.acme.example", priority = "10" } }
  }

  expect_failures = [var.records]
}

run "an_unknown_way_with_foreign_records_is_refused" {
  command = plan

  variables {
    unmanaged = "ignore"
  }

  expect_failures = [var.unmanaged]
}

run "an_unknown_way_with_records_that_are_there_is_refused" {
  command = plan

  variables {
    on_conflict = "overwrite"
  }

  expect_failures = [var.on_conflict]
}

run "nothing_is_declared_where_it_is_not_enabled" {
  command = plan

  variables {
    enabled   = false
    web_hosts = { portal = { name = "portal", origin = "198.51.100.10" } }
    caa       = ["letsencrypt.org"]
    dnssec    = true
  }

  assert {
    condition     = length(launchready_dns_record.web) + length(launchready_zone_records.this) + length(launchready_zone_dnssec.this) == 0
    error_message = "The module declares something."
  }

  assert {
    condition     = output.ready
    error_message = "Checks wait for something that never comes."
  }
}
