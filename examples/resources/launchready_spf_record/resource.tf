resource "launchready_spf_record" "this" {
  zone    = "acme.example"
  senders = ["google_workspace", "postmark"]
  ip4     = ["192.0.2.10"]
  all     = "~all"
}
