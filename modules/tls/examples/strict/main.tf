# TLS from end to end, and browsers that remember it for a month to begin with.
terraform {
  required_version = ">= 1.8"

  required_providers {
    launchready = {
      source = "launchready/launchready"
    }
  }
}

provider "launchready" {}

module "tls" {
  source = "../.."

  zone = "acme.example"
  hsts = { max_age = 2592000 }
}
