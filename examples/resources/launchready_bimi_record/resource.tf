resource "launchready_bimi_record" "this" {
  zone        = "acme.example"
  location    = "https://acme.example/logo.svg"
  certificate = "https://acme.example/vmc.pem"
}
