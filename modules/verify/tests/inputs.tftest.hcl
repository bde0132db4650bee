# What cannot be meant is refused at once, by a message that says what to write.

variables {
  domain = "acme.example"
  hosts  = ["portal.acme.example"]
  wait   = "1s"
}

run "a_domain_with_a_scheme_is_refused" {
  command = plan

  variables {
    domain = "https://acme.example"
  }

  expect_failures = [var.domain]
}

run "a_host_with_a_scheme_is_refused" {
  command = plan

  variables {
    hosts = ["https://portal.acme.example"]
  }

  expect_failures = [var.hosts]
}

run "a_page_is_a_whole_address" {
  command = plan

  variables {
    pages = ["/welcome"]
  }

  expect_failures = [var.pages]
}

run "an_unknown_policy_is_refused" {
  command = plan

  variables {
    minimum_policy = "block"
  }

  expect_failures = [var.minimum_policy]
}

run "an_unknown_enforcement_is_refused" {
  command = plan

  variables {
    enforcement = "block"
  }

  expect_failures = [var.enforcement]
}

run "a_wait_has_a_unit" {
  command = plan

  variables {
    wait = "30"
  }

  expect_failures = [var.wait]
}

run "a_waiver_ends_on_a_day" {
  command = plan

  variables {
    waivers = [{ rule = "tls.hsts_missing", reason = "moving", owner = "Ada", expires = "soon" }]
  }

  expect_failures = [var.waivers]
}

run "a_waiver_has_an_owner" {
  command = plan

  variables {
    waivers = [{ rule = "tls.hsts_missing", reason = "moving", owner = " ", expires = "2099-01-31" }]
  }

  expect_failures = [var.waivers]
}

run "an_attestation_has_an_owner" {
  command = plan

  variables {
    attestations = [{ rule = "support.drill", statement = "Done.", owner = "", evidence = "https://wiki.agency.example/drill", expires = "2099-01-31" }]
  }

  expect_failures = [var.attestations]
}

run "an_attestation_ends_on_a_day" {
  command = plan

  variables {
    attestations = [{ rule = "support.drill", statement = "Done.", owner = "Ada", evidence = "https://wiki.agency.example/drill", expires = "2099-13-31" }]
  }

  expect_failures = [var.attestations]
}

run "an_argument_of_authentication_that_is_none_is_refused" {
  command = plan

  variables {
    authentication = { identiy = "member_a" }
  }

  expect_failures = [var.authentication]
}

run "an_argument_of_secrets_that_is_none_is_refused" {
  command = plan

  variables {
    secrets = { repo = "." }
  }

  expect_failures = [var.secrets]
}

run "an_argument_of_observability_that_is_none_is_refused" {
  command = plan

  variables {
    observability = { drill = {} }
  }

  expect_failures = [var.observability]
}

run "an_argument_of_latency_that_is_none_is_refused" {
  command = plan

  variables {
    latency = { p99 = "1s" }
  }

  expect_failures = [var.latency]
}

run "an_argument_of_deployment_that_is_none_is_refused" {
  command = plan

  variables {
    deployment = { version = "1" }
  }

  expect_failures = [var.deployment]
}

run "an_argument_of_support_that_is_none_is_refused" {
  command = plan

  variables {
    support = { handbook = "." }
  }

  expect_failures = [var.support]
}

run "a_negative_rate_is_refused" {
  command = plan

  variables {
    hourly_rate = -5
  }

  expect_failures = [var.hourly_rate]
}

run "an_estimate_from_more_to_less_is_refused" {
  command = plan

  variables {
    effort_overrides = { "authz.*" = { low = 5, high = 2 } }
  }

  expect_failures = [var.effort_overrides]
}

run "a_warning_in_days_is_refused" {
  command = plan

  variables {
    expiry_warning = "30d"
  }

  expect_failures = [var.expiry_warning]
}

run "an_unknown_area_is_refused" {
  command = plan

  variables {
    require = ["e-mail"]
  }

  expect_failures = [var.require]
}

run "a_report_in_no_known_form_is_refused" {
  command = plan

  variables {
    report_files = ["launch-report.pdf"]
  }

  expect_failures = [var.report_files]
}

run "a_lowest_version_of_tls_that_is_too_low_is_refused" {
  command = plan

  variables {
    require_tls = { minimum_version = "1.1" }
  }

  expect_failures = [var.require_tls]
}
