variable "domain" {
  description = "Domain whose DNS and mail are checked."
  type        = string
  nullable    = false

  validation {
    condition     = can(regex("^[^/:@ ]+\\.[^/:@ .]+$", var.domain))
    error_message = "domain must be a domain name such as \"acme.example\", without scheme or path."
  }
}

variable "hosts" {
  description = "Full names of the hosts whose TLS is checked."
  type        = list(string)
  nullable    = false

  validation {
    condition     = length(var.hosts) > 0
    error_message = "Name at least one host, such as \"portal.acme.example\"."
  }

  validation {
    condition     = alltrue([for host in var.hosts : can(regex("^[^/: ]+\\.[^/: .]+$", host))])
    error_message = "A host is a full name, such as \"portal.acme.example\", without scheme or path."
  }
}

variable "pages" {
  description = "Addresses of pages that are searched for mixed content."
  type        = list(string)
  default     = []
  nullable    = false

  validation {
    condition     = alltrue([for p in var.pages : can(regex("^https?://", p))])
    error_message = "A page is a whole address, such as \"https://portal.acme.example/welcome\"."
  }
}

variable "records" {
  description = "Records of the zone, as the data source launchready_dns_records gives them. Without them common names are tried."
  type = list(object({
    name    = string
    type    = string
    content = string
    ttl     = optional(number)
    proxied = optional(bool)
  }))
  default = null
}

variable "expected" {
  description = "Records that every name server must serve, by key: see expected of launchready_dns_check."
  type = map(object({
    name    = string
    type    = optional(string, "A")
    values  = optional(list(string))
    exact   = optional(bool, true)
    proxied = optional(bool, false)
  }))
  default  = {}
  nullable = false
}

variable "require_dns" {
  description = "What of the DNS must be there: \"dnssec\", \"caa\"."
  type        = list(string)
  default     = []
  nullable    = false
}

variable "senders" {
  description = "Services that send mail for the domain, by catalogue name."
  type        = list(string)
  default     = []
  nullable    = false
}

variable "dkim_selectors" {
  description = "DKIM selectors that must be published."
  type        = list(string)
  default     = []
  nullable    = false
}

variable "minimum_policy" {
  description = "Weakest DMARC policy that passes."
  type        = string
  default     = "quarantine"
  nullable    = false

  validation {
    condition     = contains(["none", "quarantine", "reject"], var.minimum_policy)
    error_message = "minimum_policy must be \"none\", \"quarantine\" or \"reject\"."
  }
}

variable "return_paths" {
  description = "Domains of envelope senders, where bounces go; full names."
  type        = list(string)
  default     = []
  nullable    = false
}

variable "sending_subdomains" {
  description = "Further names that mail is sent from, relative to the domain or full."
  type        = list(string)
  default     = []
  nullable    = false
}

variable "mail_addresses" {
  description = "IP addresses of the client's own mail servers, whose reverse DNS must lead back to them."
  type        = list(string)
  default     = []
  nullable    = false
}

variable "parked" {
  description = "Names that neither send nor receive mail, and must say so."
  type        = list(string)
  default     = []
  nullable    = false
}

variable "delivery" {
  description = <<-EOT
    Proof by a delivered message: mailbox (a key of the provider's mailboxes), what makes the product send (request or smtp),
    optionally the domain that it writes from, if that is not the client's (from_domain), and a bounce to provoke. Every plan then sends mail: see launchready_mail_delivery_check.
  EOT
  type = object({
    mailbox = string
    request = optional(object({
      path     = optional(string)
      url      = optional(string)
      method   = optional(string)
      body     = optional(string)
      identity = optional(string)
    }))
    smtp = optional(object({
      account = string
      from    = string
      subject = optional(string)
    }))
    from_domain       = optional(string)
    within            = optional(string, "2m")
    valid_for         = optional(string)
    dkim_selectors    = optional(list(string))
    trusted_receivers = optional(list(string))
    link_hosts        = optional(list(string))
    bounce = optional(object({
      recipient = string
      trigger = optional(object({
        request = optional(object({
          path     = optional(string)
          url      = optional(string)
          method   = optional(string)
          body     = optional(string)
          identity = optional(string)
        }))
        smtp = optional(object({
          account = string
          from    = string
          subject = optional(string)
        }))
      }))
      mailbox = optional(string)
      request = optional(object({
        path     = optional(string)
        url      = optional(string)
        identity = optional(string)
        contains = optional(string)
      }))
      within = optional(string)
    }))
  })
  default = null
}

variable "require_mail" {
  description = "What of mail must be there: \"mta_sts\", \"tls_rpt\", \"bimi\", \"dnssec\", \"dane\"."
  type        = list(string)
  default     = []
  nullable    = false
}

variable "require_tls" {
  description = "What is asked of TLS where the defaults of launchready_tls_check do not fit: the lowest version, the days that a certificate should last, and what HSTS must say."
  type = object({
    minimum_version   = optional(string)
    minimum_days_left = optional(number)
    hsts = optional(object({
      required           = optional(bool)
      minimum_max_age    = optional(number)
      include_subdomains = optional(bool)
      preload            = optional(bool)
    }))
  })
  default  = {}
  nullable = false

  validation {
    condition     = var.require_tls.minimum_version == null ? true : contains(["1.2", "1.3"], var.require_tls.minimum_version)
    error_message = "require_tls.minimum_version must be \"1.2\" or \"1.3\", in quotes."
  }
}

variable "edge_hosts" {
  description = "Full names of the hosts that are behind Cloudflare's edge. Default: all of `hosts`; an empty list leaves the check of the edge out."
  type        = list(string)
  default     = null
}

variable "origins" {
  description = "Addresses of the origin, which must not answer beside the edge."
  type        = list(string)
  default     = []
  nullable    = false
}

variable "private_paths" {
  description = "Paths of the first host, or addresses, that only a member may be given. They are judged with `identity`."
  type        = list(string)
  default     = []
  nullable    = false
}

variable "static_paths" {
  description = "Paths of the first host, or addresses, of files that the edge should keep."
  type        = list(string)
  default     = []
  nullable    = false
}

variable "waf_probe" {
  description = "Whether to send inert attack signatures, to see them stopped."
  type        = bool
  default     = true
  nullable    = false
}

variable "identity" {
  description = "Identity of the provider block as which private paths are fetched."
  type        = string
  default     = null
}

variable "marker" {
  description = "Text that private answers to the identity contain, and no others."
  type        = string
  default     = null
}

variable "cors" {
  description = "Endpoints by name and the origins that they trust: see launchready_cors_check. Null leaves the check out."
  type = object({
    endpoints = map(object({
      path     = optional(string)
      url      = optional(string)
      method   = optional(string)
      identity = optional(string)
    }))
    trusted_origins = optional(list(string), [])
  })
  default = null
}

variable "endpoints" {
  description = <<-EOT
    Endpoints that must be throttled, by name: see launchready_rate_limit_check. Every plan then sends a burst to each of
    them. None leaves the check out.
  EOT
  type        = any
  default     = {}
  nullable    = false
}

variable "maximum_lockout" {
  description = "How long a brake of an endpoint may hold, as a duration such as `30m`. Null is the check's own default, 15 minutes."
  type        = string
  default     = null
}

variable "authentication" {
  description = "How the sign-in is tested: an object of the arguments of launchready_authentication_check. Null leaves the check out."
  type        = any
  default     = null

  validation {
    condition     = var.authentication == null ? true : length(setsubtract(keys(var.authentication), ["enabled", "valid_for", "identity", "marker", "protected_paths", "admin", "admin_paths", "mfa_roles", "mutable", "sensitive_changes", "recovery", "sign_up", "token_sign_in", "maximum_idle", "maximum_absolute", "short_session", "membership_is_sensitive", "default_credentials", "replication"])) == 0
    error_message = "authentication takes the arguments of launchready_authentication_check: enabled, valid_for, identity, marker, protected_paths, admin, admin_paths, mfa_roles, mutable, sensitive_changes, recovery, sign_up, token_sign_in, maximum_idle, maximum_absolute, short_session, membership_is_sensitive, default_credentials, replication."
  }
}

variable "authorization" {
  description = "Who may see and change what: an object of the arguments of launchready_authorization_check. Null leaves the check out."
  type        = any
  default     = null

  validation {
    condition     = var.authorization == null ? true : length(setsubtract(keys(var.authorization), ["routes", "openapi", "bindings", "public_paths", "public_allow", "allow_writes"])) == 0
    error_message = "authorization takes the arguments of launchready_authorization_check: routes, openapi, bindings, public_paths, public_allow, allow_writes."
  }
}

variable "secrets" {
  description = "Where secrets are looked for: an object of the arguments of launchready_secrets_check. Null leaves the check out."
  type        = any
  default     = null

  validation {
    condition     = var.secrets == null ? true : length(setsubtract(keys(var.secrets), ["repository", "history", "paths", "logs", "pages", "identity", "asset_hosts", "hosts", "config", "ignore_file", "public_keys", "rotation", "cache", "timeout"])) == 0
    error_message = "secrets takes the arguments of launchready_secrets_check: repository, history, paths, logs, pages, identity, asset_hosts, hosts, config, ignore_file, public_keys, rotation, cache, timeout."
  }
}

variable "observability" {
  description = "Failures that are caused, and where each must show: an object of the arguments of launchready_observability_check. Null leaves the check out."
  type        = any
  default     = null

  validation {
    condition     = var.observability == null ? true : length(setsubtract(keys(var.observability), ["enabled", "valid_for", "drills", "required_alerts", "alert_names", "on_call", "monitored_hosts", "rule_sinks"])) == 0
    error_message = "observability takes the arguments of launchready_observability_check: enabled, valid_for, drills, required_alerts, alert_names, on_call, monitored_hosts, rule_sinks."
  }
}

variable "latency" {
  description = "What members do most, and how long it may take: an object of the arguments of launchready_latency_check. Null leaves the check out."
  type        = any
  default     = null

  validation {
    condition     = var.latency == null ? true : length(setsubtract(keys(var.latency), ["enabled", "valid_for", "actions", "p95", "rate", "duration", "maximum_requests", "baseline", "maximum_baseline"])) == 0
    error_message = "latency takes the arguments of launchready_latency_check: enabled, valid_for, actions, p95, rate, duration, maximum_requests, baseline, maximum_baseline."
  }
}

variable "deployment" {
  description = "What runs in production and on staging, and the way back: an object of the arguments of launchready_deployment_check. Null leaves the check out."
  type        = any
  default     = null

  validation {
    condition     = var.deployment == null ? true : length(setsubtract(keys(var.deployment), ["production", "staging", "expected_version", "rollout_until", "release_order", "environment", "rollback", "alert_link", "drift_plan"])) == 0
    error_message = "deployment takes the arguments of launchready_deployment_check: production, staging, expected_version, rollout_until, release_order, environment, rollback, alert_link, drift_plan."
  }
}

variable "support" {
  description = "The runbook, and what it must cover: an object of the arguments of launchready_support_check. Null leaves the check out."
  type        = any
  default     = null

  validation {
    condition     = var.support == null ? true : length(setsubtract(keys(var.support), ["runbook", "topics", "words", "maximum_age", "minimum_levels", "link_hosts_ignored", "link_recheck", "drill", "self_service", "status_page", "security_txt_hosts"])) == 0
    error_message = "support takes the arguments of launchready_support_check: runbook, topics, words, maximum_age, minimum_levels, link_hosts_ignored, link_recheck, drill, self_service, status_page, security_txt_hosts."
  }
}

variable "require" {
  description = "Areas of the scorecard that must be covered. Default: those that this module checks: email_auth, tls, and edge, rate_limiting, authentication, authorization, secrets, observability, deployment and support where they are; others are covered by checks handed in through `checks` or by attestations."
  type        = list(string)
  default     = null

  validation {
    condition     = var.require == null ? true : length(var.require) > 0 && length(setsubtract(var.require, ["authentication", "authorization", "secrets", "email_auth", "tls", "edge", "rate_limiting", "observability", "deployment", "support"])) == 0
    error_message = "require takes the areas of the scorecard, one at least: authentication, authorization, secrets, email_auth, tls, edge, rate_limiting, observability, deployment, support; null requires what is checked."
  }
}

variable "checks" {
  description = "Results of further checks (their attribute `result`), by name."
  type        = map(any)
  default     = {}
  nullable    = false
}

variable "waivers" {
  description = "Violations that are accepted for a time."
  type = list(object({
    rule    = string
    subject = optional(string, "*")
    reason  = string
    owner   = string
    expires = string
  }))
  default  = []
  nullable = false

  validation {
    condition     = alltrue([for w in var.waivers : can(formatdate("YYYY", "${w.expires}T00:00:00Z"))])
    error_message = "expires is the last day on which a waiver counts, such as \"2027-01-31\"."
  }

  validation {
    condition     = alltrue([for w in var.waivers : try(trimspace(w.owner), "") != "" && try(trimspace(w.reason), "") != ""])
    error_message = "A waiver has an owner, the person who answers for it, and a reason."
  }
}

variable "attestations" {
  description = "Answers of people to what no probe can see."
  type = list(object({
    rule      = string
    statement = string
    owner     = string
    evidence  = string
    expires   = string
  }))
  default  = []
  nullable = false

  validation {
    condition     = alltrue([for w in var.attestations : can(formatdate("YYYY", "${w.expires}T00:00:00Z"))])
    error_message = "expires is the last day on which an attestation counts, such as \"2027-01-31\"."
  }

  validation {
    condition     = alltrue([for w in var.attestations : try(trimspace(w.owner), "") != "" && try(trimspace(w.statement), "") != ""])
    error_message = "An attestation has an owner, the person who states it, and a statement."
  }
}

variable "report_files" {
  description = "Files to write the report to, before the gate decides: .html, .md, .json, .sarif, .junit.xml."
  type        = list(string)
  default     = []
  nullable    = false

  validation {
    condition     = alltrue([for f in var.report_files : can(regex("(?i)\\.(html|md|json|sarif|junit\\.xml)$", f))])
    error_message = "The name of a report ends in .html, .md, .json, .sarif or .junit.xml."
  }
}

variable "baseline" {
  description = "An earlier launch.json, as a file's name or as its text: the report then says what was mended, what is new and what is still open."
  type        = string
  default     = null
}

variable "hourly_rate" {
  description = "What an hour of work costs. With it the plan of work has costs."
  type        = number
  default     = null

  validation {
    condition     = var.hourly_rate == null ? true : var.hourly_rate >= 0
    error_message = "hourly_rate is what an hour of work costs in your currency, such as 95: 0 or more, or null."
  }
}

variable "effort_overrides" {
  description = "Your own estimates in hours for the plan of work, by the id of a rule or a pattern such as \"authz.*\": low, and optionally high."
  type = map(object({
    low  = number
    high = optional(number)
  }))
  default  = {}
  nullable = false

  validation {
    condition     = alltrue([for e in values(var.effort_overrides) : e.low >= 0 && (e.high == null ? e.low : e.high) >= e.low && (e.high == null ? e.low : e.high) <= 2000])
    error_message = "An estimate has low and high in hours: 0 <= low <= high <= 2000, such as { low = 2, high = 5 }."
  }
}

variable "expiry_warning" {
  description = "How long before its end a waiver or an attestation is a warning, such as \"720h\"; \"0s\" turns the warnings off."
  type        = string
  default     = "720h"
  nullable    = false

  validation {
    condition     = can(regex("^(0|([0-9]+(\\.[0-9]+)?(ms|h|m|s))+)$", var.expiry_warning))
    error_message = "expiry_warning is a duration such as \"720h\" (days are written as hours), or \"0s\" for no warnings."
  }
}

variable "enforcement" {
  description = "What a blocked gate does: \"fail\", \"warn\" or \"report\"."
  type        = string
  default     = "fail"
  nullable    = false

  validation {
    condition     = contains(["fail", "warn", "report"], var.enforcement)
    error_message = "enforcement must be \"fail\", \"warn\" or \"report\"."
  }
}

variable "valid_for" {
  description = "How long a good outcome of a check that acts on the portal counts, such as \"24h\": sign-ins, bursts, drills, the measurement of latency and sent mail are not repeated meanwhile. A release of the portal ends them, where the portal says which one it runs. Default: each plan acts."
  type        = string
  default     = null

  validation {
    condition     = var.valid_for == null ? true : can(regex("^([0-9]+(\\.[0-9]+)?(ns|us|µs|ms|s|m|h))+$", var.valid_for))
    error_message = "valid_for must be a duration such as \"24h\" or \"30m\"; days are written as hours."
  }
}

variable "wait" {
  description = "How long to repeat a check that does not pass, where a resource has changed something in the last ten minutes: changes of DNS and edge take time to spread. Without a change a check looks twice."
  type        = string
  default     = "30s"
  nullable    = false

  validation {
    condition     = can(regex("^([0-9]+(\\.[0-9]+)?(ms|h|m|s))+$", var.wait))
    error_message = "wait is a duration such as \"30s\" or \"2m\"."
  }
}
