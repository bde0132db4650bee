# A domain that neither sends nor receives mail, and says so.
terraform {
  required_version = ">= 1.8"

  required_providers {
    launchready = {
      source = "launchready/launchready"
    }
  }
}

provider "launchready" {}

module "email" {
  source = "../.."

  zone   = "acme.example"
  parked = ["@"]
}
