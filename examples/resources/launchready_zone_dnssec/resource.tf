resource "launchready_zone_dnssec" "this" {
  zone = "acme.example"
}

# Publish this at the registrar.
output "ds" {
  value = launchready_zone_dnssec.this.ds
}
