resource "launchready_zone_cache" "this" {
  zone = "acme.example"

  static = {
    hosts       = ["portal.acme.example"]
    paths       = ["/assets/*"]
    browser_ttl = "24h"
  }

  # What belongs to a member is never kept. It stands last, and the last rule wins.
  bypass = {
    hosts   = ["portal.acme.example"]
    paths   = ["/account", "/account/*", "/api/*"]
    cookies = ["__Host-session"]
  }

  tiered_cache = true
}
