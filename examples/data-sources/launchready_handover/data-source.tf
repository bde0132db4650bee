data "launchready_tls_check" "this" {
  hosts       = ["portal.acme.example"]
  enforcement = "report"
}

data "launchready_scorecard" "launch" {
  checks  = { tls = data.launchready_tls_check.this.result }
  require = ["tls"]
}

data "launchready_handover" "client" {
  client    = "Acme Members"
  portal    = "https://portal.acme.example"
  scorecard = data.launchready_scorecard.launch.json

  built = {
    dns = {
      records = { portal = { name = "portal.acme.example", type = "A", content = "198.51.100.10", proxied = true } }
    }
  }
  owners = {
    registrar = { what = "Domain at the registrar", owner = "Acme Ltd, Jane Doe", contact = "jane.doe@acme.example" }
  }
  credentials = {
    cloudflare = {
      what              = "API token of Cloudflare"
      place             = "1Password, vault Acme, item Cloudflare API"
      owner             = "Ada Operator"
      rotated           = "2026-11-02"
      rotate_every_days = 180
    }
  }
  files = ["handover.html", "handover.md"]
}
