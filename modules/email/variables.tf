variable "zone" {
  description = "Zone by domain name or by id."
  type        = string
  nullable    = false

  validation {
    condition     = can(regex("^[^/:@ ]+$", var.zone))
    error_message = "zone is the domain name of the zone, such as \"acme.example\", or its id; without scheme or path."
  }
}

variable "enabled" {
  description = "Whether this module declares anything. Where it is false all stays as it is in the zone, and `ready` waits for nothing."
  type        = bool
  default     = true
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

  validation {
    condition     = contains(["-all", "~all", "?all"], coalesce(var.spf.all, "~all"))
    error_message = "spf.all must be \"-all\", \"~all\" or \"?all\"; \"+all\" would let everybody send."
  }
}

variable "dkim" {
  description = "DKIM keys by selector: the public key (PEM, or the p= value) or the target of a CNAME, as the sender's console shows it."
  type = map(object({
    public_key = optional(string)
    target     = optional(string)
    # The service that signs, by catalogue name: its selectors and targets are known.
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
  description = "DMARC policy and where aggregate reports go (mailto: addresses)."
  type = object({
    policy           = optional(string, "quarantine")
    subdomain_policy = optional(string)
    # For names that do not exist.
    nonexistent_subdomain_policy = optional(string)
    rua                          = optional(list(string), [])
  })
  default  = {}
  nullable = false

  validation {
    condition     = contains(["none", "quarantine", "reject"], var.dmarc.policy)
    error_message = "dmarc.policy must be \"none\", \"quarantine\" or \"reject\"."
  }

  validation {
    condition     = alltrue([for p in [var.dmarc.subdomain_policy, var.dmarc.nonexistent_subdomain_policy] : contains(["none", "quarantine", "reject"], coalesce(p, "none"))])
    error_message = "Policies of subdomains must be \"none\", \"quarantine\" or \"reject\", or null for that of the domain."
  }

  validation {
    condition     = alltrue([for to in var.dmarc.rua : can(regex("^(mailto:.+@.+|https://.+)$", to))])
    error_message = "Reports go to addresses such as \"mailto:dmarc@acme.example\"."
  }
}

variable "return_paths" {
  description = <<-EOT
    Where bounces go, by a key that does not change: name, such as "pm-bounces", and either target (a CNAME to the
    sending service) or mx (its hosts) and include (its SPF).
  EOT
  type = map(object({
    name    = string
    target  = optional(string)
    mx      = optional(list(string), [])
    include = optional(list(string), [])
  }))
  default  = {}
  nullable = false

  validation {
    condition     = alltrue([for p in values(var.return_paths) : (p.target == null) != (length(p.mx) == 0) && (p.target == null) == (length(p.include) > 0)])
    error_message = "Every return path needs either target, or mx and include, and not both."
  }
}

variable "parked" {
  description = "Names that neither send nor receive mail, such as \"www\", or \"@\" for the zone itself: they get v=spf1 -all, a DMARC policy of reject and a null MX. None of them may be a CNAME."
  type        = list(string)
  default     = []
  nullable    = false

  validation {
    condition     = !(contains(var.parked, "@") || contains(var.parked, var.zone)) || length(var.senders) == 0
    error_message = "A zone that is parked has no senders: leave senders empty, or \"@\" out of parked."
  }
}

variable "mta_sts" {
  description = <<-EOT
    MTA-STS: mode ("testing" at first, then "enforce"), mx (hosts that receive the domain's mail), max_age in seconds, and
    origin (address or name of the server that serves the output mta_sts_policy; without it the host mta-sts is left alone).
  EOT
  type = object({
    mode    = optional(string, "testing")
    mx      = list(string)
    max_age = optional(number, 604800)
    origin  = optional(string)
  })
  default = null

  validation {
    condition     = var.mta_sts == null ? true : contains(["testing", "enforce", "none"], var.mta_sts.mode) && length(var.mta_sts.mx) > 0
    error_message = "mta_sts.mode must be \"testing\", \"enforce\" or \"none\", and mx names the hosts that receive the mail, such as [\"smtp.google.com\"]."
  }

  validation {
    condition     = var.mta_sts == null ? true : var.mta_sts.max_age >= 86400 && var.mta_sts.max_age <= 31557600
    error_message = "mta_sts.max_age is in seconds: 86400 (a day) to 31557600 (a year)."
  }
}

variable "tls_rpt" {
  description = "Where senders report mail that failed for want of TLS: mailto: or https: addresses. None means no record."
  type        = list(string)
  default     = []
  nullable    = false

  validation {
    condition     = alltrue([for to in var.tls_rpt : can(regex("^(mailto:.+@.+|https://.+)$", to))])
    error_message = "Reports go to addresses such as \"mailto:tls-reports@acme.example\" or \"https://reports.example/tls\"."
  }
}

variable "bimi" {
  description = "Brand logo: address of the SVG image and of the mark certificate, both by https."
  type = object({
    location    = string
    certificate = optional(string)
  })
  default = null

  validation {
    condition     = var.bimi == null ? true : startswith(var.bimi.location, "https://") && startswith(coalesce(var.bimi.certificate, "https://"), "https://")
    error_message = "bimi.location and bimi.certificate are addresses that begin with \"https://\"."
  }
}

variable "on_conflict" {
  description = "What to do with a record that is already there: \"adopt\" takes it over, \"fail\" stops."
  type        = string
  default     = "adopt"
  nullable    = false

  validation {
    condition     = contains(["adopt", "fail"], var.on_conflict)
    error_message = "on_conflict must be \"adopt\" or \"fail\"."
  }
}
