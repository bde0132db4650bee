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
    condition     = length(output.lost) == 6 && strcontains(join(" ", output.lost), "Rate limit sign_in (10 requests in 60s, blocked for 60s) is 10 in 10s, blocked for 10s, counted together with recovery.")
    error_message = "What is lost is not said: ${jsonencode(output.lost)}"
  }

  assert {
    condition     = strcontains(output.expressions["lr_rate_limits_default_recovery"], "/api/password-reset") && strcontains(output.expressions["lr_rate_limits_default_recovery"], "/login")
    error_message = "A path was lost: ${output.expressions["lr_rate_limits_default_recovery"]}"
  }
}

run "a_generous_limit_does_not_fall_to_a_strict_one" {
  command = plan

  variables {
    throttle = {
      api      = { paths = ["/api/*"], methods = ["GET"], requests = 300, period = "10s" }
      exports  = { paths = ["/exports"], requests = 240, period = "2m" }
      sign_in  = { paths = ["/login"], requests = 60, period = "1m", timeout = "10m" }
      recovery = { paths = ["/reset"], requests = 5, period = "10m" }
    }
  }

  assert {
    condition     = join(" ", keys(output.rate_limits)) == "recovery" && output.rate_limits["recovery"].requests == 10 && output.rate_limits["recovery"].seconds == 10
    error_message = "Rates are compared before the periods are one: ${jsonencode(output.rate_limits)}"
  }

  assert {
    condition     = output.rate_limits["recovery"].paths == tolist(["/reset", "/login", "/exports"])
    error_message = "Limits of like rate belong together, and no others: ${jsonencode(output.rate_limits)}"
  }

  assert {
    condition     = strcontains(join(" ", output.lost), "Rate limit api (300 requests in 10s) is left out") && strcontains(join(" ", output.lost), "Rate limit exports (240 requests in 120s, blocked for 120s) is 10 in 10s, blocked for 10s, counted together with recovery, sign_in.")
    error_message = "What is lost is not said: ${jsonencode(output.lost)}"
  }
}

run "a_period_is_a_duration" {
  command = plan

  variables {
    throttle = { sign_in = { paths = ["/login"], period = "a minute" } }
  }

  expect_failures = [var.throttle]
}

run "a_tier_above_the_zone_is_refused" {
  command = plan

  variables {
    tier = "pro"
  }

  expect_failures = [data.launchready_zone.this]
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

run "nothing_for_no_host" {
  command = plan

  variables {
    hosts = []
  }

  assert {
    condition     = output.origin == null && length(output.expressions) == 0
    error_message = "Something is made."
  }
}
