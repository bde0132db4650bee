variables {
  zone  = "acme.example"
  hosts = ["portal.acme.example"]
}

run "free_folds_what_does_not_fit" {
  command = apply

  assert {
    condition     = length(launchready_zone_rate_limits.this[0].deployed_rules) == 1
    error_message = "Free has one rate limit: ${jsonencode(launchready_zone_rate_limits.this[0].deployed_rules)}"
  }

  assert {
    condition     = length(output.lost) == 5 && strcontains(join(" ", output.lost), "2 rate limits are one")
    error_message = "What is lost is not said: ${jsonencode(output.lost)}"
  }

  assert {
    condition     = strcontains(output.expressions["lr_rate_limits_default_all"], "/api/password-reset") && strcontains(output.expressions["lr_rate_limits_default_all"], "/login")
    error_message = "A path was lost: ${output.expressions["lr_rate_limits_default_all"]}"
  }
}

run "a_second_plan_has_nothing_to_do" {
  command = plan

  assert {
    condition     = output.ready
    error_message = "Not ready."
  }
}

run "a_tier_that_is_none_is_refused" {
  command = plan

  variables {
    tier = "gold"
  }

  expect_failures = [var.tier]
}

run "redirects_and_headers" {
  command = apply

  variables {
    redirects = { www = { hosts = ["www.acme.example"], to_host = "acme.example" } }
    headers   = { frame_options = "DENY" }
    ddos      = { sensitivity = "medium" }
  }

  assert {
    condition     = output.expressions["lr_redirects_default_www"] == "http.host eq \"www.acme.example\""
    error_message = "The redirect is ${output.expressions["lr_redirects_default_www"]}."
  }
}
