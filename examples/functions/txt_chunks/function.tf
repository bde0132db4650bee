output "strings" {
  value = provider::launchready::txt_chunks("v=DKIM1; k=rsa; p=MIIBIjANBgkqhkiG9w0BAQEFAAOCAQ8A")
}
