# A portal on the free plan, which Cloudflare does not watch: Better Stack does, and
# Cloudflare tells of attacks and certificates.
terraform {
  required_version = ">= 1.8"

  required_providers {
    launchready = {
      source = "launchready/launchready"
    }
  }
}

provider "launchready" {}

module "monitoring" {
  source = "../.."

  zone      = "acme.example"
  name      = "acme"
  backend   = "betterstack" # its token: monitors of the provider, or LAUNCHREADY_MONITORS
  monitors  = { portal = { url = "https://portal.acme.example/", certificate_days = 14 } }
  alerts_to = ["ops@agency.example"]
}
