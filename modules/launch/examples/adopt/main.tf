# An existing client's zone, adopted without a change. The first plan imports what is
# there and writes it down:
#
#   terraform plan -generate-config-out=found.tf
#   terraform apply
#
# Every record and the TLS settings then stand in found.tf as they are, a change that
# somebody makes by hand is a difference, and launch-report.html says what is to be
# mended. Then take one part after the other out of adopt: see README.md.

terraform {
  required_version = ">= 1.8"

  required_providers {
    launchready = {
      source = "launchready/launchready"
    }
  }
}

provider "launchready" {}

module "portal" {
  source = "../.."

  domain      = "acme.example"
  origin      = "198.51.100.10"
  senders     = ["google_workspace", "postmark"]
  adopt       = ["dns", "email", "tls", "edge", "monitoring"]
  enforcement = "warn" # until the zone is mended
}

import {
  to = launchready_zone_records.found
  id = "acme.example"
}

import {
  to = launchready_zone_tls.found
  id = "acme.example"
}
