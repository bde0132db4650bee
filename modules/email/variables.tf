variable "zone" {
  description = "Zone by domain name or by id."
  type        = string
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
  })
  default  = {}
  nullable = false
}

variable "dkim" {
  description = "DKIM keys by selector: the public key (PEM, or the p= value) or the target of a CNAME, as the sender's console shows it."
  type = map(object({
    public_key = optional(string)
    target     = optional(string)
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
    rua              = optional(list(string), [])
  })
  default  = {}
  nullable = false

  validation {
    condition     = contains(["none", "quarantine", "reject"], var.dmarc.policy)
    error_message = "dmarc.policy must be \"none\", \"quarantine\" or \"reject\"."
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
