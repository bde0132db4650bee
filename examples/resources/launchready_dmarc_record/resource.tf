resource "launchready_dmarc_record" "this" {
  zone   = "acme.example"
  policy = "reject"
  rua    = ["mailto:dmarc@acme.example"]
}
