data "launchready_tls_check" "this" {
  hosts           = ["portal.acme.example"]
  minimum_version = "1.2"
  pages           = ["https://portal.acme.example/", "https://portal.acme.example/welcome"]

  waivers = [{
    rule    = "tls.hsts_short"
    reason  = "rolled out in steps"
    owner   = "ops@agency.example"
    expires = "2027-01-31"
  }]
}
