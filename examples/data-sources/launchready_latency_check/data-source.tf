# Measures what members do most, at five requests a second each, for two minutes
# at most.
data "launchready_latency_check" "portal" {
  p95 = "500ms"

  actions = {
    login_state = { path = "/api/me", identity = "member_a" }
    profile     = { path = "/api/profile", identity = "member_a" }
    membership  = { path = "/api/membership", identity = "member_a" }
    content     = { path = "/api/posts", identity = "member_a", contains = "title" }

    # A report may take longer. Its name does not say what it is for.
    report = { path = "/api/reports/weekly", identity = "member_a", kind = "other", p95 = "2s" }
  }

  # The bursts of this check would be measured as well.
  depends_on = [data.launchready_rate_limit_check.portal]
}
