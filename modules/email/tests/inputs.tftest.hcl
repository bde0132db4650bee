# What cannot be meant is refused at once, by a message that says what to write.

variables {
  zone    = "acme.example"
  senders = ["google_workspace"]
}

run "a_zone_with_a_scheme_is_refused" {
  command = plan

  variables {
    zone = "https://acme.example"
  }

  expect_failures = [var.zone]
}

run "everybody_may_not_send" {
  command = plan

  variables {
    spf = { all = "+all" }
  }

  expect_failures = [var.spf]
}

run "an_unknown_policy_of_subdomains_is_refused" {
  command = plan

  variables {
    dmarc = { subdomain_policy = "block" }
  }

  expect_failures = [var.dmarc]
}

run "reports_need_an_address" {
  command = plan

  variables {
    dmarc = { rua = ["dmarc@acme.example"] }
  }

  expect_failures = [var.dmarc]
}

run "an_unknown_mode_is_refused" {
  command = plan

  variables {
    mta_sts = { mode = "on", mx = ["smtp.google.com"] }
  }

  expect_failures = [var.mta_sts]
}

run "a_policy_names_its_hosts" {
  command = plan

  variables {
    mta_sts = { mx = [] }
  }

  expect_failures = [var.mta_sts]
}

run "a_policy_of_an_hour_is_refused" {
  command = plan

  variables {
    mta_sts = { mx = ["smtp.google.com"], max_age = 3600 }
  }

  expect_failures = [var.mta_sts]
}

run "reports_of_tls_need_an_address" {
  command = plan

  variables {
    tls_rpt = ["tls-reports@acme.example"]
  }

  expect_failures = [var.tls_rpt]
}

run "a_logo_comes_by_https" {
  command = plan

  variables {
    bimi = { location = "http://acme.example/logo.svg" }
  }

  expect_failures = [var.bimi]
}

run "a_parked_zone_has_no_senders" {
  command = plan

  variables {
    parked = ["@"]
  }

  expect_failures = [var.parked]
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
    enabled = false
    dkim    = { google = { target = "google.example" } }
    tls_rpt = ["mailto:tls@acme.example"]
    mta_sts = { mx = ["smtp.google.com"], origin = "198.51.100.10" }
    parked  = ["static"]
  }

  assert {
    condition     = length(launchready_spf_record.this) + length(launchready_dkim_record.this) + length(launchready_dmarc_record.this) + length(launchready_mta_sts_records.this) + length(launchready_dns_record.mta_sts_host) + length(launchready_tls_rpt_record.this) + length(launchready_spf_record.parked) + length(launchready_dns_record.parked_mx) == 0
    error_message = "The module declares something."
  }

  assert {
    condition     = output.ready
    error_message = "Checks wait for something that never comes."
  }
}
