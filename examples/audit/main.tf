# An audit: checks only. Nothing is changed, and no Cloudflare token is needed.
# Give it a domain and the address of the portal.

terraform {
  required_version = ">= 1.8"

  required_providers {
    launchready = {
      source = "launchready/launchready"
    }
  }
}

provider "launchready" {
  probe = { allowed_hosts = var.allowed_hosts }
}

variable "domain" {
  description = "The client's domain."
  type        = string
  default     = "acme.example"
}

variable "url" {
  description = "Address of the portal's first page."
  type        = string
  default     = "https://portal.acme.example/"

  validation {
    condition     = can(regex("^https://[^/:@?#]+(:[0-9]+)?(/|$)", var.url))
    error_message = "url must be an address such as \"https://portal.acme.example/\"."
  }
}

variable "allowed_hosts" {
  description = "Hosts that you may test, such as [\"acme.example\", \"*.acme.example\"]: nothing else is probed then. Null allows harmless single requests alone."
  type        = list(string)
  default     = null
}

locals {
  host = regex("^https?://([^/:]+)", var.url)[0]
}

data "launchready_email_auth_check" "this" {
  domain      = var.domain
  enforcement = "report"
}

data "launchready_tls_check" "this" {
  hosts       = [local.host]
  pages       = [var.url]
  enforcement = "report"
}

data "launchready_dns_check" "this" {
  domain      = var.domain
  hosts       = [local.host]
  enforcement = "report"
}

# Attacks take the owner's word: see allowed_hosts.
data "launchready_edge_check" "this" {
  hosts       = [local.host]
  waf_probe   = var.allowed_hosts != null
  enforcement = "report"
}

data "launchready_scorecard" "this" {
  checks = {
    email_auth = data.launchready_email_auth_check.this.result
    tls        = data.launchready_tls_check.this.result
    dns        = data.launchready_dns_check.this.result
    edge       = data.launchready_edge_check.this.result
  }
  require      = ["email_auth", "tls", "edge"]
  report_files = ["audit-report.html", "audit-report.md"]
}

output "gate" {
  value = data.launchready_scorecard.this.gate
}
