variable "zone" {
  description = "Zone by domain name or by id."
  type        = string
  nullable    = false
}

variable "web_hosts" {
  description = <<-EOT
    Names that serve a site, by a key that does not change: name ("@" is the zone itself), and the origin as an IPv4
    address, an IPv6 address or a host name. Cloudflare's proxy stands before each unless proxied is false.
  EOT
  type = map(object({
    name    = string
    origin  = string
    proxied = optional(bool, true)
    # Several addresses of one name are declared with "fail".
    on_conflict = optional(string)
  }))
  default  = {}
  nullable = false

  validation {
    condition     = alltrue([for h in values(var.web_hosts) : length(trimspace(h.name)) > 0 && length(trimspace(h.origin)) > 0])
    error_message = "Every web host needs a name, such as \"portal\" or \"@\", and an origin, such as \"198.51.100.10\"."
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
