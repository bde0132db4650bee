data "launchready_email_auth_check" "this" {
  domain      = "acme.example"
  enforcement = "report"
}

data "launchready_tls_check" "this" {
  hosts       = ["portal.acme.example"]
  enforcement = "report"
}

data "launchready_scorecard" "launch" {
  checks = {
    email_auth = data.launchready_email_auth_check.this.result
    tls        = data.launchready_tls_check.this.result
  }
  require      = ["email_auth", "tls"]
  report_files = ["launch-report.html", "launch-report.md", "launch.json"]
}
