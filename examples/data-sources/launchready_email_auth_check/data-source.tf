data "launchready_email_auth_check" "this" {
  domain         = "acme.example"
  senders        = ["google_workspace", "postmark"]
  dkim_selectors = ["google", "20260301093000pm"]
  return_path    = "pm-bounces"
  parked         = ["www"]
  minimum_policy = "reject"
  require        = ["mta_sts", "tls_rpt"]
}
