# How a person signs in. The identities themselves come from LAUNCHREADY_IDENTITIES.
provider "launchready" {
  portal = {
    base_url = "https://portal.acme.example"
    sign_in  = { path = "/api/login", token_pointer = "/token" }
    whoami   = { path = "/api/me" }
  }
}

# Measures what members do most, at five requests a second each, for two minutes
# at most.
#
# Every plan sends them, so it runs only when asked to: terraform plan -var measure=true
variable "measure" {
  type    = bool
  default = false
}

data "launchready_latency_check" "portal" {
  enabled     = var.measure
  enforcement = "report"
  p95         = "500ms"

  actions = {
    login_state = { path = "/api/me", identity = "member_a" }
    profile     = { path = "/api/profile", identity = "member_a" }
    membership  = { path = "/api/membership", identity = "member_a" }
    content     = { path = "/api/posts", identity = "member_a", contains = "title" }

    # A report may take longer. Its name does not say what it is for.
    report = { path = "/api/reports/weekly", identity = "member_a", kind = "other", p95 = "2s" }
  }
}
