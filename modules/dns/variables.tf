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

  validation {
    condition     = alltrue([for h in values(var.web_hosts) : !strcontains(h.origin, "://") && !strcontains(h.name, "/")])
    error_message = "An origin is an address or a host name, such as \"198.51.100.10\" or \"acme.hosting.example\", without \"https://\"; a name has no path."
  }

  validation {
    condition     = alltrue([for h in values(var.web_hosts) : contains(["adopt", "fail"], coalesce(h.on_conflict, "adopt"))])
    error_message = "on_conflict of a web host must be \"adopt\" or \"fail\"."
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

variable "www" {
  description = "Whether the name www stands for the zone itself, behind the proxy."
  type        = bool
  default     = false
  nullable    = false
}

variable "redirect_hosts" {
  description = "Names that only redirect, by a key that does not change: proxied, without an origin. The redirect itself is a rule of the edge."
  type        = map(string)
  default     = {}
  nullable    = false

  validation {
    condition     = alltrue([for name in values(var.redirect_hosts) : can(regex("^[^/: ]+$", name))])
    error_message = "A name that redirects is written within the zone, such as \"old\", or in full; without scheme or path."
  }
}

variable "parked" {
  description = "Names that neither send nor receive mail, \"@\" for the zone itself: they get a null MX, and SPF and DMARC records that refuse."
  type        = list(string)
  default     = []
  nullable    = false

  validation {
    condition     = alltrue([for name in var.parked : can(regex("^[^/: ]+$", name))])
    error_message = "A parked name is \"@\", a name within the zone such as \"static\", or a full name."
  }
}

variable "caa" {
  description = "Certificate authorities that may issue for the zone, such as \"letsencrypt.org\"; none means no CAA record."
  type        = list(string)
  default     = []
  nullable    = false

  validation {
    condition     = alltrue([for a in var.caa : can(regex("^[a-z0-9.-]+$", a))])
    error_message = "A certificate authority is named by its domain, such as \"letsencrypt.org\"."
  }
}

variable "records" {
  description = <<-EOT
    Further records by a key that does not change: name, type, content as in a zone file, and optionally ttl, proxied,
    comment and tags. See launchready_zone_records.
  EOT
  type        = map(map(string))
  default     = {}
  nullable    = false

  validation {
    condition     = alltrue([for r in values(var.records) : length(setsubtract(["name", "type", "content"], keys(r))) == 0])
    error_message = "Every record needs name, type and content, such as { name = \"@\", type = \"TXT\", content = \"...\" }."
  }

  validation {
    condition     = alltrue([for r in values(var.records) : length(setsubtract(keys(r), ["name", "type", "content", "ttl", "proxied", "comment", "tags"])) == 0])
    error_message = "A record takes name, type, content, ttl, proxied, comment and tags; a priority is part of the content: \"10 mail.acme.example\"."
  }
}

variable "unmanaged" {
  description = "What to do with records of the zone that nobody declares: \"keep\", \"delete\" or \"fail\"."
  type        = string
  default     = "keep"
  nullable    = false

  validation {
    condition     = contains(["keep", "delete", "fail"], var.unmanaged)
    error_message = "unmanaged must be \"keep\", \"delete\" or \"fail\"."
  }
}

variable "ignore" {
  description = "Names that other modules own, which `unmanaged` leaves alone: patterns of NAME or TYPE NAME."
  type        = list(string)
  default     = []
  nullable    = false
}

variable "allow_mass_delete" {
  description = "Whether one plan may delete more than half of the zone."
  type        = bool
  default     = false
  nullable    = false
}

variable "dnssec" {
  description = "Whether the zone is signed. Publish the output `ds` at the registrar."
  type        = bool
  default     = false
  nullable    = false
}
