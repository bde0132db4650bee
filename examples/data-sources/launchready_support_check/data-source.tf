provider "launchready" {
  portal = { base_url = "https://portal.acme.example" }
}

data "launchready_support_check" "portal" {
  enforcement = "report"

  # A folder of Markdown: examples/client-portal/runbook is one to start from.
  runbook = "${path.module}/runbook"

  # Further words for a topic, and a topic of this client's own.
  topics = {
    resets   = ["Passwort*"]
    goodwill = ["Goodwill credits"]
  }

  maximum_age        = "2160h" # 90 days since the last review
  link_hosts_ignored = ["wiki.acme.example"]

  # What members can do by themselves, and where they look during an outage.
  self_service = { reset = "/forgot", email = "/account", cancel = "/account/cancel" }
  status_page  = "https://status.acme.example/"

  drill = {
    statement = "A person who did not write the runbook followed each page on staging."
    owner     = "Ada Lindqvist"
    date      = "2026-11-02"
    evidence  = "https://wiki.agency.example/acme/drill"
  }
}
