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
