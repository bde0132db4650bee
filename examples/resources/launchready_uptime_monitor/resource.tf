# The page that people see, from two continents.
resource "launchready_uptime_monitor" "portal" {
  backend  = "betterstack"
  name     = "Client portal"
  url      = "https://portal.acme.example/"
  interval = "1m"
  expect   = { status = ["200"], certificate_days = 14 }
  regions  = ["us", "eu"]
}

# The origin behind the edge, by its address; plan Pro or above.
resource "launchready_uptime_monitor" "origin" {
  name    = "portal-origin"
  url     = "https://portal.acme.example/healthz"
  address = "198.51.100.10"
  expect  = { status = ["2xx"], body = "ok" }

  verify_certificate = false # of a private authority
}
