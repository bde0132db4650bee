# How a person signs in. The identities themselves come from LAUNCHREADY_IDENTITIES:
# members of two organisations, an admin, a program (role api), and disposable, which may be changed.
provider "launchready" {
  portal = {
    base_url = "https://portal.acme.example"
    sign_in = {
      path          = "/api/login"
      token_pointer = "/token"
      # The admin has one; the secret is in LAUNCHREADY_IDENTITIES.
      second_factor = { path = "/api/login/totp", fields = { ticket = "{{answer:/ticket}}", code = "{{totp}}" } }
    }
    whoami = { path = "/api/me" }
  }
}

# What changes state is sent only when asked to, such as on staging: -var writes=true
variable "writes" {
  type    = bool
  default = false
}

data "launchready_authorization_check" "portal" {
  enforcement  = "report"
  allow_writes = var.writes

  routes = {
    message = {
      path   = "/api/messages/{id}"
      params = { id = "msg_k47k2m" }
      owner  = "member_a"
      marker = "lr-marker-quillfern-7f3a"
      deny   = ["member", "api", "admin"]
    }
    messages = {
      path   = "/api/messages"
      owner  = "member_a"
      marker = "lr-marker-quillfern-7f3a"
    }
    invoice = {
      path   = "/api/invoices/{id}"
      params = { id = "5001" }
      own    = { member_b = { id = "5002" } }
      owner  = "member_a"
      allow  = ["admin"]
    }
    lookup = {
      method    = "POST"
      read_only = true
      path      = "/api/invoices/lookup"
      body      = jsonencode({ id = "{id}" })
      params    = { id = "5001" }
      owner     = "member_a"
      allow     = ["admin"]
    }
    posts = {
      path  = "/api/posts"
      owner = "member_a"
      allow = ["member_c", "admin"]
    }
    users = {
      path  = "/api/admin/users"
      owner = "admin"
    }

    # Sent only with allow_writes = true, and put back.
    profile = {
      method          = "PATCH"
      path            = "/api/profile"
      body            = jsonencode({ display_name = "Dora" })
      owner           = "disposable"
      deny            = ["anonymous"]
      mass_assignment = ["role"]
    }
    note = {
      method = "POST"
      path   = "/api/admin/members/{id}/note"
      params = { id = "usr_9x4q" }
      body   = jsonencode({ text = "{{canary}}" })
      owner  = "admin"
    }
    delete_message = {
      method = "DELETE"
      path   = "/api/messages/{id}"
      owner  = "member_a"
      deny   = ["member", "api", "admin"]
      create = { path = "/api/messages", body = jsonencode({ text = "{{canary}}" }) }
    }
  }

  # Every operation of the document is in a route, a binding or a public path.
  openapi = { path = "/api/openapi.json" }
  bindings = {
    "GET /api/members/{id}"            = { owner = "member_a", allow = ["admin"] }
    "GET /api/invoices"                = { owner = "member_a" }
    "GET /api/invoice"                 = { owner = "member_a", allow = ["admin"], params = { id = "5001" } }
    "GET /api/posts/{id}"              = { owner = "member_a", allow = ["member_c", "admin"], params = { id = "101" } }
    "GET /api/profile"                 = { owner = "member_a" }
    "GET /api/me"                      = { owner = "member_a" }
    "GET /api/admin/members/{id}/note" = { owner = "admin", params = { id = "usr_7k2m" } }
    "PATCH /api/members/{id}" = {
      owner  = "disposable"
      params = { id = "usr_8w2k" }
      body   = jsonencode({ display_name = "Dora" })
    }
    "GET /api/mail/suppressions" = { owner = "robot", allow = ["admin"] }

    # No owner: who may is said, and nothing is tried.
    "GET /api/membership" = { allow = ["member", "admin", "api"] }
    "POST /api/messages"  = { allow = ["member", "admin", "api"] }
    "POST /api/invites"   = { allow = ["member", "admin", "api"] }
    "POST /api/password"  = { allow = ["member", "admin", "api"] }
    "POST /api/email"     = { allow = ["member", "admin", "api"] }
  }

  public_paths = ["/", "/pricing", "/community"]
}

output "authorization" {
  value = data.launchready_authorization_check.portal.status
}
