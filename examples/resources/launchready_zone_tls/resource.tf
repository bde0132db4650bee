resource "launchready_zone_tls" "this" {
  zone             = "acme.example"
  mode             = "strict"
  minimum_version  = "1.2"
  tls_1_3          = true
  always_use_https = true
  hsts             = { max_age = 31536000 }
}
