# What a handover document says of what was verified.
locals {
  # A host may have several addresses: the certificate that ends first counts.
  certificates = { for seen in [for key, text in data.launchready_tls_check.this.observed : {
    host = split(" ", key)[0]
    day  = regex("until ([0-9]{4}-[0-9]{2}-[0-9]{2});", text)[0]
  } if can(regex("certificate of .* until [0-9]{4}-[0-9]{2}-[0-9]{2};", text))] : seen.host => seen.day... }
}

output "certificates" {
  description = "Last days of the certificates that were seen, by host."
  value       = { for host, days in local.certificates : host => sort(days)[0] }
}
