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

variable "mode" {
  description = "How the edge reaches the origin: \"strict\", \"full\", \"flexible\" or \"off\"."
  type        = string
  default     = "strict"
  nullable    = false

  validation {
    condition     = contains(["strict", "full", "flexible", "off"], var.mode)
    error_message = "mode must be \"strict\", \"full\", \"flexible\" or \"off\"; anything but \"strict\" leaves the way to the origin open to others."
  }
}

variable "minimum_version" {
  description = "Lowest TLS version that visitors may use."
  type        = string
  default     = "1.2"
  nullable    = false

  validation {
    condition     = contains(["1.0", "1.1", "1.2", "1.3"], var.minimum_version)
    error_message = "minimum_version must be \"1.0\", \"1.1\", \"1.2\" or \"1.3\", in quotes."
  }
}

variable "hsts" {
  description = "HTTP Strict Transport Security: seconds, and whether it covers names below and may be built into browsers."
  type = object({
    max_age            = optional(number, 31536000)
    include_subdomains = optional(bool, false)
    preload            = optional(bool, false)
  })
  default  = {}
  nullable = false

  validation {
    condition     = var.hsts.max_age >= 0
    error_message = "hsts.max_age is in seconds, such as 31536000 for a year."
  }

  validation {
    condition     = !var.hsts.preload || (var.hsts.include_subdomains && var.hsts.max_age >= 31536000)
    error_message = "Browsers preload only what includes subdomains and holds for a year: set include_subdomains = true and max_age = 31536000, or preload = false."
  }
}
