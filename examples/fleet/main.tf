# One client of many. Which one is said by the workspace, so that a client and its
# state cannot be mixed up: TF_WORKSPACE=acme.example terraform plan

terraform {
  required_version = ">= 1.8"

  required_providers {
    launchready = {
      source = "launchready/launchready"
    }
  }

  # Put the states where the team and its CI reach them, and where they are locked
  # one by one. Any backend with workspaces will do:
  #   backend "s3" {
  #     bucket       = "agency-launches"
  #     key          = "launchready.tfstate"
  #     use_lockfile = true
  #   }
}

# The token comes from CLOUDFLARE_API_TOKEN: one for all clients, or one a client.
provider "launchready" {
  probe = {
    # What tests actively may reach this client's hosts, and nobody else's.
    allowed_hosts = [local.client.domain, "*.${local.client.domain}"]
  }
}

variable "clients_file" {
  description = "The client file."
  type        = string
  default     = "clients.csv"
}

variable "enforcement" {
  description = "What a blocked gate does: \"fail\" stops the client's run, \"report\" writes the report alone."
  type        = string
  default     = "fail"
}

variable "valid_for" {
  description = "How long a good outcome of a check that acts on the portal counts."
  type        = string
  default     = "24h"
}

module "client_file" {
  source = "./client-file"
  path   = "${path.module}/${var.clients_file}"
  domain = terraform.workspace
}

locals {
  client = module.client_file.client

  # Public keys that sign the client's mail: keys/<domain>/<selector>.pem
  keys = "${path.module}/keys/${local.client.domain}"
}

module "launch" {
  source = "../../modules/launch"

  domain       = local.client.domain
  portal_host  = local.client.portal_host
  origin       = local.client.origin
  tier         = local.client.tier
  senders      = local.client.senders
  dmarc        = { policy = local.client.dmarc }
  dkim         = { for key in fileset(local.keys, "*.pem") : trimsuffix(key, ".pem") => { public_key = file("${local.keys}/${key}") } }
  alerts_to    = local.client.alerts_to
  report_files = ["reports/${local.client.domain}.html", "reports/${local.client.domain}.json"]
  enforcement  = var.enforcement
  valid_for    = var.valid_for
}

output "gate" {
  description = "Whether the client may be launched."
  value       = module.launch.gate
}

output "score" {
  value = module.launch.score
}
