output "record" {
  value = provider::launchready::format_dmarc({ p = "reject", rua = "mailto:dmarc@acme.example" })
}
