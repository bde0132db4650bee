provider "launchready" {
  portal = { base_url = "https://portal.acme.example" }
}

data "launchready_secrets_check" "portal" {
  enforcement = "report"

  # The working tree and every commit. CI must clone with full history.
  repository = "${path.module}/../portal"

  # What is shipped.
  paths = ["${path.module}/../portal/dist"]

  # What the live site serves, and what it must not.
  pages = ["/", "/login"]
  hosts = ["portal.acme.example", "www.acme.example"]

  # Secrets that were rotated, one fingerprint a line.
  ignore_file = "${path.module}/rotated-secrets.txt"

  public_keys = [{
    fingerprint = "fp:8d1c0e5ab2794f36"
    reason      = "write key of the analytics, which takes events alone"
  }]

  rotation = { document = "${path.module}/../runbook/rotation.md" }
}
