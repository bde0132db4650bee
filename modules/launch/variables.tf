variable "domain" {
  description = "The client's domain: the name of the zone, such as \"acme.example\"."
  type        = string
  nullable    = false

  validation {
    condition     = can(regex("^[^/:@ ]+\\.[^/:@ .]+$", var.domain))
    error_message = "domain must be a domain name such as \"acme.example\", without scheme or path."
  }

  # Addresses for reports and names of monitors are made of it.
  validation {
    condition     = can(regex("^[!-~]+$", var.domain))
    error_message = "domain is written with ASCII letters, as in the DNS: \"xn--bcher-kva.example\", and not \"bücher.example\"."
  }
}

variable "portal_host" {
  description = "Name of the portal within the domain, such as \"portal\", or \"@\" for the domain itself."
  type        = string
  default     = "portal"
  nullable    = false

  validation {
    condition     = can(regex("^[^/:@ ]+$|^@$", var.portal_host))
    error_message = "portal_host is a name within the domain, such as \"portal\", or \"@\" for the domain itself; without scheme or path."
  }
}

variable "origin" {
  description = "Where the portal runs: an IPv4 address, an IPv6 address or a host name."
  type        = string
  nullable    = false

  validation {
    condition     = can(regex("^[^/@ ]+$", var.origin))
    error_message = "origin is an address or a host name, such as \"198.51.100.10\" or \"acme.hosting.example\", without \"https://\"."
  }
}

variable "adopt" {
  description = <<-EOT
    Parts of an existing zone that stay as they are for now: "dns", "email", "tls", "edge", "monitoring". Nothing of them is
    created or changed, and the checks judge them as they stand. Take out one after the other: the plan then shows what
    this module would change.
  EOT
  type        = list(string)
  default     = []
  nullable    = false

  validation {
    condition     = length(setsubtract(var.adopt, ["dns", "email", "tls", "edge", "monitoring"])) == 0
    error_message = "adopt takes \"dns\", \"email\", \"tls\", \"edge\" and \"monitoring\"."
  }
}

variable "web_hosts" {
  description = "Further names that serve a site, by a key that does not change."
  type = map(object({
    name    = string
    origin  = string
    proxied = optional(bool, true)
  }))
  default  = {}
  nullable = false

  validation {
    condition     = !contains(keys(var.web_hosts), "portal")
    error_message = "The key \"portal\" is the portal's own: choose another."
  }

  validation {
    condition     = alltrue([for h in values(var.web_hosts) : can(regex("^[^/@ ]+$", h.origin))])
    error_message = "An origin is an address or a host name, such as \"198.51.100.10\" or \"acme.hosting.example\", without \"https://\"."
  }
}

variable "dns" {
  description = <<-EOT
    Further names: www (stands for the domain), redirect_hosts (names that only redirect, by key), parked (names without
    mail), caa (certificate authorities that may issue), dnssec (whether the zone is signed), and require_ds (whether a
    missing DS record at the registrar blocks the launch).
  EOT
  type = object({
    www            = optional(bool, false)
    redirect_hosts = optional(map(string), {})
    parked         = optional(list(string), [])
    caa            = optional(list(string), [])
    dnssec         = optional(bool, false)
    require_ds     = optional(bool, false)
  })
  default  = {}
  nullable = false
}

variable "records" {
  description = "Further records by a key that does not change: name, type, content as in a zone file, and optionally ttl, proxied, comment and tags."
  type        = map(map(string))
  default     = {}
  nullable    = false
}

variable "senders" {
  description = "Services that send mail for the domain, by catalogue name, such as \"google_workspace\" or \"postmark\"."
  type        = list(string)
  default     = []
  nullable    = false
}

variable "spf" {
  description = "Further terms of the SPF record, and how it ends: \"~all\" unless it says otherwise, or \"-all\" where nobody sends."
  type = object({
    include = optional(list(string), [])
    ip4     = optional(list(string), [])
    ip6     = optional(list(string), [])
    all     = optional(string)
    # Whether the senders of a record that is taken over are kept, whoever held it.
    merge = optional(bool, true)
  })
  default  = {}
  nullable = false
}

variable "dkim" {
  description = "DKIM keys by selector: the public key (PEM, or the p= value) or the target of a CNAME."
  type = map(object({
    public_key = optional(string)
    target     = optional(string)
    # The service that signs, by catalogue name.
    sender = optional(string)
  }))
  default  = {}
  nullable = false

  validation {
    condition     = alltrue([for k in values(var.dkim) : (k.public_key == null) != (k.target == null)])
    error_message = "Every DKIM selector needs either public_key or target, and not both."
  }
}

variable "dmarc" {
  description = "DMARC policy and where aggregate reports go. Reports go to dmarc@<domain> unless rua says otherwise."
  type = object({
    policy           = optional(string, "quarantine")
    subdomain_policy = optional(string)
    # For names that do not exist.
    nonexistent_subdomain_policy = optional(string)
    rua                          = optional(list(string))
  })
  default  = {}
  nullable = false

  validation {
    condition     = contains(["none", "quarantine", "reject"], var.dmarc.policy)
    error_message = "dmarc.policy must be \"none\", \"quarantine\" or \"reject\"."
  }
}

variable "return_paths" {
  description = "Where bounces go, by a key that does not change: see return_paths of the module email."
  type = map(object({
    name    = string
    target  = optional(string)
    mx      = optional(list(string), [])
    include = optional(list(string), [])
  }))
  default  = {}
  nullable = false
}

variable "mail" {
  description = <<-EOT
    Transport and brand: mta_sts (see the module email; the portal's origin serves the policy unless origin says otherwise),
    tls_rpt (addresses for reports), bimi (logo), and of the check require (what else it demands, such as "dane"), sending_subdomains
    (further names that mail is sent from) and addresses (of own mail servers, whose reverse DNS must lead back to them).
  EOT
  type = object({
    mta_sts = optional(object({
      mode    = optional(string, "testing")
      mx      = list(string)
      max_age = optional(number, 604800)
      origin  = optional(string)
    }))
    tls_rpt = optional(list(string), [])
    bimi = optional(object({
      location    = string
      certificate = optional(string)
    }))
    require            = optional(list(string), [])
    sending_subdomains = optional(list(string), [])
    addresses          = optional(list(string), [])
  })
  default  = {}
  nullable = false
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

variable "tls" {
  description = "TLS at the edge: how it reaches the origin, the lowest version, and HSTS in seconds."
  type = object({
    mode            = optional(string, "strict")
    minimum_version = optional(string, "1.2")
    hsts = optional(object({
      max_age            = optional(number, 31536000)
      include_subdomains = optional(bool, false)
      preload            = optional(bool, false)
    }), {})
  })
  default  = {}
  nullable = false

  validation {
    condition     = contains(["strict", "full", "flexible", "off"], var.tls.mode) && contains(["1.0", "1.1", "1.2", "1.3"], var.tls.minimum_version)
    error_message = "tls.mode must be \"strict\", \"full\", \"flexible\" or \"off\", and tls.minimum_version \"1.0\" to \"1.3\", in quotes."
  }
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

variable "pages" {
  description = "Paths of the portal's pages that are searched for mixed content."
  type        = list(string)
  default     = ["/"]
  nullable    = false

  validation {
    condition     = alltrue([for p in var.pages : startswith(p, "/")])
    error_message = "Every page is a path of the portal that begins with \"/\"."
  }
}

variable "tier" {
  description = "Cloudflare plan of the zone: \"free\", \"pro\", \"business\" or \"enterprise\". What a plan does not have is folded into what it has; the output `lost` says what that costs."
  type        = string
  default     = "free"
  nullable    = false

  validation {
    condition     = contains(["free", "pro", "business", "enterprise"], var.tier)
    error_message = "tier must be \"free\", \"pro\", \"business\" or \"enterprise\"."
  }
}

variable "edge" {
  description = "What the edge does, where the defaults of the module edge do not fit: name, position, throttle, cache, waf, ddos, headers, redirects and origin_pulls, each as the module's variable of that name."
  type = object({
    name         = optional(string)
    position     = optional(any)
    throttle     = optional(any)
    cache        = optional(any)
    waf          = optional(any)
    ddos         = optional(any)
    headers      = optional(any)
    redirects    = optional(any)
    origin_pulls = optional(bool)
  })
  default  = {}
  nullable = false
}

variable "origins" {
  description = "Addresses of the origin, which must not answer beside the edge. Default: the addresses, IPv4 and IPv6, that proxied records lead to; a host name is tried where it is named here. An empty list where a firewall of another kind decides."
  type        = list(string)
  default     = null
}

variable "private_paths" {
  description = "Paths of the portal, or addresses, that only a member may be given. They are judged with `identity`."
  type        = list(string)
  default     = []
  nullable    = false

  validation {
    condition     = alltrue([for p in var.private_paths : can(regex("^(/|https?://)", p))])
    error_message = "A path begins with \"/\"; an address with \"https://\"."
  }
}

variable "static_paths" {
  description = "Paths of the portal, or addresses, of files that the edge should keep."
  type        = list(string)
  default     = []
  nullable    = false

  validation {
    condition     = alltrue([for p in var.static_paths : can(regex("^(/|https?://)", p))])
    error_message = "A path begins with \"/\"; an address with \"https://\"."
  }
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

variable "repository" {
  description = "Folder of the product's Git repository, with its whole history, in which secrets are looked for. Null, and no `secrets`, leaves the check out."
  type        = string
  default     = null
}

variable "secrets" {
  description = "Where secrets are looked for: an object of the arguments of launchready_secrets_check. What it leaves out of repository and pages is taken from the variables of those names."
  type        = any
  default     = null

  validation {
    condition     = var.secrets == null ? true : length(setsubtract(keys(var.secrets), ["repository", "history", "paths", "logs", "pages", "identity", "asset_hosts", "hosts", "config", "ignore_file", "public_keys", "rotation", "cache", "timeout"])) == 0
    error_message = "secrets takes the arguments of launchready_secrets_check: repository, history, paths, logs, pages, identity, asset_hosts, hosts, config, ignore_file, public_keys, rotation, cache, timeout."
  }
}

variable "alerts_to" {
  description = "Where Cloudflare's alerts go: e-mail addresses, or ids of launchready_alert_destination. Without any no alert is declared."
  type        = list(string)
  default     = []
  nullable    = false

  validation {
    condition     = alltrue([for to in var.alerts_to : can(regex("^[^@ ]+@[^@ ]+$|^(email|webhook|pagerduty):.+$", to))])
    error_message = "Alerts go to e-mail addresses, such as \"ops@agency.example\", or to ids of launchready_alert_destination."
  }
}

variable "monitoring" {
  description = <<-EOT
    How the portal is watched from outside: backend, monitors and alerts as the module monitoring takes them, and name (of the
    client; default: the domain with hyphens). Default: its start page, by Cloudflare's health checks where the plan has them.
  EOT
  type = object({
    name    = optional(string)
    backend = optional(string)
    monitors = optional(map(object({
      url                = string
      status             = optional(list(string))
      body               = optional(string)
      certificate_days   = optional(number)
      interval           = optional(string)
      regions            = optional(list(string))
      headers            = optional(map(string))
      address            = optional(string)
      verify_certificate = optional(bool)
      contacts           = optional(list(string))
      paused             = optional(bool)
    })))
    alerts = optional(map(object({
      alert_type = string
      filters    = optional(map(list(string)))
      interval   = optional(string)
    })), {})
  })
  default  = {}
  nullable = false
}

variable "runbook" {
  description = "How members are helped: a Markdown file, or a folder of them. Null, and no `support`, leaves the check out."
  type        = string
  default     = null
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
  description = "The runbook, and what it must cover: an object of the arguments of launchready_support_check. What it leaves out of `runbook` is taken from the variable of that name."
  type        = any
  default     = null

  validation {
    condition     = var.support == null ? true : length(setsubtract(keys(var.support), ["runbook", "topics", "words", "maximum_age", "minimum_levels", "link_hosts_ignored", "link_recheck", "drill", "self_service", "status_page", "security_txt_hosts"])) == 0
    error_message = "support takes the arguments of launchready_support_check: runbook, topics, words, maximum_age, minimum_levels, link_hosts_ignored, link_recheck, drill, self_service, status_page, security_txt_hosts."
  }
}

variable "require" {
  description = "Areas of the scorecard that must be covered. Default: email_auth, tls, and edge, rate_limiting, authentication, authorization, secrets, observability, deployment and support where they are checked."
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
  default     = ["launch-report.html", "launch-report.md", "launch.json"]
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
