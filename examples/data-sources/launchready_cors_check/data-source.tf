# How a person signs in. The identities themselves come from LAUNCHREADY_IDENTITIES.
provider "launchready" {
  portal = {
    base_url = "https://portal.acme.example"
    sign_in  = { path = "/api/login", token_pointer = "/token" }
    whoami   = { path = "/api/me" }
  }
}

data "launchready_cors_check" "this" {
  endpoints = {
    me     = { path = "/api/me", identity = "member_a" }
    posts  = { url = "https://portal.acme.example/api/posts", identity = "robot" }
    invite = { path = "/api/invites", method = "POST", identity = "member_a" }
  }
  trusted_origins = ["https://app.acme.example"]
}
