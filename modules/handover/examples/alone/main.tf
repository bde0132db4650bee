# A handover of what this configuration has not built: who owns what, and where
# things are.
terraform {
  required_version = ">= 1.8"

  required_providers {
    launchready = {
      source = "launchready/launchready"
    }
  }
}

provider "launchready" {}

module "handover" {
  source = "../.."

  client = "Acme Members"
  portal = "https://portal.acme.example"

  built = {
    hosting = {
      settings = { "Server" = "two virtual machines in Falkenstein", "Backups" = "each night, kept for 30 days" }
    }
  }
  owners = {
    registrar = { what = "Domain at the registrar", owner = "Acme Ltd, Jane Doe", contact = "jane@acme.example" }
    hosting   = { owner = "Example Agency", contact = "ops@agency.example" }
  }
  credentials = {
    hosting = { what = "Console of the hosting", place = "1Password, vault Acme, item Hosting", owner = "Example Agency", rotated = "2026-11-02", rotate_every_days = 180 }
  }
  reviews = {
    restore = { what = "Restore a backup on staging", due = "2027-02-01", owner = "Example Agency" }
  }
  runbook = <<-EOT
    # Refunds

    - **Owner:** Ines Moreau, membership office
    - **Contact:** billing@acme.example
    - **Expected time:** 2 business days

    1. Find the invoice by the number that the member names.
    2. Choose "Refund", and give the reason.
    3. Answer the member with the amount.
  EOT
  files   = ["handover.html", "handover.md"]
}

output "missing" {
  value = module.handover.missing
}
