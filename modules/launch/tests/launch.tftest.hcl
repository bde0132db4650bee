# The zone is as it was found: the module mends it and the gate opens in the
# same apply.

variables {
  domain       = "acme.example"
  origin       = "198.51.100.10"
  senders      = ["google_workspace", "postmark"]
  dkim         = { google = { public_key = "MIIBIjANBgkqhkiG9w0BAQEFAAOCAQ8AMIIBCgKCAQEAu9HR49a5pc/99qIFx0KxqtCsO33G0Me5Pijngfvwu5ydWIKaY9qmmxfTY+CmXPKoC9nMEVHtMhxnlqgRbUiuGo7FH0jnmNHEQtprL2QL1Km7rvlKMMUzM+NzhijjDZEN4kpcwVxTosIUQc7wdAeUO2bSQVw/gNUz5ET9RYla6SkEwcvQUn9o+0Cy3AaaKLB7NdCPfT9Fo0rwovYdXo0sM1VyNpr84glL72dLizm161PSSYSi4mhcflGOGpoQcXXOepEQcmc1sq8Az0RdZBwK3NQvBiS3yCPcRmPtVrxDUAByivi18yoZdIpadd3OoY7HZfCgBV+9Ak+I379NwsplLwIDAQAB" } }
  pages        = ["/", "/welcome"]
  report_files = []
  wait         = "5s"
}

run "own_estimates_are_in_the_plan_of_work" {
  command = plan

  variables {
    adopt            = ["dns", "email", "tls", "edge", "monitoring"]
    enforcement      = "report"
    expiry_warning   = "0s"
    effort_overrides = { "dmarc.missing" = { low = 1900 } }
  }

  assert {
    condition     = can(regex("\\| Together .*1,9[0-9][0-9]", output.markdown))
    error_message = output.markdown
  }
}

run "the_gate_opens" {
  command = apply

  assert {
    condition     = output.gate == "open"
    error_message = "The gate is ${output.gate}: ${jsonencode(output.violations)}"
  }

  assert {
    condition     = output.portal == "https://portal.acme.example"
    error_message = "The portal is ${output.portal}."
  }
}

run "full_names_are_taken_as_they_are" {
  command = plan

  variables {
    portal_host = "portal.acme.example"
  }

  assert {
    condition     = output.portal == "https://portal.acme.example"
    error_message = "The portal is ${output.portal}."
  }
}

run "it_stays_open" {
  command = plan

  assert {
    condition     = output.gate == "open"
    error_message = "The gate is ${output.gate}: ${jsonencode(output.violations)}"
  }
}

run "the_handover_names_what_stands" {
  command = plan

  variables {
    owners = { registrar = { owner = "Acme Ltd", contact = "jane@acme.example" } }
  }

  assert {
    condition = alltrue([for text in [
      "# Handover: acme.example", "**Gate: open.**", "| portal.acme.example | A | 198.51.100.10 | yes | the portal |", "\\_dmarc.acme.example | TXT | v=DMARC1",
      "google.\\_domainkey.acme.example", "| Lowest TLS version of visitors | 1.2 |", "| firewall |", "http.request.uri", "Not covered: ", "| Registrar | Acme Ltd |",
    ] : strcontains(output.handover.markdown, text)])
    error_message = output.handover.markdown
  }

  assert {
    condition     = contains([for r in output.handover.next_reviews : r.id], "dmarc") && length([for r in output.handover.next_reviews : r if startswith(r.id, "certificate:") && r.due != null]) > 0
    error_message = jsonencode(output.handover.next_reviews)
  }
}

run "a_domain_with_a_scheme_is_refused" {
  command = plan

  variables {
    domain = "https://acme.example"
  }

  expect_failures = [var.domain]
}

run "a_span_in_days_is_refused" {
  command = plan

  variables {
    valid_for = "7d"
  }

  expect_failures = [var.valid_for]
}
