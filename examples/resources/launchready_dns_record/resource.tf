resource "launchready_dns_record" "portal" {
  zone    = "acme.example"
  name    = "portal"
  type    = "A"
  content = "198.51.100.10"
  proxied = true
}

resource "launchready_dns_record" "mail" {
  zone = "acme.example"
  name = "@"
  type = "MX"
  mx   = { priority = 1, target = "smtp.google.com" }
}

resource "launchready_dns_record" "issuers" {
  zone = "acme.example"
  name = "@"
  type = "CAA"
  caa  = { flags = 0, tag = "issue", value = "letsencrypt.org" }
}
