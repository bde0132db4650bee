variable "domain" {
  description = "Domain whose mail is checked."
  type        = string
  nullable    = false
}

variable "hosts" {
  description = "Full names of the hosts whose TLS is checked."
  type        = list(string)
  nullable    = false

  validation {
    condition     = length(var.hosts) > 0
    error_message = "Name at least one host, such as \"portal.acme.example\"."
  }
}

variable "pages" {
  description = "Addresses of pages that are searched for mixed content."
  type        = list(string)
  default     = []
  nullable    = false
}

variable "senders" {
  description = "Services that send mail for the domain, by catalogue name."
  type        = list(string)
  default     = []
  nullable    = false
}

variable "dkim_selectors" {
  description = "DKIM selectors that must be published."
  type        = list(string)
  default     = []
  nullable    = false
}

variable "minimum_policy" {
  description = "Weakest DMARC policy that passes."
  type        = string
  default     = "quarantine"
  nullable    = false
}

variable "require" {
  description = "Areas of the scorecard that must be covered. This module checks email_auth and tls; other areas are covered by checks handed in through `checks` or by attestations."
  type        = list(string)
  default     = ["email_auth", "tls"]
  nullable    = false
}

variable "checks" {
  description = "Results of further checks (their attribute `result`), by name."
  type        = map(any)
  default     = {}
  nullable    = false
}

variable "waivers" {
  description = "Violations that are accepted for a time."
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
  description = "Answers of people to what no probe can see."
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

variable "report_files" {
  description = "Files to write the report to, before the gate decides: .html, .md, .json."
  type        = list(string)
  default     = []
  nullable    = false
}

variable "enforcement" {
  description = "What a blocked gate does: \"fail\", \"warn\" or \"report\"."
  type        = string
  default     = "fail"
  nullable    = false
}

variable "wait" {
  description = "How long to repeat a check that does not pass: changes of DNS and edge take time to spread."
  type        = string
  default     = "30s"
  nullable    = false
}
