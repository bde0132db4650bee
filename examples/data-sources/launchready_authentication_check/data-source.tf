# How a person signs in. The identities themselves come from LAUNCHREADY_IDENTITIES.
provider "launchready" {
  portal = {
    base_url = "https://portal.acme.example"
    sign_in  = { path = "/login", format = "form" }
    sign_out = { path = "/api/logout" }
    whoami   = { path = "/api/me" }
  }
}

# Every plan signs in,
# so it runs only when asked to: terraform plan -var attack=true
variable "attack" {
  type    = bool
  default = false
}

data "launchready_authentication_check" "portal" {
  enabled     = var.attack
  enforcement = "report"

  identity        = "member_a"
  protected_paths = ["/api/posts", "/account"]
  admin           = "admin"
  admin_paths     = ["/admin", "/api/admin/users"]

  # An identity that may be changed and locked: for nothing else.
  mutable = "disposable"
  sensitive_changes = {
    password = { path = "/api/password", body = jsonencode({ current_password = "{{current_password}}", password = "{{password}}" }) }
    email    = { path = "/api/email", body = jsonencode({ current_password = "{{current_password}}", email = "{{address}}" }) }
  }

  recovery = {
    mailbox = "inbox"
    request = { path = "/api/password-reset", body = jsonencode({ email = "{{address}}" }) }
    confirm = { path = "/api/password-reset/confirm", body = jsonencode({ token = "{{token}}", password = "{{password}}" }) }
  }

  # Programs sign in here; their tokens are JWTs.
  token_sign_in = {
    path          = "/api/token"
    token_pointer = "/access_token"
    refresh       = { path = "/api/token/refresh", body = jsonencode({ refresh_token = "{{refresh_token}}" }) }
  }

  # What the target offers for tests: sessions that end early.
  short_session = { headers = { "X-Test-Session" = "idle=2s, life=4s" }, idle = "2s", absolute = "4s" }
}

output "authentication" {
  value = data.launchready_authentication_check.portal.status
}
