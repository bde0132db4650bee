output "record" {
  value = provider::launchready::format_spf(["include:_spf.google.com", "~all"])
}
