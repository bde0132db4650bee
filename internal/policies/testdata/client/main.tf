# A client whose plans the policies judge: small, so that a plan takes seconds.

terraform {
  required_version = ">= 1.8"

  required_providers {
    launchready = {
      source = "launchready/launchready"
    }
  }
}

provider "launchready" {
  portal = {
    base_url = "https://portal.acme.example"
    sign_in = {
      path          = "/api/login"
      fields        = { email = "{{username}}", password = "{{password}}" }
      token_pointer = "/token"
    }
    whoami = { path = "/api/me" }
  }
  override = var.override
}

variable "override" {
  type    = object({ reason = string, owner = string, expires = string })
  default = null
}

variable "enforcement" {
  type    = string
  default = "fail"
}

variable "cors" {
  type    = bool
  default = true
}

variable "waivers" {
  type    = any
  default = []
}

variable "dmarc" {
  type    = string
  default = "reject"
}

variable "tls" {
  type    = any
  default = {}
}

variable "waf" {
  type    = any
  default = null
}

module "portal" {
  source = "../modules/launch"

  domain      = "acme.example"
  portal_host = "portal"
  origin      = "198.51.100.10"
  pages       = ["/welcome"]
  senders     = ["google_workspace", "postmark"]
  dkim = {
    google             = { public_key = file("${path.module}/keys/google.pem") }
    "20260301093000pm" = { public_key = file("${path.module}/keys/postmark.pem"), sender = "postmark" }
  }
  return_paths  = { postmark = { name = "pm-bounces", target = "pm.mtasv.net" } }
  records       = { staging = { name = "staging", type = "A", content = "198.51.100.10", proxied = true } }
  private_paths = ["/account", "/api/me"]
  static_paths  = ["/static/site.css"]
  identity      = "member_a"
  dmarc         = { policy = var.dmarc }
  tls           = var.tls
  edge          = { waf = var.waf }
  cors          = var.cors ? { endpoints = { me = { path = "/api/me", identity = "member_a" } }, trusted_origins = ["https://app.acme.example"] } : null
  waivers       = var.waivers
  enforcement   = var.enforcement
  report_files  = []
  wait          = "5s"
}

output "gate" {
  value = module.portal.gate
}
