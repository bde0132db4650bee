# A portal with a sign-in, behind what the free plan has: attempts are limited, private
# pages are never kept, scanners are refused.
terraform {
  required_version = ">= 1.8"

  required_providers {
    launchready = {
      source = "launchready/launchready"
    }
  }
}

provider "launchready" {}

module "edge" {
  source = "../.."

  zone      = "acme.example"
  hosts     = ["portal.acme.example"]
  throttle  = { sign_in = { paths = ["/login", "/api/login"], requests = 10, period = "10s" } }
  cache     = { cookies = ["__Host-session"] }
  headers   = { frame_options = "DENY", referrer_policy = "strict-origin-when-cross-origin" }
  redirects = { old = { hosts = ["old.acme.example"], to_host = "portal.acme.example" } }
}

output "lost" {
  description = "What the plan does not have."
  value       = module.edge.lost
}

output "nftables" {
  description = "Rules for the origin's firewall."
  value       = module.edge.origin.nftables
}
