data "launchready_email_auth_check" "this" {
  domain         = "acme.example"
  senders        = ["google_workspace", "postmark"]
  dkim_selectors = ["google"]
  minimum_policy = "reject"
}
