resource "launchready_zone" "client" {
  name = "client.example"
}

# Records refer to a new zone by its id.
resource "launchready_dns_record" "www" {
  zone    = launchready_zone.client.id
  name    = "www"
  type    = "A"
  content = "198.51.100.10"
  proxied = true
}

output "delegate_to" {
  value = launchready_zone.client.name_servers
}
