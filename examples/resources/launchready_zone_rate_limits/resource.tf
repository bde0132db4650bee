resource "launchready_zone_rate_limits" "this" {
  zone = "acme.example"

  # The Free plan has one limit, over 10 seconds and by path: name all paths in it.
  rules = {
    sign_in = {
      paths    = ["/login", "/api/login", "/api/password-reset", "/api/invites"]
      requests = 10
      period   = "10s"
    }
  }
}
