# A client's portal: builds its records and settings, then verifies the result.
# A plan that finds a violation which no resource mends is refused.

terraform {
  required_version = ">= 1.8"

  required_providers {
    launchready = {
      source = "launchready/launchready"
    }
  }
}

provider "launchready" {}

variable "domain" {
  description = "The client's domain."
  type        = string
  default     = "acme.example"
}

module "portal" {
  source = "../../modules/launch"

  domain      = var.domain
  portal_host = "portal"
  origin      = "198.51.100.10"
  senders     = ["google_workspace", "postmark"]
  dkim        = { google = { public_key = file("${path.module}/keys/google.pem") } }
  dmarc       = { policy = "reject" }
  pages       = ["/", "/welcome"]
  dns         = { caa = ["pki.goog", "letsencrypt.org", "ssl.com"], dnssec = true, parked = ["static"] }
  records     = { search = { name = "@", type = "TXT", content = "search-verification=4f1d9a72c6" } }
  wait        = "3s"
}

output "gate" {
  value = module.portal.gate
}

output "score" {
  value = module.portal.score
}
