resource "launchready_mta_sts_records" "this" {
  zone = "acme.example"
  mode = "enforce"
  mx   = ["smtp.google.com"]
}

# The host that serves the policy: launchready_mta_sts_records.this.policy
# as text/plain at launchready_mta_sts_records.this.policy_url.
resource "launchready_dns_record" "mta_sts_host" {
  zone    = "acme.example"
  name    = "mta-sts"
  type    = "A"
  content = "198.51.100.10"
  proxied = true
}
