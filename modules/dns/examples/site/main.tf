# A site with its names: the domain itself, www, an old name that redirects, a name
# without mail, and who may issue certificates.
terraform {
  required_version = ">= 1.8"

  required_providers {
    launchready = {
      source = "launchready/launchready"
    }
  }
}

provider "launchready" {}

module "dns" {
  source = "../.."

  zone           = "acme.example"
  web_hosts      = { apex = { name = "@", origin = "198.51.100.10" } }
  www            = true
  redirect_hosts = { old = "old" }
  parked         = ["static"]
  caa            = ["letsencrypt.org", "pki.goog", "ssl.com"]
  dnssec         = true
  records = {
    docs = { name = "docs", type = "CNAME", content = "docs.hosting.example" }
  }
}

output "ds" {
  description = "Give it to the registrar."
  value       = module.dns.ds
}
