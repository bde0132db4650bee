# The zone is on plan Business, which has five rate limits and tells methods.

variables {
  zone  = "acme.example"
  hosts = ["portal.acme.example"]
  tier  = "business"
}

run "no_more_is_folded_than_must_be" {
  command = apply

  variables {
    throttle = {
      sign_in  = { paths = ["/login"], requests = 5, period = "1h" }
      recovery = { paths = ["/reset"], requests = 10, period = "10m" }
      codes    = { paths = ["/codes"], requests = 10, period = "10m" }
      invites  = { paths = ["/invites"], requests = 20, period = "10m" }
      search   = { paths = ["/search"], methods = ["GET"], requests = 20, period = "10m" }
      api      = { paths = ["/api/*"], methods = ["GET"], requests = 300, period = "10s", timeout = "48h" }
    }
  }

  # 5 in an hour are less than 1 in 10 minutes, where no page load is counted.
  assert {
    condition     = { for name, l in output.rate_limits : name => l.paths if length(l.paths) > 1 } == { codes = tolist(["/codes", "/reset"]) } && length(output.rate_limits) == 5
    error_message = "Two of the same rate and methods are folded: ${jsonencode(output.rate_limits)}"
  }

  assert {
    condition     = output.rate_limits["sign_in"].requests == 1 && output.rate_limits["sign_in"].seconds == 600 && output.rate_limits["sign_in"].timeout == 3600 && output.rate_limits["api"].timeout == 86400
    error_message = "A limit keeps its rate, and its timeout as far as the plan has it: ${jsonencode(output.rate_limits)}"
  }
}
