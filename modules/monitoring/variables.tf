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

variable "name" {
  description = "Name of the client, by which monitors and alerts of one account are told apart. Letters, digits and hyphens."
  type        = string
  nullable    = false

  validation {
    condition     = can(regex("^[A-Za-z0-9-]+$", var.name))
    error_message = "name takes letters, digits and hyphens, such as \"acme\"."
  }
}

variable "tier" {
  description = "Cloudflare plan of the zone: \"free\", \"pro\", \"business\" or \"enterprise\". What a plan does not have is left out; the output `lost` says what that costs."
  type        = string
  default     = "free"
  nullable    = false

  validation {
    condition     = contains(["free", "pro", "business", "enterprise"], var.tier)
    error_message = "tier must be \"free\", \"pro\", \"business\" or \"enterprise\"."
  }
}

variable "backend" {
  description = "Service that watches from outside: \"cloudflare\" (plan Pro or above), \"betterstack\" or \"uptimerobot\" (access to them is `monitors` of the provider). Default: \"cloudflare\" where the plan has it, else none."
  type        = string
  default     = null

  validation {
    condition     = var.backend == null ? true : contains(["cloudflare", "betterstack", "uptimerobot"], var.backend)
    error_message = "backend must be \"cloudflare\", \"betterstack\" or \"uptimerobot\"."
  }
}

variable "monitors" {
  description = <<-EOT
    What is asked for from outside, by a key that does not change (letters, digits and hyphens): url, and optionally status
    (codes or classes such as "2xx"), body (text of a good answer), certificate_days (alert so many days before the
    certificate expires, where the service watches it), interval, regions, headers, address (the origin, behind
    Cloudflare), verify_certificate, contacts and paused: see launchready_uptime_monitor.
  EOT
  type = map(object({
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
  }))
  nullable = false

  validation {
    condition     = alltrue([for key in keys(var.monitors) : can(regex("^[A-Za-z0-9-]+$", key))])
    error_message = "Keys of monitors take letters, digits and hyphens: they are part of names at the service."
  }

  validation {
    condition     = alltrue([for m in values(var.monitors) : can(regex("^https?://[^/ ]+", m.url))])
    error_message = "url is an address with its scheme, such as \"https://portal.acme.example/healthz\"."
  }
}

variable "alerts_to" {
  description = "Where alerts go: e-mail addresses, or ids of launchready_alert_destination. Without any no alert is declared."
  type        = list(string)
  default     = []
  nullable    = false

  validation {
    condition     = alltrue([for to in var.alerts_to : can(regex("^[^@ ]+@[^@ ]+$|^(email|webhook|pagerduty):.+$", to))])
    error_message = "Alerts go to e-mail addresses, such as \"ops@agency.example\", or to ids of launchready_alert_destination."
  }
}

variable "alerts" {
  description = <<-EOT
    Alerts of Cloudflare's by a name of your choice, beside those that this module declares: alert_type, filters and
    interval as launchready_alert_policy takes them. Null under the name of one of the module's own (unreachable, ddos,
    certificate, down, attack, origin_errors, edge_errors) leaves that out.
  EOT
  type = map(object({
    alert_type = string
    filters    = optional(map(list(string)))
    interval   = optional(string)
  }))
  default  = {}
  nullable = false
}
