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

# Accounts come from the environment: LAUNCHREADY_MAILBOXES, LAUNCHREADY_IDENTITIES,
# LAUNCHREADY_MONITORS, and LAUNCHREADY_SINKS for where logs, metrics and alerts are read.
provider "launchready" {
  portal = {
    base_url = "https://portal.${var.domain}"
    sign_in = {
      path          = "/api/login"
      token_pointer = "/token"
      # Administrators have a second factor.
      second_factor = { path = "/api/login/totp", fields = { ticket = "{{answer:/ticket}}", code = "{{totp}}" } }
    }
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

variable "repository" {
  description = "Folder of the portal's Git repository; null leaves it unread."
  type        = string
  default     = null
}

variable "attack" {
  description = "Whether a plan tries, by bursts, that sign-in is throttled."
  type        = bool
  default     = true
}

variable "sign_in" {
  description = "Whether a plan tries the sign-in: wrong passwords, forged sessions, resets, changes of a test account. It takes about six seconds, and as long as the portal says after wrong passwords."
  type        = bool
  default     = true
}

variable "operations" {
  description = "Whether a plan causes failures, which the operators must be told of, and measures how fast the portal is. It takes some seconds, and as long as alerts take to arrive."
  type        = bool
  default     = true
}

variable "within" {
  description = "Time in which a failure must show, in the log as at a person's."
  type        = string
  default     = "2m"
}

variable "p95" {
  description = "What 95 of 100 answers must not take longer than."
  type        = string
  default     = "500ms"
}

variable "release" {
  description = "Release that production must run."
  type        = string
  default     = "1.4.2"
}

variable "environment" {
  description = "Folder with .env.example, production.names and staging.names; null leaves environment variables uncompared."
  type        = string
  default     = null
}

variable "burst" {
  description = "Time in which attempts to sign in must be throttled."
  type        = string
  default     = "10s"
}

variable "valid_for" {
  description = "How long a good outcome counts of what acts on the portal: sign-ins, bursts, drills, the measurement, sent mail."
  type        = string
  default     = "0s"
}

variable "attested_until" {
  description = "Last day on which the answers of people count."
  type        = string
  default     = "2027-12-31"
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
  dmarc = { policy = "reject" }
  pages = ["/", "/welcome"]
  dns   = { caa = ["pki.goog", "letsencrypt.org", "ssl.com"], dnssec = true, parked = ["static"] }
  records = {
    search  = { name = "@", type = "TXT", content = "search-verification=4f1d9a72c6" }
    staging = { name = "staging", type = "A", content = "198.51.100.10", proxied = true }
  }
  wait      = "3s"
  valid_for = var.valid_for

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

  # Who sees what. The north's posts are the north's, and nobody sees another's
  # invoice. What nobody has said who may see is reported.
  authorization = {
    routes = {
      invoice   = { path = "/api/invoices/{id}", params = { id = "5001" }, owner = "member_a", allow = ["admin"] }
      invoice_b = { path = "/api/invoices/{id}", params = { id = "5002" }, owner = "member_b", allow = ["admin"] }
      post      = { path = "/api/posts/{id}", params = { id = "101" }, owner = "member_a", allow = ["member_c", "admin"] }
      messages  = { path = "/api/messages", owner = "member_a" }
      users     = { path = "/api/admin/users", owner = "admin" }
      change_profile = {
        method          = "PATCH"
        path            = "/api/profile"
        body            = jsonencode({ display_name = "Dora" })
        owner           = "disposable"
        deny            = ["anonymous"]
        mass_assignment = ["role"]
      }
    }
    public_paths = ["/", "/welcome", "/pricing", "/community"]
    allow_writes = true # as the identity that nobody needs, and put back
  }

  authentication = var.sign_in ? {
    identity        = "member_a"
    protected_paths = ["/account", "/api/posts"]
    admin           = "admin"
    admin_paths     = ["/api/admin/users"]
    mutable         = "disposable"
    recovery = {
      request = { path = "/api/password-reset", body = jsonencode({ email = "{{address}}" }) }
      mailbox = "inbox"
      confirm = { path = "/api/password-reset/confirm", body = jsonencode({ token = "{{token}}", password = "{{password}}" }) }
    }
    sign_up = { path = "/api/signup", body = jsonencode({ email = "{{address}}", password = "{{password}}", name = "{{name}}" }) }
    sensitive_changes = {
      password = { path = "/api/password", body = jsonencode({ current_password = "{{current_password}}", password = "{{password}}" }) }
      email    = { path = "/api/email", body = jsonencode({ current_password = "{{current_password}}", email = "{{address}}" }) }
    }
    short_session = { headers = { X-Test-Session = "idle=2s, life=4s" }, idle = "2s", absolute = "4s" }
  } : null

  repository = var.repository
  secrets    = var.repository == null ? null : { rotation = { document = "${path.module}/rotation.md" } }

  # Who is told when it breaks. The plan of the zone has no health checks, so that
  # another service watches.
  alerts_to  = ["ops@inbox.example"]
  monitoring = { backend = "betterstack", monitors = { portal = { url = "https://portal.${var.domain}/readyz", certificate_days = 14 } } }

  # Failures that are caused on purpose, and where each must show: in the log, in
  # the metrics, and at a person's.
  observability = var.operations ? {
    drills = {
      sign_in = {
        request = { path = "/api/login", body = jsonencode({ email = "{{mark}}@${var.domain}", password = "{{password}}" }), repeat = 5 }
        signals = {
          log    = { sink = "portal_log" }
          metric = { sink = "metrics", query = "http_requests_total{code=\"401\"}" }
          mail   = { mailbox = "ops" }
        }
        within = var.within
      }
      denied = {
        request = { path = "/api/admin/users", identity = "member_a", repeat = 3 }
        signals = { metric = { sink = "metrics", query = "http_requests_total{code=\"403\"}" }, mail = { mailbox = "ops" } }
        within  = var.within
      }
      error = {
        kind    = "error" # it fails on purpose
        request = { method = "POST", path = "/api/drill/error", identity = "admin", expect_status = [500] }
        signals = { tracker = { sink = "errors" }, pager = { sink = "pager" } }
        within  = var.within
      }
      bounce = {
        request = { path = "/api/invites", identity = "robot", body = jsonencode({ email = "{{mark}}@${var.domain}" }) }
        signals = { metric = { sink = "metrics", query = "portal_mail_bounced_total" }, pager = { sink = "pager" } }
        within  = var.within
      }
    }
    required_alerts = ["401_spike", "403_spike", "5xx_spike", "bounces", "certificate", "host_down"]
  } : null

  # What members do most, measured one by one.
  latency = var.operations ? {
    actions = {
      login_state = { path = "/api/me", identity = "member_a" }
      profile     = { path = "/api/profile", identity = "member_a" }
      membership  = { path = "/api/membership", identity = "member_a" }
      content     = { path = "/api/posts", identity = "member_a" }
    }
    p95      = var.p95
    rate     = 20
    duration = "15s"
  } : null

  # The release that was meant, staging as its mirror, and the way back.
  deployment = {
    expected_version = var.release
    production       = { paths = ["/", "/pricing", "/community", "/api/me"] }
    staging = {
      url = "https://staging.${var.domain}"
      # Readiness must tell when the database is gone: it is, for a moment.
      drill = {
        dependency = "database"
        identity   = "robot"
        break      = { method = "PUT", path = "/drill/dependencies/database", body = jsonencode({ state = "down" }) }
        restore    = { method = "PUT", path = "/drill/dependencies/database", body = jsonencode({ state = "up" }) }
      }
    }
    rollback   = { endpoint = { path = "/version" } }
    alert_link = { sink = "deploys" }
    environment = var.environment == null ? null : {
      example_files   = ["${var.environment}/.env.example"]
      production_file = "${var.environment}/production.names"
      staging_file    = "${var.environment}/staging.names"
      required        = ["DATABASE_URL"]
      only_in         = { production = ["SENTRY_*"] }
    }
  }

  # How members are helped when something is wrong.
  runbook = "${path.module}/runbook"
  support = {
    self_service = { reset = "/forgot", email = "/account", cancel = "/cancel" }
    status_page  = "/status"
  }

  # What no probe can see.
  attestations = [for rule, statement in {
    "authn.single_implementation" = "Sign-in is one package, used by every page and by the API."
    "authn.operator_mfa"          = "Registrar, Cloudflare, hosting, mail and payments ask every administrator for a second factor."
    "authz.roles_documented"      = "Who sees what is written down and agreed with the client."
    "secrets.history_reviewed"    = "The history was read when the repository was taken over; what was found is rotated."
    "deploy.code_understood"      = "Two people of the team have read all of the portal's code, generated code included."
    "support.drill"               = "A person who did not write the runbook followed each page on staging."
    "support.no_database_edits"   = "Support has no access to the database, and nothing that needs it."
    "secrets.shared_keys_rotated" = "Keys that were sent by chat before the project began are rotated."
    } : {
    rule = rule, statement = statement, owner = "Ada Operator", evidence = "https://wiki.agency.example/acme/launch", expires = var.attested_until
  }]

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

  # What is left with the client: who owns what, and where credentials are kept.
  client = "Acme Members"
  owners = {
    registrar  = { what = "Domain at the registrar", owner = "Acme Ltd, Jane Doe", contact = "jane.doe@acme.example" }
    cloudflare = { what = "Cloudflare account", owner = "Example Agency", contact = "ops@agency.example" }
    hosting    = { what = "Hosting of the portal", owner = "Example Agency", contact = "ops@agency.example", note = "Two machines; backups each night" }
    mail       = { what = "Mail services", owner = "Acme Ltd, membership office", contact = "office@acme.example" }
    portal     = { what = "The portal's code", owner = "Example Agency, Ada Operator", contact = "ada.operator@agency.example" }
  }
  credentials = {
    cloudflare = {
      what              = "API token of Cloudflare"
      place             = "1Password, vault Acme, item Cloudflare API"
      owner             = "Ada Operator"
      used_by           = "Terraform in CI"
      rotated           = "2026-11-02"
      rotate_every_days = 180
    }
    postmark = {
      what              = "Server token of Postmark"
      place             = "https://vault.agency.example/ui/vault/secrets/kv/show/acme/postmark"
      owner             = "Acme Ltd, membership office"
      used_by           = "the portal"
      rotated           = "2026-10-12"
      rotate_every_days = 365
    }
  }
  reviews        = { dkim = { due = "2027-05-03", owner = "Ada Operator" } }
  handover_files = ["handover.html", "handover.md"]
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
