terraform {
  required_version = ">= 1.8"

  required_providers {
    launchready = {
      source  = "launchready/launchready"
      version = ">= 0.1.0"
    }
  }
}
