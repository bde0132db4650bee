variable "client" {
  description = "Name of the client, as a heading. Default: what the scorecard is about."
  type        = string
  default     = null

  validation {
    condition     = var.client == null ? true : trimspace(var.client) != ""
    error_message = "client is the name of the client, such as \"Acme Members\", or null."
  }
}

variable "portal" {
  description = "Address of the portal."
  type        = string
  default     = null

  validation {
    condition     = var.portal == null ? true : can(regex("^https?://[^/ ]+", var.portal))
    error_message = "portal is an address, such as \"https://portal.acme.example\"."
  }
}

variable "scorecard" {
  description = "What was verified: the output `json` of the module verify, or the text of a report file that ends in .json."
  type        = string
  default     = null
}

variable "built" {
  description = "What was built, by part, such as `{ dns = module.dns.built, email = module.email.built }`: see `built` of launchready_handover for a part of your own."
  type = map(object({
    title = optional(string)
    records = optional(map(object({
      name    = string
      type    = string
      content = optional(string)
      proxied = optional(bool)
      purpose = optional(string)
    })))
    settings = optional(map(string))
    rules = optional(map(object({
      kind       = string
      name       = optional(string)
      expression = optional(string)
      action     = optional(string)
    })))
    monitors = optional(map(object({
      url      = string
      service  = optional(string)
      interval = optional(string)
    })))
    alerts = optional(map(object({
      kind = optional(string)
      to   = optional(list(string))
    })))
    limits = optional(list(string))
  }))
  default  = {}
  nullable = false
}

variable "owners" {
  description = "Who answers for what, by a key of your choice such as `registrar`: owner, and optionally what (in words), contact and note."
  type = map(object({
    what    = optional(string)
    owner   = string
    contact = optional(string)
    note    = optional(string)
  }))
  default  = {}
  nullable = false

  validation {
    condition     = alltrue([for o in values(var.owners) : try(trimspace(o.owner), "") != ""])
    error_message = "Every one of owners has an owner: the name of a person or a team."
  }
}

variable "credentials" {
  description = <<-EOT
    Where credentials are kept, by a key of your choice such as `cloudflare_token`: place, and optionally what (in words),
    owner, used_by, rotated (a day) and rotate_every_days. Never their values: a text that looks like one is refused.
  EOT
  type = map(object({
    what              = optional(string)
    place             = string
    owner             = optional(string)
    used_by           = optional(string)
    rotated           = optional(string)
    rotate_every_days = optional(number)
  }))
  default  = {}
  nullable = false

  validation {
    condition     = alltrue([for c in values(var.credentials) : try(trimspace(c.place), "") != ""])
    error_message = "Every one of credentials has a place, such as \"1Password, vault Acme, item Cloudflare\"."
  }

  validation {
    condition     = alltrue([for c in values(var.credentials) : c.rotated == null ? true : can(formatdate("YYYY", "${c.rotated}T00:00:00Z"))])
    error_message = "rotated is the day on which a credential was last changed, such as \"2026-11-02\"."
  }

  validation {
    condition     = alltrue([for c in values(var.credentials) : c.rotate_every_days == null ? true : c.rotate_every_days >= 1 && c.rotate_every_days <= 3650])
    error_message = "rotate_every_days is between 1 and 3650."
  }
}

variable "reviews" {
  description = "What must be looked at again beside what follows from the rest; or, by an id of the output `next_reviews` such as `dmarc`, the day and the owner of that one."
  type = map(object({
    what  = optional(string)
    due   = optional(string)
    owner = optional(string)
  }))
  default  = {}
  nullable = false

  validation {
    condition     = alltrue([for r in values(var.reviews) : r.due == null ? true : can(formatdate("YYYY", "${r.due}T00:00:00Z"))])
    error_message = "due is a day, such as \"2027-01-31\"."
  }
}

variable "runbook" {
  description = "How members are helped: a Markdown file, a folder of them, the text itself, or an address."
  type        = string
  default     = null
}

variable "runbook_review_days" {
  description = "Days between two reviews of the runbook."
  type        = number
  default     = 90
  nullable    = false

  validation {
    condition     = var.runbook_review_days >= 1 && var.runbook_review_days <= 3650
    error_message = "runbook_review_days is between 1 and 3650."
  }
}

variable "topics" {
  description = "Further words by which the runbook's topics are known, as launchready_support_check takes them."
  type        = map(list(string))
  default     = null
}

variable "waivers" {
  description = "Violations that are accepted for a time, as the module verify takes them."
  type = list(object({
    rule    = string
    subject = optional(string, "*")
    reason  = string
    owner   = string
    expires = string
  }))
  default  = []
  nullable = false
}

variable "attestations" {
  description = "Answers of people to what no probe can see, as the module verify takes them."
  type = list(object({
    rule      = string
    statement = string
    owner     = string
    evidence  = string
    expires   = string
  }))
  default  = []
  nullable = false
}

variable "certificates" {
  description = "Last days of certificates by host, such as the output `certificates` of the module verify."
  type        = map(string)
  default     = {}
  nullable    = false

  validation {
    condition     = alltrue([for day in values(var.certificates) : can(formatdate("YYYY", "${day}T00:00:00Z"))])
    error_message = "A certificate's last day is written as \"2027-02-01\"."
  }
}

variable "files" {
  description = "Files to write the document to; their endings choose the form: .html or .md."
  type        = list(string)
  default     = []
  nullable    = false

  validation {
    condition     = alltrue([for f in var.files : can(regex("(?i)\\.(html|md)$", f))])
    error_message = "The name of a file ends in .html or .md."
  }
}
