data "launchready_zone" "this" {
  zone = "acme.example"
}

output "name_servers" {
  value = data.launchready_zone.this.name_servers
}
