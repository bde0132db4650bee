resource "launchready_zone_records" "this" {
  zone = "acme.example"

  records = {
    apex = { name = "@", type = "A", content = "198.51.100.10", proxied = true }
    www  = { name = "www", type = "CNAME", content = "@", proxied = true }
    mail = { name = "@", type = "MX", content = "10 mail.acme.example" }
    caa  = { name = "@", type = "CAA", content = "0 issue \"letsencrypt.org\"", ttl = 3600 }
  }

  # What nobody declares fails the plan, but for what other resources own.
  unmanaged = "fail"
  ignore    = ["TXT *", "_acme-challenge*"]
}
