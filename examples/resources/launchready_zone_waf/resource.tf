resource "launchready_zone_waf" "this" {
  zone = "acme.example"

  # From Pro on: managed_rulesets = { cloudflare = {}, owasp = { sensitivity = "low" } }

  rules = [
    {
      ref         = "monitoring"
      description = "Our monitoring is never challenged"
      expression  = "ip.src in {192.0.2.10 192.0.2.11}"
      action      = "skip"
      skip        = ["http_ratelimit", "http_request_firewall_managed"]
    },
    {
      ref    = "scanners"
      paths  = ["/.env*", "/.git/*", "/wp-login.php"]
      action = "block"
    },
    {
      ref    = "admin"
      hosts  = ["portal.acme.example"]
      paths  = ["/admin", "/admin/*"]
      action = "managed_challenge"
    },
  ]
}
