# A second opinion on a portal that others have built: nothing is changed, and the report
# says what is to be mended.
terraform {
  required_version = ">= 1.8"

  required_providers {
    launchready = {
      source = "launchready/launchready"
    }
  }
}

provider "launchready" {}

module "verify" {
  source = "../.."

  domain       = "acme.example"
  hosts        = ["portal.acme.example"]
  pages        = ["https://portal.acme.example/welcome"]
  senders      = ["google_workspace", "postmark"]
  report_files = ["launch-report.html", "launch-report.md"]
  enforcement  = "report"
}

output "gate" {
  value = module.verify.gate
}
