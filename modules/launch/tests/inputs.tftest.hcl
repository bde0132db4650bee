# What cannot be meant is refused at once, by a message that says what to write.

variables {
  domain       = "acme.example"
  origin       = "198.51.100.10"
  report_files = []
  wait         = "1s"
}

run "a_domain_of_other_letters_is_refused" {
  command = plan

  variables {
    domain = "bücher.example"
  }

  expect_failures = [var.domain]
}

run "an_unknown_part_to_adopt_is_refused" {
  command = plan

  variables {
    adopt = ["mail"]
  }

  expect_failures = [var.adopt]
}

run "a_portal_with_a_scheme_is_refused" {
  command = plan

  variables {
    portal_host = "https://portal.acme.example"
  }

  expect_failures = [var.portal_host]
}

run "an_origin_with_a_scheme_is_refused" {
  command = plan

  variables {
    origin = "https://198.51.100.10"
  }

  expect_failures = [var.origin]
}

run "the_key_of_the_portal_is_taken" {
  command = plan

  variables {
    web_hosts = { portal = { name = "shop", origin = "198.51.100.11" } }
  }

  expect_failures = [var.web_hosts]
}

run "an_origin_of_a_further_host_with_a_scheme_is_refused" {
  command = plan

  variables {
    web_hosts = { shop = { name = "shop", origin = "http://198.51.100.11" } }
  }

  expect_failures = [var.web_hosts]
}

run "an_unknown_plan_is_refused" {
  command = plan

  variables {
    tier = "premium"
  }

  expect_failures = [var.tier]
}

run "a_page_is_a_path" {
  command = plan

  variables {
    pages = ["welcome"]
  }

  expect_failures = [var.pages]
}

run "a_private_path_begins_with_a_slash" {
  command = plan

  variables {
    private_paths = ["account"]
  }

  expect_failures = [var.private_paths]
}

run "a_static_path_begins_with_a_slash" {
  command = plan

  variables {
    static_paths = ["static/site.css"]
  }

  expect_failures = [var.static_paths]
}

run "an_alert_goes_to_an_address" {
  command = plan

  variables {
    alerts_to = ["ops"]
  }

  expect_failures = [var.alerts_to]
}

run "an_unknown_policy_is_refused" {
  command = plan

  variables {
    dmarc = { policy = "block" }
  }

  expect_failures = [var.dmarc]
}

run "a_selector_needs_a_key" {
  command = plan

  variables {
    dkim = { google = {} }
  }

  expect_failures = [var.dkim]
}

run "an_unknown_mode_is_refused" {
  command = plan

  variables {
    tls = { mode = "full_strict" }
  }

  expect_failures = [var.tls]
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

run "an_attestation_has_an_owner" {
  command = plan

  variables {
    attestations = [{ rule = "support.drill", statement = "Done.", owner = "", evidence = "https://wiki.agency.example/drill", expires = "2099-01-31" }]
  }

  expect_failures = [var.attestations]
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

# Before anything is built, and not in the midst of the apply.
run "an_unknown_area_is_refused" {
  command = plan

  variables {
    require = ["email_auth", "e-mail"]
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

run "an_attestation_whose_owner_is_null_is_refused" {
  command = plan

  variables {
    attestations = [{ rule = "secrets.rotation_plan", statement = "quarterly", owner = null, evidence = "https://wiki.example/keys", expires = "2027-06-30" }]
  }

  expect_failures = [var.attestations]
}

run "a_waiver_whose_owner_is_null_is_refused" {
  command = plan

  variables {
    waivers = [{ rule = "tls.caa_missing", reason = "the registrar moves", owner = null, expires = "2027-06-30" }]
  }

  expect_failures = [var.waivers]
}

# The sandbox's edge answers for every address that is not its origin's.
run "an_origin_with_an_ipv6_address_is_tried_too" {
  command = plan

  variables {
    origin      = "2001:db8::10"
    adopt       = ["dns", "email", "tls", "edge", "monitoring"]
    enforcement = "report"
  }

  assert {
    condition     = contains(output.violations[*].rule, "edge.origin_direct")
    error_message = "An origin that answers strangers over IPv6 was not seen: ${jsonencode(output.violations)}"
  }
}

run "a_lowest_version_of_tls_that_is_too_low_is_refused" {
  command = plan

  variables {
    require_tls = { minimum_version = "1.1" }
  }

  expect_failures = [var.require_tls]
}
