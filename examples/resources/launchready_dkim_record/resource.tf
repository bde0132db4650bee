resource "launchready_dkim_record" "google" {
  zone       = "acme.example"
  selector   = "google"
  public_key = file("google.pem")
}

resource "launchready_dkim_record" "brevo" {
  zone     = "acme.example"
  selector = "brevo1"
  target   = "b1.acme-example.dkim.brevo.com"
}
