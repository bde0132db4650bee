variable "domain" {
  description = "The client's domain."
  type        = string
  default     = "acme.example"
}

variable "url" {
  description = "Address of the portal's first page."
  type        = string
  default     = "https://portal.acme.example/"

  validation {
    condition     = can(regex("^https://[^/:@?#]+(:[0-9]+)?(/|$)", var.url))
    error_message = "url must be an address such as \"https://portal.acme.example/\"."
  }
}

variable "allowed_hosts" {
  description = "The owner's consent: hosts that you may test, such as [\"acme.example\", \"*.acme.example\"]. Nothing else is probed then. Null allows harmless single requests alone."
  type        = list(string)
  default     = null
}

# What makes the audit see more. None of it is needed.

variable "senders" {
  description = "Services that send mail for the domain, by their names in the catalogue, such as [\"google_workspace\", \"postmark\"]."
  type        = list(string)
  default     = null
}

variable "origins" {
  description = "Addresses of the server behind Cloudflare, such as [\"198.51.100.10\"]. They are asked whether they answer past the edge, which takes consent."
  type        = list(string)
  default     = null
}

variable "api" {
  description = "Addresses that pages read data from and that answer anyone, such as [\"https://api.acme.example/events\"]: which other sites may read them is tested."
  type        = list(string)
  default     = []
  nullable    = false
}

variable "trusted_origins" {
  description = "Other sites that may read the api, such as [\"https://app.acme.example\"]."
  type        = list(string)
  default     = null
}

variable "public_paths" {
  description = "Further paths of the portal that anyone may read, such as [\"/pricing\"]: with consent they are searched for what is nobody's business."
  type        = list(string)
  default     = []
  nullable    = false
}

variable "sign_in" {
  description = "Where members sign in, such as { url = \"https://portal.acme.example/api/login\", body = jsonencode({ email = \"{{account}}\", password = \"{{password}}\" }) }: with consent it is sent a bounded burst of wrong attempts at an account that does not exist. It must be throttled after requests (30) within a time (\"10s\")."
  type = object({
    url      = string
    body     = string
    requests = optional(number)
    within   = optional(string)
  })
  default = null
}

variable "p95" {
  description = "What 95 % of the answers of the first page must not take longer than. Measured with consent, by at most 1,000 requests, 5 a second."
  type        = string
  default     = "500ms"
  nullable    = false
}

variable "repository" {
  description = "Path of a clone of the portal's Git repository: it is searched for secrets, with all of its history."
  type        = string
  default     = null
}

variable "runbook" {
  description = "Path of the runbook of those who help members, in Markdown."
  type        = string
  default     = null
}

variable "expected_version" {
  description = "Release that the portal should run, such as \"1.4.2\"."
  type        = string
  default     = null
}

variable "auditor" {
  description = "Who audits: the report names them beside what an audit from outside cannot see."
  type        = string
  default     = "auditor"
  nullable    = false
}
