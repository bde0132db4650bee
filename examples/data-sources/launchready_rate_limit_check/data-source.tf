# How a person signs in. The identities themselves come from LAUNCHREADY_IDENTITIES.
provider "launchready" {
  portal = {
    base_url = "https://portal.acme.example"
    sign_in  = { path = "/api/login", token_pointer = "/token" }
    whoami   = { path = "/api/me" }
  }
}

# Every plan sends bursts,
# so it runs only when asked to: terraform plan -var attack=true
variable "attack" {
  type    = bool
  default = false
}

data "launchready_rate_limit_check" "portal" {
  enabled     = var.attack
  enforcement = "report"

  endpoints = {
    login = {
      path     = "/api/login"
      body     = jsonencode({ email = "{{account}}", password = "{{password}}" })
      accounts = ["member_a", "member_b"]
      control  = { identity = "member_b", path = "/api/me" }
    }
    reset = {
      path    = "/api/password-reset"
      body    = jsonencode({ email = "{{account}}" })
      mailbox = "inbox"
    }
    posts = {
      method   = "GET"
      path     = "/api/posts"
      identity = "member_a"
      kind     = "api"
      requests = 80
      within   = "20s"
    }
  }
}

output "rate_limits" {
  value = data.launchready_rate_limit_check.portal.status
}
