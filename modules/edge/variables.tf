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

variable "hosts" {
  description = "Full names of the proxied hosts that members visit, such as \"portal.acme.example\". Without any nothing is made."
  type        = list(string)
  nullable    = false

  validation {
    condition     = alltrue([for host in var.hosts : can(regex("^[^/: ]+\\.[^/: .]+$", host))])
    error_message = "A host is a full name, such as \"portal.acme.example\", without scheme or path."
  }
}

variable "name" {
  description = "Name that tells the rules of this module from those of another use of it in the same zone; it is part of their refs."
  type        = string
  default     = "default"
  nullable    = false

  validation {
    condition     = can(regex("^[a-z0-9][a-z0-9-]{0,39}$", var.name))
    error_message = "name takes lower case letters, digits and hyphens, 40 at most."
  }
}

variable "position" {
  description = "Where the rules of each kind stand among those of others in the zone: \"first\" or \"last\". Null is what suits the kind."
  type = object({
    waf              = optional(string)
    rate_limits      = optional(string)
    cache            = optional(string)
    redirects        = optional(string)
    response_headers = optional(string)
  })
  default  = {}
  nullable = false

  validation {
    condition     = alltrue([for p in values(var.position) : contains(["first", "last"], coalesce(p, "first"))])
    error_message = "A position is \"first\" or \"last\"."
  }
}

variable "throttle" {
  description = <<-EOT
    Limits by name: paths, methods, how many requests of one address pass in a period, and for how long it is blocked then
    (timeout; null = as long as the period). A period that the plan does not have is shortened, and the requests with it.
    Where the plan has fewer rules, limits of like rate become one; what is over three times as generous as those is left
    out. Where it cannot look at methods or hosts, it counts them all. The output `lost` says what became of each.
  EOT
  type = map(object({
    paths    = list(string)
    methods  = optional(list(string), ["POST"])
    requests = optional(number, 10)
    period   = optional(string, "1m")
    timeout  = optional(string)
  }))
  default = {
    sign_in  = { paths = ["/login", "/api/login", "/sign-in", "/api/sign-in"] }
    recovery = { paths = ["/api/password-reset", "/password-reset", "/api/resend-code", "/api/invites"] }
  }
  nullable = false

  validation {
    condition = alltrue([for t in var.throttle :
      can(regex("^([0-9]+[hms])+$", t.period)) && can(regex("[1-9]", t.period)) && can(regex("^([0-9]+[hms])+$", coalesce(t.timeout, "0s")))
    ])
    error_message = "period and timeout are whole hours, minutes and seconds, such as \"10s\", \"1m\" or \"1h\", and a period is not zero."
  }

  validation {
    condition     = alltrue([for t in var.throttle : t.requests >= 1])
    error_message = "A limit lets at least one request pass."
  }

  validation {
    condition     = alltrue([for t in var.throttle : length(t.paths) > 0 && alltrue([for p in t.paths : startswith(p, "/")])])
    error_message = "A limit has paths, each of which begins with \"/\"."
  }
}

variable "cache" {
  description = <<-EOT
    What the edge keeps: static (paths of files that are the same for everybody), private (paths that are never kept) and
    cookies (names of session cookies, whose requests are never kept). Requests with an Authorization header never are.
  EOT
  type = object({
    static  = optional(list(string), ["/assets/*", "/static/*"])
    private = optional(list(string), ["/account", "/account/*", "/admin", "/admin/*", "/api/*", "/login"])
    cookies = optional(list(string), [])
    tiered  = optional(bool, true)
  })
  default  = {}
  nullable = false
}

variable "waf" {
  description = <<-EOT
    Firewall: blocked_paths (what scanners look for and a portal does not have), rules (further custom rules, as those of
    launchready_zone_waf), and from Pro on managed (run Cloudflare's managed ruleset) and owasp (sensitivity of the OWASP
    ruleset: "low", "medium", "high"; null = it is not run). Where somebody runs the managed ruleset in the zone already,
    as the dashboard's switch does, the plan refuses a second run: set managed = false and leave it to them, or delete
    their rule first.
  EOT
  type = object({
    blocked_paths = optional(list(string), ["/.env*", "/.git/*", "/wp-login.php", "/xmlrpc.php", "/phpmyadmin/*"])
    managed       = optional(bool, true)
    owasp         = optional(string)
    rules = optional(list(object({
      ref         = string
      description = optional(string)
      expression  = optional(string)
      hosts       = optional(list(string))
      paths       = optional(list(string))
      methods     = optional(list(string))
      action      = string
      skip        = optional(list(string))
    })), [])
  })
  default  = {}
  nullable = false

  validation {
    condition     = contains(["low", "medium", "high"], coalesce(var.waf.owasp, "low"))
    error_message = "waf.owasp is \"low\", \"medium\" or \"high\", or null to leave that ruleset out."
  }
}

variable "ddos" {
  description = "Override of the HTTP DDoS protection; null keeps Cloudflare's own, which is the strongest."
  type = object({
    sensitivity = optional(string)
    action      = optional(string)
  })
  default = null
}

variable "headers" {
  description = "Headers that the edge sets in the place of what the origin sends; null leaves a header to the origin. Names of software are taken away."
  type = object({
    content_type_options                = optional(string, "nosniff")
    frame_options                       = optional(string)
    referrer_policy                     = optional(string)
    permissions_policy                  = optional(string)
    content_security_policy             = optional(string)
    content_security_policy_report_only = optional(string)
    remove                              = optional(list(string))
  })
  default  = {}
  nullable = false
}

variable "redirects" {
  description = "Redirects by name: hosts and paths that lead to an address (to) or, with the same path, to a host (to_host)."
  type = map(object({
    hosts      = optional(list(string))
    paths      = optional(list(string))
    to         = optional(string)
    to_host    = optional(string)
    status     = optional(number)
    keep_query = optional(bool)
  }))
  default  = {}
  nullable = false

  validation {
    condition     = alltrue([for r in values(var.redirects) : (r.to == null) != (r.to_host == null)])
    error_message = "A redirect leads either to an address (to) or to a host (to_host), and not to both."
  }

  validation {
    condition     = alltrue([for r in values(var.redirects) : r.hosts != null || r.paths != null])
    error_message = "A redirect needs hosts or paths: without them it would take every request of the zone."
  }
}

variable "origin_pulls" {
  description = "Whether the edge shows the origin Cloudflare's client certificate. It protects only if the origin verifies it."
  type        = bool
  default     = true
  nullable    = false
}
