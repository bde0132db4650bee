resource "launchready_tls_rpt_record" "this" {
  zone = "acme.example"
  rua  = ["mailto:tls-reports@acme.example"]
}
