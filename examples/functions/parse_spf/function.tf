output "includes" {
  value = [for t in provider::launchready::parse_spf("v=spf1 include:_spf.google.com ~all").terms : t.value if t.mechanism == "include"]
}
