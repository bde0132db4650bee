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

run "names_without_mail_say_so" {
  command = apply

  variables {
    parked = ["static"]
  }

  assert {
    condition     = launchready_spf_record.parked["static"].content == "v=spf1 -all"
    error_message = "SPF of a parked name is ${launchready_spf_record.parked["static"].content}."
  }

  assert {
    condition     = startswith(launchready_dmarc_record.parked["static"].content, "v=DMARC1; p=reject")
    error_message = "DMARC of a parked name is ${launchready_dmarc_record.parked["static"].content}."
  }

  assert {
    condition     = launchready_dns_record.parked_mx["static"].fqdn == "static.acme.example"
    error_message = "The null MX stands at ${launchready_dns_record.parked_mx["static"].fqdn}."
  }
}

run "a_zone_without_mail_says_so" {
  command = apply

  variables {
    senders = []
    dkim    = {}
    dmarc   = {}
    parked  = ["@"]
  }

  assert {
    condition     = output.spf == "v=spf1 -all" && startswith(output.dmarc, "v=DMARC1; p=reject")
    error_message = "SPF is ${output.spf}, DMARC ${output.dmarc}."
  }

  assert {
    condition     = launchready_dns_record.parked_mx["@"].fqdn == "acme.example"
    error_message = "The null MX stands at ${launchready_dns_record.parked_mx["@"].fqdn}."
  }
}

run "transport_and_return_paths" {
  command = apply

  variables {
    return_paths = {
      bounces = { name = "bounces", target = "pm.mtasv.net" }
      resend  = { name = "send", mx = ["feedback-smtp.us-east-1.amazonses.com"], include = ["amazonses.com"] }
    }
    mta_sts = { mx = ["smtp.google.com"], mode = "enforce" }
    tls_rpt = ["mailto:tls@acme.example"]
    bimi    = { location = "https://acme.example/logo.svg" }
  }

  assert {
    condition     = strcontains(output.mta_sts_policy, "mx: smtp.google.com")
    error_message = "The policy is ${output.mta_sts_policy}."
  }

  assert {
    condition     = launchready_spf_record.return_path["resend"].content == "v=spf1 include:amazonses.com ~all"
    error_message = "SPF of the return path is ${launchready_spf_record.return_path["resend"].content}."
  }

  assert {
    condition     = contains(output.return_paths, "send.acme.example")
    error_message = "The return paths are ${jsonencode(output.return_paths)}."
  }
}

run "a_return_path_leads_somewhere" {
  command = plan

  variables {
    return_paths = { nothing = { name = "bounces" } }
  }

  expect_failures = [var.return_paths]
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
