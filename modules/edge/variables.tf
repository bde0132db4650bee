variable "zone" {
  description = "Zone by domain name or by id."
  type        = string
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
  description = "Full names of the hosts that members visit, such as \"portal.acme.example\"."
  type        = list(string)
  nullable    = false

  validation {
    condition     = length(var.hosts) > 0
    error_message = "Name at least one host, such as \"portal.acme.example\"."
  }
}

variable "throttle" {
  description = <<-EOT
    Limits by name: paths, methods, and how many requests of one address pass in a period. Where the plan has fewer rules,
    all of them become one of the smallest number of requests; where it cannot look at methods or hosts, it counts them all.
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
    ruleset: "low", "medium", "high"; null = it is not run).
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
}

variable "origin_pulls" {
  description = "Whether the edge shows the origin Cloudflare's client certificate. It protects only if the origin verifies it."
  type        = bool
  default     = true
  nullable    = false
}
