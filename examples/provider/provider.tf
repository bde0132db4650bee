terraform {
  required_providers {
    launchready = {
      source = "launchready/launchready"
    }
  }
}

variable "cloudflare_api_token" {
  type      = string
  sensitive = true
}

provider "launchready" {
  cloudflare = {
    api_token = var.cloudflare_api_token
  }
  probe = {
    allowed_hosts = ["acme.example", "*.acme.example"]
  }
}
