# The zone is on plan Pro, which has two rate limits, over a minute at most.

variables {
  zone  = "acme.example"
  hosts = ["portal.acme.example"]
  tier  = "pro"
}

run "another_name_stands_beside_it" {
  command = plan

  variables {
    name     = "members"
    position = { waf = "last" }
  }

  assert {
    condition     = launchready_zone_cache.this[0].name == "members" && launchready_zone_waf.this[0].name == "members" && launchready_zone_rate_limits.this[0].name == "members" && launchready_zone_response_headers.this[0].name == "members"
    error_message = "The name is not that of every kind of rules."
  }

  assert {
    condition     = launchready_zone_waf.this[0].position == "last"
    error_message = "The position is not that of the rules."
  }
}

run "what_fits_is_kept_as_it_is" {
  command = plan

  assert {
    condition     = length(output.rate_limits) == 2 && alltrue([for l in output.rate_limits : l.requests == 10 && l.seconds == 60])
    error_message = "Two limits fit: ${jsonencode(output.rate_limits)}"
  }

  assert {
    condition     = length(output.lost) == 1
    error_message = "Nothing of them is lost: ${jsonencode(output.lost)}"
  }
}

run "of_three_limits_those_that_are_alike_are_one" {
  command = apply

  variables {
    throttle = {
      api      = { paths = ["/api/*"], methods = ["GET"], requests = 300, period = "10s" }
      sign_in  = { paths = ["/login"], timeout = "2h" }
      recovery = { paths = ["/reset"], requests = 100, period = "10m" }
    }
  }

  assert {
    condition     = join(" ", keys(output.rate_limits)) == "api recovery" && output.rate_limits["api"].requests == 300 && output.rate_limits["api"].seconds == 10
    error_message = "A limit that is alone in its rate stays so: ${jsonencode(output.rate_limits)}"
  }

  assert {
    condition     = output.rate_limits["recovery"].requests == 10 && output.rate_limits["recovery"].seconds == 60 && output.rate_limits["recovery"].timeout == 3600
    error_message = "A period above a minute is converted, and the longest timeout kept: ${jsonencode(output.rate_limits)}"
  }

  assert {
    condition     = strcontains(join(" ", output.lost), "Rate limit recovery (100 requests in 600s, blocked for 600s) is 10 in 60s, blocked for 3600s, counted together with sign_in.")
    error_message = "What is lost is not said: ${jsonencode(output.lost)}"
  }
}

run "the_most_generous_give_way" {
  command = plan

  variables {
    throttle = {
      sign_in = { paths = ["/login"], requests = 10 }
      search  = { paths = ["/search"], requests = 100 }
      files   = { paths = ["/files/*"], requests = 200 }
      api     = { paths = ["/api/*"], requests = 3000 }
    }
  }

  assert {
    condition     = { for name, l in output.rate_limits : name => l.requests } == { search = 100, sign_in = 10 } && output.rate_limits["search"].paths == tolist(["/search", "/files/*"])
    error_message = "Neither falls far, and the strict ones stand: ${jsonencode(output.rate_limits)}"
  }

  assert {
    condition     = strcontains(join(" ", output.lost), "Rate limit api (3000 requests in 60s) is left out")
    error_message = "What is lost is not said: ${jsonencode(output.lost)}"
  }
}

run "a_tier_below_the_zone_is_warned_of" {
  command = plan

  variables {
    tier = "free"
  }

  expect_failures = [check.tier]
}
