resource "launchready_zone_ddos_protection" "this" {
  zone        = "acme.example"
  sensitivity = "medium"
}
