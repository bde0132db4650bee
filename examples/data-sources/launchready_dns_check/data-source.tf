data "launchready_dns_records" "all" {
  zone = "acme.example"
}

data "launchready_dns_check" "this" {
  domain  = "acme.example"
  require = ["dnssec", "caa"]

  expected = {
    portal = { name = "portal", proxied = true }
    mail   = { name = "@", type = "MX", values = ["1 smtp.google.com"] }
    owner  = { name = "@", type = "TXT", values = ["google-site-verification=3kq0Yt7wPzqkU2m8bVtR1dXh5sLcA9eJ"], exact = false }
  }

  records = data.launchready_dns_records.all.records

  waivers = [{
    rule    = "dns.wildcard"
    reason  = "one name for each customer"
    owner   = "ops@agency.example"
    expires = "2027-01-31"
  }]
}
