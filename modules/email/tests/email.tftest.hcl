variables {
  zone    = "acme.example"
  senders = ["google_workspace", "postmark"]
  dkim    = { google = { public_key = "MIIBIjANBgkqhkiG9w0BAQEFAAOCAQ8AMIIBCgKCAQEAu9HR49a5pc/99qIFx0KxqtCsO33G0Me5Pijngfvwu5ydWIKaY9qmmxfTY+CmXPKoC9nMEVHtMhxnlqgRbUiuGo7FH0jnmNHEQtprL2QL1Km7rvlKMMUzM+NzhijjDZEN4kpcwVxTosIUQc7wdAeUO2bSQVw/gNUz5ET9RYla6SkEwcvQUn9o+0Cy3AaaKLB7NdCPfT9Fo0rwovYdXo0sM1VyNpr84glL72dLizm161PSSYSi4mhcflGOGpoQcXXOepEQcmc1sq8Az0RdZBwK3NQvBiS3yCPcRmPtVrxDUAByivi18yoZdIpadd3OoY7HZfCgBV+9Ak+I379NwsplLwIDAQAB" } }
  dmarc   = { policy = "reject", rua = ["mailto:dmarc@acme.example"] }
}

run "records_are_built" {
  command = apply

  assert {
    condition     = output.spf == "v=spf1 include:_spf.google.com ~all"
    error_message = "SPF is ${output.spf}."
  }

  assert {
    condition     = output.dmarc == "v=DMARC1; p=reject; rua=mailto:dmarc@acme.example"
    error_message = "DMARC is ${output.dmarc}."
  }

  assert {
    condition     = launchready_dkim_record.this["google"].fqdn == "google._domainkey.acme.example"
    error_message = "The key stands at ${launchready_dkim_record.this["google"].fqdn}."
  }
}

run "a_selector_needs_a_key" {
  command = plan

  variables {
    dkim = { google = {} }
  }

  expect_failures = [var.dkim]
}

run "an_unknown_policy_is_refused" {
  command = plan

  variables {
    dmarc = { policy = "block" }
  }

  expect_failures = [var.dmarc]
}
