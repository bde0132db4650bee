# The zone is as it was found: without mail authentication, with weak TLS.

variables {
  domain         = "acme.example"
  hosts          = ["portal.acme.example"]
  pages          = ["https://portal.acme.example/welcome"]
  dkim_selectors = ["google"]
  wait           = "1s"
}

run "violations_are_reported_at_once" {
  command = plan

  variables {
    enforcement      = "report"
    effort_overrides = { "dmarc.missing" = { low = 1900 } }
  }

  assert {
    condition     = output.plan_of_work.hours.low >= 1900
    error_message = "The estimate is ${jsonencode(output.plan_of_work.hours)}."
  }

  assert {
    condition     = output.gate == "blocked"
    error_message = "The gate is ${output.gate}."
  }

  assert {
    condition     = length(setintersection(output.violations[*].rule, ["spf.missing", "dmarc.missing", "tls.http_no_redirect"])) == 3
    error_message = "Violations are ${jsonencode(output.violations[*].rule)}."
  }
}

# What is asked beyond the defaults shows in what the checks find.
run "more_may_be_asked" {
  command = plan

  variables {
    enforcement        = "report"
    require_tls        = { minimum_version = "1.3", hsts = { required = false } }
    sending_subdomains = ["news"]
    mail_addresses     = ["198.51.100.25"]
  }

  assert {
    condition     = strcontains(output.json, "news.acme.example") && strcontains(output.json, "198.51.100.25")
    error_message = "Neither the further name nor the server is in the report."
  }

  assert {
    condition     = contains([for v in output.violations : v.rule if strcontains(v.message, "1.2")], "tls.protocol_old") && !contains(output.violations[*].rule, "tls.hsts_missing")
    error_message = "Violations are ${jsonencode([for v in output.violations : "${v.rule}: ${v.message}" if startswith(v.rule, "tls.")])}."
  }
}

run "a_host_is_needed" {
  command = plan

  variables {
    hosts = []
  }

  expect_failures = [var.hosts]
}

run "an_argument_that_is_none_is_refused" {
  command = plan

  variables {
    authorization = { route = {} }
  }

  expect_failures = [var.authorization]
}
