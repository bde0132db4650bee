# How a person signs in. The identities themselves come from LAUNCHREADY_IDENTITIES.
provider "launchready" {
  portal = {
    base_url = "https://portal.acme.example"
    sign_in  = { path = "/api/login", token_pointer = "/token" }
    whoami   = { path = "/api/me" }
  }
}

data "launchready_edge_check" "this" {
  hosts   = ["portal.acme.example"]
  origins = ["198.51.100.10"]

  private_paths = ["/account", "/api/me"]
  static_paths  = ["/static/site.css"]
  identity      = "member_a"
}
