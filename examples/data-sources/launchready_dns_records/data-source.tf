data "launchready_dns_records" "all" {
  zone = "acme.example"
}

data "launchready_dns_records" "mail" {
  zone  = "acme.example"
  types = ["MX", "TXT"]
  names = ["@", "_dmarc", "*._domainkey"]
}

output "sites" {
  value = data.launchready_dns_records.all.web_hosts
}
