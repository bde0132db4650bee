# A usual client, whole: a portal on Cloudflare's free plan, with mail by two services.
# Beside it are the client's runbook, and a clone of the product's repository.
module "portal" {
  source       = "../.."
  domain       = "acme.example"
  origin       = "198.51.100.10"
  senders      = ["google_workspace", "postmark"]
  runbook      = "${path.module}/runbook"
  repository   = "${path.module}/../portal"
  alerts_to    = ["ops@agency.example"]
  report_files = ["launch-report.html", "launch-report.md", "launch.json", "launch.sarif", "launch.junit.xml"]
}
