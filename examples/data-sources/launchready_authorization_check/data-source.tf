# How a person signs in. The identities themselves come from LAUNCHREADY_IDENTITIES:
# member_a and member_c of the organisation north, member_b of south, an admin.
provider "launchready" {
  portal = {
    base_url = "https://portal.acme.example"
    sign_in  = { path = "/api/login", token_pointer = "/token" }
    whoami   = { path = "/api/me" }
  }
}

data "launchready_authorization_check" "portal" {
  enforcement = "report"

  routes = {
    message = {
      path   = "/api/messages/{id}"
      params = { id = "msg_4k2m" }
      owner  = "member_a"
      marker = "lr-marker-quillfern-7f3a"
      deny   = ["member", "admin"]
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

    # Sent only with allow_writes = true.
    profile = {
      method          = "PATCH"
      path            = "/api/profile"
      body            = jsonencode({ display_name = "Mira" })
      owner           = "member_a"
      deny            = ["anonymous"]
      mass_assignment = ["role", "organization"]
    }
  }

  openapi = { path = "/api/openapi.json" }
  bindings = {
    "GET /api/members/{id}" = { owner = "member_a", allow = ["admin"] }
  }

  public_paths = ["/", "/pricing", "/help/**"]
}

output "authorization" {
  value = data.launchready_authorization_check.portal.status
}
