output "policy" {
  value = provider::launchready::parse_dmarc("v=DMARC1; p=reject; rua=mailto:dmarc@acme.example").p
}
