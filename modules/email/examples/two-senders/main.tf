# Mail of two services: people write by Google Workspace, the product by Postmark. Receivers
# are told to refuse what neither of them signed, and to insist on TLS.
terraform {
  required_version = ">= 1.8"

  required_providers {
    launchready = {
      source = "launchready/launchready"
    }
  }
}

provider "launchready" {}

variable "google_key" {
  description = "DKIM key, as the Google Workspace console shows it: the value behind p=."
  type        = string
}

module "email" {
  source = "../.."

  zone         = "acme.example"
  senders      = ["google_workspace", "postmark"]
  dkim         = { google = { public_key = var.google_key, sender = "google_workspace" } }
  dmarc        = { policy = "quarantine", rua = ["mailto:dmarc@acme.example"] }
  return_paths = { postmark = { name = "pm-bounces", target = "pm.mtasv.net" } }
  mta_sts      = { mode = "testing", mx = ["smtp.google.com"], origin = "198.51.100.10" }
  tls_rpt      = ["mailto:tls-reports@acme.example"]
}

output "mta_sts_policy" {
  description = "Serve it at https://mta-sts.acme.example/.well-known/mta-sts.txt."
  value       = module.email.mta_sts_policy
}
