resource "launchready_alert_destination" "ops" {
  zone  = "acme.example"
  email = "ops@agency.example"
}

variable "webhook_secret" {
  type      = string
  sensitive = true
  ephemeral = true
}

# The secret is write-only: raise its version to send a new one.
resource "launchready_alert_destination" "pager" {
  zone = "acme.example"
  webhook = {
    name           = "Pager"
    url            = "https://alerts.agency.example/cloudflare"
    secret         = var.webhook_secret
    secret_version = 1
  }
}
