# An existing client's zone is taken over whole, by one import block:
#
#   terraform plan -generate-config-out=zone.tf
#   terraform apply
#
# writes every record of the zone as configuration, and changes nothing.

terraform {
  required_version = ">= 1.8"

  required_providers {
    launchready = {
      source = "launchready/launchready"
    }
  }
}

provider "launchready" {}

import {
  to = launchready_zone_records.this
  id = "acme.example"
}
