# A client's portal: builds its records and settings, then verifies the result.
# A plan that finds a violation which no resource mends is refused.

terraform {
  required_version = ">= 1.8"

  required_providers {
    launchready = {
      source = "launchready/launchready"
    }
  }
}

# Accounts come from the environment: LAUNCHREADY_MAILBOXES, LAUNCHREADY_IDENTITIES.
provider "launchready" {
  portal = {
    base_url = "https://portal.${var.domain}"
    sign_in  = { path = "/api/login", token_pointer = "/token" }
    sign_out = { path = "/api/logout" }
    whoami   = { path = "/api/me" }
  }
}

variable "domain" {
  description = "The client's domain."
  type        = string
  default     = "acme.example"
}

variable "tier" {
  description = "Cloudflare plan of the zone."
  type        = string
  default     = "free"
}

variable "attack" {
  description = "Whether a plan tries, by bursts, that sign-in is throttled."
  type        = bool
  default     = true
}

variable "burst" {
  description = "Time in which attempts to sign in must be throttled."
  type        = string
  default     = "10s"
}

module "portal" {
  source = "../../modules/launch"

  domain      = var.domain
  portal_host = "portal"
  origin      = "198.51.100.10"
  senders     = ["google_workspace", "postmark"]
  dkim = {
    google             = { public_key = file("${path.module}/keys/google.pem") }
    "20260301093000pm" = { public_key = file("${path.module}/keys/postmark.pem"), sender = "postmark" }
  }
  return_paths = { postmark = { name = "pm-bounces", target = "pm.mtasv.net" } }
  mail = {
    mta_sts = { mode = "enforce", mx = ["smtp.google.com"] }
    tls_rpt = ["mailto:tls-reports@${var.domain}"]
  }
  dmarc   = { policy = "reject" }
  pages   = ["/", "/welcome"]
  dns     = { caa = ["pki.goog", "letsencrypt.org", "ssl.com"], dnssec = true, parked = ["static"] }
  records = { search = { name = "@", type = "TXT", content = "search-verification=4f1d9a72c6" } }
  wait    = "3s"

  # What the edge keeps for everybody and for nobody, who may read the API from
  # another site, and what must not be guessed at.
  tier          = var.tier
  edge          = { cache = { cookies = ["__Host-session"] } }
  private_paths = ["/account", "/api/me"]
  static_paths  = ["/static/site.css"]
  identity      = "member_a"
  cors = {
    endpoints       = { me = { path = "/api/me", identity = "member_a" } }
    trusted_origins = ["https://app.${var.domain}"]
  }
  endpoints = { for name, endpoint in {
    login = {
      path     = "/api/login"
      within   = var.burst
      body     = jsonencode({ email = "{{account}}", password = "{{password}}" })
      accounts = ["member_a", "member_b"]
      control  = { identity = "member_b", path = "/api/me" }
    }
  } : name => endpoint if var.attack }

  # A real password reset to a test mailbox, and an invitation that bounces.
  delivery = {
    mailbox        = "inbox"
    request        = { path = "/api/password-reset", body = jsonencode({ email = "{{recipient}}" }) }
    dkim_selectors = ["20260301093000pm"]
    within         = "30s"
    bounce = {
      recipient = "no-such-member-{{token}}@${var.domain}"
      trigger   = { request = { path = "/api/invites", identity = "robot", body = jsonencode({ email = "{{recipient}}" }) } }
      request   = { path = "/api/mail/suppressions?address={{recipient}}", identity = "robot", contains = "\"suppressed\":true" }
    }
  }
}

output "gate" {
  value = module.portal.gate
}

output "score" {
  value = module.portal.score
}

output "lost" {
  description = "What the plan of the zone does not have."
  value       = module.portal.lost
}

output "nftables" {
  description = "Rules for the origin's firewall: it answers the edge alone."
  value       = module.portal.origin_protection.nftables
}
