variable "zone" {
  description = "Zone by domain name or by id."
  type        = string
  nullable    = false
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
}

variable "minimum_version" {
  description = "Lowest TLS version that visitors may use."
  type        = string
  default     = "1.2"
  nullable    = false
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
}
