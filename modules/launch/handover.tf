# What is left with the client: see the module handover.

variable "client" {
  description = "Name of the client in the handover document. Default: the domain."
  type        = string
  default     = null
}

variable "owners" {
  description = "Who answers for what, for the handover: see `owners` of the module handover."
  type = map(object({
    what    = optional(string)
    owner   = string
    contact = optional(string)
    note    = optional(string)
  }))
  default  = {}
  nullable = false
}

variable "credentials" {
  description = "Where credentials are kept, for the handover, and never their values: see `credentials` of the module handover."
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
}

variable "reviews" {
  description = "What must be looked at again, for the handover: see `reviews` of the module handover."
  type = map(object({
    what  = optional(string)
    due   = optional(string)
    owner = optional(string)
  }))
  default  = {}
  nullable = false
}

variable "handover_files" {
  description = <<-EOT
    Files to write the handover document to, such as ["handover.html", "handover.md"]. A blocked gate ends the run before
    them, since what depends on a data source that fails is not read: what was written before then stays as it is, and the
    report says what blocks. For a draft of a launch that is not ready, set `enforcement` to "warn" or "report": the
    document then says on top that it is not ready, and by what it is blocked.
  EOT
  type        = list(string)
  default     = []
  nullable    = false

  validation {
    condition     = alltrue([for f in var.handover_files : can(regex("(?i)\\.(html|md)$", f))])
    error_message = "The name of a file of the handover ends in .html or .md."
  }
}

module "handover" {
  source = "../handover"

  client       = var.client == null ? var.domain : var.client
  portal       = "https://${local.portal}"
  built        = { dns = module.dns.built, email = module.email.built, tls = module.tls.built, edge = module.edge.built, monitoring = module.monitoring.built }
  scorecard    = module.verify.json
  certificates = module.verify.certificates
  owners       = var.owners
  credentials  = var.credentials
  reviews      = var.reviews
  runbook      = try(local.support.runbook, null)
  topics       = try(var.support.topics, null)
  waivers      = var.waivers
  attestations = var.attestations
  files        = var.handover_files
}

output "handover" {
  description = "The handover document: html, markdown, next_reviews, and missing: what it should say and does not."
  value = {
    html         = module.handover.html
    markdown     = module.handover.markdown
    next_reviews = module.handover.next_reviews
    missing      = module.handover.missing
  }
}
